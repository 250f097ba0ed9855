@testable import Simulation

/// One schedule: a while in which everything may happen, then calm, and what must be true.
struct SimSchedule {
    /// What a schedule led to.
    struct Outcome {
        var violations: [String]
        var trace: [String]
        var reached: [String: Int]
        var steps: Int
        var seconds: Int64
    }

    var plan: SimPlan
    /// What happens besides what the seed draws.
    var script: (SimWorld) -> Void = { _ in }
    /// What must be true before everything is mended; it says what is not.
    var check: (SimWorld) -> String? = { _ in nil }
    /// For how long calm lasts at most.
    static let calm = Int64.minutes(45)

    /// The schedule that a seed draws; some have in their midst what few seeds would come to by themselves.
    init(seed: UInt64) {
        plan = .drawn(seed: seed)
        let random = SimRandom(seed: seed &* 131 &+ 5)
        guard random.chance(20) else { return }
        let named = random.pick(random.chance(50) ? NamedSchedule.rare : NamedSchedule.all).make()
        script = named.script
        plan.take(named.plan)
    }

    /// A schedule that is written by hand.
    init(_ plan: SimPlan, check: @escaping (SimWorld) -> String? = { _ in nil }, _ script: @escaping (SimWorld) -> Void)
    {
        self.plan = plan
        self.check = check
        self.script = script
    }

    func run(seed: UInt64, isTracing: Bool = false, isQuiet: Bool = false) -> Outcome {
        let world = SimWorld(plan, seed: seed, isTracing: isTracing)
        world.oracle.sample()
        script(world)
        if !isQuiet { world.people.begin() }
        world.run(until: plan.chaos)
        if let problem = check(world) { world.oracle.violate("L1", problem) }
        if world.oracle.violations.isEmpty {
            world.people.heal()
            let end = world.now + Self.calm
            var checkedAt = world.now
            world.run(until: end) {
                guard world.now - checkedAt > .seconds(5) else { return false }
                checkedAt = world.now
                return world.oracle.isSettled
            }
            if world.oracle.violations.isEmpty { world.oracle.judgeEnd() }
        }
        let seconds = world.now / 1_000_000
        world.end()
        return Outcome(
            violations: world.oracle.violations, trace: world.trace, reached: world.oracle.reached, steps: world.steps,
            seconds: seconds)
    }
}
