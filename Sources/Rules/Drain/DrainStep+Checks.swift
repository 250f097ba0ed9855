extension DrainStep {
    /// The first obstacle to freeing, in the order in which a person would look; nil if there is none.
    mutating func obstacleToFreeing() -> DrainObstacle? {
        if seen.workerSet?.isRolling == true {
            return .rollingUpdate
        }
        if !seen.master.isReady {
            return .masterNotReady(seen.master.trouble)
        }
        if let version = seen.version, !version.canFree {
            return .unsupported("version \(version)")
        }
        if let obstacle = obstacleOnLeaving(needsRegistration: true) ?? serviceObstacle() {
            return obstacle
        }
        if isByPath, let obstacle = obstacleOnSurvivors() {
            return obstacle
        }
        return seen.hasPlace ? nil : .budget
    }

    /// The first obstacle that a leaving worker is; an unreadable list is none for a while, and none by path.
    mutating func obstacleOnLeaving(needsRegistration: Bool) -> DrainObstacle? {
        for (entry, worker) in leaving {
            guard let worker else {
                return .workerMissing(worker: entry.name)
            }
            guard worker.mayHold else {
                continue
            }
            guard worker.isRunning, !worker.isDeleting else {
                return .workerUnreachable(worker: worker.name)
            }
            let isOut = record?.undo.contains { $0.uid == worker.uid } ?? false
            if needsRegistration, worker.registration == .missing, !isOut {
                return .notRegistered(worker: worker.name)
            }
            if let obstacle = obstacle(in: worker) {
                return obstacle
            }
        }
        return nil
    }

    private mutating func obstacle(in worker: DrainObservation.Worker) -> DrainObstacle? {
        switch worker.look {
        case .notAsked:
            return nil
        case .unreadable(let why):
            return obstacleOfUnreadable(worker, why)
        case .held(let holding, _):
            progress.unreadableSince[worker.uid] = nil
            if holding.unpersistedCount > 0, record?.acceptance != .overdue {
                let file = quoted(holding.firstUnpersisted?.text ?? "a file", limit: 200)
                return .unpersisted(worker: worker.name, file: file, count: holding.unpersistedCount)
            }
            guard holding.pinnedCount > 0 else {
                return nil
            }
            switch policy.pinned {
            case .keep:
                let file = quoted(holding.firstPinned?.text ?? "a file", limit: 200)
                return .pinned(worker: worker.name, file: file, count: holding.pinnedCount)
            case .unpin:
                let paths = (record?.repin ?? []) + holding.files.filter { $0.isPinned }.map { $0.path }
                let bytes = paths.reduce(0) { $0 + $1.text.utf8.count }
                let count = (record?.repin.count ?? 0) + holding.pinnedCount
                let isTooMany = count > DrainTiming.repinMaximum || bytes > DrainTiming.repinMaximumBytes
                return isTooMany ? .tooManyPinned(count) : nil
            }
        }
    }

    private mutating func obstacleOfUnreadable(_ worker: DrainObservation.Worker, _ why: String) -> DrainObstacle? {
        let since = progress.unreadableSince[worker.uid] ?? now
        progress.unreadableSince[worker.uid] = since
        if record?.fallback != nil {
            return nil
        }
        if now.milliseconds(since: since) < DrainTiming.listMoves {
            waitsForList = true
            return nil
        }
        if policy.fallback == .path, now.milliseconds(since: since) >= DrainTiming.unreadable, seen.hasPlace {
            record?.fallback = "the list of \(worker.name) can't be read: \(why)"
            progress.queue = nil
            notices.append(
                DrainNotice(
                    .compromised,
                    "The list of \(worker.name) can't be read (\(why)): freeing \(policy.paths.joined(separator: ", ")) "
                        + "on all workers instead; the survivors lose their cache of it."))
            return nil
        }
        return .listUnreadable(worker: worker.name, why: why)
    }

    /// By path, what is freed is freed everywhere: nothing on any worker may be lost or unpinned.
    private func obstacleOnSurvivors() -> DrainObstacle? {
        for worker in survivors {
            guard let holding = worker.holding else {
                continue
            }
            let inside = holding.files.filter { file in policy.paths.contains { file.path.isInside(AlluxioPath($0)) } }
            if let file = inside.first(where: { !$0.isPersisted }) {
                let count = inside.count { !$0.isPersisted }
                return .unpersisted(worker: worker.name, file: quoted(file.path.text, limit: 200), count: count)
            }
            if policy.pinned == .keep, let file = inside.first(where: { $0.isPinned }) {
                let count = inside.count { $0.isPinned }
                return .pinned(worker: worker.name, file: quoted(file.path.text, limit: 200), count: count)
            }
        }
        return nil
    }

    /// What stands in the way of taking the leaving workers out of service.
    func serviceObstacle() -> DrainObstacle? {
        guard policy.mode == .decommission else {
            return nil
        }
        guard let version = seen.version else {
            return .decommissionUnsupported("of unknown version")
        }
        guard version.canDecommission else {
            return .decommissionUnsupported(version.description)
        }
        for case (_, let worker?) in leaving where worker.mayHold {
            if sharedHost(of: worker) != nil {
                return .sharedHost(worker: worker.name, host: worker.host)
            }
        }
        return nil
    }

    /// What it means that no node was chosen yet; nil if some were, or a StatefulSet chooses by itself.
    mutating func unchosenEvent() -> DrainEvent? {
        guard !isStateful, record?.leaving.isEmpty ?? true else {
            return nil
        }
        return choose(target: wanted ?? present).isEmpty ? obstructed(.nodesInUse) : .retargeted
    }

    mutating func checkingEvent() -> DrainEvent {
        if let event = unchosenEvent() {
            return event
        }
        if let obstacle = obstacleToFreeing() {
            return obstructed(obstacle)
        }
        again = waitsForList ? DrainTiming.settlePoll : nil
        return waitsForList ? .pending : .ready
    }
}
