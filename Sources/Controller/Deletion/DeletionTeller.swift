public import Kubernetes
internal import Synchronization
internal import Wire

/// Tells when the worker set of a living runtime was deleted: its workers went undrained, and nobody may refuse that.
///
/// `noteChange` may be called from any thread and does no I/O; one task runs `run`, in the process that leads.
public final class DeletionTeller<Base: Cluster>: Sendable {
    /// How many disappearances wait at most to be looked into.
    private static var waitingMax: Int { 256 }

    /// A worker set as it was last seen.
    struct Seen: Sendable, Hashable {
        var kind: WorkerSet.Kind
        var uid: String
        var workers: Int32
    }

    private struct State {
        var present: [ObjectKey: Seen] = [:]
        var gone: [(runtime: ObjectKey, seen: Seen, at: Duration)] = []
    }

    private let cluster: Base
    private let store: Store
    private let metrics: Metrics
    private let log: LogSink
    private let notifier = Notifier()
    private let state = Mutex(State())

    /// Makes one that looks into the store's changes; `cluster` refuses to write where this process does not lead.
    public init(cluster: Base, store: Store, metrics: Metrics, log: @escaping LogSink) {
        self.cluster = cluster
        self.store = store
        self.metrics = metrics
        self.log = log
    }

    /// Takes in what has changed in the cluster.
    public func noteChange(_ change: Store.Change) {
        guard change.kind == .statefulSets || change.kind == .daemonSets, let runtime = change.runtime else { return }
        let set = store.workerSet(of: runtime)
        let now = cluster.monotonicTime()
        let isGone = state.withLock { state in
            let before = state.present[runtime]
            state.present[runtime] = set.map { Seen(kind: $0.kind, uid: $0.meta.uid, workers: $0.replicas) }
            guard let before, before.uid != set?.meta.uid, before.workers > 0 else { return false }
            if state.gone.count == Self.waitingMax { state.gone.removeFirst() }
            state.gone.append((runtime, before, now))
            return true
        }
        if isGone { notifier.notify() }
    }

    /// How many disappearances wait.
    var waiting: Int { state.withLock { $0.gone.count } }

    /// Looks into what is gone until the task is cancelled.
    ///
    /// What went while another process led, until `ledUntil` by the monotonic clock, was that one's to tell.
    public func run(ledUntil: Duration = .zero) async {
        let notices = notifier.notices()
        state.withLock { $0.gone.removeAll { $0.at < ledUntil } }
        notifier.notify()
        for await _ in notices {
            let gone = state.withLock { state in
                defer { state.gone = [] }
                return state.gone
            }
            for (runtime, seen, _) in gone where !Task.isCancelled { await tell(runtime, seen) }
        }
    }

    /// Tells, if the runtime lives and the set is really gone: one that only lost its labels is no longer watched either.
    func tell(_ key: ObjectKey, _ seen: Seen) async {
        let name = AlluxioRuntime.workerSetName(of: key.name)
        let resource = seen.kind == .statefulSet ? Resource.statefulSets : .daemonSets
        guard let runtime = await living(key),
            await isGone(.get(resource, namespace: key.namespace, name: name), uid: seen.uid)
        else { return }
        let workers = seen.workers == 1 ? "its worker" : "its \(seen.workers) workers"
        let text =
            "The \(seen.kind.rawValue) \(name) was deleted while its runtime lives: \(workers) went undrained, and what "
            + "they alone held, if anything, is lost. To remove workers scale the runtime; to remove all, delete Dataset and runtime."
        log(
            LogRecord(
                .warning, "worker set deleted",
                [
                    ("namespace", .string(key.namespace)), ("name", .string(key.name)), ("set", .string(name)),
                    ("workers", .integer(Int64(seen.workers))),
                ]))
        metrics.increment(.workerSetsDeleted, [key.namespace, key.name])
        let now = cluster.wallClockMilliseconds()
        let event = Event(
            subject: .init(
                apiVersion: Resource.alluxioRuntimes.apiVersion, kind: AlluxioRuntime.kind, key: key,
                uid: runtime.meta.uid),
            isWarning: true, reason: "WorkerSetDeleted", message: text, firstMilliseconds: now)
        // An event that is lost is in the log all the same.
        _ = try? await cluster.send(
            event.createRequest(name: "\(key.name).\(String(UInt64(bitPattern: now), radix: 16)).workersetdeleted"))
    }

    /// The runtime, if it is there and stays; where nobody can say, nothing is claimed.
    private func living(_ key: ObjectKey) async -> AlluxioRuntime? {
        let request = APIRequest.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)
        // Not there, not to be had or not readable: all the same here.
        guard let json = try? await cluster.send(request).json() else { return nil }
        // Likewise.
        guard let runtime = try? AlluxioRuntime(json), !runtime.meta.isDeleting else { return nil }
        return runtime
    }

    private func isGone(_ request: APIRequest, uid: String) async -> Bool {
        do throws(ClusterError) {
            let now = try await cluster.send(request).json()
            return now["metadata"]?["uid"]?.string != uid
        } catch {
            return error.isNotFound
        }
    }
}
