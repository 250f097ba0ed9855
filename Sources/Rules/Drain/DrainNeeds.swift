/// What has to be asked for an observation: Alluxio is asked no more than the state needs.
public struct DrainNeeds: Sendable, Hashable {
    /// The leaving workers' lists.
    public var leavingLists = false
    /// The other workers' lists.
    public var survivorLists = false
    /// The master's list of workers.
    public var registration = false
    /// The version, once.
    public var version = false
    /// The condition of each worker, by the client in the master pod.
    public var service = false
    /// The live workers' used bytes, by the client in the master pod: where lists can't be read.
    public var report = false

    /// Needs nothing.
    public init() {}

    /// Tells what to ask, from what is known without Alluxio.
    ///
    /// - Parameters:
    ///   - seen: the observation so far: runtime, worker set and pods.
    ///   - record: the record on the worker set.
    ///   - progress: what the last decision kept in memory.
    public init(_ seen: DrainObservation, record: DrainRecord?, progress: DrainProgress) {
        guard let runtime = seen.runtime, let set = seen.workerSet, !runtime.isDeleting,
            case .policy(let policy) = runtime.policy, policy.pausedReason == nil, let record
        else {
            return
        }
        let isByPath = policy.scope == .path || record.fallback != nil || record.target == 0
        let mayDecommission = policy.mode == .decommission || policy.mode == .auto
        version = mayDecommission && seen.version == nil
        leavingLists = record.state.isBeforeRemoval && policy.mode != .removeAtOnce
        report = record.fallback != nil && leavingLists
        switch record.state {
        case .checking:
            registration = true
            survivorLists = isByPath || set.kind != .stateful
        case .freeing:
            registration = true
            // Those of the last pass are still among them.
            let next = progress.queue?.prefix(
                DrainTiming.parallelMaximum * DrainTiming.callsPerLook * 2 + progress.batch.count)
            survivorLists = isByPath || (next.map { $0.contains { $0.isFolder } } ?? true)
        case .decommissioning, .removing:
            service = mayDecommission && policy.mode != .removeAtOnce
        case .coolingDown:
            service = !record.undo.isEmpty
            leavingLists = !record.undo.isEmpty
        case .idle, .settling, .confirming:
            break
        }
    }
}
