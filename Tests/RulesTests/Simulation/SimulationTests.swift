import Foundation
import Rules
import Testing

/// Random schedules of users, faults, Fluid and Alluxio around the real protocol.
///
/// `SLUICE_SIMULATE=N` runs N schedules instead of the few of every test run, `SLUICE_SEED=S` begins at another seed. A failure
/// names its seed; `SimSchedule.run(seed:isTracing:)` tells it step by step.
@Suite struct `Simulated schedules` {
    static let number = ProcessInfo.processInfo.environment["SLUICE_SIMULATE"].flatMap { UInt64($0) } ?? 300
    static let seed = ProcessInfo.processInfo.environment["SLUICE_SEED"].flatMap { UInt64($0) } ?? 1

    @Test func `no promise is broken, and every drain ends or says truthfully why not`() async {
        let lanes: UInt64 = 4
        let failed = await withTaskGroup(of: [String].self) { group in
            for lane in 0..<lanes {
                group.addTask {
                    var failed: [String] = []
                    var seed = Self.seed + lane
                    while seed < Self.seed + Self.number, failed.count < 5 {
                        for failure in SimSchedule.run(seed: seed).failures {
                            failed.append("seed \(seed): \(failure)")
                        }
                        seed += lanes
                    }
                    return failed
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(failed.isEmpty, "\(failed.joined(separator: "\n"))")
        print("\(Self.number) schedules from seed \(Self.seed), \(failed.count) violations")
    }

    @Test func `the same seed gives the same schedule`() {
        for seed in [3, 17, 99] as [UInt64] {
            #expect(
                SimSchedule.run(seed: seed, isTracing: true).trace == SimSchedule.run(seed: seed, isTracing: true).trace
            )
        }
    }

    @Test func `the schedules reach every state and nearly every event`() {
        var states: Set<String> = []
        var events: Set<String> = []
        for seed in 1...150 as ClosedRange<UInt64> {
            for line in SimSchedule.run(seed: seed, isTracing: true).trace {
                let words = line.split(separator: " ")
                events.insert(String(words[1]))
                states.insert(String(words[2]))
            }
        }
        #expect(Set(DrainState.allCases.map(\.rawValue)).subtracting(states) == ["Idle"])
        #expect(Set(DrainEvent.allCases.map(\.rawValue)).subtracting(events).isSubset(of: ["gone"]))
    }
}
