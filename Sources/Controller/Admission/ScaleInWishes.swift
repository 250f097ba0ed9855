public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Notes denied lower counts on the worker sets, where the reconciler sees them; beside admission, not in it.
///
/// `post` may be called from any thread and does no I/O; one task runs `run`.
public final class ScaleInWishes: Sendable {
    /// How many runtimes' wishes wait at most; whoever is left out asks again.
    static let waitingMax = 256

    private let cluster: any Cluster
    private let store: Store
    private let log: LogSink
    private let bell = Bell()
    private let waiting: Mutex<[ObjectKey: ScaleInWish]> = Mutex([:])

    /// Makes a mailbox; the store tells what is noted already.
    public init(cluster: any Cluster, store: Store, log: @escaping LogSink) {
        self.cluster = cluster
        self.store = store
        self.log = log
    }

    /// Takes a wish in; a later one for the same runtime replaces it.
    func post(_ wish: ScaleInWish, for runtime: ObjectKey) {
        waiting.withLock { waiting in
            if waiting[runtime] != nil || waiting.count < Self.waitingMax { waiting[runtime] = wish }
        }
        bell.ring()
    }

    /// Notes what comes in until the task is cancelled.
    public func run() async {
        let rings = bell.hang()
        bell.ring()
        for await _ in rings {
            let wishes = waiting.withLock { waiting in
                defer { waiting = [:] }
                return waiting
            }
            for (runtime, wish) in wishes where !Task.isCancelled { await note(wish, for: runtime) }
        }
    }

    /// Writes a wish on the worker set, if that says anything new.
    func note(_ wish: ScaleInWish, for runtime: ObjectKey) async {
        guard let set = store.workerSet(of: runtime), set.kind == .daemonSet,
            wish.renews(set.meta.annotations[Annotation.scaleInWish].flatMap { ScaleInWish(text: $0) })
        else { return }
        let subject: [(name: String, value: JSON)] = [
            ("namespace", .string(runtime.namespace)), ("name", .string(runtime.name)), ("wish", .string(wish.text)),
        ]
        do throws(ClusterError) {
            _ = try await cluster.send(
                .patch(
                    .daemonSets, namespace: runtime.namespace, name: set.meta.name, type: .merge,
                    body: [
                        "metadata": [
                            "uid": .string(set.meta.uid), "annotations": [Annotation.scaleInWish: .string(wish.text)],
                        ]
                    ]))
            log(LogRecord(.info, "scale-in wish noted", subject))
        } catch {
            // Whoever wants it asks again.
            log(LogRecord(.warning, "scale-in wish not noted", subject + [("error", .string(error.description))]))
        }
    }
}
