extension DrainStep {
    /// What is left to be put back, and whether the cool-down is over.
    mutating func coolingEvent(wanted: Int) -> DrainEvent {
        guard let record else {
            return .pending
        }
        takePins()
        confirmUndo()
        if let event = undoEvent() {
            return event
        }
        if !(self.record?.repin.isEmpty ?? true) {
            return seen.master.isReady ? .work : obstructed(.masterNotReady(seen.master.trouble))
        }
        let until = record.restsUntil ?? now
        guard now >= until else {
            again = max(DrainTiming.settlePoll, until.milliseconds(since: now))
            return .pending
        }
        let isOurs = isStateful || removal == .byNodeLabel || wish != nil
        if wanted < present, isOurs {
            return .fallen
        }
        // The record alone knows that there are blocks where a pod can't start.
        if seen.workers.contains(where: { $0.start == .awaited && record.ranIn.contains($0.place) }) {
            again = DrainTiming.poll
            return .pending
        }
        return .rested
    }

    private mutating func takePins() {
        guard case .pinned(let results) = seen.outcome else {
            return
        }
        let done = Set(
            results.compactMap { result -> AlluxioPath? in
                if case .failed = result.answer { nil } else { result.path }
            })
        record?.repin.removeAll { done.contains($0) }
    }

    /// Drops what is in service again, and what is gone for good.
    private mutating func confirmUndo() {
        let ordinals = present
        let isSettled = record.map { now.milliseconds(since: $0.stateSince) >= DrainTiming.serviceSettles } ?? false
        let left = record?.undo.filter { undo in
            guard let pod = successor(of: undo) else {
                let isBeyond = Self.ordinal(of: undo.name).map { $0 >= ordinals } ?? true
                return isStateful && !isBeyond
            }
            return !(isSettled && seen.service?[undo.host] == .active && pod.isRunning)
        }
        record?.undo = left ?? []
    }

    /// The pod that a worker out of service is now: a DaemonSet gives the next one on that node another name.
    private func successor(of undo: DrainRecord.Undo) -> DrainObservation.Worker? {
        seen.workers.first { $0.name == undo.name }
            ?? (isStateful ? nil : seen.workers.first { $0.host == undo.host && !$0.isDeleting })
    }

    /// Takes the next pod for the one out of service, if it does not come into service by itself.
    ///
    /// A call that takes a worker out of service names its host: late, it hits whoever is there by then.
    private mutating func takeOver(_ undo: DrainRecord.Undo, by pod: DrainObservation.Worker) -> DrainEvent? {
        guard pod.isRunning, !pod.isDeleting else {
            return nil
        }
        let since = progress.rejoiningSince[pod.uid] ?? now
        progress.rejoiningSince[pod.uid] = since
        guard now.milliseconds(since: since) >= DrainTiming.rejoins else {
            return nil
        }
        progress.rejoiningSince[pod.uid] = nil
        record?.undo[0] = DrainRecord.Undo(
            name: pod.name, uid: pod.uid, host: pod.host, webPort: pod.webPort ?? undo.webPort)
        return .work
    }

    /// The number at the end of a StatefulSet's pod's name.
    static func ordinal(of name: String) -> Int? {
        name.lastIndex(of: "-").flatMap { Int(name[name.index(after: $0)...]) }
    }

    private mutating func undoEvent() -> DrainEvent? {
        guard let undo = record?.undo.first else {
            return nil
        }
        guard seen.master.isReady else {
            return obstructed(.masterNotReady(seen.master.trouble))
        }
        guard seen.service?[undo.host] != .active else {
            again = DrainTiming.confirmPoll
            return .pending
        }
        guard undo.isEnabled else {
            return .work
        }
        guard let pod = successor(of: undo), pod.uid == undo.uid, !pod.isDeleting else {
            again = DrainTiming.confirmPoll
            return successor(of: undo).flatMap { takeOver(undo, by: $0) } ?? .pending
        }
        guard seen.service?[undo.host] != nil else {
            again = DrainTiming.poll
            return .pending
        }
        guard let holding = pod.holding else {
            return obstructed(.undo(worker: pod.name, why: "what it holds can't be read"))
        }
        guard holding.isKnownPersisted else {
            return obstructed(.undo(worker: pod.name, why: "it holds what is not persisted, and must be restarted"))
        }
        return .work
    }
}
