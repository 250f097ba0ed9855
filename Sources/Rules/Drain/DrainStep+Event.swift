extension DrainStep {
    /// What the observation means; the order of the questions is the order of their weight.
    mutating func event() -> DrainEvent {
        guard let runtime = seen.runtime, let set = seen.workerSet, !runtime.isDeleting else {
            return .gone
        }
        guard let record else {
            return idleEvent(set)
        }
        if let obstacle = gate(runtime) {
            return obstructed(obstacle)
        }
        if removal == .unattended, record.state.isBeforeRemoval {
            // It was begun under a setting that is gone.
            return .even
        }
        // Whoever removes by node labels may have removed more.
        if record.state == .removing, present == record.target || (!isStateful && present < record.target) {
            return .lowered
        }
        guard let wanted else {
            return obstructed(.replicasAbsent(present: present))
        }
        if record.state == .confirming || record.state == .coolingDown {
            if wanted > present, isStateful {
                return .risen
            }
            return record.state == .confirming ? confirmingEvent() : coolingEvent(wanted: wanted)
        }
        if wanted >= present {
            return wanted == present ? .even : .risen
        }
        if present - wanted > DrainTiming.leavingMaximum {
            return obstructed(.tooMany(present - wanted))
        }
        if needsRetarget(wanted: wanted) {
            return .retargeted
        }
        if policy.mode == .removeAtOnce, record.state != .removing {
            return unchosenEvent() ?? .exempt
        }
        if policy.mode != .removeAtOnce, record.state.takesPlace, !seen.hasPlace {
            return obstructed(.budget)
        }
        switch record.state {
        case .checking: return checkingEvent()
        case .freeing: return freeingEvent()
        case .settling: return settlingEvent()
        case .decommissioning: return serviceEvent()
        case .removing: return removingEvent(wanted: wanted)
        case .idle, .confirming, .coolingDown: return .pending
        }
    }

    mutating func obstructed(_ obstacle: DrainObstacle) -> DrainEvent {
        self.obstacle = obstacle
        return .obstructed
    }

    /// What stops everything: a policy that can't be read, and a person who said so.
    private func gate(_ runtime: DrainObservation.Runtime) -> DrainObstacle? {
        if case .unreadable(let problems) = runtime.policy {
            let texts = problems.map { "\($0.annotation) is \(quoted($0.seen)), not \($0.allowed)" }
            return .policy(clipped(texts.joined(separator: "; "), toBytes: 500) + ".")
        }
        if let reason = policy.pausedReason {
            return .paused(reason.isEmpty ? "sluice.dev/paused is set" : reason)
        }
        return nil
    }

    private mutating func idleEvent(_ set: DrainObservation.WorkerSet) -> DrainEvent {
        guard let wanted else {
            return set.present > 0 ? obstructed(.replicasAbsent(present: set.present)) : .even
        }
        if wanted == present {
            progress = DrainProgress()
            return .even
        }
        if let removal {
            return idleEvent(of: removal, wanted: wanted)
        }
        guard wanted > present else {
            progress.lowSince = nil
            return present - wanted > DrainTiming.leavingMaximum ? obstructed(.tooMany(present - wanted)) : .fallen
        }
        if let runtime = seen.runtime, let obstacle = gate(runtime) {
            return obstructed(obstacle)
        }
        // Fluid of era C believes that it has raised the set already, and never looks again.
        guard seen.runtime?.desired == wanted else {
            progress.lowSince = nil
            return .even
        }
        return isFluidLate() ? .risen : .pending
    }

    /// Fluid itself places workers by labels; what it removes, or nobody does, is not for us to begin.
    private mutating func idleEvent(of removal: DaemonRemoval, wanted: Int) -> DrainEvent {
        guard wanted < present else {
            progress = DrainProgress()
            return .even
        }
        if removal == .byNodeLabel || wish != nil {
            progress.lowSince = nil
            return present - wanted > DrainTiming.leavingMaximum ? obstructed(.tooMany(present - wanted)) : .fallen
        }
        return isFluidLate() ? obstructed(.notRemoved(wanted: wanted, present: present)) : .pending
    }

    /// Whether the workers have differed from what is wanted for longer than Fluid takes; notes since when they do.
    mutating func isFluidLate() -> Bool {
        let since = progress.lowSince ?? now
        progress.lowSince = since
        return now.milliseconds(since: since) >= DrainTiming.raiseAfter
    }

    /// Whether the record's target or pods are no longer those that leave.
    private func needsRetarget(wanted: Int) -> Bool {
        guard let record else {
            return false
        }
        if wanted > record.target {
            return true
        }
        // By path a further fall waits for this drain's end: a freed cache reads 0 % and makes autoscalers ask for less.
        // A gated drain would have no end: only what is asked for is admitted.
        if wanted < record.target, !isByPath || record.state == .checking || removal == .gated {
            return true
        }
        guard !isStateful else {
            return choose(target: record.target) != record.leaving
        }
        if leaving.contains(where: { $0.worker?.isNodeInUse == true }) {
            return true
        }
        if record.state == .removing {
            return leaving.count != present - record.target
        }
        return leaving.contains { $0.worker?.isPlaced != true }
            || (!leaving.isEmpty && leaving.count != present - record.target)
    }

    private mutating func confirmingEvent() -> DrainEvent {
        guard let record else {
            return .pending
        }
        var left = seen.workers.filter { worker in record.leaving.contains { $0.uid == worker.uid } }
        if !isStateful {
            let kept = left.filter { $0.isPlaced && !$0.isDeleting }
            left.removeAll { worker in kept.contains(worker) }
            noteKept(kept)
        }
        guard !left.isEmpty else {
            return .departed
        }
        if now.milliseconds(since: record.stateSince) >= DrainTiming.terminating {
            return obstructed(.terminating(left.map { $0.name }.sorted()))
        }
        again = DrainTiming.confirmPoll
        return .pending
    }

    /// Who removes by node labels may choose other nodes than those that were drained.
    private mutating func noteKept(_ kept: [DrainObservation.Worker]) {
        guard !kept.isEmpty else {
            return
        }
        record?.leaving.removeAll { entry in kept.contains { $0.uid == entry.uid } }
        let names = listed(kept.map { $0.name }, most: 8)
        notices.append(
            DrainNotice(
                .compromised,
                "Drained, but kept: \(names). Others went in their place, with what they held, or came back."))
    }
}
