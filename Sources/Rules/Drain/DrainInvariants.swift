/// The promises S1, S3, S4, S5 and S8 of a drain, judged by the look alone: the last check before a write or a call, which
/// knows nothing of how the machine came to it.
public enum DrainInvariants {
    /// What an effect would break, in words; empty if nothing.
    ///
    /// - Parameters:
    ///   - effect: what is about to be done.
    ///   - machine: whose effect it is.
    ///   - now: the time at which it is done.
    public static func violations(_ effect: DrainEffect, of machine: DrainMachine, at now: Duration) -> [String] {
        let seen = machine.seen
        switch effect {
        case .write(.setReplicas(let from, let to, let fence)):
            guard let set = seen.workerSet, set.present == from else {
                return ["S5: the count to start from is not the one that was seen"]
            }
            guard to < from else {
                return to <= max(seen.runtime?.wanted ?? 0, machine.phase.plan?.from ?? 0)
                    ? [] : ["S3: raised beyond what anybody wants"]
            }
            return removal(machine, to: to, at: now)
                + (fence != nil && fence == set.fence ? [] : ["S5: the worker set does not carry this drain's mark"])
        case .write(.unlabel(let node)):
            guard seen.workers.contains(where: { $0.node == node && $0.isNodeInUse }) else {
                return removal(machine, to: machine.phase.plan?.target ?? 0, at: now)
            }
            return ["S1: \(node) is left under a pod that mounts the dataset"]
        case .write(.deletePod(_, let uid)):
            guard let reading = seen.worker(uid: uid)?.look.reading, reading.unpersistedCount == 0,
                !reading.counters.isShort,
                now - reading.begunAt <= DrainTiming.lookAgeMaximum
            else { return ["S2: a pod would be restarted with what nobody has read"] }
            return []
        case .call(.free(let path, let isFolder)): return free(path, isFolder, machine)
        case .call(.remove(_, let uid)): return remove(from: uid, machine, at: now)
        case .write, .call, .tell, .wait: return []
        }
    }

    private static func removal(_ machine: DrainMachine, to target: Int, at now: Duration) -> [String] {
        guard case .removing(let state) = machine.phase, let runtime = machine.seen.runtime,
            let set = machine.seen.workerSet
        else { return ["S1: removed in the state \(machine.phase.kind.rawValue)"] }
        var broken: [String] = []
        if set.uid != machine.ledger.workerSetUID || runtime.uid != machine.ledger.runtimeUID {
            broken.append("S5: the drain belongs to another object")
        }
        let wanted = machine.request?.count ?? runtime.wanted ?? (target == 0 ? 0 : .max)
        if target < wanted { broken.append("S3: below what is wanted") }
        if now - machine.seen.begunAt > DrainTiming.lookAgeMaximum {
            broken.append("S3: the wish was seen too long ago")
        }
        guard case .policy(let policy) = runtime.policy, policy.pausedReason == nil else {
            return broken + ["S1: removed under a policy that can't be read or is paused"]
        }
        if policy.mode == .removeAtOnce || (state.evidence == .overdue && policy.onDeadline == .remove) {
            return broken
        }
        for entry in state.plan.leaving where policy.skipped[entry.uid] == nil && policy.skipped[entry.name] == nil {
            let worker = machine.seen.worker(uid: entry.uid)
            if set.kind != .stateful, worker?.isPlaced != true { continue }
            if let reason = danger(entry, worker, state, machine, now) { broken.append("S1: \(entry.name) \(reason)") }
        }
        return broken
    }

    private static func danger(
        _ entry: LeavingWorker, _ worker: DrainSnapshot.Worker?, _ state: DrainPhase.Removing, _ machine: DrainMachine,
        _ now: Duration
    ) -> String? {
        if machine.isKnownEmpty(entry, worker) { return nil }
        guard let reading = worker?.look.reading else { return "could not be read" }
        if now - reading.begunAt > DrainTiming.lookAgeMaximum { return "was seen too long ago" }
        if reading.isEmpty { return entry.capacityBytes == reading.counters.capacityBytes ? nil : "has lost capacity" }
        return state.evidence == .named && state.named.covers(reading) ? nil : "holds something"
    }

    private static func free(_ path: AlluxioPath, _ isFolder: Bool, _ machine: DrainMachine) -> [String] {
        guard path.isPassable else { return ["S8: \(path.text) may not be passed on"] }
        guard case .freeing(let state) = machine.phase else {
            return ["S9: freed in the state \(machine.phase.kind.rawValue)"]
        }
        guard !machine.isByPath else { return [] }
        guard isFolder else {
            let readings = machine.readings(state.plan)
            let isElsewhere = readings.allSatisfy { reading in
                reading.map { $0.isComplete && !$0.files.contains { $0.path == path } } ?? false
            }
            return isElsewhere && !readings.isEmpty ? ["S8: \(path.text) was freed, which no leaving worker holds"] : []
        }
        for worker in machine.survivors(state.plan) {
            guard let reading = worker.look.reading, reading.isWhole else {
                return ["S8: \(path.text) was freed without a list of \(worker.name)"]
            }
            if let file = reading.files.first(where: { $0.path.isInside(path) }) {
                return ["S8: \(path.text) was freed over \(file.path.text) on \(worker.name)"]
            }
        }
        return []
    }

    /// A removal asks nothing: it is only for a worker that leaves, while the look holds and shows nothing that could be lost.
    private static func remove(from uid: String, _ machine: DrainMachine, at now: Duration) -> [String] {
        guard case .freeing(let state) = machine.phase, state.plan.leaving.contains(where: { $0.uid == uid }) else {
            return ["S8: blocks removed from a worker that does not leave"]
        }
        if now - machine.seen.begunAt > DrainTiming.lookAgeMaximum { return ["S9: the wish was seen too long ago"] }
        guard let worker = machine.seen.worker(uid: uid), worker.isRunning, !worker.isDeleting else {
            return ["S8: blocks removed from a pod that does not run"]
        }
        let readings = machine.readings(state.plan)
        return readings.contains { $0?.unpersistedCount ?? 0 > 0 }
            ? ["S2: blocks removed beside what is not persisted"] : []
    }
}
