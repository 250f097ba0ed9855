extension DrainMachine {
    /// No drain: whether one begins, or Fluid has to be helped.
    mutating func idle(_ state: DrainPhase.Idle) -> Step {
        guard let wanted else { return present > 0 ? .wait(.replicasAbsent(present: present)) : .rest }
        var next = state
        if let set = seen.workerSet, isOrphaned(set), wanted >= present, !seen.workers.isEmpty {
            // The drain that took them out of service is known to nobody any more but by its mark.
            ledger.outOfService = set.outOfService
            stragglers = [DrainTiming.straggler]
            (ledger.runtimeUID, ledger.workerSetUID) = (seen.runtime?.uid ?? "", set.uid)
            return .go(.coolingDown(.init()))
        }
        if !state.isServiceSeen, !seen.workers.isEmpty {
            let isAnswered = !mayHaveDecommissioned(seen) || seen.workers.contains { $0.service != nil }
            if !isAnswered { next.unansweredLooks += 1 }
            next.isServiceSeen = isAnswered || next.unansweredLooks >= DrainTiming.serviceLooksMaximum
            adoptOutOfService(seen.workers)
            if !ledger.outOfService.isEmpty, wanted >= present {
                (ledger.runtimeUID, ledger.workerSetUID) = (seen.runtime?.uid ?? "", seen.workerSet?.uid ?? "")
                return .go(.coolingDown(.init()))
            }
        }
        phase = .idle(next)
        if wanted < present {
            if present - wanted > DrainTiming.leavingMaximum { return .wait(.tooMany(present - wanted)) }
            if isOurs { return .go(begin(to: wanted)) }
        }
        if wanted != present || (seen.workerSet?.kind == .daemon(.gated) && placed != present) {
            return fluidStep(next, wanted: wanted)
        }
        next.differsFor = .zero
        phase = .idle(next)
        if seen.workerSet?.request != nil, request == nil {
            return .act([.write(.clearRequest)], .looking, DrainTiming.poll)
        }
        if let set = seen.workerSet, set.fence != nil || !set.outOfService.isEmpty || set.hasOldMarks {
            return .act([.write(.clearFence)], .looking, DrainTiming.poll)
        }
        return next.isServiceSeen || next.unansweredLooks == 0 ? .rest : .wait(.looking)
    }

    /// Whether workers are marked as out of service by a drain whose object is gone.
    func isOrphaned(_ set: DrainSnapshot.WorkerSet) -> Bool { ledger.runtimeUID.isEmpty && !set.outOfService.isEmpty }

    /// Nodes that carry a worker.
    var placed: Int { seen.workerSet?.present ?? 0 }

    /// The workers differ from what is wanted, and that is Fluid's to mend; for how long is counted.
    private mutating func fluidStep(_ state: DrainPhase.Idle, wanted: Int) -> Step {
        var next = state
        let isRaise = removal is StatefulSetRemoval
        // Fluid of 0.7 to 1.0 believes that it has raised the set already, and never looks again.
        if isRaise, seen.runtime?.desired != wanted {
            next.differsFor = .zero
            phase = .idle(next)
            return raiseAnswered == nil ? .rest : .wait(raiseObstacle)
        }
        let isFewer = wanted < max(present, placed)
        // Fluid that still counts a worker whose node lost its labels adds none in its place.
        let isMiscounted =
            removal is NodeLabelRemoval && placed < wanted && seen.runtime?.desired.map { $0 > placed } == true
        let canBeLate = isRaise || isFewer || isMiscounted
        // Fluid that never saw the lower count believes that the node which lost its labels still has its worker.
        guard canBeLate || (removal is GateRemoval && placed < wanted) else { return .rest }
        guard canBeLate, state.differsFor >= DrainTiming.fluidIsLate else {
            return .wait(raiseObstacle, DrainTiming.poll)
        }
        if isMiscounted {
            next.differsFor = .zero
            phase = .idle(next)
            return .act([.write(removal.telling(seen))], .fluid, DrainTiming.confirmPoll)
        }
        guard isRaise else { return .wait(.notRemoved(wanted: wanted, present: max(present, placed))) }
        next.differsFor = .zero
        phase = .idle(next)
        return raise(to: wanted)
    }

    /// Raises a StatefulSet to what is wanted, since Fluid does not do it by itself.
    mutating func raise(to wanted: Int) -> Step {
        if raises == 0 {
            notices.append(
                DrainNotice(
                    .raised,
                    "Raised from \(present) to \(counted(wanted, "worker")), since Fluid does not do it by itself."))
        }
        (raises, sinceRaise) = (raises + 1, .zero)
        return .act(
            [.write(.setReplicas(from: present, to: wanted, fence: fence)), .write(.touch)], raiseObstacle,
            DrainTiming.confirmPoll)
    }

    /// Whether it is time to raise: what does not hold is written ever more slowly.
    var isRaiseDue: Bool { raises == 0 || sinceRaise >= DrainTiming.backoffFirst * (1 << min(raises, 6)) }

    /// What stands in the way of a raise.
    private var raiseObstacle: DrainObstacle { raiseAnswered.map { .heldBySelf(answered: $0) } ?? .fluid }

    /// Whether the drain can be done, in the order in which a person would look.
    mutating func checking(_ state: DrainPhase.Checking) -> Step {
        let plan = state.plan
        if let worker = state.notTaken, state.pause > .zero { return .wait(.notTaken(worker: worker)) }
        if removal is GateRemoval, let wanted, placed < wanted, let labels = ledger.removedLabels.first {
            // More are asked for again than nodes have kept their labels.
            return relabel(labels)
        }
        if let obstacle = obstacleToRemoval(plan) { return .wait(obstacle) }
        guard let fence else { return .wait(.looking) }
        if seen.workerSet?.fence != fence {
            adoptOutOfService(survivors(plan))
            var next = state
            next.isMarked = true
            phase = .checking(next)
            // Where it is taken off again and again it is written ever more slowly.
            let delay: Duration? = state.isMarked ? nil : .zero
            return .act([.write(.fence(fence, outOfService: ledger.outOfService))], .looking, delay)
        }
        if policy.mode == .removeAtOnce {
            return .go(.removing(DrainPhase.Removing(plan: plan, evidence: .exempt)))
        }
        if removal is GateRemoval, plan.leaving.isEmpty {
            return .go(.removing(DrainPhase.Removing(plan: plan, evidence: .empty)))
        }
        if let obstacle = chooseRoute() ?? obstacleToFreeing(plan) { return .wait(obstacle) }
        return .go(.freeing(DrainPhase.Freeing(plan: plan)))
    }

    /// What keeps workers from being chosen, or from being taken once the count is lowered.
    private mutating func obstacleToRemoval(_ plan: DrainPlan) -> DrainObstacle? {
        if plan.leaving.isEmpty, let wanted {
            // Those that go have lost their labels already: what is left is to let the lower count in.
            if removal is GateRemoval, placed <= wanted { return nil }
            // Of a DaemonSet's nodes the least used are chosen once their workers were asked.
            let isAsked = seen.workers.allSatisfy { !$0.isRunning || $0.isDeleting || $0.look != .notAsked }
            guard isAsked else { return .looking }
            if let obstacle = removal.obstacle(plan, seen), obstacle != .nodesInUse { return obstacle }
            guard let leaving = removal.leaving(to: wanted, seen), !leaving.isEmpty else { return .nodesInUse }
            phase.plan = DrainPlan(from: present, target: wanted, leaving: leaving)
            return .looking
        }
        return removal.obstacle(plan, seen)
    }

    /// The first obstacle to freeing; nil if there is none.
    func obstacleToFreeing(_ plan: DrainPlan) -> DrainObstacle? {
        if seen.workerSet?.isRolling == true { return .rollingUpdate }
        if let trouble = seen.master.trouble { return .masterNotReady(trouble) }
        if let version = seen.master.version, !version.canFree { return .unsupported("version \(version)") }
        if let obstacle = obstacleOnLeaving(plan, registered: true) ?? serviceObstacle(plan) { return obstacle }
        if isByPath, let obstacle = obstacleOnSurvivors(plan) { return obstacle }
        return seen.hasSlot ? nil : .budget
    }

    /// By path, what is freed is freed everywhere: nothing on any worker may be lost.
    private func obstacleOnSurvivors(_ plan: DrainPlan) -> DrainObstacle? {
        for worker in survivors(plan) {
            guard let reading = worker.look.reading else { continue }
            let inside = reading.files.filter { file in policy.paths.contains { file.path.isInside(AlluxioPath($0)) } }
            if let file = inside.first(where: { !$0.isPersisted }) {
                let count = inside.count { !$0.isPersisted }
                return .unpersisted(worker: worker.name, file: quoted(file.path.text, limit: 200), count: count)
            }
            if let file = inside.first(where: { $0.isPinned }) {
                let count = inside.count { $0.isPinned }
                return .pinned(worker: worker.name, file: quoted(file.path.text, limit: 200), count: count)
            }
        }
        return nil
    }

    /// What stands in the way of taking the leaving workers out of service.
    func serviceObstacle(_ plan: DrainPlan) -> DrainObstacle? {
        guard policy.mode == .decommission else { return nil }
        guard let version = seen.master.version else { return .decommissionUnsupported("of unknown version") }
        guard version.canDecommission else { return .decommissionUnsupported(version.description) }
        for case (_, let worker?) in leaving(plan) where sharedHost(of: worker) != nil {
            return .sharedHost(worker: worker.name, host: worker.host)
        }
        return nil
    }
}
