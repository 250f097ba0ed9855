extension DrainMachine {
    /// What has to be asked next; `snapshot` shows the runtime and its worker set.
    public func questions(_ snapshot: DrainSnapshot) -> DrainQuestions {
        var asked = DrainQuestions()
        guard snapshot.runtime != nil, let set = snapshot.workerSet else { return asked }
        let isDifferent = snapshot.runtime?.wanted != set.present || set.request != nil
        guard let plan = phase.plan else {
            asked.pods = isDifferent || phase.kind != .idle || !set.isCounted || isOrphaned(set)
            if isLowered(to: set.present) { asked.pods = true }
            if case .idle(let state) = phase, !state.isServiceSeen, mayHaveDecommissioned(snapshot) {
                (asked.pods, asked.registration, asked.service) = (true, true, true)
                return asked
            }
            asked.service = phase.kind == .coolingDown && !ledger.outOfService.isEmpty
            asked.workers = Set(foreign.keys).union(asked.service ? ledger.outOfService.map(\.uid) : [])
            return asked
        }
        asked.pods = true
        asked.isUrgent = phase.kind.rank >= DrainPhase.Kind.settling.rank
        asked.workers = Set(plan.leaving.map(\.uid)).subtracting(policy.skipped.keys).union(foreign.keys)
        guard phase.kind != .confirming else { return asked }
        // Before the mark is written the list would only be thrown away.
        let isMarked = phase.kind != .checking || set.fence == fence
        let isListed = asksForBlocks(plan)
        if isListed, isMarked { asked.blocksOf = Set(plan.leaving.map(\.uid)) }
        asked.isBrief = isListed || (phase.kind == .freeing && isByRPC)
        // What was freed by name counts in the life of one master, which is seen by its start.
        // So does it what is known of the place of one that does not run.
        asked.registration =
            if case .removing(let state) = phase {
                state.evidence == .named || leaving(state.plan).contains { $0.worker?.isRunning != true }
            } else { true }
        // Nobody was chosen yet of a DaemonSet's nodes, or whole paths go, or folders are to be found.
        let mayFreeFolders =
            if case .freeing(let state) = phase {
                isByPath || (!isByRPC && state.round == 1 && (state.queue?.contains(where: \.isFolder) ?? true))
            } else { false }
        asked.survivors =
            mayFreeFolders || plan.leaving.isEmpty || (phase.kind == .checking && (isByPath || set.kind != .stateful))
        asked.service =
            phase.kind == .checking
            ? mayHaveDecommissioned(snapshot) && snapshot.workerSet?.fence != fence
            : takesOutOfService && (phase.kind == .decommissioning || phase.kind == .removing)
        return asked
    }

    /// Whether a call of ours that is late may have taken a worker out of service.
    func mayHaveDecommissioned(_ snapshot: DrainSnapshot) -> Bool {
        guard let policy = snapshot.runtime?.policy, seen.master.version?.canDecommission ?? true else { return false }
        return policy.mayDecommission
    }

    /// Takes workers over that are out of service though no drain says so: a call of ours may arrive after its process ended.
    mutating func adoptOutOfService(_ workers: [DrainSnapshot.Worker]) {
        for worker in workers where worker.service == .decommissioned || worker.service == .disabled {
            guard let port = worker.webPort, !ledger.outOfService.contains(where: { $0.host == worker.host }) else {
                continue
            }
            ledger.outOfService.append(
                OutOfService(name: worker.name, uid: worker.uid, host: worker.host, webPort: port))
            notices.append(
                DrainNotice(.compromised, "\(worker.name) was found out of service; it will be taken back."))
        }
    }

    /// Remembers where workers ran, before anything is done to them; any may be one that leaves by the next look.
    mutating func notePlaces() {
        for worker in seen.workers where worker.isRunning && isStaying(worker) { ledger.emptied.remove(worker.address) }
        // Before the lowering is done its workers are all there.
        let isRemoving = phase.kind == .removing || phase.kind == .confirming
        if let set = seen.workerSet, set.isCounted, !isRemoving, !ledger.emptied.isEmpty { noteRefilled(set) }
        guard phase.kind.isBeforeRemoval || phase.kind == .confirming else { return }
        for worker in seen.workers where worker.start == .done && ledger.places.count < DrainTiming.placesMaximum {
            ledger.places.insert(worker.place)
        }
        // Of a place that may be a lost worker's the master forgets in time, or when it starts anew.
        guard let plan = phase.plan, phase.kind.isBeforeRemoval, hasStrangers else { return }
        for (entry, worker) in leaving(plan) where ledger.places.count < DrainTiming.placesMaximum {
            if let worker, worker.start == .done { continue }
            ledger.places.insert(worker?.place ?? entry.name)
        }
    }

    /// Whether the master knows workers of which we don't know that they were empty when they went.
    private var hasStrangers: Bool { seen.master.strangers.map { !$0.allSatisfy(ledger.isEmptied) } ?? false }

    /// Whether a worker may have run again where one was empty when we removed it, though no look has seen it.
    ///
    /// While a drain is under way it is looked often enough.
    public func mayBeRefilled(present: Int, ready: Int) -> Bool {
        guard phase.kind == .idle || phase.kind == .coolingDown else { return false }
        return isRefilled(present: present, ready: ready)
    }

    private func isRefilled(present: Int, ready: Int) -> Bool {
        guard !ledger.emptied.isEmpty, let kept = keptCount else { return false }
        return present > kept && ready > kept
    }

    /// Forgets which workers were empty once they may have run again; who was ready before it was there a process can't know.
    private mutating func noteRefilled(_ set: DrainSnapshot.WorkerSet) {
        if keptCount == nil, let kept = (phase.plan ?? lastPlan)?.target, set.present <= kept { keptCount = kept }
        if keptCount == nil || isRefilled(present: set.present, ready: set.ready) { ledger.emptied = [] }
    }

    /// Notes what each leaving worker holds, and whether that is progress.
    mutating func noteHoldings() {
        guard var plan = phase.plan, phase.kind.isBeforeRemoval else { return }
        for index in plan.leaving.indices {
            let worker = seen.worker(uid: plan.leaving[index].uid)
            guard let worker, let reading = worker.look.reading else {
                if isKnownEmpty(plan.leaving[index], worker) {
                    plan.leaving[index].now = LeavingWorker.Held(files: 0, bytes: 0)
                } else if let worker, worker.look != .notAsked {
                    plan.leaving[index].now = nil
                }
                continue
            }
            let held = LeavingWorker.Held(files: reading.fileCount, bytes: reading.heldBytes)
            plan.leaving[index].start = plan.leaving[index].start ?? held
            plan.leaving[index].now = held
            // More than at the start is a folder that came back: from here on nothing of that may be lost.
            plan.leaving[index].capacityBytes = max(
                plan.leaving[index].capacityBytes ?? 0, reading.counters.capacityBytes)
        }
        phase.plan = plan
        guard phase.kind == .freeing || phase.kind == .settling, let bytes = plan.bytesLeft else { return }
        // A worker that hides its files from here on has none fewer.
        let files = plan.filesLeft ?? ledger.lowestFiles ?? 0
        let before = ledger.lowestFiles == nil ? nil : fewestFiles
        fewestFiles = min(before ?? files, files)
        // Of very many files each minute's are less than what the deadline takes for progress.
        if let before, files < before { ledger.quiet = .zero }
        let startFiles = plan.leaving.reduce(0) { $0 + ($1.start?.files ?? 0) }
        if ledger.note(files: files, bytes: bytes, startFiles: startFiles, startBytes: plan.bytesAtStart) {
            ledger.progressed()
            reasonFor = .zero
            if case .settling(var state) = phase {
                state.calm = .zero
                phase = .settling(state)
            }
        }
    }

    /// Lets the counts of a state grow.
    mutating func count(_ step: Duration) {
        switch phase {
        case .idle(var state):
            state.differsFor += step
            phase = .idle(state)
        case .checking(var state):
            state.pause = max(.zero, state.pause - step)
            phase = .checking(state)
        case .freeing(var state):
            state.listAge += step
            phase = .freeing(state)
        case .settling(var state):
            state.calm += step
            phase = .settling(state)
        case .confirming(var state):
            state.untouched += step
            phase = .confirming(state)
        case .coolingDown(var state):
            state.cooled += step
            state.sinceTouch = state.sinceTouch.map { $0 + step }
            state.rejoining += step
            phase = .coolingDown(state)
        case .decommissioning, .removing: break
        }
    }

    /// The leaving workers, as they are now; nil stands for a pod that is missing.
    ///
    /// Nodes that have lost their labels, and pods that a person gave up, no longer count.
    func leaving(_ plan: DrainPlan) -> [(entry: LeavingWorker, worker: DrainSnapshot.Worker?)] {
        plan.leaving.compactMap { entry in
            let worker = seen.worker(uid: entry.uid)
            let word = policy.skipped[entry.uid] ?? (worker == nil ? policy.skipped[entry.name] : nil)
            let isPlaced = removal is StatefulSetRemoval || worker?.isPlaced == true || phase.kind == .checking
            return word == nil && isPlaced ? (entry, worker) : nil
        }
    }

    /// Tells of each pod that a person gave up, once.
    mutating func noteSkipped(_ plan: DrainPlan) {
        for entry in plan.leaving {
            let isMissing = seen.worker(uid: entry.uid) == nil
            let name = policy.skipped[entry.uid] != nil ? entry.uid : entry.name
            guard let word = policy.skipped[name], name == entry.uid || isMissing, skipped.insert(name).inserted
            else { continue }
            notices.append(
                DrainNotice(.skipped, "\(entry.name) (\(entry.uid)) goes undrained, as a person said: \(word)"))
        }
    }

    /// Whether a worker that is missing or can't run is known to have nothing at its place: nobody ran there in this drain,
    /// and the master knows none there.
    func isKnownEmpty(_ entry: LeavingWorker, _ worker: DrainSnapshot.Worker?) -> Bool {
        guard !isRemembered(worker?.place ?? entry.name) else { return false }
        if let worker {
            guard case .failed = worker.start, worker.registration == .missing else { return false }
        }
        // Which place a worker is of that nobody runs any more the master does not say, and silence says nothing.
        return seen.master.strangers.map { $0.allSatisfy(ledger.isEmptied) } ?? false
    }

    /// Whether a worker was seen at this place since the drain began, or nobody can say.
    private func isRemembered(_ place: String) -> Bool {
        ledger.places.contains(place) || ledger.places.count >= DrainTiming.placesMaximum
    }

    /// What was read of the leaving workers that may hold something; nil stands for one that could not be read.
    func readings(_ plan: DrainPlan) -> [WorkerReading?] {
        leaving(plan).filter { !isKnownEmpty($0.entry, $0.worker) }.map { $0.worker?.look.reading }
    }

    /// The first obstacle that a leaving worker is; `registered` where it matters that frees reach it.
    func obstacleOnLeaving(_ plan: DrainPlan, registered: Bool) -> DrainObstacle? {
        for (entry, worker) in leaving(plan) {
            if isKnownEmpty(entry, worker) { continue }
            guard let worker else {
                guard isRemembered(entry.name) || seen.master.strangers != nil else {
                    return .masterNotReady("it does not say which workers it knows")
                }
                return .workerMissing(worker: entry.name)
            }
            if case .failed(let why) = worker.start { return .placeUnknown(worker: worker.name, why: why) }
            guard worker.isRunning, !worker.isDeleting else {
                let why = worker.isDeleting ? "it is being deleted" : "its container does not run"
                return .workerUnreachable(worker: worker.name, why: why)
            }
            let isOut = ledger.outOfService.contains { $0.uid == worker.uid }
            if registered, worker.registration == .missing || worker.registration == .lost, !isOut {
                return .notRegistered(worker: worker.name)
            }
            if let obstacle = obstacle(in: worker, entry) { return obstacle }
        }
        return nil
    }

    private func obstacle(in worker: DrainSnapshot.Worker, _ entry: LeavingWorker) -> DrainObstacle? {
        switch worker.look {
        case .notAsked: return .looking
        case .unreachable(let why): return .workerUnreachable(worker: worker.name, why: why)
        case .unreadable(.moved): return .listMoves(worker: worker.name)
        case .unreadable(.noAnswer(let why)): return .workerUnreachable(worker: worker.name, why: why)
        case .unreadable(.tooSlow): return .workerUnreachable(worker: worker.name, why: "no answer in time")
        case .unreadable(.garbled(let why)): return .listUnreadable(worker: worker.name, why: why)
        case .unreadable(.pageTooLarge): return .listUnreadable(worker: worker.name, why: "one file fills a page")
        case .unreadable(.tooLong):
            return .listUnreadable(
                worker: worker.name, why: "it lists more than \(WorkerListReader.entriesMaximum) files")
        case .read(let reading):
            let isLess = entry.capacityBytes.map { $0 != reading.counters.capacityBytes } ?? false
            if isLess || reading.counters.isShort {
                return .capacityChanged(worker: worker.name)
            }
            if reading.fileCount == nil, !isByPath, !isByRPC, !reading.isEmpty {
                return .listSwitchedOff(worker: worker.name)
            }
            if reading.unpersistedCount > 0 {
                let file = quoted(reading.firstUnpersisted?.text ?? "a file", limit: 200)
                return .unpersisted(worker: worker.name, file: file, count: reading.unpersistedCount)
            }
            guard reading.pinnedCount > 0, !(isByRPC && policy.pinned == .evict) else { return nil }
            let file = quoted(reading.firstPinned?.text ?? "a file", limit: 200)
            return .pinned(worker: worker.name, file: file, count: reading.pinnedCount)
        }
    }

    /// Bytes that no file explains are data in flight, which goes nowhere yet.
    func inFlight(_ plan: DrainPlan) -> DrainObstacle? {
        for case (_, let worker?) in leaving(plan) where worker.look.reading?.unexplainedBytes ?? 0 > 0 {
            return .inFlight(worker: worker.name)
        }
        return nil
    }

    /// The workers that stay; pods that end are neither.
    func survivors(_ plan: DrainPlan) -> [DrainSnapshot.Worker] {
        let leaving = Set(plan.leaving.map(\.uid))
        return seen.workers.filter { worker in
            !leaving.contains(worker.uid) && isStaying(worker)
        }
    }

    /// Whether a worker is one of those that are to be there, as the worker set is now.
    private func isStaying(_ worker: DrainSnapshot.Worker) -> Bool {
        !worker.isDeleting && (worker.ordinal.map { $0 < firstFree } ?? worker.isPlaced)
    }

    /// How empty the leaving workers are: zero if all were seen empty twice, how long to wait for the second look if all are,
    /// nil if one is not.
    func emptiness(_ plan: DrainPlan, _ empties: inout EmptyLooks) -> Duration? {
        var pause: Duration? = .zero
        for (entry, worker) in leaving(plan) where !isKnownEmpty(entry, worker) {
            let left = empties.take(worker?.look.reading, of: entry.uid, capacityBytes: entry.capacityBytes)
            pause = left.flatMap { left in pause.map { max($0, left) } }
        }
        return pause
    }

    /// The leaving worker whose answer is too old to remove it by, if there is one.
    func stale(_ plan: DrainPlan) -> String? {
        leaving(plan).first { entry, worker in
            !isKnownEmpty(entry, worker) && !(worker?.look.reading.map { isFresh($0.begunAt) } ?? false)
        }?.entry.name
    }

    /// Whether the leaving workers are to be taken out of service before they go.
    var takesOutOfService: Bool {
        switch policy.mode {
        case .decommission: true
        case .auto: seen.master.version?.canDecommission == true && !seen.workers.contains { sharedHost(of: $0) != nil }
        case .free, .removeAtOnce: false
        }
    }

    /// The other worker's name, if another worker is on the same host.
    func sharedHost(of worker: DrainSnapshot.Worker) -> String? {
        guard !worker.host.isEmpty else { return nil }
        return seen.workers.first { $0.uid != worker.uid && $0.host == worker.host && !$0.isDeleting }?.name
    }
}
