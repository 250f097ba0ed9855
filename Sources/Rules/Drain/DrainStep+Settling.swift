extension DrainStep {
    /// What is left on the leaving workers, as far as they say.
    struct Left {
        var files = 0
        var bytes: Int64 = 0
        /// Whether every leaving worker could be read.
        var isKnown = true
        /// Whether all of it is known to be persisted.
        var isPersisted = true
        /// Whether no name of it may be passed on, so that another free would do nothing.
        var isUntouchable = true
    }

    var left: Left {
        var left = Left()
        for (_, worker) in leaving {
            guard let holding = worker?.holding else {
                left.isKnown = false
                left.isPersisted = false
                left.isUntouchable = false
                continue
            }
            left.files += holding.fileCount
            left.bytes = left.bytes &+ max(holding.usedBytes, holding.listedBytes)
            left.isPersisted = left.isPersisted && holding.isKnownPersisted
            left.isUntouchable =
                left.isUntouchable && holding.isComplete && holding.usedBytes <= holding.listedBytes
                && !holding.files.contains { $0.path.isPassable }
        }
        return left
    }

    /// How empty the leaving workers are.
    enum Emptiness {
        /// At least one holds something, or can't say.
        case no
        /// All are, but not yet seen so twice.
        case once
        /// All were seen empty twice.
        case twice
    }

    /// Judges whether the leaving workers are empty; notes since when each is.
    mutating func emptiness() -> Emptiness {
        var all = Emptiness.twice
        for (entry, worker) in leaving {
            guard let worker, isEmpty(worker) else {
                progress.emptySince[entry.uid] = nil
                all = .no
                continue
            }
            let since = progress.emptySince[entry.uid] ?? now
            progress.emptySince[entry.uid] = since
            let waited = now.milliseconds(since: since)
            if worker.mayHold, waited < DrainTiming.betweenEmptyLooks {
                again = max(again ?? 0, DrainTiming.betweenEmptyLooks - waited)
                all = all == .no ? .no : .once
            }
        }
        return all
    }

    /// Whether a worker is empty by this look: by its own list, or by the master's report where paths were freed instead.
    private func isEmpty(_ worker: DrainObservation.Worker) -> Bool {
        guard worker.mayHold else {
            return true
        }
        switch worker.look {
        case .held(let holding, let at):
            return holding.isEmpty && now.milliseconds(since: at) <= DrainTiming.lookAgeMaximum
        case .unreadable:
            return record?.fallback != nil && progress.pathsAccepted && worker.isReportedEmpty
        case .notAsked:
            return false
        }
    }

    mutating func settlingEvent() -> DrainEvent {
        record?.acceptance = nil
        if let obstacle = obstacleOnLeaving(needsRegistration: false) {
            // What the deadline's policy gives up needs no list.
            guard isOverdue, policy.onDeadline == .remove else {
                return obstructed(obstacle)
            }
        }
        switch emptiness() {
        case .twice: return .drained
        case .once: return .pending
        case .no: again = nil
        }
        let left = left
        if isOverdue {
            return overdueEvent(left)
        }
        noteProgress(left)
        if isLeftOver(left), policy.onDeadline == .auto, left.isKnown, left.isPersisted {
            accept(.leftOver, left)
            return .drained
        }
        if isStalled, (record?.round ?? 0) < DrainTiming.roundsMaximum, !left.isUntouchable {
            return seen.master.isReady ? .refilled : obstructed(.masterNotReady(seen.master.trouble))
        }
        if isLeftOver(left), !left.isKnown, policy.onDeadline != .remove, let obstacle = unprovable {
            return obstructed(obstacle)
        }
        again = DrainTiming.settlePoll
        return .pending
    }

    /// The worker that was freed by path and can't be shown to be empty: its list can't be read, and the report is rounded,
    /// of several tiers, or of a host that it shares.
    private var unprovable: DrainObstacle? {
        for case (_, let worker?) in leaving {
            if case .unreadable(let why) = worker.look {
                return .listUnreadable(worker: worker.name, why: "\(why); nor does the master's report show it empty")
            }
        }
        return nil
    }

    private mutating func overdueEvent(_ left: Left) -> DrainEvent {
        switch policy.onDeadline {
        case .remove:
            accept(.overdue, left)
            return .drained
        case .auto where left.isKnown && left.isPersisted:
            accept(.leftOver, left)
            return .drained
        case .auto, .hold:
            if !left.isKnown, let obstacle = unprovable {
                return obstructed(obstacle)
            }
            if let ended = record?.roundEndedAt, now.milliseconds(since: ended) >= DrainTiming.overdueRound {
                return .refilled
            }
            return obstructed(.deadline(files: left.files, bytes: left.bytes))
        }
    }

    private mutating func accept(_ acceptance: DrainRecord.Acceptance, _ left: Left) {
        guard record?.acceptance != acceptance else {
            return
        }
        record?.acceptance = acceptance
        let what = left.isKnown ? "\(left.files) files and \(left.bytes) bytes" : "an unknown number of bytes"
        let why = acceptance == .leftOver ? "all of it is persisted" : "the policy says so"
        notices.append(DrainNotice(.compromised, "Leaving \(what) behind on the leaving workers: \(why)."))
    }

    private mutating func noteProgress(_ left: Left) {
        if let least = progress.least, left.bytes >= least.bytes, left.files >= least.files {
            return
        }
        progress.least = DrainProgress.Least(
            bytes: min(left.bytes, progress.least?.bytes ?? left.bytes),
            files: min(left.files, progress.least?.files ?? left.files), at: now)
    }

    private var isStalled: Bool {
        guard let ended = record?.roundEndedAt else {
            return true
        }
        let since = max(ended, progress.least?.at ?? ended)
        return now.milliseconds(since: since) >= DrainTiming.stalled
    }

    /// Whether what is there stays: 75 s after the third free, or as soon as it stands still if no free can name it.
    private func isLeftOver(_ left: Left) -> Bool {
        guard let record, let ended = record.roundEndedAt else {
            return false
        }
        if left.isUntouchable {
            return isStalled
        }
        return record.round >= DrainTiming.roundsMaximum && now.milliseconds(since: ended) >= DrainTiming.leftOver
    }

    /// Whether the deadline of the drain has passed.
    var isOverdue: Bool {
        guard let record else {
            return false
        }
        let running = record.runsSince.map { max(0, now.milliseconds(since: $0)) } ?? 0
        return record.ranMilliseconds &+ running >= policy.deadlineMilliseconds
    }
}
