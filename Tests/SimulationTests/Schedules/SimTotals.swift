/// What many schedules led to.
struct SimTotals: Sendable {
    var violations: [String] = []
    private var reached: [String: Int] = [:]
    private var schedules = 0
    private var steps = 0
    private var seconds: Int64 = 0

    mutating func add(_ outcome: SimSchedule.Outcome, seed: UInt64) {
        schedules += 1
        steps += outcome.steps
        seconds += outcome.seconds
        violations += outcome.violations.map { "seed \(seed): \($0)" }
        // In how many schedules something was reached is what counts, not how often.
        for (what, _) in outcome.reached { reached[what, default: 0] += 1 }
    }

    mutating func add(_ other: SimTotals) {
        schedules += other.schedules
        steps += other.steps
        seconds += other.seconds
        violations += other.violations
        reached.merge(other.reached) { $0 + $1 }
    }

    /// How many schedules reached what, and what it cost.
    var table: String {
        let lines = reached.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
        return (lines + ["\(steps) steps, \(seconds / 3_600) h of simulated time"]).joined(separator: "\n")
    }
}
