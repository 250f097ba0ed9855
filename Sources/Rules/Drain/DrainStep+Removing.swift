extension DrainStep {
    /// Whether the leaving workers are out of service, as far as the policy wants it.
    mutating func serviceEvent() -> DrainEvent {
        if let event = removability() {
            return event
        }
        guard takesOutOfService else {
            return .drained
        }
        if let obstacle = serviceObstacle() {
            return obstructed(obstacle)
        }
        guard let service = seen.service else {
            again = DrainTiming.poll
            return seen.master.isReady ? .pending : obstructed(.masterNotReady(seen.master.trouble))
        }
        guard nextInService(service) != nil else {
            return .drained
        }
        if case .service(let answer) = seen.outcome {
            switch answer {
            case .unsupported: return obstructed(.decommissionUnsupported(seen.version?.description ?? ""))
            case .failed(let said): return obstructed(.commandFailed(said))
            case .noMaster: return obstructed(.masterUnreachable)
            case .done, .notKnown, .unconfirmed, .unknown: break
            }
        }
        return .work
    }

    /// The first leaving worker that the master still counts as in service.
    func nextInService(_ service: [String: CapacityReport.State]) -> DrainObservation.Worker? {
        for case (_, let worker?) in leaving where worker.mayHold && worker.isRunning {
            switch service[worker.host] {
            case .active?, nil: return worker
            case .decommissioned?, .disabled?, .lost?: continue
            }
        }
        return nil
    }

    mutating func removingEvent(wanted: Int) -> DrainEvent {
        // By path a further fall waits, so the target may be above what is wanted; never below.
        guard let record, record.target >= wanted, record.target < present else {
            return .retargeted
        }
        if policy.mode == .removeAtOnce {
            self.record?.acceptance = .exempt
        } else if record.acceptance == .exempt {
            self.record?.acceptance = nil
            return .retargeted
        } else {
            if let event = removability() {
                return event
            }
            if takesOutOfService {
                guard let service = seen.service else {
                    again = DrainTiming.settlePoll
                    return .pending
                }
                if nextInService(service) != nil {
                    return .work
                }
            }
        }
        if removal == .gated, wish == nil, isFluidLate() {
            return obstructed(.notRemoved(wanted: wanted, present: present))
        }
        if case .replicas(let answered) = seen.outcome, answered != record.target {
            return obstructed(.heldBySelf(answered: answered))
        }
        return .drained
    }

    /// Nil if every leaving worker may go by this look; else what it means that one may not.
    mutating func removability() -> DrainEvent? {
        if record?.acceptance == .overdue, policy.onDeadline == .remove {
            return nil
        }
        if seen.workerSet?.isRolling == true {
            return obstructed(.rollingUpdate)
        }
        if let obstacle = obstacleOnLeaving(needsRegistration: false) {
            return obstructed(obstacle)
        }
        switch emptiness() {
        case .twice: return nil
        case .once: return .pending
        case .no: again = nil
        }
        let left = left
        let isFresh = leaving.allSatisfy { isLookFresh($0.worker) }
        if record?.acceptance == .leftOver, policy.onDeadline == .auto, left.isKnown, left.isPersisted, isFresh {
            return nil
        }
        // Taken out of service, `fs free` no longer reaches it, and no client is sent to it either.
        let isOut = leaving.contains { entry in record?.undo.contains { $0.uid == entry.record.uid } ?? false }
        if isOut, policy.onDeadline == .auto, left.files > 0, left.isKnown, left.isPersisted, isFresh {
            accept(afterService: left)
            return nil
        }
        if waitsForList {
            again = DrainTiming.settlePoll
            return .pending
        }
        return .refilled
    }

    private mutating func accept(afterService left: Left) {
        record?.acceptance = .leftOver
        notices.append(
            DrainNotice(
                .compromised, "Leaving \(left.files) files and \(left.bytes) bytes behind: all of it is persisted."))
    }

    private func isLookFresh(_ worker: DrainObservation.Worker?) -> Bool {
        guard let worker else {
            return false
        }
        guard worker.mayHold else {
            return true
        }
        if case .held(_, let at) = worker.look {
            return now.milliseconds(since: at) <= DrainTiming.lookAgeMaximum
        }
        return false
    }
}
