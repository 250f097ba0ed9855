import Rules

/// Sluice on the model: what lives in memory, one pass at a time, and an oracle that knows the truth.
struct SimSluice {
    var progress = DrainProgress()
    var outcome = DrainOutcome.none
    var version: AlluxioVersion?
    var again: Int64? = 0
    var violations: [String] = []
    var trace: [String] = []
    var isTracing = false
    /// Files that were unpinned for a drain, by the model's count.
    var lastEvent = DrainEvent.even

    /// Sluice is killed and started again.
    mutating func crash() {
        progress = DrainProgress()
        outcome = .none
        version = nil
    }

    /// One pass; with `faults` the world moves between look and action, and writes and calls fail.
    mutating func pass(_ world: inout SimWorld, faults: Bool) {
        let record = world.record
        var seen = world.look(outcome: outcome, version: version)
        if record != nil {
            let isBound = record?.workerSetUID == world.setUID && record?.runtimeUID == world.runtimeUID
            let needs = DrainNeeds(seen, record: isBound ? record : nil, progress: progress)
            world.ask(needs, record: record, into: &seen)
            version = seen.version
        }
        let snapshot = world
        let decision = DrainStep.decide(seen, record: record, progress: progress, now: world.timestamp)
        lastEvent = decision.event
        if isTracing {
            trace.append(
                "\(world.now) \(decision.event) \(decision.record?.state.rawValue ?? "-") \(decision.record?.blocked?.reason ?? "") \(decision.action) wanted=\(world.wanted as Any) present=\(world.present) \(decision.notices.map(\.message))"
            )
        }
        again = decision.againMilliseconds
        violations += DrainInvariants.violations(decision, seen: seen, now: world.timestamp)
        if faults, world.random.chance(30) {
            world.pass(Int64(world.random.below(4000)))
            world.disturb()
        }
        if faults, world.random.chance(4) {
            crash()
            return
        }
        guard keep(decision, seen: seen, &world, snapshot, faults) else {
            if case .freed = outcome {} else { outcome = .none }
            return
        }
        if faults, world.random.chance(4) {
            crash()
            return
        }
        progress = decision.progress
        if case .setReplicas = decision.action {
            return
        }
        outcome = act(decision, &world, snapshot, faults)
        if faults, world.random.chance(4) {
            crash()
        }
    }

    /// Writes the record, and the count with it; false if nothing was written.
    private mutating func keep(
        _ decision: DrainDecision, seen: DrainObservation, _ world: inout SimWorld, _ snapshot: SimWorld, _ faults: Bool
    ) -> Bool {
        var count: Int?
        if case .setReplicas(_, let to) = decision.action { count = to }
        let wish = seen.workerSet?.wish
        let isWishOver = wish.map { !$0.isOpen(replicas: seen.runtime?.wanted, at: world.timestamp) } ?? false
        guard decision.record != world.record || count != nil || isWishOver else {
            return true
        }
        guard seen.workerSet?.uid == world.setUID, seen.workerSet?.resourceVersion == "\(world.resourceVersion)",
            !(faults && world.random.chance(5))
        else {
            return false
        }
        if let opened = decision.record?.drainedAt, opened != world.record?.drainedAt {
            // From now on Fluid may take them at any moment.
            judgeRemoval(Set((decision.record?.leaving ?? []).map { $0.uid }), decision, &world, snapshot)
        }
        world.record = decision.record
        notePlaces(decision.record, &world, snapshot)
        if isWishOver { world.wish = nil }
        world.touchSet()
        if let count {
            let isHeld = count < world.replicas && !world.isReconcilerKnown && world.isHoldOn
            if !isHeld, count < world.replicas {
                judgeRemoval(
                    Set(snapshot.pods.filter { $0.ordinal >= count }.map { $0.uid }), decision, &world, snapshot)
            }
            if count < (snapshot.wanted ?? (decision.record?.target == 0 ? 0 : Int.max)) {
                violations.append("S3: \(count) below \(snapshot.wanted as Any)")
            }
            world.replicas = isHeld ? world.replicas : count
            outcome = faults && world.random.chance(5) ? .failed("lost") : .replicas(world.replicas)
        }
        return true
    }

    private func notePlaces(_ record: DrainRecord?, _ world: inout SimWorld, _ snapshot: SimWorld) {
        guard let record, record.state != .confirming else {
            world.ranIn = []
            return
        }
        for pod in snapshot.pods where pod.everStarted && record.state.isBeforeRemoval {
            world.ranIn.insert(pod.ordinal)
        }
    }

    /// The oracle: what the leaving workers held when they were looked at decides whether they may go.
    private mutating func judgeRemoval(
        _ uids: Set<String>, _ decision: DrainDecision, _ world: inout SimWorld, _ snapshot: SimWorld
    ) {
        if snapshot.policy.mode == .removeAtOnce {
            return
        }
        for pod in snapshot.pods where uids.contains(pod.uid) && pod.goneAt == nil {
            // One that is about to start has the blocks that were on its node.
            if decision.record?.acceptance == .overdue && snapshot.policy.onDeadline == .remove { continue }
            // Nobody can know what was there before the drain.
            if pod.isBroken, !snapshot.ranIn.contains(pod.ordinal) { continue }
            let holding = snapshot.holding(pod.ordinal)
            if !holding.isKnownPersisted {
                violations.append("S2: \(pod.name) held what is not persisted")
            } else if !holding.isEmpty, decision.record?.acceptance != .leftOver || snapshot.policy.onDeadline != .auto
            {
                violations.append("S1: \(pod.name) held \(holding.fileCount) files")
            }
        }
    }

    private mutating func act(
        _ decision: DrainDecision, _ world: inout SimWorld, _ snapshot: SimWorld, _ faults: Bool
    ) -> DrainOutcome {
        switch decision.action {
        case .none, .setReplicas: return .none
        case .free(let calls, let parallel):
            // Some are not begun in time.
            let begun = calls.prefix(faults ? world.random.below(calls.count + 1) : parallel * 2)
            var results = free(Array(begun), decision, &world, snapshot, faults)
            while results.count < 20, world.random.chance(50) {
                world.pass(Int64(world.random.below(9000)))
                if faults, world.random.chance(30) { world.disturb() }
                let more = lookAgain(after: results, decision.record, world)
                guard !more.isEmpty else { break }
                results += free(more, decision, &world, world, faults)
            }
            world.pass(1200)
            progress.batch = results.map(\.call)
            return .freed(results)
        case .pin(let paths):
            return .pinned(
                paths.map { path in
                    guard world.isMasterUp, let index = world.files.firstIndex(where: { $0.path == path }) else {
                        return .init(path, world.isMasterUp ? .absent : .failed("down"))
                    }
                    world.files[index].isPinned = true
                    return .init(path, .done)
                })
        case .decommission(let undo):
            world.pass(22_000)
            guard world.isMasterUp else {
                return .service(.noMaster)
            }
            guard
                let index = world.pods.firstIndex(where: {
                    SimWorld.host($0.ordinal) == undo.host && world.isServing($0)
                })
            else {
                return .service(.notKnown)
            }
            world.pods[index].isOutOfService = true
            return .service(faults && world.random.chance(20) ? .unknown("cut") : .done)
        case .enable: return .service(world.isMasterUp ? .done : .noMaster)
        case .restart(let pod):
            guard let index = world.pods.firstIndex(where: { $0.name == pod.name && $0.uid == pod.uid }) else {
                return .failed("conflict")
            }
            let holding = snapshot.holding(world.pods[index].ordinal)
            if !holding.isKnownPersisted { violations.append("S2: \(pod.name) restarted with what is not persisted") }
            world.pods[index].goneAt = world.now + 500
            world.pods[index].isRunning = false
            return .done
        case .unlabel(let node):
            guard let ordinal = Int(node.dropFirst()) else {
                return .failed("no node")
            }
            let uids = Set(snapshot.pods.filter { $0.ordinal == ordinal }.map { $0.uid })
            judgeRemoval(uids, decision, &world, snapshot)
            if snapshot.placed.count <= (snapshot.wanted ?? 0) {
                violations.append("S3: unlabelled below what is wanted")
            }
            world.placed.remove(ordinal)
            return .done
        case .lowerStatusCounts(let count):
            world.desired = count
            return .done
        case .touch:
            world.fluid()
            return .done
        }
    }

    private mutating func free(
        _ calls: [FreeCall], _ decision: DrainDecision, _ world: inout SimWorld, _ snapshot: SimWorld, _ faults: Bool
    ) -> [DrainOutcome.FreeResult] {
        calls.map { call in
            judgeFree(call, decision, snapshot)
            return DrainOutcome.FreeResult(call, faulty(&world, faults) { $0.free(call) }, at: world.timestamp)
        }
    }

    /// The calls that may still be begun after some, by another look.
    private mutating func lookAgain(
        after results: [DrainOutcome.FreeResult], _ record: DrainRecord?, _ world: SimWorld
    ) -> [FreeCall] {
        var peeking = progress
        peeking.batch = results.map(\.call)
        var (seen, moved) = (world.look(outcome: .freed(results), version: version), world)
        moved.ask(DrainNeeds(seen, record: record, progress: peeking), record: record, into: &seen)
        let decision = DrainStep.decide(seen, record: world.record, progress: peeking, now: world.timestamp)
        guard case .free(let calls, let parallel) = decision.action, world.record == record, decision.record == record
        else {
            return []
        }
        violations += DrainInvariants.violations(decision, seen: seen, now: world.timestamp)
        return Array(calls.filter { call in !results.contains { $0.call == call } }.prefix(parallel))
    }

    /// A call may be cut before or after it did its work, or answer nonsense.
    private func faulty(_ world: inout SimWorld, _ faults: Bool, _ work: (inout SimWorld) -> FreeAnswer) -> FreeAnswer {
        guard faults, world.random.chance(8) else {
            return work(&world)
        }
        switch world.random.below(4) {
        case 0: return .unknown("cut")
        case 3: return .gaveUp
        case 1:
            _ = work(&world)
            return .unknown("cut")
        default: return .failed("garbled")
        }
    }

    /// The oracle for S8: no file goes that a survivor was seen to hold and no leaving worker was.
    private mutating func judgeFree(_ call: FreeCall, _ decision: DrainDecision, _ snapshot: SimWorld) {
        guard let record = decision.record, snapshot.policy.scope == .worker, record.fallback == nil, record.target > 0
        else {
            return
        }
        let leaving = Set(record.leaving.map { $0.uid })
        for index in snapshot.files.indices where snapshot.files[index].path.isInside(call.path) {
            var isLeavings = false
            var survivor: String?
            for pod in snapshot.pods where snapshot.disks[pod.ordinal].held.contains(index) {
                if leaving.contains(pod.uid) {
                    isLeavings = true
                } else if pod.goneAt == nil, pod.isListReadable, pod.isRunning, pod.everStarted {
                    survivor = pod.name
                }
            }
            if let survivor, !isLeavings {
                violations.append("S8: \(call.path.text) took \(snapshot.files[index].path.text) from \(survivor)")
            }
        }
    }
}
