extension DrainStep {
    /// Enters a state; some do their first piece of work at once.
    mutating func move(to state: DrainState) {
        switch state {
        case .freeing:
            record?.round += 1
            record?.roundEndedAt = nil
            progress.queue = nil
            progress.batch = []
            progress.least = nil
            enter(.freeing)
            again = 0
        case .settling:
            record?.roundEndedAt = now
            progress.least = nil
            enter(.settling)
            again = 0
        case .decommissioning:
            enter(.decommissioning)
            again = 0
        case .removing:
            enter(.removing)
            again = 0
        case .confirming:
            enter(.confirming)
            record?.ranIn = []
            action = telling
            again = DrainTiming.confirmPoll
        case .coolingDown:
            depart()
        case .idle, .checking:
            enter(.checking)
            again = 0
        }
    }

    /// What makes Fluid see that workers went.
    private var telling: DrainAction {
        removal == .byNodeLabel ? .lowerStatusCounts(to: present) : .touch
    }

    private mutating func depart() {
        guard let record else {
            return
        }
        let seconds = now.milliseconds(since: record.startedAt) / 1000
        if !record.leaving.isEmpty {
            let names = listed(record.leaving.map { $0.name }, most: 8)
            notices.append(
                DrainNotice(
                    .removed,
                    "Removed \(names) after \(seconds) s; \(counted(present, "worker")) \(present == 1 ? "is" : "are") left."
                ))
        }
        // A worker that is gone can't be taken back into service.
        let gone = Set(record.leaving.map { $0.uid })
        self.record?.undo.removeAll { gone.contains($0.uid) }
        cool()
        // Again, in case that the first write was lost.
        action = telling
        again = DrainTiming.confirmPoll
    }

    /// Does the next piece of the state's work.
    mutating func work() {
        again = 0
        switch record?.state {
        case .freeing?:
            for call in progress.batch where call.force && !(record?.repin.contains(call.path) ?? true) {
                record?.repin.append(call.path)
            }
            action = .free(progress.batch, parallel: max(1, freeSlots))
        case .decommissioning?:
            takeOutOfService()
        case .removing?:
            lower()
        case .coolingDown?:
            putBack()
        case .idle?, .checking?, .settling?, .confirming?, nil:
            break
        }
    }

    private mutating func takeOutOfService() {
        guard let service = seen.service, let worker = nextInService(service), let port = worker.webPort else {
            again = DrainTiming.poll
            return
        }
        let undo = DrainRecord.Undo(name: worker.name, uid: worker.uid, host: worker.host, webPort: port)
        if record?.undo.contains(where: { $0.uid == worker.uid }) == false {
            record?.undo.append(undo)
        }
        action = .decommission(undo)
    }

    private mutating func lower() {
        guard let target = record?.target else {
            return
        }
        again = DrainTiming.settlePoll
        switch removal {
        case nil: action = .setReplicas(from: present, to: target)
        case .byNodeLabel?:
            if let next = leaving.first(where: { $0.worker?.isPlaced == true })?.worker {
                action = .unlabel(node: next.node)
            }
        case .gated?, .unattended?: openGate()
        }
    }

    /// Fluid removes the workers as soon as their removal is admitted; until then the record says that it may be.
    private mutating func openGate() {
        if record?.drainedAt.map({ now.milliseconds(since: $0) >= DrainTiming.gateRefresh }) ?? true {
            record?.drainedAt = now
        }
        again = DrainTiming.confirmPoll
    }

    private mutating func putBack() {
        if let undo = record?.undo.first {
            if undo.isEnabled {
                action = .restart(DrainRecord.Leaving(name: undo.name, uid: undo.uid))
            } else {
                record?.undo[0].isEnabled = true
                action = .enable(undo)
            }
            again = DrainTiming.confirmPoll
            return
        }
        action = .pin(Array((record?.repin ?? []).prefix(DrainTiming.repinBatch)))
    }

    /// Chooses who leaves: the highest ordinals, or of a DaemonSet's nodes the least used that nobody mounts.
    func choose(target: Int) -> [DrainRecord.Leaving] {
        let count = max(0, present - target)
        guard !isStateful else {
            guard let set = seen.workerSet, target >= 0, target < present else {
                return []
            }
            return (target..<present).reversed().map { ordinal in
                let name = "\(set.name)-\(ordinal)"
                return DrainRecord.Leaving(name: name, uid: seen.workers.first { $0.name == name }?.uid ?? "")
            }
        }
        let kept = Set((record?.leaving ?? []).map { $0.uid })
        let free = seen.workers.filter { $0.isPlaced && !$0.isNodeInUse && !$0.isDeleting }
        guard free.count >= count else {
            return []
        }
        let order = free.sorted { left, right in
            (kept.contains(left.uid) ? 0 : 1, left.holding?.usedBytes ?? .max, left.name)
                < (kept.contains(right.uid) ? 0 : 1, right.holding?.usedBytes ?? .max, right.name)
        }
        return order.prefix(count).map { DrainRecord.Leaving(name: $0.name, uid: $0.uid) }
    }
}
