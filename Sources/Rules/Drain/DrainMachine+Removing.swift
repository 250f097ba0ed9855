extension DrainMachine {
    /// Takes the leaving workers out of service, one call at a time, so that clients stop asking them before they go.
    mutating func decommissioning(_ state: DrainPhase.Decommissioning) -> Step {
        var next = state
        let pause = emptiness(state.plan, &next.empties)
        let outside = leaving(state.plan).filter { $0.worker?.service.map { $0 != .active } ?? false }.map(\.entry.uid)
        if !outside.allSatisfy(self.outside.contains) { ledger.progressed() }
        self.outside.formUnion(outside)
        phase = .decommissioning(next)
        if let obstacle = obstacleOnLeaving(state.plan, registered: false) ?? serviceObstacle(state.plan) {
            return .wait(obstacle)
        }
        if let trouble = seen.master.trouble { return .wait(.masterNotReady(trouble)) }
        guard takesOutOfService, let worker = nextInService(state.plan) else {
            if takesOutOfService, let out = ledger.outOfService.first(where: isCalled) {
                // The call ends once clients leave the worker alone.
                return .wait(.serviceChanges(worker: out.name), DrainTiming.poll)
            }
            var removing = DrainPhase.Removing(plan: next.plan, evidence: .empty)
            removing.empties = next.empties
            return .go(.removing(removing))
        }
        if let failure = state.failure {
            next.failure = nil
            phase = .decommissioning(next)
            return .wait(failure)
        }
        guard worker.service != nil, let port = worker.webPort else {
            return .wait(.serviceChanges(worker: worker.name))
        }
        guard pause == .zero, stale(state.plan) == nil, isFresh(seen.begunAt) else {
            return pause == nil
                ? .go(.removing(DrainPhase.Removing(plan: next.plan, evidence: .empty))) : .wait(.looking)
        }
        guard running.isEmpty else { return .wait(.calling, DrainTiming.poll) }
        let out = OutOfService(name: worker.name, uid: worker.uid, host: worker.host, webPort: port)
        if !ledger.outOfService.contains(where: { $0.uid == out.uid }) { ledger.outOfService.append(out) }
        // What has to be undone is written where it is done, before it is done; that may take longer than a look holds.
        if let fence, seen.workerSet?.outOfService.contains(out) != true {
            next.isMarked = true
            phase = .decommissioning(next)
            return .act(
                [.write(.fence(fence, outOfService: ledger.outOfService))], .serviceChanges(worker: worker.name),
                state.isMarked ? nil : .zero)
        }
        next.isMarked = false
        phase = .decommissioning(next)
        let call = CacheCall.takeOutOfService(out, isByRPC: isByRPC)
        _ = begin(call)
        return .act([.call(call)], .serviceChanges(worker: worker.name), DrainTiming.poll)
    }

    /// The first leaving worker that the master counts as in service, or of which nobody can say.
    private func nextInService(_ plan: DrainPlan) -> DrainSnapshot.Worker? {
        for case (_, let worker?) in leaving(plan) where worker.isRunning {
            switch worker.service {
            case .active?, nil: return worker
            case .decommissioned?, .disabled?, .lost?: continue
            }
        }
        return nil
    }

    /// Removes the workers, if they are still what the evidence says by looks of the last seconds.
    mutating func removing(_ state: DrainPhase.Removing) -> Step {
        var next = state
        if isRemoved(state) { return .go(ending(state.plan, state.evidence, state.named)) }
        // A look after the write shows that it did not come to pass: whoever lowers the count now is somebody else.
        if removal is StatefulSetRemoval { next.isWritten = false }
        guard let fence, seen.workerSet?.fence == fence else {
            return .go(.checking(DrainPhase.Checking(plan: state.plan)))
        }
        let pause = emptiness(state.plan, &next.empties)
        if state.evidence == .named { hold(&next.named, state.plan) }
        phase = .removing(next)
        switch state.evidence {
        case .exempt:
            guard policy.mode == .removeAtOnce else { return .go(.checking(DrainPhase.Checking(plan: state.plan))) }
        case .overdue:
            guard policy.onDeadline == .remove else { return .go(.checking(DrainPhase.Checking(plan: state.plan))) }
        case .empty, .named:
            if let step = proof(next, pause) { return step }
        }
        if let obstacle = removal.obstacle(state.plan, seen) { return .wait(obstacle) }
        let held = state.putBackTo.map { DrainObstacle.heldBySelf(answered: $0) }
        if let held, !state.isTriedAgain {
            next.isTriedAgain = true
            phase = .removing(next)
            return .wait(held)
        }
        next.isTriedAgain = false
        phase = .removing(next)
        guard isFresh(seen.begunAt) else { return .wait(.looking) }
        let writes = removal.writes(state.plan, seen, fence: fence)
        guard !writes.isEmpty else {
            ledger.looks &+= 1
            return .wait(.admission, DrainTiming.betweenEmptyLooks)
        }
        // What has to be undone is written down before it is done.
        if case .unlabel(let node)? = writes.first, !ledger.removedLabels.contains(where: { $0.node == node }) {
            return .act([.write(.noteLabels(node: node))], .looking, DrainTiming.settlePoll)
        }
        if state.evidence == .overdue { noteOverdue(state.plan) }
        if state.evidence == .empty { noteEmptied(state.plan) }
        next.isWritten = true
        phase = .removing(next)
        return .act(writes.map { .write($0) }, held ?? .looking, held == nil ? DrainTiming.settlePoll : nil)
    }

    /// The end of these workers: from the last look before on they are watched.
    func ending(_ plan: DrainPlan, _ evidence: Evidence, _ named: NamedFrees) -> DrainPhase {
        var end = DrainPhase.Confirming(plan: plan)
        end.evidence = evidence
        // Of a worker that was seen empty nothing may stay behind, whatever was freed before.
        if evidence == .named { end.named = named }
        for worker in lastWorkers {
            if let reading = worker.look.reading { end.readAt[worker.uid] = reading.begunAt }
        }
        // Where nobody ever ran nothing comes.
        end.told = Set(leaving(plan).filter { isKnownEmpty($0.entry, $0.worker) }.map(\.entry.uid))
        return .confirming(end)
    }

    /// Remembers which entries of the master's lists are of no account once these workers are gone.
    private mutating func noteEmptied(_ plan: DrainPlan) {
        for case (_, let worker?) in leaving(plan)
        where worker.isRunning && ledger.emptied.count < DrainTiming.emptiedMaximum {
            ledger.emptied.insert(worker.address)
            keptCount = plan.target
        }
    }

    /// Of workers that were raised over those that Kubernetes has not begun to end serve on: they are no longer ours to take.
    mutating func noteRaised() {
        guard case .confirming(var state) = phase, removal is StatefulSetRemoval, present > state.plan.target else {
            return
        }
        if !state.isRaised {
            state.plan.leaving.removeAll { entry in
                seen.worker(uid: entry.uid).map { !$0.isDeleting && ordinal($0) < firstFree } ?? false
            }
        }
        state.isRaised = true
        phase = .confirming(state)
    }

    /// Whether the workers were taken away, and by us; labels go node by node, and only we take these away.
    func isRemoved(_ state: DrainPhase.Removing) -> Bool {
        guard removal is StatefulSetRemoval else { return removal.isLowered(state.plan, seen) }
        // Whoever raised it again since has not undone that the first ones go.
        return state.isWritten && present < state.plan.from
    }

    /// What keeps the evidence from counting by this look; nil if it counts.
    private mutating func proof(_ state: DrainPhase.Removing, _ pause: Duration?) -> Step? {
        if seen.workerSet?.isRolling == true { return .wait(.rollingUpdate) }
        if let obstacle = obstacleOnLeaving(state.plan, registered: false) ?? inFlight(state.plan) {
            return .wait(obstacle)
        }
        if !seen.hasSlot { return .wait(.budget) }
        if let pause, pause > .zero { return .wait(.looking, pause) }
        if pause == nil {
            let isNamed = leaving(state.plan).allSatisfy { entry, worker in
                isKnownEmpty(entry, worker) || (worker?.look.reading.map { state.named.covers($0) } ?? false)
            }
            guard state.evidence == .named, policy.onDeadline == .auto, isNamed else {
                var again = DrainPhase.Freeing(plan: state.plan)
                (again.round, again.named) = (state.round + 1, state.named)
                return .go(.freeing(again))
            }
        }
        if let worker = stale(state.plan) { return .wait(.slowWorker(worker: worker)) }
        if takesOutOfService, state.evidence == .empty, nextInService(state.plan) != nil {
            return .go(.decommissioning(DrainPhase.Decommissioning(plan: state.plan, empties: state.empties)))
        }
        return nil
    }

    /// Watches the pods end: exactly those, and what they still hold.
    mutating func confirming(_ state: DrainPhase.Confirming) -> Step {
        var next = state
        // Whoever was raised over serves on, and whose node has its labels where Fluid took others.
        let isAsked = wanted.map { $0 < placed } ?? true
        let left = seen.workers.filter { worker in
            state.plan.leaving.contains { $0.uid == worker.uid }
                && (worker.isDeleting || worker.ordinal.map { $0 >= firstFree } ?? (!worker.isPlaced || isAsked))
        }
        // Whoever ended while it was asked said last what goes with it.
        let departed = seen.departed.filter { gone in state.plan.leaving.contains { $0.uid == gone.uid } }
        noteAfterLowering(left + departed, &next)
        noteEnded(&next)
        phase = .confirming(next)
        let isStateful = removal is StatefulSetRemoval
        if isStateful, state.evidence == nil, !state.hasToldFluid, present >= state.plan.from {
            // What says that they were taken away is wrong, or was undone before anyone looked.
            return .go(.checking(DrainPhase.Checking(plan: state.plan)))
        }
        // Whoever stops everything stops what is begun anew; what has begun to end ends.
        let isHeld = seen.runtime.map { gate($0) != nil } ?? true
        if isStateful, !isHeld, let wanted, wanted > present, isRaiseDue { return raise(to: wanted) }
        let staying = left.filter { isStateful ? !$0.isDeleting : $0.isPlaced && !$0.isDeleting }
        let isEnding = seen.workers.contains { $0.isDeleting }
        if staying.isEmpty || isEnding || seen.workerSet?.isObserved == false { next.untouched = .zero }
        next.hasToldFluid = true
        phase = .confirming(next)
        if !state.hasToldFluid {
            let ending = left.isEmpty ? DrainObstacle.looking : .terminating(left.map(\.name).sorted())
            return .act([.write(removal.telling(seen))], ending, DrainTiming.confirmPoll)
        }
        guard !left.isEmpty else {
            depart(next)
            return .go(.coolingDown(.init(sinceTouch: .zero)))
        }
        if isStateful, !isHeld, next.untouched >= DrainTiming.notTaken,
            let worker = staying.max(by: { ordinal($0) < ordinal($1) })
        {
            return putBack(worker, state.plan)
        }
        let isObserved = !isStateful || isEnding || seen.workerSet?.isObserved != false
        // One that hangs holds up all below it.
        let ending = isEnding ? seen.workers.filter(\.isDeleting) : left
        return .wait(isObserved ? .terminating(ending.map(\.name).sorted()) : .notObserved, DrainTiming.confirmPoll)
    }

    private func ordinal(_ worker: DrainSnapshot.Worker) -> Int { worker.ordinal ?? 0 }

    /// A worker that Kubernetes does not take serves on, with an empty cache: better than to be asked for nothing until it
    /// goes with something on it.
    private mutating func putBack(_ worker: DrainSnapshot.Worker, _ plan: DrainPlan) -> Step {
        let count = ordinal(worker) + 1 - (seen.workerSet?.firstOrdinal ?? 0)
        ledger.epoch &+= 1
        // Those above it have gone.
        let leaving = plan.leaving.filter { entry in
            seen.worker(uid: entry.uid).map { !$0.isDeleting && ordinal($0) <= ordinal(worker) } ?? false
        }
        var state = DrainPhase.Checking(plan: DrainPlan(from: count, target: plan.target, leaving: leaving))
        state.pause = min(DrainTiming.putBackPause * (1 << min(ledger.putBacks, 10)), DrainTiming.putBackLongest)
        state.notTaken = worker.name
        ledger.putBacks += 1
        notices.append(
            DrainNotice(
                .raised,
                "Raised to \(counted(count, "worker")) again: Kubernetes did not take \(worker.name), which serves on.")
        )
        phase = .checking(state)
        return .act(
            [.write(.setReplicas(from: present, to: count, fence: fence))], .notTaken(worker: worker.name), nil)
    }

    /// What clients bring to a worker after the last look goes with it: that is never passed over.
    private mutating func noteAfterLowering(_ left: [DrainSnapshot.Worker], _ state: inout DrainPhase.Confirming) {
        for worker in left where !state.told.contains(worker.uid) {
            guard let reading = worker.look.reading else { continue }
            state.readAt[worker.uid] = reading.begunAt
            if reading.isEmpty || isLeftBehind(state) || state.named.covers(reading) { continue }
            state.told.insert(worker.uid)
            ledger.emptied.remove(worker.address)
            let what = "\(counted(reading.fileCount ?? 0, "file")) (\(counted(reading.heldBytes, "byte")))"
            notices.append(
                DrainNotice(
                    .undrained,
                    "AfterLowering: \(worker.name) goes with \(what) that came after its last look."))
        }
    }

    /// A worker that ended while no look succeeded for long may have got something in that time; nothing comes to one that was
    /// told to end, nor to a container that has ended, however long its pod takes to go.
    private mutating func noteEnded(_ state: inout DrainPhase.Confirming) {
        for entry in state.plan.leaving where !entry.uid.isEmpty && !state.told.contains(entry.uid) {
            if let pod = seen.worker(uid: entry.uid), !pod.isDeleting || pod.isRunning {
                if pod.isDeleting, state.endingSince[entry.uid] == nil { state.endingSince[entry.uid] = seen.begunAt }
                continue
            }
            state.told.insert(entry.uid)
            let read = state.readAt[entry.uid]
            let served = max(state.endingSince[entry.uid] ?? seen.begunAt, seen.begunAt - DrainTiming.gracePeriod)
            if isLeftBehind(state) || read.map({ served - $0 <= DrainTiming.unwatchedMaximum }) ?? false { continue }
            let when =
                read.map { "\((seen.begunAt - $0).components.seconds) s after its last look" } ?? "while nobody looked"
            notices.append(
                DrainNotice(
                    .undrained, "AfterLowering: \(entry.name) went \(when); nobody knows what came in that time."))
        }
    }

    /// Whether users were told, or have said themselves, that whatever is on these workers goes with them.
    private func isLeftBehind(_ state: DrainPhase.Confirming) -> Bool {
        switch state.evidence {
        case .exempt?, .overdue?: true
        case .empty?, .named?: false
        case nil: policy.mode == .removeAtOnce || policy.onDeadline == .remove
        }
    }

    private mutating func depart(_ state: DrainPhase.Confirming) {
        let gone = Set(state.plan.leaving.map(\.uid))
        // A worker that is gone can't be taken back into service, nor does its node get its labels back. A call that is late
        // hits whoever is at its address by then.
        ledger.outOfService = ledger.outOfService.filter { !gone.contains($0.uid) || isCalled($0) }
        ledger.removedLabels = []
        ledger.places.subtract(state.plan.leaving.map(\.name))
        ledger.outcome = .removed
        guard !state.plan.leaving.isEmpty else { return }
        notices.append(
            DrainNotice(
                .removed,
                "Removed \(state.plan.names) after \(ledger.elapsed.components.seconds) s; \(left(present))."))
    }

    private func left(_ count: Int) -> String { "\(counted(count, "worker")) \(count == 1 ? "is" : "are") left" }
}
