internal import Kubernetes
internal import Rules

/// The objects of one runtime as a look read them, live.
struct DrainTarget: Sendable {
    var key: ObjectKey
    /// When the reading began.
    var begunAt = Duration.zero
    var runtime: AlluxioRuntime?
    var workerSet: WorkerSet?
    /// The drain's object, if there is one.
    var drain: WorkerDrain?
    /// Whether it is known that there is one, or none.
    var isDrainRead = false
    /// The worker set's pods.
    var pods: [Pod] = []
    /// The nodes that carry a DaemonSet's labels, by name; nil if they are not known.
    var placedNodes: [String: ObjectMeta]?
    /// The nodes on which some pod mounts the dataset; empty for a StatefulSet.
    var usedNodes: Set<String> = []
    /// The ready master pods, the first of them first.
    var masters: [Pod] = []
    /// Whether another master may lead than the one that answers.
    var mastersMayBeMore = false
    /// Why there is none.
    var masterTrouble: String? = "there is no master pod"
    /// What could not be read.
    var trouble: DrainObstacle?
    var retryAfter: Duration?
    var cost = 0

    static let masterContainer = "alluxio-master"
    static let workerContainer = "alluxio-worker"

    init(key: ObjectKey) { self.key = key }

    /// Takes one answer in; the first failure is the trouble.
    mutating func take<Value>(_ result: Result<Value, ClusterError>, _ what: String) -> Value? {
        cost += 1
        switch result {
        case .success(let value): return value
        case .failure(let error):
            trouble = trouble ?? .cluster(error, what)
            retryAfter = error.status?.retryAfter ?? retryAfter
            return nil
        }
    }

    /// The master pod that commands run in.
    var master: Pod? { masters.first }
    var resource: Resource { workerSet?.kind == .daemonSet ? .daemonSets : .statefulSets }
}
