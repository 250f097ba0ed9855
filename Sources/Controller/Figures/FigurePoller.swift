public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Keeps the figures of those caches that something scales, or that somebody asked for.
///
/// One task runs `run`; `noteChange` and `want` may be called from any thread. A cache is asked at once when a scaler for it
/// appears, and then at each interval, no two at the same beat.
public final class FigurePoller<Base: Cluster>: Sendable {
    private struct State {
        var jitter: Jitter
        var isFullTold = false
        /// How many caches are looked at because somebody asked.
        var wantedCount = 0
    }

    /// How many caches are looked at side by side because somebody asked; further ones have their turn.
    private static var wantedAtOnceMax: Int { 16 }

    private let cluster: Base
    private let store: Store
    private let settings: FigureSettings
    private let book: FigureBook
    private let reader: FigureReader<Base>
    private let metrics: Metrics
    private let log: LogSink
    private let looks: FigureTurns
    /// Whose workers are to be asked now.
    private let counts: FigureTurns
    private let notifier = Notifier()
    private let state: Mutex<State>

    /// Makes a poller that writes into this book; the store has to keep `StoredKind.figures` too.
    public init(
        cluster: Base, store: Store, settings: FigureSettings, book: FigureBook, metrics: Metrics,
        log: @escaping LogSink
    ) {
        self.cluster = cluster
        self.store = store
        self.settings = settings
        self.book = book
        self.metrics = metrics
        self.log = log
        reader = FigureReader(cluster: cluster)
        let notifier = notifier
        looks = FigureTurns(
            places: settings.atOnceMax, interval: settings.interval, patienceMax: settings.timeout
        ) { notifier.notify() }
        counts = FigureTurns(
            places: settings.countsAtOnceMax, interval: settings.countersInterval, patienceMax: settings.countsTimeout
        ) { notifier.notify() }
        state = Mutex(State(jitter: Jitter(seed: settings.seed)))
    }

    /// Says that something about a runtime has changed.
    public func noteChange(_ change: Store.Change) {
        guard let key = change.runtime else { return }
        switch change.kind {
        case .autoscalers, .scaledObjects, .cronAutoscalers:
            if !store.scalers(of: key).isEmpty { add(key) }
        case .drains: noteDrain(key)
        case .runtimes, .statefulSets, .daemonSets, .definitions, .datasets, .pods: break
        }
    }

    /// Looks at caches for somebody who asks, unless what they say is known; after that they are looked at for a while.
    ///
    /// It waits for those that are looked at side by side because somebody asked. Cancelling the task ends the wait.
    public func want(_ keys: some Sequence<ObjectKey>) async {
        let now = cluster.monotonicTime()
        await withDiscardingTaskGroup { group in
            for key in keys {
                let isKept = book.want(key, until: now + settings.wantedFor, runtimesMax: settings.runtimesMax)
                guard isKept, book.entry(key, at: now) == nil, book.trouble(key) == nil else { continue }
                let isMine = state.withLock { state in
                    guard state.wantedCount < Self.wantedAtOnceMax else { return false }
                    state.wantedCount += 1
                    return true
                }
                if isMine { group.addTask { await self.lookNow(key) } } else { add(key) }
            }
        }
    }

    private func lookNow(_ key: ObjectKey) async {
        let intervals = await look(key)
        state.withLock { $0.wantedCount -= 1 }
        looks.queue.addIfAbsent(key, at: cluster.monotonicTime() + nextStep() * intervals)
    }

    /// Works until the task is cancelled.
    public func run() async {
        let notices = notifier.notices()
        for key in store.scaledRuntimes() { add(key) }
        notifier.notify()
        await withDiscardingTaskGroup { group in
            for await _ in notices {
                if Task.isCancelled { break }
                let now = cluster.monotonicTime()
                for key in looks.take(now: now) { group.addTask { await self.work(key) } }
                for key in counts.take(now: now) { group.addTask { await self.count(key) } }
                if let due = looks.queue.orderWake(now) {
                    group.addTask { await self.looks.queue.wake(at: due, on: self.cluster) }
                }
            }
            group.cancelAll()
        }
    }

    /// Makes a cache due that does not have its turn anyway.
    private func add(_ key: ObjectKey) { looks.queue.addIfAbsent(key, at: cluster.monotonicTime()) }

    private func nextStep() -> Duration {
        state.withLock { settings.interval * $0.jitter.fraction(in: 0.9...1.1) }
    }

    private func work(_ key: ObjectKey) async {
        let now = cluster.monotonicTime()
        guard !store.scalers(of: key).isEmpty || book.isWanted(key, at: now) else {
            book.forget(key)
            looks.forget(key)
            counts.forget(key)
            looks.queue.finish(key, now: now, againAfter: nil)
            // Whoever began to scale it meanwhile found it worked on.
            return store.scalers(of: key).isEmpty ? () : add(key)
        }
        guard book.entry(key, at: now) != nil || book.trouble(key) != nil || book.count < settings.runtimesMax else {
            tellFull()
            return looks.queue.finish(key, now: now, againAfter: nextStep())
        }
        // A list of pods that has not come yet is no cache without a master.
        guard store.isSynced(.pods) else { return looks.queue.finish(key, now: now, againAfter: .milliseconds(200)) }
        let intervals = await look(key)
        looks.queue.finish(key, now: cluster.monotonicTime(), againAfter: nextStep() * intervals)
    }

    /// Asks a cache now, and notes what it says; after how many intervals it has its turn again.
    @discardableResult
    func look(_ key: ObjectKey) async -> Int {
        noteDrain(key)
        let (askedAt, milliseconds) = (cluster.monotonicTime(), cluster.wallClockMilliseconds())
        let patience = looks.patience(for: key, of: looks.queue.count)
        func intervals(_ isAnswered: Bool) -> Int {
            looks.note(
                key, took: cluster.monotonicTime() - askedAt, patience: patience, isAnswered: isAnswered,
                of: looks.queue.count)
        }
        do throws(FigureReader<Base>.Failure) {
            let reading = try await reader.read(store.pods(of: key), within: patience)
            let workers = FigureReader<Base>.match(reading, to: store.pods(of: key))
            book.note(reading, workers: workers, of: key, askedAt: askedAt, milliseconds: milliseconds)
            metrics.increment(.figureLooks, ["done"])
            if book.countsDueAt(key) <= askedAt { counts.queue.addIfAbsent(key, at: askedAt) }
            return intervals(true)
        } catch {
            guard !Task.isCancelled else { return 1 }
            metrics.increment(.figureLooks, ["failed"])
            if book.note(trouble: error.reason, of: key) {
                tell(.warning, "no figures of a cache", key, [("reason", .string(error.reason))])
            }
            return intervals(false)
        }
    }

    /// Asks the workers of a cache that answers for what they have counted.
    private func count(_ key: ObjectKey) async {
        let (askedAt, patience) = (cluster.monotonicTime(), counts.patience(for: key, of: looks.queue.count))
        let counters = await reader.counters(of: store.pods(of: key), within: patience)
        let now = cluster.monotonicTime()
        defer { counts.queue.finish(key, now: now, againAfter: nil) }
        guard !Task.isCancelled else { return }
        let intervals = counts.note(
            key, took: now - askedAt, patience: patience, isAnswered: !counters.isEmpty, of: looks.queue.count)
        book.note(counters: counters, of: key, dueAt: askedAt + settings.countersInterval * intervals)
    }

    private func noteDrain(_ key: ObjectKey) {
        let view = store.drain(key).map { drain in
            DrainView(
                state: drain.status["state"]?.string ?? "", outcome: drain.status["outcome"]?.string ?? "",
                isBlocked: drain.status["blocked"].map { !$0.isNull } ?? false)
        }
        guard book.note(drain: view, of: key, at: cluster.monotonicTime()) else { return }
        let holds = view?.isFreeing == true
        tell(
            .info,
            holds ? "figures are held at what was in use before the drain" : "figures are what the cache says again",
            key)
    }

    private func tellFull() {
        guard
            state.withLock({ state in
                defer { state.isFullTold = true }
                return !state.isFullTold
            })
        else { return }
        log(
            LogRecord(
                .warning, "more caches are scaled than are looked at",
                [("limit", .integer(Int64(settings.runtimesMax)))]))
    }

    private func tell(_ level: LogRecord.Level, _ message: String, _ key: ObjectKey, _ more: [(String, JSON)] = []) {
        log(LogRecord(level, message, [("namespace", .string(key.namespace)), ("name", .string(key.name))] + more))
    }
}
