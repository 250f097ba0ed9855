public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Carries out scale-down: looks at a runtime, lets its machine judge, does what that wants; and again.
///
/// Level-triggered: nothing depends on what an event said, and after a start everything is derived from the cluster again.
/// One task runs `run`; `noteChange` may be called from any thread.
public final class Reconciler<Base: Cluster>: Sendable {
    private typealias Session = DrainDriver<Base>.Session

    /// What is shared between passes, calls, and whoever tells of changes.
    private struct State {
        var sessions: [ObjectKey: Session] = [:]
        /// What the store showed at the last look, and when the next one is due if that stays so.
        var views: [ObjectKey: (view: View, due: Duration?, behind: [String]?)] = [:]
        /// The calls that have ended since the last pass.
        var answers: [ObjectKey: [DrainDriver<Base>.Answer]] = [:]
        /// The calls that are to be begun.
        var calls: [(key: ObjectKey, call: CacheCall, target: DrainTarget)] = []
        /// How many workers the store showed of each runtime, and before somebody lowered them.
        var present: [ObjectKey: Int32] = [:]
        var lowered: [ObjectKey: DrainMachine.Lowered] = [:]
        /// The lowest ordinal that the store showed of each, and how often somebody raised it since a look could read everything.
        var firstOrdinals: [ObjectKey: Int32] = [:]
        var moves: [ObjectKey: Int] = [:]
        /// When the store showed the last of each.
        var loweredAt: [ObjectKey: Duration] = [:]
        var movedAt: [ObjectKey: Duration] = [:]
        var isLeading = false
        /// How often in a row a look was due to nothing but our own object or marks, and when the last one was.
        var rewrites: [ObjectKey: (count: Int, at: Duration)] = [:]
    }

    /// What of the store matters to a drain: all else that changes is no reason to look.
    private struct View: Equatable {
        var runtime: String?
        var wanted: Int32?
        var desired: Int32?
        var isDeleting = false
        var annotations: [String: String] = [:]
        var set: String?
        var replicas: Int32?
        var firstOrdinal: Int32?
        var marks: [String: String] = [:]
        var isObserved = true
        var drain: String?

        init(_ runtime: AlluxioRuntime?, _ set: WorkerSet?, _ drain: String?) {
            if let runtime {
                self.runtime = runtime.meta.uid
                wanted = runtime.replicas
                desired = runtime.status?.desiredWorkers
                isDeleting = runtime.meta.isDeleting
                annotations = runtime.meta.annotations.filter { $0.key != Annotation.touched }
            }
            if let set {
                self.set = set.meta.uid
                replicas = set.replicas
                firstOrdinal = set.firstOrdinal
                marks = set.meta.annotations
                isObserved = set.observedGeneration >= set.meta.generation
            }
            self.drain = drain
        }

        /// Whether nothing differs but our own object and our marks; what is asked of the webhook is no mark of ours.
        func isRewritten(_ other: View) -> Bool {
            var same = other
            (same.drain, same.marks) = (drain, marks)
            same.marks[Annotation.scaleInRequest] = other.marks[Annotation.scaleInRequest]
            return self != other && self == same
        }
    }

    private let cluster: Base
    private let store: Store
    private let settings: ReconcilerSettings
    private let queue: WorkQueue
    private let notifier = Notifier()
    private let driver: DrainDriver<Base>
    private let selectors: SelectorFiller<Base>
    private let metrics: Metrics
    private let log: LogSink
    private let state: Mutex<State> = Mutex(State())

    /// Makes a reconciler.
    ///
    /// - Parameters:
    ///   - cluster: the cluster; writes through it must fail as soon as the lease is lost (`LeadingCluster`).
    ///   - store: what is known of the cluster; only tells which runtimes to look at.
    ///   - settings: what it was told at start.
    ///   - metrics: where it counts.
    ///   - log: where it tells.
    public init(
        cluster: Base, store: Store, settings: ReconcilerSettings, metrics: Metrics, log: @escaping LogSink
    ) {
        self.cluster = cluster
        self.store = store
        self.settings = settings
        self.metrics = metrics
        self.log = log
        let notifier = notifier
        queue = WorkQueue { notifier.notify() }
        driver = DrainDriver(cluster: cluster, settings: settings, metrics: metrics, log: log)
        selectors = SelectorFiller(cluster: cluster, reader: driver.reader, log: log)
    }

    /// Says that something about a runtime has changed.
    public func noteChange(_ change: Store.Change) {
        switch change.kind {
        case .runtimes, .statefulSets, .daemonSets, .drains:
            guard let key = change.runtime else { return }
            if change.kind == .statefulSets { noteCount(key) }
            queue.add(key, at: cluster.monotonicTime())
        case .definitions: addAll()
        case .autoscalers, .scaledObjects, .cronAutoscalers, .datasets, .pods: break
        }
    }

    /// A count that falls while no drain is under way is somebody else's doing, and a reason to look.
    private func noteCount(_ key: ObjectKey) {
        let set = store.workerSet(of: key)
        let count = set?.replicas
        let now = cluster.monotonicTime()
        state.withLock { state in
            if let set, let before = state.firstOrdinals[key], before < set.firstOrdinal {
                state.moves[key, default: 0] += 1
                state.movedAt[key] = now
            }
            state.firstOrdinals[key] = set?.firstOrdinal
            if let count, let before = state.present[key], count < before {
                // Who leads looks at it; who does not keeps no more than another may not have told.
                let isKept = state.isLeading || now - (state.loweredAt[key] ?? .zero) < DrainTiming.handover
                let known = isKept ? state.lowered[key] : nil
                state.lowered[key] = .init(
                    from: max(Int(before), known?.from ?? 0), to: min(Int(count), known?.to ?? .max))
                state.loweredAt[key] = now
            }
            state.present[key] = count
        }
    }

    private func lowered(_ key: ObjectKey) -> DrainMachine.Lowered? { state.withLock { $0.lowered[key] } }

    /// What stands in the way where it can't be said on an object, in a line each.
    public var troubles: [String] {
        state.withLock { state in
            state.sessions.sorted { $0.key < $1.key }.compactMap { key, session in
                session.trouble.map { "\(key): \($0)" }
            }
        }
    }

    private func addAll() {
        let now = cluster.monotonicTime()
        for runtime in store.runtimes() { queue.add(runtime.meta.key, at: now) }
    }

    /// Works until the task is cancelled.
    ///
    /// What was kept in memory under an earlier lease is forgotten; what was shown of it goes when this one ends. What the
    /// store showed while another process led, until `ledUntil` by the monotonic clock, was that one's to tell.
    public func run(ledUntil: Duration = .zero) async {
        state.withLock { state in
            let (loweredAt, movedAt) = (state.loweredAt, state.movedAt)
            state = State(
                present: state.present, lowered: state.lowered.filter { loweredAt[$0.key] ?? .zero >= ledUntil },
                firstOrdinals: state.firstOrdinals, moves: state.moves.filter { movedAt[$0.key] ?? .zero >= ledUntil },
                loweredAt: loweredAt, movedAt: movedAt, isLeading: true)
        }
        queue.clear()
        driver.slots.clear()
        let notices = notifier.notices()
        addAll()
        notifier.notify()
        await withDiscardingTaskGroup { group in
            for await _ in notices {
                if Task.isCancelled { break }
                let now = cluster.monotonicTime()
                for (key, call, target) in takeCalls() {
                    group.addTask { await self.make(call, on: target, key) }
                }
                for key in queue.take(now: now, limit: settings.passesMax - queue.workingCount) {
                    group.addTask { await self.work(key) }
                }
                if let due = queue.orderWake(now) { group.addTask { await self.queue.wake(at: due, on: self.cluster) } }
            }
            group.cancelAll()
        }
        hideAll()
    }

    private func takeCalls() -> [(key: ObjectKey, call: CacheCall, target: DrainTarget)] {
        state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
    }

    /// Makes one call of the cache; its answer makes its runtime due.
    private func make(_ call: CacheCall, on target: DrainTarget, _ key: ObjectKey) async {
        let began = cluster.monotonicTime()
        let answer = await driver.cache.execute(call, on: target)
        let now = cluster.monotonicTime()
        guard !Task.isCancelled else { return }
        state.withLock {
            $0.answers[key, default: []].append(.init(call: call, answer: answer, took: now - began))
            $0.views[key] = nil
        }
        queue.add(key, at: now)
    }

    private func work(_ key: ObjectKey) async {
        let now = cluster.monotonicTime()
        await selectors.fill(key, store: store)
        let view = view(key)
        guard store.runtime(key) != nil || store.workerSet(of: key) != nil else {
            var session = state.withLock { state in
                state.views[key] = nil
                state.answers[key] = nil
                state.lowered[key] = nil
                state.moves[key] = nil
                state.loweredAt[key] = nil
                state.movedAt[key] = nil
                state.rewrites[key] = nil
                return state.sessions.removeValue(forKey: key) ?? Session(key: key)
            }
            driver.forget(&session)
            return queue.finish(key, now: now, againAfter: nil)
        }
        let versions = versions(key)
        let (session, answers, isDue) = state.withLock { state in
            let last = state.views[key]
            let answers = state.answers.removeValue(forKey: key) ?? []
            let session = state.sessions[key] ?? Session(key: key)
            let isDue =
                !answers.isEmpty || last?.due.map { $0 <= now } ?? false
                || last?.behind.map { $0 != versions } ?? false || !session.knows(state.lowered[key])
                || isNewTo(session.machine, store.workerSet(of: key))
            if isDue || last?.view == view { return (session, answers, isDue ? nil : last?.due ?? .zero) }
            guard last?.view.isRewritten(view) == true else { return (session, answers, nil) }
            let held = Self.holdRewrite(&state.rewrites[key], now)
            return (session, answers, held.map { min($0, last?.due ?? $0) })
        }
        // Nothing of what matters has changed, and it is not time yet.
        if let due = isDue { return queue.finish(key, now: now, againAfter: due > now ? due - now : nil) }
        await pass(key, session, answers, view)
    }

    /// Until when somebody who takes away again and again what we write is not answered; nil if at once.
    private static func holdRewrite(_ last: inout (count: Int, at: Duration)?, _ now: Duration) -> Duration? {
        guard let before = last, now - before.at < DrainTiming.quietMaximum else {
            last = (1, now)
            return nil
        }
        // A drain itself writes a few times in a row.
        let until = before.at + (before.count < 4 ? .zero : DrainTiming.backoffFirst * (1 << min(before.count - 4, 5)))
        guard until <= now else { return until }
        last = (before.count + 1, now)
        return nil
    }

    private func pass(_ key: ObjectKey, _ before: Session, _ answers: [DrainDriver<Base>.Answer], _ view: View) async {
        let versions = versions(key)
        var session = before
        session.present = store.workerSet(of: key).map { Int($0.replicas) }
        let moves = state.withLock { $0.moves[key] }
        session.isMoved = moves != nil
        if session.machine == nil || session.machine?.phase.kind == .idle, answers.isEmpty, isSettled(key, session) {
            state.withLock { $0.views[key] = (view, nil, nil) }
            return queue.finish(key, now: cluster.monotonicTime(), againAfter: nil)
        }
        let wish = Self.wish(store.runtime(key))
        let outcome = await driver.pass(&session, answers: answers, lowered: lowered(key)) { [store] in
            Self.wish(store.runtime(key)) == wish
        }
        let now = cluster.monotonicTime()
        guard !Task.isCancelled else { return queue.finish(key, now: now, againAfter: nil) }
        let isSeen =
            session.target.trouble == nil && session.target.workerSet?.replicas == store.workerSet(of: key)?.replicas
        let target = session.target
        let looked = View(target.runtime, target.workerSet, target.drain?.meta.uid)
        let isBehind = target.trouble == nil && view != looked && !view.isRewritten(looked)
        tellTrouble(&session, at: now)
        state.withLock { state in
            // What came after the look is for the next one.
            if isSeen, state.lowered[key] == session.noted { (state.lowered[key], session.noted) = (nil, nil) }
            if isSeen, state.moves[key] == moves { state.moves[key] = nil }
            state.sessions[key] = session
            // Where the store was behind, it may yet show again what it showed before: then that is new.
            state.views[key] = (view, outcome.again.map { now + $0 }, isBehind ? versions : nil)
            state.calls += outcome.calls.map { (key, $0, session.target) }
        }
        queue.finish(key, now: now, againAfter: outcome.again)
    }

    /// What a person asks of a runtime.
    private static func wish(_ runtime: AlluxioRuntime?) -> View {
        var view = View(runtime, nil, nil)
        view.desired = nil
        return view
    }

    /// What stands in the way of telling users on an object is told here, not more often than twice a minute.
    private func tellTrouble(_ session: inout Session, at now: Duration) {
        let key = session.target.key
        metrics.set(.reconcileTroubled, [key.namespace, key.name], to: session.trouble == nil ? 0 : 1)
        if let logged = session.loggedTrouble {
            guard session.trouble != logged.text, now - logged.at >= .seconds(30) else { return }
        }
        session.loggedTrouble = session.trouble.map { ($0, now) }
        guard let trouble = session.trouble else { return }
        log(
            LogRecord(
                .warning, "drain can't be told on its object",
                [("namespace", .string(key.namespace)), ("name", .string(key.name)), ("reason", .string(trouble))]))
    }

    /// Whether the store shows nothing to do, so that nobody needs to be asked.
    private func isSettled(_ key: ObjectKey, _ session: Session) -> Bool {
        guard let runtime = store.runtime(key), let set = store.workerSet(of: key), set.kind == .statefulSet else {
            return false
        }
        let isUnderWay = store.drain(key).map { $0.status["state"]?.string != DrainPhase.Kind.idle.rawValue } ?? false
        let isMarked = set.meta.annotations.keys.contains { $0.hasPrefix(Annotation.drainFence) }
        let isLowered = session.machine.map { $0.isLowered(to: Int(set.replicas)) } ?? false
        let isFewer =
            session.machine == nil && store.drain(key)?.spec["workerSetUID"]?.string == set.meta.uid
            && store.drain(key)?.status["present"]?.int64 ?? 0 > set.replicas
        return lowered(key) == nil && !session.isMoved && !isFewer && !needsServiceLook(runtime, session)
            && runtime.replicas == set.replicas && !isUnderWay && !isMarked && !isLowered && session.trouble == nil
            && !isNewTo(session.machine, set)
            && session.machine?.waiting == nil
    }

    /// Whether the worker set shows that workers may run again where the machine knows that they were empty when they went.
    private func isNewTo(_ machine: DrainMachine?, _ set: WorkerSet?) -> Bool {
        guard let machine, let set else { return false }
        return machine.mayBeRefilled(present: Int(set.replicas), ready: Int(set.readyPods))
    }

    /// After a start it is looked for workers that a late call of ours took out of service.
    private func needsServiceLook(_ runtime: AlluxioRuntime, _ session: Session) -> Bool {
        session.machine == nil && !runtime.meta.isDeleting
            && DrainPolicy.read(runtime.meta.annotations, defaults: settings.drain).mayDecommission
    }

    /// Which versions of the objects that a wish is read from the store has.
    private func versions(_ key: ObjectKey) -> [String] {
        [store.runtime(key)?.meta.resourceVersion ?? "", store.workerSet(of: key)?.meta.resourceVersion ?? ""]
    }

    private func view(_ key: ObjectKey) -> View {
        View(store.runtime(key), store.workerSet(of: key), store.drain(key)?.meta.uid)
    }

    /// A process that no longer leads shows nothing of what it led; what users were not told yet it tells once it leads again, if
    /// nobody else does in between.
    private func hideAll() {
        let now = cluster.monotonicTime()
        let sessions = state.withLock { state in
            for (key, session) in state.sessions where state.lowered[key] == nil {
                state.lowered[key] = session.machine?.untold
            }
            for key in state.lowered.keys { state.loweredAt[key] = now }
            for key in state.moves.keys { state.movedAt[key] = now }
            state.isLeading = false
            defer { state.sessions = [:] }
            return state.sessions.values
        }
        for var session in sessions { driver.forget(&session) }
    }
}
