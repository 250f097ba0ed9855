extension DrainMachine {
    /// A worker that somebody else's lowering takes.
    struct Foreign: Sendable {
        var name: String
        /// Whether it could be read since, and whether users were told that something is on it.
        var isRead = false
        var isTold = false
    }

    /// Watches what somebody else's lowering takes to its end, in whatever state a drain is: it is never passed over.
    mutating func watchForeign(before: Int?) {
        guard let set = seen.workerSet, set.kind == .stateful, seen.runtime?.isDeleting == false,
            policy.mode != .removeAtOnce
        else {
            foreign = [:]
            return
        }
        // Without the pods nobody can say; the count is compared at the next look.
        guard seen.trouble == nil else { return }
        var unread: [String] = []
        if let before, present < before, !isLoweredByUs {
            for index in present..<min(before, present + DrainTiming.leavingMaximum) {
                let name = "\(set.name)-\(set.firstOrdinal + index)"
                let known = phase.plan?.leaving.first { $0.name == name }?.now
                if let pod = seen.workers.first(where: { $0.name == name }) {
                    foreign[pod.uid] = Foreign(name: name)
                } else if known.map({ $0.files != 0 || $0.bytes > 0 }) ?? true {
                    unread.append(name)
                }
            }
        }
        // Whoever took over in the midst of it knows it by the pods alone.
        for pod in seen.workers where (pod.ordinal ?? 0) >= firstFree && !isLoweredByUs && foreign[pod.uid] == nil {
            foreign[pod.uid] = Foreign(name: pod.name)
        }
        for (uid, entry) in foreign.sorted(by: { $0.value.name < $1.value.name }) {
            guard let pod = seen.worker(uid: uid), pod.isDeleting || (pod.ordinal ?? 0) >= firstFree else {
                // It is gone, or serves on.
                if seen.worker(uid: uid) == nil, !entry.isRead { unread.append(entry.name) }
                foreign[uid] = nil
                continue
            }
            let what: String
            switch pod.look {
            case .notAsked, .unreadable(.moved): continue
            case .unreachable, .unreadable: what = "nobody knows what"
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
            notices.append(
                DrainNotice(
                    .undrained,
                    "Somebody else lowered the worker set; \(listed(unread, most: 8)) went with nobody knows what."))
        }
    }

    /// Whether the count is what our own lowering made it.
    private var isLoweredByUs: Bool {
        switch phase {
        case .removing(let state): removal.isLowered(state.plan, seen)
        case .confirming(let state): present >= state.plan.target
        default: false
        }
    }

    /// Notes how many workers the store showed before somebody lowered the worker set, while nothing was under way.
    public mutating func noteSeen(_ count: Int) {
        if phase.kind == .idle || phase.kind == .coolingDown { lastPresent = max(count, lastPresent ?? 0) }
    }

    /// Whether somebody lowered the worker set to this since it was last looked at, or what that takes is not gone yet.
    public func isLowered(to count: Int) -> Bool { count < lastPresent ?? 0 || !foreign.isEmpty }
}
