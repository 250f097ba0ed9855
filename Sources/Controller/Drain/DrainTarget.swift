internal import Kubernetes
internal import Rules

/// The objects of one runtime as a pass read them, live.
struct DrainTarget: Sendable {
    var key: ObjectKey
    var runtime: AlluxioRuntime?
    var workerSet: WorkerSet?
    /// The worker set's pods.
    var pods: [Pod] = []
    /// The nodes that carry a DaemonSet's labels, by name; empty for a StatefulSet.
    var placedNodes: Set<String> = []
    /// The nodes on which some pod mounts the dataset; empty for a StatefulSet.
    var usedNodes: Set<String> = []
    /// The ready master pods, the first of them first.
    var masters: [Pod] = []
    /// Why there is none.
    var masterTrouble = "there is no master pod"

    static let masterContainer = "alluxio-master"
    static let workerContainer = "alluxio-worker"

    /// The master pod that commands run in.
    var master: Pod? { masters.first }

    /// The record on the worker set.
    var recordText: String? { workerSet?.meta.annotations[Annotation.drainRecord] }

    /// The last denied count, noted on the worker set.
    var wishText: String? { workerSet?.meta.annotations[Annotation.scaleInWish] }

    var resource: Resource { workerSet?.kind == .daemonSet ? .daemonSets : .statefulSets }
}

/// What a reconciler keeps in memory of a runtime between two passes.
struct DrainMemory: Sendable {
    var progress = DrainProgress()
    var outcome = DrainOutcome.none
    /// The version, once it is known, and the master that said it.
    var version: AlluxioVersion?
    var versionOf = ""
    /// Whether the state and what is left were written since they last changed, and when.
    var leftWritten: [DrainWorkerLeft] = []
    var leftWrittenAt: Timestamp?
    /// The events that were written, by reason: repeated ones are counted.
    var events: [String: WrittenEvent] = [:]
    /// Which state and which obstacle the metrics show.
    var shownState: String?
    var shownObstacle: String?
    var startedRound = 0

    struct WrittenEvent: Sendable {
        var name: String
        var message: String
        var firstMilliseconds: Int64
        var count: Int32
    }
}
