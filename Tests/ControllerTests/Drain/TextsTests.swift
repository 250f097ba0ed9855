import Kubernetes
import Testing
import Wire

@testable import Simulation

/// What users are told is true, and no more than they can read.
@Suite struct `What a drain tells` {
    private func decommissioning() -> DrainBench {
        DrainBench(workers: 6, ["drain": "Decommission"]) { plan, runtime in
            plan.nodes = 8
            runtime.version = "2.9.6"
        }
    }

    @Test func `workers that are taken out of service one after the other, and back, are no drain that stands still`() {
        let bench = decommissioning()
        bench.want(2)
        let registrations = bench.runtime.alluxio
        #expect(bench.run(minutes: 20) { registrations.registrations.count { $0.state == .decommissioned } == 4 })
        bench.want(6)
        #expect(
            bench.run(minutes: 20) {
                bench.state == "Idle" && registrations.registrations.count { $0.state == .live } == 6
            })
        #expect(bench.told("DrainBlocked").isEmpty, "\(bench.told("DrainBlocked"))")
    }

    @Test func `a worker that can't be taken back since it does not run is told as that`() {
        let bench = DrainBench(["drain": "Decommission"]) { _, runtime in runtime.version = "2.9.6" }
        bench.want(2)
        #expect(bench.run { bench.runtime.alluxio.registrations.contains { $0.state == .decommissioned } })
        bench.run(seconds: 20)
        bench.crash(2)
        bench.want(3)
        #expect(bench.run(minutes: 3) { bench.blocked == "Undo" })
        #expect(bench.drain?.at("status", "blocked", "message")?.string?.contains("container does not run") == true)
    }

    @Test func `a drain that is given up tells only of files that were freed`() {
        let bench = DrainBench()
        bench.fill(2, (0..<5).map { "/f\($0)" }, .notPersisted)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        bench.fail("proxy hbase-worker-2", .status(503, retryAfter: nil))
        #expect(bench.run { bench.blocked == "WorkerUnreachable" })
        bench.want(3)
        #expect(bench.run { !bench.told("DrainCancelled").isEmpty })
        #expect(!bench.told("DrainCancelled").contains("Freed already"), "\(bench.told("DrainCancelled"))")
    }

    @Test func `an autoscaler that flaps while a drain is blocked floods nobody`() {
        let bench = DrainBench()
        bench.write(2)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        bench.run(minutes: 2)
        let (events, lines) = (bench.events.count, bench.lines)
        for number in 0..<20 {
            bench.want(number.isMultiple(of: 2) ? 1 : 2)
            bench.run(seconds: 15)
        }
        #expect(bench.events.count - events <= 8 && bench.lines - lines <= 24, "\(bench.lines - lines) lines")
    }

    @Test func `paths that a person takes back in mid-drain are freed no more`() {
        let paths = (0..<12).map { "/p\($0)" }
        let policy = ["drain-scope": "Path", "drain-paths": paths.joined(separator: ",")]
        let bench = DrainBench(policy) { _, runtime in runtime.masterMemory = "1Gi" }
        for path in paths {
            bench.fill(0, path + "/a")
            bench.fill(2, path + "/b")
        }
        bench.fail("exec free", .slow(.seconds(3)))
        bench.want(2)
        #expect(bench.run { bench.freed.count >= 2 })
        bench.annotate("drain-paths", "/p0")
        // What had begun ends.
        bench.run(seconds: 15)
        let before = bench.freed.count
        bench.run(minutes: 2)
        let late = bench.freed.dropFirst(before)
        // In later rounds what only the leaving worker holds goes file by file.
        #expect(late.allSatisfy { $0 == "/p0" || $0.hasSuffix("/b") } && bench.held(0).count >= 8, "\(late)")
    }
}
