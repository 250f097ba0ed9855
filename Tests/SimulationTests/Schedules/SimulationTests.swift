import Foundation
import Testing

@testable import Simulation

/// Random schedules around the code that ships.
///
/// `SLUICE_SEEDS=N` runs N schedules, `SLUICE_FROM=S` begins at another seed, `SLUICE_TRACE=1` tells them step by step.
@Suite struct `Simulated schedules` {
    private static func number(_ name: String) -> UInt64? {
        ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) }
    }

    @Test func `on a quiet day every drain ends as it was wished for`() {
        var lowerings = 0
        for seed in 1...8 as ClosedRange<UInt64> {
            let schedule = SimSchedule(.ordinary(seed: seed)) { _ in }
            let outcome = schedule.run(seed: seed)
            #expect(outcome.violations.isEmpty, "seed \(seed): \(outcome.violations)")
            lowerings += outcome.reached["lowering"] ?? 0
        }
        #expect(lowerings >= 8)
    }

    @Test func `the same seed gives the same schedule`() {
        let traces = (0..<2).map { _ in SimSchedule(seed: 3).run(seed: 3, isTracing: true).trace }
        #expect(!traces[0].isEmpty)
        #expect(traces[0] == traces[1])
    }

    @Test(.enabled(if: number("SLUICE_SEEDS") != nil)) func `keep every promise`() async {
        let count = Self.number("SLUICE_SEEDS") ?? 0
        let first = Self.number("SLUICE_FROM") ?? 1
        let isTracing = Self.number("SLUICE_TRACE") != nil
        let stopsEarly = Self.number("SLUICE_STOP") != nil
        let lanes: UInt64 = 2
        let result = await withTaskGroup(of: SimTotals.self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var totals = SimTotals()
                    var seed = first + lane
                    while seed < first + count, !stopsEarly || totals.violations.isEmpty {
                        let outcome = SimSchedule(seed: seed).run(seed: seed, isTracing: isTracing)
                        totals.add(outcome, seed: seed)
                        if isTracing { print(outcome.trace.joined(separator: "\n")) }
                        seed += lanes
                    }
                    return totals
                }
            }
            return await group.reduce(into: SimTotals()) { $0.add($1) }
        }
        print(result.table)
        print("simulated \(count) schedules, \(result.violations.count) violations")
        #expect(result.violations.isEmpty, "\(result.violations.prefix(20).joined(separator: "\n"))")
    }
}
