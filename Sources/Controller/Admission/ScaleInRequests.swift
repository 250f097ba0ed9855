public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Notes denied lower counts on the worker sets, where the reconciler sees them; beside admission, not in it.
///
/// `post` may be called from any thread and does no I/O; one task runs `run`.
public final class ScaleInRequests: Sendable {
    /// How many runtimes' requests wait at most; whoever is left out asks again.
    static let waitingMax = 256

    private let cluster: any Cluster
    private let store: Store
    private let log: LogSink
    private let notifier = Notifier()
    private let waiting: Mutex<[ObjectKey: ScaleInRequest]> = Mutex([:])

    /// Makes a mailbox; the store tells what is noted already.
    public init(cluster: any Cluster, store: Store, log: @escaping LogSink) {
        self.cluster = cluster
        self.store = store
        self.log = log
    }

    /// Takes a request in; a later one for the same runtime replaces it.
    func post(_ request: ScaleInRequest, for runtime: ObjectKey) {
        waiting.withLock { waiting in
            if waiting[runtime] != nil || waiting.count < Self.waitingMax { waiting[runtime] = request }
        }
        notifier.notify()
    }

    /// Notes what comes in until the task is cancelled.
    public func run() async {
        let notices = notifier.notices()
        notifier.notify()
        for await _ in notices {
            let requests = waiting.withLock { waiting in
                defer { waiting = [:] }
                return waiting
            }
            for (runtime, request) in requests where !Task.isCancelled { await note(request, for: runtime) }
        }
    }

    /// Writes a request on the worker set, if that says anything new.
    func note(_ request: ScaleInRequest, for runtime: ObjectKey) async {
        guard let set = store.workerSet(of: runtime), set.kind == .daemonSet else { return }
        let noted = set.meta.annotations[Annotation.scaleInRequest].flatMap { ScaleInRequest(text: $0) }
        guard request.renews(noted) else { return }
        let subject: [(name: String, value: JSON)] = [
            ("namespace", .string(runtime.namespace)), ("name", .string(runtime.name)),
            ("request", .string(request.text)),
        ]
        do throws(ClusterError) {
            _ = try await cluster.send(
                .patch(
                    .daemonSets, namespace: runtime.namespace, name: set.meta.name, type: .merge,
                    body: [
                        "metadata": [
                            "uid": .string(set.meta.uid),
                            "annotations": [Annotation.scaleInRequest: .string(request.text)],
                        ]
                    ]))
            // Whoever asks again and again, as an HPA does, is told of once.
            log(LogRecord(noted?.count == request.count ? .debug : .info, "scale-in request noted", subject))
        } catch {
            // Whoever wants it asks again.
            log(LogRecord(.warning, "scale-in request not noted", subject + [("error", .string(error.description))]))
        }
    }
}
