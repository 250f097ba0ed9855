extension DrainMachine {
    /// Puts back what was changed, and begins nothing new for a while.
    mutating func coolingDown(_ state: DrainPhase.CoolingDown) -> Step {
        var next = state
        if let fence, seen.workerSet?.fence != nil, seen.workerSet?.fence != fence {
            // Whatever an older leader still has under way is late from here on.
            return .act([.write(.fence(fence, outOfService: ledger.outOfService))], .looking, nil)
        }
        if let wanted, wanted > present, removal is StatefulSetRemoval, isRaiseDue { return raise(to: wanted) }
        if let since = state.sinceTouch, since >= DrainTiming.touchApart {
            next.sinceTouch = nil
            phase = .coolingDown(next)
            return .act([.write(removal.telling(seen))], .coolingDown, DrainTiming.confirmPoll)
        }
        // As many workers as are wanted come back, and no more.
        if let wanted, (seen.workerSet?.present ?? 0) >= wanted { ledger.removedLabels = [] }
        if let labels = ledger.removedLabels.first { return relabel(labels) }
        // A process before this one may have taken labels away and could not write that down: Fluid counts their workers still.
        if removal is NodeLabelRemoval, !state.isCountTold, let counted = seen.runtime?.desired, counted > placed {
            next.isCountTold = true
            phase = .coolingDown(next)
            return .act([.write(removal.telling(seen))], .coolingDown, DrainTiming.confirmPoll)
        }
        confirmService(&next)
        phase = .coolingDown(next)
        if let step = undo(next) { return step }
        let left = Duration.milliseconds(policy.cooldownMilliseconds) - next.cooled
        let isWaiting = wanted.map { $0 < present } == true && isOurs
        guard left <= .zero, next.sinceTouch == nil else {
            if isWaiting, !next.isWaitTold {
                next.isWaitTold = true
                phase = .coolingDown(next)
                notices.append(
                    DrainNotice(
                        .waiting,
                        "\(counted(wanted ?? 0, "worker")) wanted; the next drain begins in \(max(left, .zero).components.seconds + 1) s."
                    ))
            }
            let there = max(present, placed)
            if let wanted, wanted < there, !(removal is StatefulSetRemoval), !isOurs,
                next.cooled >= DrainTiming.fluidIsLate
            {
                return .wait(.notRemoved(wanted: wanted, present: there))
            }
            // What has cooled is written with each look: another process goes on from there.
            return .wait(.coolingDown, max(.seconds(1), min(left, DrainTiming.blockedPause)))
        }
        // What is known of places where nobody can run is kept as long as it can matter.
        if let wanted, isWaiting { return .go(begin(to: wanted)) }
        return .go(.idle(.init()))
    }

    /// Puts a node's labels back; they are forgotten once that is done.
    func relabel(_ labels: RemovedLabels) -> Step {
        .act([.write(.relabel(labels))], .looking, DrainTiming.confirmPoll)
    }

    /// Drops what is in service again, and what is gone for good.
    private mutating func confirmService(_ state: inout DrainPhase.CoolingDown) {
        let isSettled = stragglers.isEmpty && state.cooled >= DrainTiming.serviceSettles
        let left = ledger.outOfService.filter { out in
            if isCalled(out) { return true }
            guard let pod = successor(of: out) else { return false }
            return !(isSettled && pod.service == .active && pod.isRunning)
        }
        if ledger.outOfService != left {
            (state.isEnabled, state.rejoining) = (false, .zero)
            ledger.progressed()
        }
        ledger.outOfService = left
    }

    /// Whether a call that takes this worker out of service is under way.
    func isCalled(_ out: OutOfService) -> Bool {
        running.contains { call in
            if case .takeOutOfService(let other, _) = call {
                other.host == out.host && other.webPort == out.webPort
            } else {
                false
            }
        }
    }

    /// The pod that a worker out of service is now: a DaemonSet gives the next one on that node another name.
    private func successor(of out: OutOfService) -> DrainSnapshot.Worker? {
        seen.workers.first { $0.name == out.name }
            ?? (removal is StatefulSetRemoval ? nil : seen.workers.first { $0.host == out.host && !$0.isDeleting })
    }

    /// Takes the first worker back that is still out of service: by the master's word, and by a restart, which alone works.
    private mutating func undo(_ state: DrainPhase.CoolingDown) -> Step? {
        guard let out = ledger.outOfService.first else { return nil }
        guard !isCalled(out) else { return .wait(.calling, DrainTiming.poll) }
        guard let pod = successor(of: out) else { return nil }
        if let trouble = seen.master.trouble { return .wait(.masterNotReady(trouble)) }
        var next = state
        // A call whose answer never came may still arrive at a master that was held up.
        if pod.service == .active, !stragglers.isEmpty { return .wait(.calling, DrainTiming.poll) }
        guard pod.service != .active else { return .wait(.serviceChanges(worker: pod.name), DrainTiming.confirmPoll) }
        if !state.isEnabled {
            guard running.isEmpty else { return .wait(.calling, DrainTiming.poll) }
            next.isEnabled = true
            phase = .coolingDown(next)
            _ = begin(CacheCall.takeBack(out))
            return .act([.call(.takeBack(out))], .serviceChanges(worker: pod.name), DrainTiming.confirmPoll)
        }
        // One that was restarted to be taken back is another pod.
        guard pod.isDeleting || pod.isRunning || pod.uid != out.uid else {
            return .wait(.undo(worker: pod.name, why: "its container does not run"), DrainTiming.poll)
        }
        guard !pod.isDeleting, pod.isRunning, pod.service != nil else {
            return .wait(.serviceChanges(worker: pod.name), DrainTiming.poll)
        }
        if pod.uid != out.uid {
            guard state.rejoining >= DrainTiming.rejoins * (1 << min(state.restarts, 6)) else {
                return .wait(.serviceChanges(worker: pod.name), DrainTiming.confirmPoll)
            }
            // A call that takes a worker out of service names its host: late, it hits whoever is there by then.
            ledger.outOfService[0] = OutOfService(
                name: pod.name, uid: pod.uid, host: pod.host, webPort: pod.webPort ?? out.webPort)
            (next.isEnabled, next.rejoining) = (false, .zero)
            next.restarts += 1
            phase = .coolingDown(next)
            return .wait(.serviceChanges(worker: pod.name), DrainTiming.confirmPoll)
        }
        guard let reading = pod.look.reading, isFresh(reading.begunAt) else {
            return .wait(.undo(worker: pod.name, why: "what it holds can't be read"))
        }
        guard reading.fileCount != nil || reading.isEmpty, reading.unpersistedCount == 0, reading.unexplainedBytes == 0
        else {
            return .wait(.undo(worker: pod.name, why: "it holds what is not persisted, and must be restarted"))
        }
        // Of a folder that fails nothing is listed, and it goes with the pod.
        guard !reading.counters.isShort else {
            return .wait(.undo(worker: pod.name, why: "one of its folders fails, and nobody knows what is in it"))
        }
        next.rejoining = .zero
        phase = .coolingDown(next)
        return .act(
            [.write(.deletePod(name: pod.name, uid: pod.uid))], .serviceChanges(worker: pod.name),
            DrainTiming.confirmPoll)
    }
}
