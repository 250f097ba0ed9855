extension DrainMachine {
    /// What a change of the wish, or of the workers themselves, comes to before anything was removed; nil if nothing has
    /// changed.
    mutating func wishStep() -> Step? {
        if case .removing(let state) = phase, isRemoved(state) { return nil }
        guard let plan = phase.plan, let wanted else { return .wait(.replicasAbsent(present: present)) }
        if present < plan.from, removal is StatefulSetRemoval {
            // Somebody else has lowered it; that is watched to its end, and what is left is judged anew.
            guard wanted < present else {
                ledger.outcome = .undrained
                ledger.epoch &+= 1
                return .go(.coolingDown(.init()))
            }
            return retarget(to: wanted)
        }
        if case .removing(let state) = phase, removal is NodeLabelRemoval, wanted >= present, present < plan.from {
            // Some nodes have lost their labels: their workers go, and Fluid has to be told.
            var done = DrainPlan(from: plan.from, target: present, leaving: plan.leaving)
            done.leaving.removeAll { seen.worker(uid: $0.uid)?.isPlaced == true }
            return .go(ending(done, state.evidence, state.named))
        }
        if !isOurs || wanted >= present { return cancel() }
        if present - wanted > DrainTiming.leavingMaximum { return .wait(.tooMany(present - wanted)) }
        // Whoever says in mid-drain that nothing is to be drained is believed at once.
        if policy.mode == .removeAtOnce, [.decommissioning, .freeing, .settling].contains(phase.kind) {
            return .go(.checking(DrainPhase.Checking(plan: plan)))
        }
        return needsRetarget(plan, wanted: wanted) ? retarget(to: wanted) : nil
    }

    /// The lowest ordinal that is none of the workers that are to be there.
    var firstFree: Int { (seen.workerSet?.firstOrdinal ?? 0) + present }

    /// Whether the plan's target or pods are no longer those that leave.
    private func needsRetarget(_ plan: DrainPlan, wanted: Int) -> Bool {
        if wanted > plan.target { return true }
        // By path a further fall waits for this drain's end: a freed cache reads 0 % and makes autoscalers ask for less.
        // A gated drain would have no end: only what is asked for is admitted.
        if wanted < plan.target, !isByPath || phase.kind == .checking || removal is GateRemoval { return true }
        // Of a DaemonSet's workers those that are gone come back under another name, or not at all.
        let isGone = plan.leaving.contains { seen.worker(uid: $0.uid) == nil }
        if phase.kind == .checking, !(removal is StatefulSetRemoval), isGone { return true }
        return !removal.isCurrent(plan, seen)
    }

    /// Begins a drain.
    mutating func begin(to wanted: Int) -> DrainPhase {
        ledger.begin(runtimeUID: seen.runtime?.uid ?? "", workerSetUID: seen.workerSet?.uid ?? "")
        (skipped, outside) = ([], [])
        (route, isToldOfStart) = (nil, false)
        return .checking(DrainPhase.Checking(plan: makePlan(to: wanted)))
    }

    /// Takes the new target or the new pods, and checks again; older lowerings are late from now on.
    private mutating func retarget(to wanted: Int) -> Step {
        // By path a further fall waits, and only the pods have changed.
        let isHeld = phase.plan.map { wanted < $0.target && $0.target < present } ?? false
        let plan = makePlan(to: isHeld && isByPath && phase.kind != .checking ? phase.plan?.target ?? wanted : wanted)
        if let old = phase.plan, old.target != plan.target, sinceRetold >= DrainTiming.tellInterval {
            sinceRetold = .zero
            let leave = plan.leaving.isEmpty ? "." : ": \(plan.names) leave\(plan.leaving.count == 1 ? "s" : "")."
            notices.append(
                DrainNotice(.progress, "\(counted(plan.target, "worker")) wanted now instead of \(old.target)\(leave)"))
        }
        ledger.epoch &+= 1
        // Another wish is no progress.
        ledger.rank = min(ledger.rank, DrainPhase.Kind.checking.rank)
        (ledger.lowestFiles, ledger.lowestBytes) = (nil, nil)
        return .go(.checking(DrainPhase.Checking(plan: plan)))
    }

    func makePlan(to target: Int) -> DrainPlan {
        let kept = phase.plan?.leaving ?? []
        // Of a DaemonSet's nodes the least used are chosen once their workers were asked, which checking does.
        var leaving = removal is StatefulSetRemoval ? removal.leaving(to: target, seen) ?? [] : []
        // What is known of a worker that leaves anyway stays known.
        for index in leaving.indices {
            if let old = kept.first(where: { $0.uid == leaving[index].uid && !$0.uid.isEmpty }) { leaving[index] = old }
        }
        return DrainPlan(from: present, target: target, leaving: leaving)
    }

    /// Gives the drain up: what was changed is put back, and what was freed is told.
    private mutating func cancel() -> Step {
        guard let plan = phase.plan else { return .go(.idle(.init())) }
        ledger.epoch &+= 1
        ledger.outcome = .cancelled
        let reason = wanted.map { "\(counted($0, "worker")) wanted" } ?? "nobody asks for fewer workers any more"
        var message = "The drain from \(plan.from) to \(counted(plan.target, "worker")) is given up: \(reason)."
        let freed = plan.leaving.reduce(0) { $0 + max(0, ($1.start?.files ?? 0) - ($1.now?.files ?? .max)) }
        if freed > 0 { message += " Freed already: \(counted(freed, "file"))." }
        if !ledger.outOfService.isEmpty {
            message += " Taken back into service: \(listed(ledger.outOfService.map(\.name), most: 8))."
        }
        notices.append(DrainNotice(.cancelled, message))
        return .go(.coolingDown(.init()))
    }
}
