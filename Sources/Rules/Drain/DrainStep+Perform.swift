extension DrainStep {
    /// Does what the table says: changes the record and picks the one action.
    mutating func perform(_ transition: DrainTransition) {
        if transition != .block, !isRetry(transition) {
            unblock()
        }
        switch transition {
        case .rest: break
        case .wait: again = again ?? DrainTiming.poll
        case .forget: forget()
        case .begin: begin()
        case .block: block()
        case .move(let state): move(to: state)
        case .perform: work()
        case .cancel: cancel()
        case .raise: raise()
        case .retarget: retarget()
        }
        keepTime()
        notePlaces()
    }

    /// Remembers where workers ran, before anything is done to them; any may be one that leaves by the next look.
    private mutating func notePlaces() {
        guard let record, record.state.isBeforeRemoval else {
            return
        }
        let places = seen.workers.filter { $0.start == .done }.map { $0.place }
        self.record?.ranIn = Set(record.ranIn.union(places).sorted().prefix(DrainTiming.placesMaximum))
    }

    /// The deadline runs in timed states only, and not while something stands in the way.
    private mutating func keepTime() {
        guard var changed = record else {
            return
        }
        // What the client says are errors, and the deadline runs on; else one that always fails would never end.
        let runs = changed.state.isTimed && changed.blocked.map { DrainObstacle.isOfClient($0.reason) } ?? true
        if runs, changed.runsSince == nil {
            changed.runsSince = now
        } else if !runs, let since = changed.runsSince {
            changed.ranMilliseconds = changed.ranMilliseconds &+ max(0, now.milliseconds(since: since))
            changed.runsSince = nil
        }
        record = changed
    }

    /// Whether this is another try of what failed: only its success says that the obstacle is gone.
    private func isRetry(_ transition: DrainTransition) -> Bool {
        guard transition == .perform || transition == .wait, !hasSucceeded, let blocked = record?.blocked else {
            return false
        }
        return DrainObstacle.isOfClient(blocked.reason)
    }

    private mutating func block() {
        guard let obstacle else {
            return
        }
        let delay = DrainTiming.obstacleFirst << Int64(min(progress.obstacles, 10))
        again = min(delay, obstacle.isBrief ? DrainTiming.obstacleBrief : DrainTiming.obstacleLongest)
        progress.obstacles = min(progress.obstacles + 1, 10)
        let blocked = DrainRecord.Blocked(
            reason: obstacle.reason, text: obstacle.text, remedy: obstacle.remedy, since: now)
        if let old = record?.blocked, old.reason == blocked.reason, old.text == blocked.text {
            return
        }
        record?.blocked = blocked
        if record != nil || progress.obstacles == 1 {
            notices.append(DrainNotice(.blocked, "\(blocked.reason): \(blocked.text) \(blocked.remedy)"))
        }
    }

    private mutating func unblock() {
        progress.obstacles = 0
        if let blocked = record?.blocked {
            record?.blocked = nil
            notices.append(DrainNotice(.unblocked, "No longer \(blocked.reason)."))
        }
    }

    private mutating func forget() {
        let old = record
        record = nil
        if let old, seen.workerSet != nil, seen.runtime?.isDeleting == false {
            notices.append(DrainNotice(.ended, "The drain to \(old.target) workers is over."))
        }
        progress = DrainProgress()
    }

    private mutating func begin() {
        guard let runtime = seen.runtime, let set = seen.workerSet, let wanted else {
            return
        }
        progress = DrainProgress()
        // Of a DaemonSet's nodes the least used are chosen, and nobody asked the workers yet.
        let leaving = isStateful ? choose(target: wanted) : []
        var fresh = DrainRecord(
            workerSetUID: set.uid, runtimeUID: runtime.uid, target: wanted, leaving: leaving, now: now)
        fresh.bytesAtStart = bytes(of: leaving)
        // What a drain that was given up left behind is still there.
        fresh.ranIn = record?.ranIn ?? []
        record = fresh
        let who = leaving.isEmpty ? counted(present - wanted, "worker") : names(leaving)
        notices.append(
            DrainNotice(.started, "Draining \(who) before removal: \(counted(present, "worker")), \(wanted) wanted."))
        again = 0
    }

    private mutating func retarget() {
        guard let old = record, let wanted else {
            return
        }
        // Of a DaemonSet's nodes the least used are chosen once their workers were asked, which checking does.
        let leaving = isStateful || old.state == .checking ? choose(target: wanted) : []
        let held = bytes(of: leaving)
        if wanted != old.target {
            notices.append(
                DrainNotice(
                    .progress,
                    "Now \(counted(wanted, "worker")) \(wanted == 1 ? "is" : "are") wanted instead of \(old.target)"
                        + (leaving.isEmpty ? "." : ": \(names(leaving)) \(leaving.count == 1 ? "leaves" : "leave").")))
        }
        record?.target = wanted
        record?.leaving = leaving
        record?.bytesAtStart = held
        record?.acceptance = nil
        record?.round = 0
        record?.roundEndedAt = nil
        record?.fallback = nil
        progress.queue = nil
        progress.batch = []
        enter(.checking)
        again = 0
    }

    private func bytes(of leaving: [DrainRecord.Leaving]) -> Int64 {
        seen.workers.filter { worker in leaving.contains { $0.uid == worker.uid } }
            .reduce(0) { $0 &+ ($1.holding?.usedBytes ?? 0) }
    }

    private func names(_ leaving: [DrainRecord.Leaving]) -> String {
        listed(leaving.map { $0.name }, most: 8)
    }

    mutating func enter(_ state: DrainState) {
        record?.state = state
        record?.stateSince = now
        record?.drainedAt = nil
    }

    private mutating func cancel() {
        guard let record else {
            return
        }
        notices.append(
            DrainNotice(
                .cancelled, "The drain to \(record.target) workers is given up: \(wanted ?? present) are wanted."))
        cool()
        again = 0
    }

    mutating func cool() {
        enter(.coolingDown)
        record?.restsUntil = now.adding(milliseconds: policy.cooldownMilliseconds)
        record?.acceptance = nil
        progress = DrainProgress()
    }

    private mutating func raise() {
        guard let wanted, isStateful, wanted > present else {
            again = DrainTiming.poll
            if record?.state.isBeforeRemoval == true {
                cancel()
            }
            return
        }
        action = .setReplicas(from: present, to: wanted)
        notices.append(
            DrainNotice(
                .raised, "Raised from \(present) to \(counted(wanted, "worker")), since Fluid does not do it by itself."
            ))
        progress.lowSince = nil
        if record?.state == .confirming {
            cool()
        }
        again = DrainTiming.confirmPoll
    }
}
