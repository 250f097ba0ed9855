extension DrainMachine {
    /// Frees what the leaving workers hold, as many calls at a time as there is room for.
    mutating func freeing(_ state: DrainPhase.Freeing) -> Step {
        var next = state
        hold(&next.named, state.plan)
        phase = .freeing(next)
        if isOverdue, policy.onDeadline == .remove { return .go(removing(next, .overdue)) }
        obstacleSeen = obstacleToFreeing(state.plan)
        if let obstacle = obstacleSeen { return .wait(obstacle) }
        if next.queue == nil, let obstacle = chooseRoute() { return .wait(obstacle) }
        if next.queue == nil, case .read(let list) = seen.blocks {
            next.queue = calls(by: list, next)
            next.listAge = .zero
            // A worker removes its own copies alone: of several the list does not say that each of them was asked for a file.
            let isOfOne = next.plan.leaving.count == 1 && next.queue?.allSatisfy { $0.blockCount > 0 } == true
            next.listed = isOfOne ? list.paths : nil
            told(next)
        }
        if next.queue == nil {
            // Folders are found only where the survivors were asked too.
            let isAsked = survivors(next.plan).allSatisfy { !$0.isRunning || $0.look != .notAsked }
            guard isAsked || next.round > 1 || isByPath else { return .wait(.looking) }
            plan(&next)
        }
        drop(&next)
        phase = .freeing(next)
        if next.queue?.isEmpty ?? true, running.isEmpty {
            next.listed?.forEach { next.named.note($0) }
            return .go(
                .settling(
                    DrainPhase.Settling(
                        plan: next.plan, round: next.round, refused: next.refused, named: next.named)))
        }
        let calls = begin(&next, isLooked: true)
        phase = .freeing(next)
        guard let failure = next.failure else {
            return .act(calls, progressing(next), calls.isEmpty ? DrainTiming.poll : DrainTiming.lookAgeMaximum)
        }
        let obstacle = isOverdue ? DrainObstacle.deadline("frees fail: \(failure.text)") : failure
        return running.isEmpty ? .wait(obstacle) : .act(calls, obstacle, nil)
    }

    /// What a drain that frees waits for: from the second round on it is what came back, not the call.
    private func progressing(_ state: DrainPhase.Freeing) -> DrainObstacle { state.round > 1 ? .refilling : .calling }

    /// Whether the drain has made no progress for longer than its deadline.
    var isOverdue: Bool { ledger.stalled >= .milliseconds(policy.deadlineMilliseconds) }

    /// Computes what this round has to free: whole paths where that is meant, else the cover of what the leaving workers
    /// hold; from the second round on file by file, since only that proves anything.
    private mutating func plan(_ state: inout DrainPhase.Freeing) {
        let readings = readings(state.plan).compactMap(\.self)
        let files = readings.flatMap(\.files)
        let isShown = readings.allSatisfy { $0.fileCount != nil }
        if isByPath, state.round == 1 || !isShown {
            state.queue = policy.paths.map { .free(AlluxioPath($0), isFolder: true) }
                .filter { call in !state.refused.contains { $0 == call.path } }
            if state.queue?.isEmpty == false || !isShown { return told(state) }
        }
        let paths = state.round == 1 ? survivorPaths(state.plan) : nil
        state.queue = DrainCover.calls(leaving: files, survivors: paths, refused: state.refused)
        told(state)
    }

    /// What survivors hold, or nil if a list of theirs is missing or not complete.
    private func survivorPaths(_ plan: DrainPlan) -> [AlluxioPath]? {
        var paths: [AlluxioPath] = []
        let staying = survivors(plan)
        // One that is missing, or being deleted, comes back with its cache.
        guard staying.count >= (seen.workerSet?.present ?? 0) - plan.leaving.count else { return nil }
        for worker in staying {
            // Of a folder that fails nothing is listed, though it comes back with all that was in it.
            guard let reading = worker.look.reading, reading.isWhole else { return nil }
            paths += reading.files.map(\.path)
        }
        return paths
    }

    /// Drops calls that the fresh lists make needless, and folders that a survivor has come to hold something in.
    private mutating func drop(_ state: inout DrainPhase.Freeing) {
        guard let queue = state.queue, !queue.isEmpty, !isByPath else { return }
        let readings = readings(state.plan)
        if readings.allSatisfy({ $0?.isComplete ?? false }) {
            let held = Set(readings.flatMap { $0?.files.map(\.path) ?? [] })
            state.queue = queue.filter { call in
                guard let path = call.path else { return call.blockCount > 0 && !held.isEmpty }
                return call.isFolder ? held.contains { $0.isInside(path) } : held.contains(path)
            }
            // Of what was on the list not everything is asked for then.
            if state.queue?.count != queue.count { state.listed = nil }
        }
        guard state.queue?.contains(where: \.isFolder) == true else { return }
        let survivors = survivorPaths(state.plan)
        let isOpen = state.queue?.allSatisfy { call in
            guard call.isFolder, let path = call.path else { return true }
            return survivors.map { paths in !paths.contains { $0.isInside(path) } } ?? false
        }
        if isOpen != true { plan(&state) }
    }

    /// Begins calls, as many as there is room for; whole folders only right after the look that the survivors were seen in.
    private mutating func begin(_ state: inout DrainPhase.Freeing, isLooked: Bool) -> [DrainEffect] {
        // What fails is tried one call at a time, and what is blocked no faster than it is looked at.
        let isCautious = state.failure != nil || isBlocked
        guard !isCautious || (running.isEmpty && isLooked) else { return [] }
        // Calls that were given up may still run in the master's pod; beside them it goes on one by one.
        let free = min(parallel, state.width) - running.count - stragglers.count
        let room = isCautious ? 1 : max(free, running.isEmpty ? 1 : 0)
        var effects: [DrainEffect] = []
        // Blocks too go right after a look, and of each worker no more than one call's: then it is looked again.
        let isFresh = isLooked && isFresh(seen.begunAt)
        var workers: Set<String> = []
        while effects.count < room,
            let index = state.queue?.firstIndex(where: { call in
                call.worker.map { isFresh && !workers.contains($0) } ?? (isLooked || !call.isFolder)
            }), let call = state.queue?.remove(at: index)
        {
            if let worker = call.worker { workers.insert(worker) }
            if begin(call) { effects.append(.call(call)) }
        }
        return effects
    }

    /// How many calls run side by side: of the client's one, unless the master's container has room for more.
    var parallel: Int {
        if isByRPC { return DrainTiming.parallelMaximum }
        let needed = AlluxioCommand.memoryOfCallBytes * Int64(DrainTiming.parallelMaximum + 2)
        guard let limit = seen.master.memoryLimitBytes, limit < needed else { return DrainTiming.parallelMaximum }
        return 1
    }

    /// Takes the answer of a call in, and begins the next one if the last look still holds.
    mutating func answered(_ call: CacheCall, _ answer: CacheAnswer, after time: Duration) -> [DrainEffect] {
        running.remove(call)
        let isLate = late.remove(call) != nil
        ledger.answered += 1
        if call.blockCount > 0 { return removed(call, answer, isLate: isLate) }
        ledger.callTime = ledger.callTime.map { ($0 * 7 + time) / 8 } ?? time
        if case .unknown = answer { stragglers.append(DrainTiming.straggler) }
        if case .decommissioning(var state) = phase {
            state.failure = Self.failure(answer)
            state.failures = state.failure == nil ? 0 : state.failures + 1
            let isLost = if case .unreachable = answer { true } else { false }
            if isByRPC, policy.client == .auto, isLost || state.failures >= DrainTiming.failuresMaximum {
                // The client does the same.
                route = .exec(answer.text)
                (state.failure, state.failures) = (nil, 0)
            }
            phase = .decommissioning(state)
            return stop([], state.failure ?? .looking, nil)
        }
        guard case .freeing(var state) = phase, case .free(let path, let isFolder) = call else {
            return [.wait(nil, .zero)]
        }
        switch answer {
        case .done, .stillHeld, .absent:
            state.failure = nil
            if ledger.answered.isMultiple(of: 8) { state.width = min(state.width + 1, DrainTiming.parallelMaximum) }
            if !isFolder, answer != .absent { state.named.note(path) }
        case .notPersisted(let file), .pinned(let file):
            state.failure = nil
            if isFolder {
                // A refused folder is taken file by file; a refused file stays, and the lists say why.
                state.refused.insert(path)
                state.queue = nil
                if !readings(state.plan).allSatisfy({ $0?.fileCount != nil }) {
                    state.failure = refusal(of: file, answer, state.plan)
                    state.refused.remove(path)
                }
            }
        case .unsupported, .noMaster, .unreachable, .forbidden, .unknown, .failed:
            state.failure = Self.failure(answer)
            if case .unknown = answer { state.width = max(1, state.width / 2) }
            // It was not done, as far as anyone knows: it is tried again after all others.
            if !isLate { state.queue?.append(call) }
        }
        // By a look that shows that fewer are still wanted, and the workers.
        let isWanted = seen.trouble == nil && wanted.map { $0 < present } ?? false
        let isHeld =
            state.failure != nil || state.queue == nil || !isWanted || !isFresh(seen.begunAt) || obstacleSeen != nil
        let calls = isHeld ? [] : begin(&state, isLooked: false)
        phase = .freeing(state)
        if let obstacle = state.failure ?? obstacleSeen { return stop([], obstacle, nil) }
        return running.isEmpty || isHeld
            ? stop(calls, .looking, .zero) : stop(calls, progressing(state), DrainTiming.lookAgeMaximum)
    }

    /// Takes in what came of removing blocks; what a reader holds is listed again in the next round.
    private mutating func removed(_ call: CacheCall, _ answer: CacheAnswer, isLate: Bool) -> [DrainEffect] {
        guard case .freeing(var state) = phase else { return [.wait(nil, .zero)] }
        state.failure = Self.failure(answer)
        // What was not removed was not freed by its name.
        if answer != .done { state.listed = nil }
        state.removalFailures = state.failure == nil ? 0 : state.removalFailures + 1
        switch answer {
        case .unreachable(let why): fallBack(why, &state)
        // A port that is there and never answers is of no use either.
        case .unknown(let why), .failed(let why):
            if state.removalFailures >= DrainTiming.failuresMaximum, policy.client == .auto {
                fallBack(why, &state)
            }
        default: break
        }
        if state.failure != nil, !isLate {
            // What is pinned, or not persisted, by now a list of long ago does not say.
            if state.listAge >= DrainTiming.listAgeMaximum { state.queue = nil } else { state.queue?.append(call) }
        }
        phase = .freeing(state)
        return state.failure.map { stop([], $0, nil) } ?? stop([], .looking, .zero)
    }

    /// Why a folder that the client refused can't be taken file by file.
    private func refusal(of file: AlluxioPath, _ answer: CacheAnswer, _ plan: DrainPlan) -> DrainObstacle {
        // That file may lie anywhere below the folder, and on nobody: what stands in the way is that there is no list.
        guard isByPath else {
            let hidden = leaving(plan).first { _, worker in worker?.look.reading.map { $0.fileCount == nil } ?? false }
            return hidden.map { .listSwitchedOff(worker: $0.entry.name) } ?? .looking
        }
        let name = quoted(file.text, limit: 200)
        guard case .pinned = answer else { return .unpersisted(worker: "A worker", file: name, count: 1) }
        return .pinned(worker: "A worker", file: name, count: 1)
    }

    private static func failure(_ answer: CacheAnswer) -> DrainObstacle? {
        switch answer {
        case .unsupported(let said): .unsupported(said)
        case .noMaster(let said): .masterUnreachable(said)
        case .unreachable(let why): .portUnreachable(why)
        case .forbidden(let what): .forbidden(what)
        case .unknown(let why), .failed(let why): .commandFailed(why)
        case .done, .absent, .stillHeld, .notPersisted, .pinned: nil
        }
    }

    /// Watches the bytes go, and frees again what stays.
    mutating func settling(_ state: DrainPhase.Settling) -> Step {
        var next = state
        hold(&next.named, state.plan)
        let pause = emptiness(state.plan, &next.empties)
        phase = .settling(next)
        if isOverdue, policy.onDeadline == .remove { return .go(removing(next, .overdue)) }
        if seen.workerSet?.isRolling == true { return .wait(.rollingUpdate) }
        if let obstacle = obstacleOnLeaving(state.plan, registered: false) ?? inFlight(state.plan) {
            return .wait(obstacle)
        }
        if !seen.hasSlot { return .wait(.budget) }
        if let pause {
            return pause > .zero ? .wait(.looking, pause) : .go(afterSettling(next))
        }
        if isOverdue, policy.onDeadline == .auto, isNamed(next.plan, next.named) {
            let (files, bytes) = (next.plan.filesLeft ?? 0, next.plan.bytesLeft ?? 0)
            notices.append(
                DrainNotice(
                    .compromised,
                    "Leaving \(counted(files, "file")) (\(counted(bytes, "byte"))) behind: all persisted, and each freed by name."
                ))
            return .go(removing(next, .named))
        }
        // Readers bring some of it back to this worker, fewer each time; blocks removed by RPC are gone when that is answered.
        let (first, longest) =
            isByRPC
            ? (DrainTiming.betweenEmptyLooks, DrainTiming.stalled) : (DrainTiming.stalled, DrainTiming.roundLongest)
        let roundPause = min(first * (1 << min(next.round - 1, 4)), longest)
        if next.calm >= roundPause, !isBlocked || next.calm >= DrainTiming.roundLongest {
            if let trouble = seen.master.trouble { return .wait(.masterNotReady(trouble)) }
            var again = DrainPhase.Freeing(plan: next.plan)
            (again.round, again.refused, again.named) = (next.round + 1, next.refused, next.named)
            return .go(.freeing(again))
        }
        if let obstacle = unpassable(next.plan) { return .wait(obstacle, DrainTiming.settlePoll) }
        let why = policy.onDeadline == .auto ? "not all that is left is freed by name" : "something is left"
        let obstacle = isOverdue ? DrainObstacle.deadline(why) : next.round > 1 ? .refilling : .looking
        return .wait(obstacle, DrainTiming.settlePoll)
    }

    /// A file that is still there since its name can't be given to the client.
    private func unpassable(_ plan: DrainPlan) -> DrainObstacle? {
        guard !isByRPC, !isByPath else { return nil }
        for case (_, let worker?) in leaving(plan) {
            guard let file = worker.look.reading?.files.first(where: { !$0.path.isPassable }) else { continue }
            return .fileName(worker: worker.name, file: quoted(file.path.text, limit: 200))
        }
        return nil
    }

    /// Takes back what was freed by name where that is no longer sure to be so.
    func hold(_ named: inout NamedFrees, _ plan: DrainPlan) {
        named.hold(master: seen.master.startedMilliseconds, leaving(plan).compactMap(\.worker))
    }

    /// Whether all that is left was freed by its own name, and nothing else is there.
    private func isNamed(_ plan: DrainPlan, _ named: NamedFrees) -> Bool {
        leaving(plan).allSatisfy { entry, worker in
            isKnownEmpty(entry, worker)
                || (worker?.registration != .missing && worker?.look.reading.map { named.covers($0) } ?? false)
        }
    }

    private func afterSettling(_ state: DrainPhase.Settling) -> DrainPhase {
        takesOutOfService
            ? .decommissioning(DrainPhase.Decommissioning(plan: state.plan, empties: state.empties))
            : removing(state, .empty)
    }

    private func removing(_ state: DrainPhase.Settling, _ evidence: Evidence) -> DrainPhase {
        var next = DrainPhase.Removing(plan: state.plan, evidence: evidence)
        (next.round, next.named, next.empties) = (state.round, state.named, state.empties)
        return .removing(next)
    }

    /// The deadline's policy gives up what is there; nothing of it is drained, and users are told.
    private mutating func removing(_ state: DrainPhase.Freeing, _ evidence: Evidence) -> DrainPhase {
        removing(
            DrainPhase.Settling(plan: state.plan, round: state.round, refused: [], named: state.named), evidence)
    }

    /// What stays behind where the policy says to remove all the same.
    mutating func noteOverdue(_ plan: DrainPlan) {
        let what =
            plan.filesLeft.map { "\(counted($0, "file")) and \(counted(plan.bytesLeft ?? 0, "byte"))" }
            ?? "nobody knows what"
        notices.append(
            DrainNotice(
                .compromised,
                "Leaving \(what) behind on \(plan.names): sluice.dev/on-deadline is Remove, and it has passed."))
    }
}
