/// Why a drain does not go on: each with what it is and what to do about it.
public enum DrainObstacle: Sendable, Hashable {
    /// An annotation can't be read.
    case policy(String)
    /// A person paused it.
    case paused(String)
    /// `spec.replicas` was dropped, so that nobody knows what is wanted.
    case replicasAbsent(present: Int)
    /// The worker set rolls out a new revision.
    case rollingUpdate
    /// The master pod is not ready.
    case masterNotReady(String)
    /// No master answers the client.
    case masterUnreachable
    /// The leading master does not know a leaving worker yet.
    case notRegistered(worker: String)
    /// A leaving worker's pod is missing.
    case workerMissing(worker: String)
    /// A leaving worker can't be asked, though it ran once.
    case workerUnreachable(worker: String)
    /// A leaving worker's list can't be read.
    case listUnreadable(worker: String, why: String)
    /// A leaving worker holds something that the under storage has not.
    case unpersisted(worker: String, file: String, count: Int)
    /// A leaving worker holds a pinned file.
    case pinned(worker: String, file: String, count: Int)
    /// More pinned files than are kept in mind.
    case tooManyPinned(Int)
    /// More workers leave than are drained at once.
    case tooMany(Int)
    /// All places are taken.
    case budget
    /// The version knows no `decommissionWorker`, or nobody knows the version.
    case decommissionUnsupported(String)
    /// Two workers are on one host, so that they can't be told apart.
    case sharedHost(worker: String, host: String)
    /// This Alluxio has no `fs free`.
    case unsupported(String)
    /// The client says something unknown, or a path is refused for something elsewhere.
    case commandFailed(String)
    /// The deadline has passed.
    case deadline(files: Int, bytes: Int64)
    /// Our own webhook put our write back.
    case heldBySelf(answered: Int)
    /// Pods do not end.
    case terminating([String])
    /// No node is free to be left.
    case nodesInUse
    /// Fewer workers of a DaemonSet are wanted than present, and it is not ours to remove any.
    case notRemoved(wanted: Int, present: Int)
    /// A worker can't be taken back into service yet.
    case undo(worker: String, why: String)

    /// The kind, as users see it in events and metrics.
    public var reason: String {
        switch self {
        case .policy: "Policy"
        case .paused: "Paused"
        case .replicasAbsent: "ReplicasAbsent"
        case .rollingUpdate: "RollingUpdate"
        case .masterNotReady: "MasterNotReady"
        case .masterUnreachable: "MasterUnreachable"
        case .notRegistered: "NotRegistered"
        case .workerMissing: "WorkerMissing"
        case .workerUnreachable: "WorkerUnreachable"
        case .listUnreadable: "ListUnreadable"
        case .unpersisted: "Unpersisted"
        case .pinned: "Pinned"
        case .tooManyPinned: "TooManyPinned"
        case .tooMany: "TooMany"
        case .budget: "Budget"
        case .decommissionUnsupported: "DecommissionUnsupported"
        case .sharedHost: "SharedHost"
        case .unsupported: "Unsupported"
        case .commandFailed: "CommandFailed"
        case .deadline: "Deadline"
        case .heldBySelf: "HeldBySelf"
        case .terminating: "Terminating"
        case .nodesInUse: "NodesInUse"
        case .notRemoved: "NotRemoved"
        case .undo: "Undo"
        }
    }

    /// Whether an obstacle of this kind is what a call said, so that only another call can tell that it is gone.
    static func isOfClient(_ reason: String) -> Bool {
        ["MasterUnreachable", "Unsupported", "CommandFailed", "HeldBySelf"].contains(reason)
    }

    /// Whether it goes away by itself within seconds, so that it is worth looking again soon.
    var isBrief: Bool {
        switch self {
        case .masterNotReady, .masterUnreachable, .notRegistered, .workerMissing, .workerUnreachable, .listUnreadable,
            .budget, .commandFailed, .terminating, .undo, .rollingUpdate:
            true
        default: false
        }
    }
}
