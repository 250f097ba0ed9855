extension DrainMachine {
    /// A worker that somebody else's lowering takes.
    struct Foreign: Sendable {
        var name: String
        /// How many looks showed it: at the first it was not asked yet.
        var looks = 0
        /// Whether it could be read since, and whether users were told that something is on it.
        var isRead = false
        var isTold = false

        /// Whether something may be learnt of it that will be gone in a moment: a pod that hangs is no hurry.
        var isUrgent: Bool { !isTold && looks < 30 }
    }

    /// Notes who was there at the look before the next one.
    mutating func noteLastWorkers() {
        // A look that could not read them, or had no reason to, says nothing of who was there.
        wasBlind = seen.trouble != nil
        if !seen.workers.isEmpty || (!wasBlind && seen.workerSet?.present == 0) {
            for worker in lastWorkers + seen.departed
            where seen.worker(uid: worker.uid) == nil && accounted[worker.uid] == nil && !isRemovedByUs(worker) {
                replaced[worker.name] = now
            }
            lastWorkers = seen.workers
        }
        replaced = replaced.filter { now - $0.value < DrainTiming.watchBehind }
        accounted = accounted.filter { now - $0.value < DrainTiming.watchBehind }
    }

    /// Notes the count by which the next look, of whatever process, sees that somebody lowered it.
    mutating func notePresent() {
        guard let set = seen.workerSet, set.isCounted else { return }
        lastPresent = set.present
        ledger.present = set.kind == .stateful ? set.present : nil
    }

    /// Takes what the process before this one left for the count before the first look, if it is of this worker set.
    mutating func noteLeftPresent() {
        guard let left = leftPresent, let set = seen.workerSet else { return }
        // Nodes that lost their labels are counted in more than one way.
        if set.kind == .stateful, set.uid == ledger.workerSetUID { lastPresent = max(left, lastPresent ?? 0) }
        leftPresent = nil
    }

    /// Watches what somebody else's lowering takes to its end, in whatever state a drain is: it is never passed over.
    ///
    /// `before` is the count at the last look, `workers` are those that it showed.
    mutating func watchForeign(before: Int?, _ workers: [DrainSnapshot.Worker]) {
        // What can't be read is not gone.
        if seen.workerSet == nil, let trouble = seen.trouble {
            // What the store shows is all that there is to go by.
            if let before, let low = lowest, low < before { tellBlind(before, low, trouble) }
            return
        }
        // Nor is a policy that can't be read the one before it.
        let isExempt =
            switch seen.runtime?.policy {
            case .policy(let read)?: read.mode == .removeAtOnce
            case .unreadable?, nil: false
            }
        let isThere = seen.runtime.map { !$0.isDeleting } ?? (seen.trouble != nil)
        guard let set = seen.workerSet, set.kind != .daemon(.unattended), isThere, !isExempt else {
            foreign = [:]
            return
        }
        let low = min(set.present, lowest ?? set.present)
        lowest = nil
        let isLowered = set.isCounted && before.map { low < $0 } ?? false
        if seen.trouble == nil { toldBlindly = nil }
        if let trouble = seen.trouble {
            // Without the pods nobody can say what goes, and by the next look they may be gone.
            if let before, isLowered, low < ownCount ?? .max { tellBlind(before, low, trouble) }
            return
        }
        var unread: [String] = []
        if let before, isLowered {
            unread = set.kind == .stateful ? goneOrdinals(set, low..<max(low, before), workers) : goneFromNodes(workers)
        }
        // Whoever took over in the midst of it knows it by the pods alone.
        for pod in seen.workers where isTakenByOthers(pod) && foreign[pod.uid] == nil {
            foreign[pod.uid] = Foreign(name: pod.name)
        }
        // Nodes have no order that would tell which of them they were.
        if let before, isLowered, set.kind != .stateful, workers.isEmpty, !isLoweredByUs, before - low > foreign.count {
            unread.append(counted(before - low - foreign.count, "worker"))
        }
        for (uid, entry) in foreign.sorted(by: { $0.value.name < $1.value.name }) {
            let departed = seen.departed.first { $0.uid == uid }
            guard let pod = seen.worker(uid: uid) ?? departed,
                departed != nil || pod.isDeleting || isTakenByOthers(pod)
            else {
                // It is gone, or serves on.
                if seen.worker(uid: uid) == nil {
                    if !entry.isRead { unread.append(entry.name) }
                    accounted[uid] = now
                }
                foreign[uid] = nil
                continue
            }
            foreign[uid]?.looks = min(entry.looks + 1, 30)
            let what: String
            switch pod.look {
            case .unreadable(.moved): continue
            case .notAsked where entry.looks == 0: continue
            // From the second look on whoever runs is asked.
            case .notAsked, .unreachable, .unreadable: what = "nobody knows what"
            case .read(let reading):
                what = "\(counted(reading.fileCount ?? 0, "file")) (\(counted(reading.heldBytes, "byte")))"
                // Of a folder that fails nothing is listed: such a worker is never seen empty.
                if reading.isEmpty || (reading.heldBytes == 0 && reading.counters.isShort) {
                    foreign[uid]?.isRead = reading.isEmpty
                    continue
                }
            }
            foreign[uid]?.isRead = true
            guard !entry.isTold else { continue }
            foreign[uid]?.isTold = true
            notices.append(
                DrainNotice(.undrained, "Somebody else lowered the worker set: \(pod.name) goes with \(what)."))
        }
        if !unread.isEmpty {
            let isDoubtful = wasBlind || (isUnknown && set.present >= before ?? 0)
            notices.append(
                DrainNotice(
                    .undrained,
                    "Somebody else lowered the worker set; \(listed(unread, most: 8)) \(isDoubtful ? "may have gone" : "went") "
                        + "with nobody knows what."))
        }
    }

    /// Tells a lowering of which nothing but the counts is known.
    private mutating func tellBlind(_ before: Int, _ now: Int, _ trouble: DrainObstacle) {
        (lastPresent, lowest) = (now, nil)
        toldBlindly = Lowered(from: before, to: now)
        // What another installation lowers it tells itself.
        if case .anotherInstallation = trouble { return }
        notices.append(
            DrainNotice(
                .undrained,
                "Somebody else lowered the worker set from \(before) to \(now); what goes nobody can say: \(trouble.text)"
            ))
    }

    /// The pods of a StatefulSet that a lowering took before anyone looked at them.
    private mutating func goneOrdinals(
        _ set: DrainSnapshot.WorkerSet, _ taken: Range<Int>, _ workers: [DrainSnapshot.Worker]
    ) -> [String] {
        // Below what our own lowering left it is somebody else's, whoever raised it again.
        taken.clamped(to: 0..<max(0, ownCount ?? .max)).prefix(DrainTiming.leavingMaximum).compactMap { index in
            let name = "\(set.name)-\(set.firstOrdinal + index)"
            if let pod = seen.workers.first(where: { $0.name == name }) {
                // The count may have been raised again in the meantime: then another pod comes under this name, or has come.
                if pod.isDeleting { foreign[pod.uid] = Foreign(name: name) }
                let known = workers.first { $0.name == name }
                let isRaised = index < set.present && !pod.isDeleting
                if let known, known.uid == pod.uid {
                    guard isRaised, replaced[name] != nil else { return nil }
                } else if known == nil, !(isRaised && replaced[name] != nil) {
                    // Where nobody knows who was there it is told: it may have gone.
                    guard isRaised, isUnknown || !pod.isReady else { return nil }
                }
            }
            let worker = workers.first { $0.name == name }
            if let uid = worker?.uid { accounted[uid] = now }
            replaced[name] = nil
            return wasDrained(name, worker) ? nil : name
        }
    }

    /// Whether no look could see who was there before.
    private var isUnknown: Bool { wasBlind || lastWorkers.isEmpty }

    /// Whether a worker was about to go, and the last look had nothing on it.
    private func wasDrained(_ name: String, _ worker: DrainSnapshot.Worker?) -> Bool {
        // Before that it may have had a folder that fails.
        guard case .removing(let state) = phase, let entry = state.plan.leaving.first(where: { $0.name == name })
        else { return false }
        if isKnownEmpty(entry, worker) { return true }
        // A slow worker's answer may be of long before.
        guard let reading = worker?.look.reading, seen.begunAt - reading.begunAt <= DrainTiming.unwatchedMaximum else {
            return false
        }
        return reading.isEmpty || (state.evidence == .named && state.named.covers(reading))
    }

    /// The pods of a DaemonSet that were there at the last look, and whose node has none now.
    private func goneFromNodes(_ workers: [DrainSnapshot.Worker]) -> [String] {
        workers.filter { gone in
            gone.isPlaced && !isUnlabelledByUs(gone) && gone.look.reading?.isEmpty != true
                && !seen.workers.contains { $0.node == gone.node }
        }.map(\.name)
    }

    /// Whether a pod goes by a lower count, or by labels taken away, that is not our doing.
    private func isTakenByOthers(_ pod: DrainSnapshot.Worker) -> Bool {
        switch seen.workerSet?.kind {
        case .stateful?: isBelowFirst(pod) || ((pod.ordinal ?? 0) >= firstFree && !isLoweredByUs && !isOurs(pod))
        case .daemon?: !pod.isPlaced && !isUnlabelledByUs(pod)
        case nil: false
        }
    }

    /// Whether somebody moved the lowest ordinal above a pod, which Kubernetes ends then.
    private func isBelowFirst(_ pod: DrainSnapshot.Worker) -> Bool {
        pod.ordinal.map { $0 < seen.workerSet?.firstOrdinal ?? 0 } ?? false
    }

    /// Whether a pod ends by our own lowering, though the count was raised again since.
    private func isOurs(_ pod: DrainSnapshot.Worker) -> Bool {
        phase.kind == .confirming && pod.isDeleting && phase.plan?.leaving.contains { $0.uid == pod.uid } == true
    }

    /// Whether we took, or are about to take, a node's labels away.
    private func isUnlabelledByUs(_ pod: DrainSnapshot.Worker) -> Bool {
        let isRemoved = phase.kind == .confirming || (!phase.kind.isBeforeRemoval && ledger.outcome == .removed)
        let isPlanned = (phase.plan ?? lastPlan)?.leaving.contains { $0.node == pod.node } ?? false
        return isRemoved && isPlanned || ledger.removedLabels.contains { $0.node == pod.node }
    }

    /// Whether a pod went by our own lowering.
    private func isRemovedByUs(_ pod: DrainSnapshot.Worker) -> Bool {
        (phase.kind == .confirming || ledger.outcome == .removed)
            && (phase.plan ?? lastPlan)?.leaving.contains { $0.uid == pod.uid } ?? false
    }

    /// What our own lowering made the count, where that is what it is now.
    private var ownCount: Int? { isLoweredByUs ? phase.plan?.target : nil }

    /// Whether the count is what our own lowering made it.
    private var isLoweredByUs: Bool {
        switch phase {
        // Labels go node by node.
        case .removing(let state): seen.workerSet?.kind != .stateful || isRemoved(state)
        case .confirming(let state): present >= state.plan.target && !state.isRaised
        default: false
        }
    }

    /// A lowering that was seen between two looks; by the next one it may have been taken back.
    public struct Lowered: Sendable, Hashable {
        /// The highest count before it.
        public var from: Int
        /// The lowest count after it.
        public var to: Int

        /// Makes one.
        public init(from: Int, to: Int) {
            self.from = from
            self.to = to
        }
    }

    /// Notes a lowering that the store showed while we lowered nothing, or not that far.
    public mutating func noteSeen(_ lowered: Lowered) {
        // The look was quicker than the store.
        if lowered == toldBlindly { return }
        if let plan = phase.plan, lowered.to >= plan.target, mayBeOurs(lowered) { return }
        // A watch may show our own lowering when all is over.
        if phase.kind == .coolingDown, ledger.outcome == .removed, let plan = lastPlan,
            lowered.to >= plan.target, lastPresent ?? 0 <= plan.target || (isUnknown && lowered.from <= plan.from)
        {
            return
        }
        lastPresent = max(lowered.from, lastPresent ?? 0)
        lowest = lowered.to
    }

    /// Whether what the store shows may be our own lowering, which it shows once.
    private mutating func mayBeOurs(_ lowered: Lowered) -> Bool {
        switch phase {
        case .removing(let state): return state.isWritten
        case .confirming(var state):
            if !state.isRaised, state.plan.target < lowered.from, lowered.from < state.plan.from {
                // It fell from neither what was before nor what we left: somebody had raised it, unseen.
                state.isRaised = true
                phase = .confirming(state)
                return false
            }
            guard state.isRaised else { return true }
            defer {
                state.isShown = true
                phase = .confirming(state)
            }
            return lowered.from >= state.plan.from && !state.isShown
        default: return false
        }
    }

    /// Notes how many workers the store showed before the first look: somebody may have lowered them since.
    public mutating func noteBefore(_ count: Int) { lastPresent = lastPresent ?? count }

    /// A lowering by somebody else of which users were not told all: whoever looks next has to.
    public var untold: Lowered? {
        let count = foreign.values.count { !$0.isTold && !$0.isRead }
        guard count > 0, let lastPresent else { return nil }
        return Lowered(from: lastPresent + count, to: lastPresent)
    }

    /// Whether somebody lowered the worker set to this since it was last looked at, or what that takes is not gone yet.
    public func isLowered(to count: Int) -> Bool { count < lastPresent ?? 0 || !foreign.isEmpty }
}
