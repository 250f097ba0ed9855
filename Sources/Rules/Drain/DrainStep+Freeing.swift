extension DrainStep {
    mutating func freeingEvent() -> DrainEvent {
        takeResults()
        // Beyond the last regular round the deadline has passed already, and this is another try.
        if isOverdue, (record?.round ?? 0) <= DrainTiming.roundsMaximum {
            progress.queue = nil
            return .exhausted
        }
        if let obstacle {
            return obstructed(obstacle)
        }
        if let obstacle = obstacleToFreeing() {
            return obstructed(obstacle)
        }
        if waitsForList {
            again = DrainTiming.settlePoll
            return .pending
        }
        if progress.queue == nil {
            plan()
        }
        dropWhatIsGone()
        guard let queue = progress.queue, !queue.isEmpty else {
            return .exhausted
        }
        progress.stragglers.removeAll { $0 <= now }
        guard freeSlots > 0 else {
            again = DrainTiming.poll
            return .pending
        }
        progress.batch = Array(queue.prefix(freeSlots * DrainTiming.callsPerLook))
        return .work
    }

    /// How many calls may run side by side now.
    var freeSlots: Int { parallel - progress.stragglers.count }

    /// How many frees run side by side: one unless the master's container has room for more.
    private var parallel: Int {
        let needed = AlluxioCommand.memoryOfCallBytes * Int64(DrainTiming.parallelMaximum + 2)
        guard let limit = seen.master.memoryLimitBytes, limit < needed else {
            return DrainTiming.parallelMaximum
        }
        return 1
    }

    /// Computes what this round has to free.
    private mutating func plan() {
        guard let record else {
            return
        }
        progress.batch = []
        if isByPath, record.round <= 1 || leaving.contains(where: { $0.worker?.holding == nil }) {
            progress.pathsAccepted = true
            progress.queue = policy.paths.map { FreeCall(path: AlluxioPath($0), isFolder: true) }
                .filter { !progress.refused.contains($0.path) }
            if progress.queue?.isEmpty == false {
                return
            }
        }
        let files = leaving.flatMap { $0.worker?.holding?.files ?? [] }
        let calls = DrainCover.calls(leaving: files, survivors: knownSurvivorPaths, refused: progress.refused)
        progress.queue = calls
        if !calls.isEmpty {
            let folders = calls.count { $0.isFolder }
            notices.append(
                DrainNotice(
                    .progress,
                    "Round \(record.round): freeing \(counted(files.count, "file")) of the leaving workers by \(counted(calls.count, "call")), "
                        + "\(folders) of them for folders."))
        }
    }

    /// What survivors hold, or nil if a list of theirs is missing or not complete.
    var knownSurvivorPaths: [AlluxioPath]? {
        var paths: [AlluxioPath] = []
        for worker in survivors {
            guard let holding = worker.holding, holding.isComplete else {
                return nil
            }
            paths += holding.files.map { $0.path }
        }
        return paths
    }

    /// Drops calls that the fresh lists make needless, and folders that a survivor has come to hold something in.
    private mutating func dropWhatIsGone() {
        guard var queue = progress.queue, !isByPath else {
            return
        }
        let held = Set(leaving.flatMap { $0.worker?.holding?.files.map { $0.path } ?? [] })
        let isKnown = leaving.allSatisfy { $0.worker?.holding?.isComplete ?? false }
        if isKnown {
            var folders: Set<AlluxioPath> = []
            for path in held {
                var folder = path.parent
                while let current = folder, folders.insert(current).inserted {
                    folder = current.parent
                }
            }
            queue.removeAll { call in !held.contains(call.path) && !(call.isFolder && folders.contains(call.path)) }
        }
        if queue.prefix(DrainTiming.parallelMaximum * DrainTiming.callsPerLook).contains(where: { $0.isFolder }) {
            let survivors = knownSurvivorPaths
            let isOpen = queue.allSatisfy { call in
                !call.isFolder || (survivors.map { paths in !paths.contains { $0.isInside(call.path) } } ?? false)
            }
            if !isOpen {
                plan()
                return
            }
        }
        progress.queue = queue
    }

    /// Takes in what the calls said that were under way.
    private mutating func takeResults() {
        let batch = Set(progress.batch)
        progress.batch = []
        guard case .freed(let results) = seen.outcome else {
            // Nobody knows whether they were made: they stay in the queue.
            return
        }
        var settled: Set<AlluxioPath> = []
        for result in results where batch.contains(result.call) {
            if take(result) {
                settled.insert(result.call.path)
            }
        }
        progress.queue?.removeAll { settled.contains($0.path) }
    }

    /// Takes in one answer; returns whether the call needs not be made again in this round.
    private mutating func take(_ result: DrainOutcome.FreeResult) -> Bool {
        let call = result.call
        switch result.answer {
        case .accepted, .absent, .stillHeld:
            hasSucceeded = true
            return true
        case .gaveUp, .unknown:
            let isCut = result.answer != .gaveUp && !call.isFolder
            progress.stragglers.append(
                result.at.adding(milliseconds: isCut ? DrainTiming.cutFile : DrainTiming.straggler))
            progress.pathsAccepted = false
            return true
        case .notPersisted(let file), .pinned(let file):
            hasSucceeded = true
            progress.pathsAccepted = false
            refuse(call, because: file, result.answer)
            return true
        case .unsupported(let said):
            obstacle = .unsupported(said)
        case .noMaster:
            obstacle = .masterUnreachable
        case .failed(let said):
            obstacle = .commandFailed(said)
        }
        return false
    }

    /// A refused folder is taken file by file; a refused file stays, and the lists say why.
    private mutating func refuse(_ call: FreeCall, because file: AlluxioPath, _ answer: FreeAnswer) {
        guard call.isFolder else {
            return
        }
        progress.refused.insert(call.path)
        progress.queue = nil
        if record?.fallback != nil, leaving.contains(where: { $0.worker?.holding == nil }) {
            // Without a list there are no files to take one by one.
            let what = quoted(file.text, limit: 200)
            if case .pinned = answer {
                obstacle = .pinned(worker: "some worker", file: what, count: 1)
            } else {
                obstacle = .unpersisted(worker: "some worker", file: what, count: 1)
            }
            progress.refused.remove(call.path)
        }
    }
}
