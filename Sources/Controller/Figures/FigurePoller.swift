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
        /// The caches that are looked at because somebody asked.
        var wanted: Set<ObjectKey> = []
    }

    /// How many caches are looked at side by side because somebody asked; who asks for more is told what is known.
    private static var wantedAtOnceMax: Int { 16 }

    private let cluster: Base
    private let store: Store
    private let settings: FigureSettings
    private let book: FigureBook
    private let reader: FigureReader<Base>
    private let metrics: Metrics
    private let log: LogSink
    private let queue: WorkQueue
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
        reader = FigureReader(cluster: cluster, timeout: settings.timeout)
        let notifier = notifier
        queue = WorkQueue { notifier.notify() }
        state = Mutex(State(jitter: Jitter(seed: settings.seed)))
    }

    /// Says that something about a runtime has changed.
    public func noteChange(_ change: Store.Change) {
        guard let key = change.runtime else { return }
        switch change.kind {
        case .autoscalers, .scaledObjects, .cronAutoscalers:
            if !store.scalers(of: key).isEmpty, book.entry(key, at: cluster.monotonicTime()) == nil { add(key) }
        case .drains: noteDrain(key)
        case .runtimes, .statefulSets, .daemonSets, .definitions, .datasets, .pods: break
        }
    }

    /// Looks at a cache for somebody who asks, unless what is known is fresh; after that it is looked at for a while.
    ///
    /// Cancelling the task ends the wait.
    public func want(_ key: ObjectKey) async {
        let now = cluster.monotonicTime()
        let isKept = book.want(key, until: now + settings.wantedFor, runtimesMax: settings.runtimesMax)
        guard isKept, book.entry(key, at: now) == nil, book.trouble(key) == nil else { return }
        let isMine = state.withLock { state in
            state.wanted.count < Self.wantedAtOnceMax && state.wanted.insert(key).inserted
        }
        guard isMine else { return }
        await look(key)
        state.withLock { _ = $0.wanted.remove(key) }
        queue.add(key, at: cluster.monotonicTime() + nextStep())
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
                for key in queue.take(now: now, limit: settings.atOnceMax - queue.workingCount) {
                    group.addTask { await self.work(key) }
                }
                if let due = queue.orderWake(now) { group.addTask { await self.queue.wake(at: due, on: self.cluster) } }
            }
            group.cancelAll()
        }
    }

    private func add(_ key: ObjectKey) { queue.add(key, at: cluster.monotonicTime()) }

    private func nextStep() -> Duration {
        state.withLock { settings.interval * $0.jitter.fraction(in: 0.9...1.1) }
    }

    private func work(_ key: ObjectKey) async {
        let now = cluster.monotonicTime()
        guard !store.scalers(of: key).isEmpty || book.isWanted(key, at: now) else {
            book.forget(key)
            return queue.finish(key, now: now, againAfter: nil)
        }
        guard book.entry(key, at: now) != nil || book.trouble(key) != nil || book.count < settings.runtimesMax else {
            tellFull()
            return queue.finish(key, now: now, againAfter: nextStep())
        }
        // A list of pods that has not come yet is no cache without a master.
        guard store.isSynced(.pods) else { return queue.finish(key, now: now, againAfter: .milliseconds(200)) }
        await look(key)
        let isSilent = book.trouble(key) != nil && cluster.monotonicTime() - now >= settings.timeout
        await count(key)
        let step = nextStep() * (isSilent ? FigureSettings.silentFactor : 1)
        queue.finish(key, now: cluster.monotonicTime(), againAfter: step)
    }

    /// Asks a cache now, and notes what it says.
    func look(_ key: ObjectKey) async {
        noteDrain(key)
        let (askedAt, milliseconds) = (cluster.monotonicTime(), cluster.wallClockMilliseconds())
        do throws(FigureReader<Base>.Failure) {
            let reading = try await reader.read(store.pods(of: key))
            let workers = FigureReader<Base>.match(reading, to: store.pods(of: key))
            book.note(reading, workers: workers, of: key, askedAt: askedAt, milliseconds: milliseconds)
            metrics.increment(.figureLooks, ["done"])
        } catch {
            guard !Task.isCancelled else { return }
            metrics.increment(.figureLooks, ["failed"])
            guard book.note(trouble: error.reason, of: key) else { return }
            tell(.warning, "no figures of a cache", key, [("reason", .string(error.reason))])
        }
    }

    /// Asks the workers of a cache that answers for what they have counted, now and then.
    private func count(_ key: ObjectKey) async {
        let now = cluster.monotonicTime()
        let isDue = book.countedAt(key).map { now - $0 >= settings.countersInterval } ?? true
        guard isDue, book.entry(key, at: now) != nil, book.trouble(key) == nil else { return }
        let counters = await reader.counters(of: store.pods(of: key))
        guard !Task.isCancelled else { return }
        let isSilent = counters.isEmpty && cluster.monotonicTime() - now >= .seconds(1)
        let pause = isSilent ? settings.countersInterval * (FigureSettings.silentFactor - 1) : .zero
        book.note(counters: counters, of: key, at: now + pause)
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
