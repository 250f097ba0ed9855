public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Carries out scale-down: looks at a runtime, lets the rules judge, keeps the record, does one thing; and again.
///
/// Level-triggered: nothing depends on what an event said, and after a start everything is derived from the cluster again.
/// One task runs `run`; `noteChange` may be called from any thread.
public final class Reconciler<Base: Cluster>: Sendable {
    private let cluster: Base
    private let store: Store
    private let settings: ReconcilerSettings
    private let queue: WorkQueue
    private let bell: Bell
    private let passes: DrainPass<Base>
    private let memories: Mutex<[ObjectKey: DrainMemory]> = Mutex([:])
    private let log: LogSink

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
        self.log = log
        let bell = Bell()
        self.bell = bell
        queue = WorkQueue(seed: settings.seed) { bell.ring() }
        passes = DrainPass(cluster: cluster, settings: settings, metrics: metrics, log: log)
    }

    /// Says that something about a runtime has changed.
    public func noteChange(_ change: Store.Change) {
        switch change.kind {
        case .runtimes, .statefulSets, .daemonSets:
            if let key = change.runtime {
                queue.add(key, at: cluster.monotonicTime())
            }
        case .definitions:
            addAll()
        case .autoscalers, .scaledObjects, .cronAutoscalers:
            break
        }
    }

    private func addAll() {
        let now = cluster.monotonicTime()
        for runtime in store.runtimes() {
            queue.add(runtime.meta.key, at: now)
        }
    }

    /// Works until the task is cancelled.
    ///
    /// What was kept in memory under an earlier lease is forgotten.
    public func run() async {
        memories.withLock { $0 = [:] }
        passes.budget.clear()
        let rings = bell.hang()
        addAll()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.tick() }
            for await _ in rings {
                if Task.isCancelled {
                    break
                }
                let free = settings.passesMax - queue.workingCount
                for key in queue.take(now: cluster.monotonicTime(), limit: free) {
                    group.addTask { await self.work(key) }
                }
            }
            group.cancelAll()
        }
    }

    /// Wakes the queue when something has become due; a tenth of a second is the grain of all delays.
    private func tick() async {
        while !Task.isCancelled {
            do throws(ClusterError) {
                try await cluster.sleep(for: .milliseconds(100))
            } catch {
                break
            }
            if let due = queue.nextDue, due <= cluster.monotonicTime() {
                bell.ring()
            }
        }
        bell.ring()
    }

    private func work(_ key: ObjectKey) async {
        var memory = memories.withLock { $0[key] ?? DrainMemory() }
        do throws(ClusterError) {
            let again = try await pass(key, memory: &memory)
            let isKnown = store.runtime(key) != nil
            memories.withLock { $0[key] = isKnown ? memory : nil }
            queue.finish(key, now: cluster.monotonicTime(), againAfter: again)
        } catch {
            memories.withLock { $0[key] = memory }
            if error != .cancelled {
                log(
                    LogRecord(
                        .warning, "reconcile failed",
                        [
                            ("namespace", .string(key.namespace)), ("name", .string(key.name)),
                            ("error", .string(error.description)),
                        ]))
            }
            queue.fail(key, now: cluster.monotonicTime())
        }
    }

    private func pass(_ key: ObjectKey, memory: inout DrainMemory) async throws(ClusterError) -> Duration? {
        guard let runtime = store.runtime(key) else {
            passes.budget.give(key)
            // What a drain wrote does not outlive the runtime, nor do its metrics.
            let isMarked = store.workerSet(of: key)?.meta.annotations[Annotation.drainRecord] != nil
            return isMarked || memory.shownState != nil ? try await passes.run(key, memory: &memory) : nil
        }
        if let request = SelectorInjection.request(runtime, definition: store.definition) {
            try await passes.fillSelector(request, key)
        }
        if let set = store.workerSet(of: key), isSettled(runtime, set), memory.progress == DrainProgress() {
            return nil
        }
        return try await passes.run(key, memory: &memory)
    }

    /// Whether the store shows nothing to do, so that nobody needs to be asked.
    private func isSettled(_ runtime: AlluxioRuntime, _ set: WorkerSet) -> Bool {
        set.kind == .statefulSet && runtime.replicas == set.replicas
            && set.meta.annotations[Annotation.drainRecord] == nil
    }
}
