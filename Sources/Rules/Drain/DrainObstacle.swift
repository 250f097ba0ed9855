/// Why a drain does not go on: every wait has one, with what it is and what to do about it.
public enum DrainObstacle: Sendable, Hashable {
    // What a person decides.
    case policy(String), paused(String), replicasAbsent(present: Int), tooMany(Int)
    case unpersisted(worker: String, file: String, count: Int), pinned(worker: String, file: String, count: Int)
    case fileName(worker: String, file: String)
    case decommissionUnsupported(String), sharedHost(worker: String, host: String), unsupported(String)
    case deadline(String), lastWorker, nodesInUse, notRemoved(wanted: Int, present: Int)
    case heldBySelf(answered: Int), anotherInstallation(String)
    // What stands in the way in the cluster.
    case definitionMissing, forbidden(String), unreadableDrain(String), apiServer(String)
    case rollingUpdate, masterNotReady(String), masterUnreachable(String), notRegistered(worker: String)
    case workerMissing(worker: String), workerUnreachable(worker: String, why: String)
    case placeUnknown(worker: String, why: String), slowWorker(worker: String)
    case lowerNotReady(worker: String), notTaken(worker: String), notObserved, terminating([String])
    case undo(worker: String, why: String), budget, portUnreachable(String)
    // What Alluxio does.
    case listMoves(worker: String), listSwitchedOff(worker: String), listUnreadable(worker: String, why: String)
    case inFlight(worker: String), capacityChanged(worker: String), commandFailed(String), refilling
    // What takes its time.
    case looking, calling, serviceChanges(worker: String), admission, coolingDown, fluid

    /// How long it may last before users see it; nil if it is no obstacle but a state that says so itself.
    public var patience: Duration? {
        switch self {
        case .policy, .paused, .replicasAbsent, .tooMany, .unpersisted, .pinned, .fileName, .decommissionUnsupported,
            .sharedHost,
            .unsupported, .deadline, .lastWorker, .nodesInUse, .notRemoved, .heldBySelf, .anotherInstallation,
            .definitionMissing, .forbidden, .unreadableDrain, .rollingUpdate, .masterNotReady, .workerMissing,
            .workerUnreachable, .placeUnknown, .lowerNotReady, .notTaken, .listSwitchedOff, .listUnreadable,
            .capacityChanged, .commandFailed, .masterUnreachable, .undo, .budget, .portUnreachable:
            .zero
        case .apiServer, .notRegistered, .slowWorker, .listMoves, .inFlight: .seconds(10)
        case .looking, .calling, .serviceChanges, .fluid, .notObserved, .terminating, .refilling:
            DrainTiming.quietMaximum
        case .admission, .coolingDown: nil
        }
    }

    /// Whether it only says that something takes its time.
    var isWeak: Bool {
        switch self {
        case .looking, .calling, .serviceChanges: true
        default: false
        }
    }

    /// Whether the time until the drain's deadline runs on: it measures how Alluxio empties, and nothing else.
    var countsTowardsDeadline: Bool {
        switch self {
        case .looking, .calling, .refilling, .listMoves, .inFlight, .commandFailed, .fileName: true
        default: false
        }
    }
}
