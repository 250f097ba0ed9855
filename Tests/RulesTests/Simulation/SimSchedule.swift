import Rules

/// One schedule: chaos, then calm, and what must be true.
struct SimSchedule {
    var world: SimWorld
    var sluice = SimSluice()
    var failures: [String] = []
    static let chaosSteps = 60
    static let calmMilliseconds: Int64 = 4 * 3_600_000
    static let calmPassesMaximum = 4000
    /// For how long an obstacle has to stand before it counts as one that stays: longer than any deadline or cool-down.
    static let blockedMilliseconds: Int64 = 15 * 60_000

    init(seed: UInt64, isTracing: Bool = false) {
        world = SimWorld(seed: seed)
        sluice.isTracing = isTracing
    }

    /// Runs a schedule; returns what was broken, and the trace if one was asked for.
    static func run(seed: UInt64, isTracing: Bool = false) -> (failures: [String], trace: [String]) {
        var schedule = SimSchedule(seed: seed, isTracing: isTracing)
        schedule.chaos()
        schedule.calm()
        return (schedule.failures, schedule.sluice.trace)
    }

    private mutating func chaos() {
        for _ in 0..<Self.chaosSteps {
            if world.random.chance(35) { world.disturb() }
            if world.random.chance(30) { world.fluid() }
            if world.random.chance(40) { world.ask() }
            let pause = sluice.again.map { min($0, 5000) } ?? 5000
            world.pass(world.random.chance(20) ? Int64(world.random.below(60_000)) : pause)
            sluice.pass(&world, faults: true)
            if !sluice.violations.isEmpty {
                failures = sluice.violations
                return
            }
        }
    }

    private mutating func calm() {
        guard failures.isEmpty else {
            return
        }
        world.heal()
        let end = world.now + Self.calmMilliseconds
        var passes = 0
        while world.now < end, passes < Self.calmPassesMaximum {
            passes += 1
            if passes % 7 == 0 { world.fluid() }
            world.pass(max(sluice.again.map { min($0, 30_000) } ?? 30_000, 10))
            sluice.pass(&world, faults: false)
            if world.now - world.askedAt >= 15_000 { world.ask() }
            if !sluice.violations.isEmpty {
                failures = sluice.violations
                return
            }
            if isAtRest || (isTrulyBlocked && world.now > end - Self.calmMilliseconds + Self.blockedMilliseconds) {
                break
            }
        }
        judge(passes)
    }

    private var isAtRest: Bool {
        world.present == world.goal && world.wanted == world.goal && world.record == nil && sluice.again == nil
            && world.pods.allSatisfy { $0.goneAt == nil }
    }

    /// Whether what stands in the way is really there.
    private var isTrulyBlocked: Bool {
        guard let record = world.record, let blocked = record.blocked else {
            return false
        }
        let leaving = world.pods.filter { pod in record.leaving.contains { $0.uid == pod.uid } }
        let undone = world.pods.filter { pod in record.undo.contains { $0.name == pod.name } }
        let isByPath = world.policy.scope == .path || record.fallback != nil || record.target == 0
        let asked = isByPath ? world.pods : leaving
        switch blocked.reason {
        case "Unpersisted": return asked.contains { world.holding($0.ordinal).unpersistedCount > 0 }
        case "Pinned":
            return world.policy.pinned == .keep && asked.contains { world.holding($0.ordinal).pinnedCount > 0 }
        case "DecommissionUnsupported": return world.policy.mode == .decommission && !world.version.canDecommission
        case "Undo": return undone.contains { !world.holding($0.ordinal).isKnownPersisted }
        case "Deadline":
            return world.policy.onDeadline == .hold && leaving.contains { !world.holding($0.ordinal).isEmpty }
        default: return false
        }
    }

    private mutating func judge(_ passes: Int) {
        if isTrulyBlocked {
            return
        }
        if world.present != world.goal {
            failures.append(
                "L1: \(world.present) of \(world.goal as Any) after \(passes) passes, "
                    + "\(world.record?.state.rawValue ?? "no record"), blocked by \(world.record?.blocked?.reason ?? "nothing"): \(sluice.lastEvent)"
            )
        } else if world.record != nil {
            failures.append(
                "L1: the record stays: \(world.record?.state.rawValue ?? ""), \(world.record?.blocked?.reason ?? "") \(sluice.lastEvent)"
            )
        }
        let out = world.pods.filter { $0.isOutOfService && $0.goneAt == nil }
        if world.record == nil, !out.isEmpty, world.present == world.wanted {
            failures.append("L2: \(out.map(\.name)) stays out of service")
        }
    }
}
