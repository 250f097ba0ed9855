/// The promises S1, S3, S5 and S8 of a drain, judged against one look; a last check before anything destructive, and the
/// simulation's after every step.
public enum DrainInvariants {
    /// What a decision would break, in words; empty if nothing.
    ///
    /// - Parameters:
    ///   - decision: what is about to be done.
    ///   - seen: the look that it was decided by.
    ///   - now: the time at which it is done.
    public static func violations(_ decision: DrainDecision, seen: DrainObservation, now: Timestamp) -> [String] {
        let seen = seen.recalling(decision.record)
        return switch decision.action {
        case .setReplicas(let from, let to): replicas(from, to, decision, seen, now)
        case .unlabel(let node): removal(decision, seen, now) + inUse(node, seen)
        case .free(let calls, _): calls.flatMap { free($0, decision, seen) }
        case .none, .pin, .decommission, .enable, .restart, .lowerStatusCounts, .touch: []
        }
    }

    private static func replicas(
        _ from: Int, _ to: Int, _ decision: DrainDecision, _ seen: DrainObservation, _ now: Timestamp
    ) -> [String] {
        guard let set = seen.workerSet, set.present == from else {
            return ["S5: the count to start from is not the one that was seen"]
        }
        guard to < from else {
            return seen.runtime?.wanted == to ? [] : ["S3: raised to what nobody wants"]
        }
        return removal(decision, seen, now)
    }

    private static func removal(_ decision: DrainDecision, _ seen: DrainObservation, _ now: Timestamp) -> [String] {
        guard let record = decision.record, let runtime = seen.runtime, let set = seen.workerSet else {
            return ["S5: removed without a record"]
        }
        var broken: [String] = []
        if record.workerSetUID != set.uid || record.runtimeUID != runtime.uid {
            broken.append("S5: the record belongs to another object")
        }
        let wanted = runtime.wanted ?? (record.target == 0 ? 0 : Int.max)
        if record.target < wanted || set.present <= wanted {
            broken.append("S3: below what is wanted")
        }
        guard case .policy(let policy) = runtime.policy, policy.pausedReason == nil else {
            return broken + ["S1: removed under a policy that can't be read or is paused"]
        }
        if policy.mode == .removeAtOnce || (record.acceptance == .overdue && policy.onDeadline == .remove) {
            return broken
        }
        for entry in record.leaving {
            let worker = seen.workers.first { $0.name == entry.name && $0.uid == entry.uid }
            if set.kind != .stateful, worker?.isPlaced != true {
                continue
            }
            if let reason = danger(worker, record, now) {
                broken.append("S1: \(entry.name) \(reason)")
            }
        }
        return broken
    }

    private static func inUse(_ node: String, _ seen: DrainObservation) -> [String] {
        let isInUse = seen.workers.contains { $0.node == node && $0.isNodeInUse }
        return isInUse ? ["S1: \(node) is left under a pod that mounts the dataset"] : []
    }

    private static func danger(
        _ worker: DrainObservation.Worker?, _ record: DrainRecord, _ now: Timestamp
    ) -> String? {
        guard let worker else {
            return "was not seen"
        }
        guard worker.mayHold else {
            return nil
        }
        guard case .held(let holding, let at) = worker.look else {
            return record.fallback != nil && worker.isReportedEmpty ? nil : "could not be read"
        }
        if now.milliseconds(since: at) > DrainTiming.lookAgeMaximum {
            return "was seen too long ago"
        }
        if holding.isEmpty {
            return nil
        }
        return record.acceptance == .leftOver && holding.isKnownPersisted ? nil : "holds something"
    }

    private static func free(_ call: FreeCall, _ decision: DrainDecision, _ seen: DrainObservation) -> [String] {
        guard call.path.isPassable else {
            return ["S8: \(call.path.text) may not be passed on"]
        }
        guard let record = decision.record, case .policy(let policy)? = seen.runtime?.policy else {
            return ["S8: freed without a record or a policy"]
        }
        if call.force, call.isFolder || !record.repin.contains(call.path) {
            return ["S8: \(call.path.text) would stay unpinned"]
        }
        if policy.scope == .path || record.fallback != nil || record.target == 0 {
            return []
        }
        let leaves = Set(record.leaving.map { $0.uid })
        for worker in seen.workers where !leaves.contains(worker.uid) && !worker.isDeleting {
            guard let holding = worker.holding, holding.isComplete else {
                if call.isFolder {
                    return ["S8: \(call.path.text) was freed without a list of \(worker.name)"]
                }
                continue
            }
            if call.isFolder, let file = holding.files.first(where: { $0.path.isInside(call.path) }) {
                return ["S8: \(call.path.text) was freed over \(file.path.text) on \(worker.name)"]
            }
        }
        let isHeld = seen.workers.contains { worker in
            leaves.contains(worker.uid)
                && (worker.holding?.files.contains {
                    call.isFolder ? $0.path.isInside(call.path) : $0.path == call.path
                }
                    ?? false)
        }
        let isCounted = seen.workers.contains { leaves.contains($0.uid) && $0.holding?.isComplete == false }
        return isHeld || isCounted ? [] : ["S8: \(call.path.text) was freed though no leaving worker holds it"]
    }
}
