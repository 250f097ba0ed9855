import Kubernetes
import Testing
import Wire

@testable import Simulation

/// What one process leaves to the next: what was told is not told again, and what nobody told is.
@Suite struct `A failover` {
    /// Two replicas, of which the one that leads has drained 3 to 2.
    private static func drained() -> DrainBench {
        let bench = DrainBench { plan, _ in plan.replicas = 2 }
        bench.fill(2, "/d/a", "/d/b")
        bench.want(2)
        #expect(bench.run { bench.state == "Idle" && bench.replicas == 2 })
        return bench
    }

    /// Ends the process that leads, for good; the other one takes over.
    private static func failOver(_ bench: DrainBench) {
        bench.world.processes.first { $0.leadsSince != nil }?.kill()
        bench.run(minutes: 10)
        #expect(bench.world.processes.contains { $0.leadsSince != nil })
    }

    @Test(arguments: [false, true])
    func `tells nobody of a lowering that was the other's own`(isRaisedAgain: Bool) {
        let bench = Self.drained()
        bench.run(minutes: 5)
        if isRaisedAgain {
            bench.want(3)
            #expect(bench.run { bench.replicas == 3 && bench.worker(2)?.isUp == true })
            bench.run(minutes: 10)
        }
        Self.failOver(bench)
        #expect(bench.told("UndrainedRemoval").isEmpty, "\(bench.told("UndrainedRemoval"))")
    }

    @Test func `tells nobody again of a lowering by somebody else that the other told`() {
        let bench = DrainBench { plan, _ in plan.replicas = 2 }
        bench.write(2)
        bench.scale(to: 2)
        #expect(bench.run(minutes: 2) { !bench.told("UndrainedRemoval").isEmpty })
        #expect(bench.run { bench.replicas == 3 && bench.worker(2)?.isUp == true })
        bench.run(minutes: 30)
        let before = bench.events.count { $0.reason == "UndrainedRemoval" }
        Self.failOver(bench)
        #expect(bench.events.count { $0.reason == "UndrainedRemoval" } == before)
    }

    @Test func `tells nobody of lowerings that were the other's own, an old one and one of just now`() {
        let bench = DrainBench(workers: 6) { plan, _ in plan.replicas = 2 }
        for count in [2, 6, 5] {
            bench.want(count)
            #expect(bench.run { bench.replicas == Int64(count) && (count == 6 || bench.state == "Confirming") })
            if count != 5 { bench.run(minutes: 30) }
        }
        Self.failOver(bench)
        #expect(!bench.told("UndrainedRemoval").contains("Somebody else"), "\(bench.told("UndrainedRemoval"))")
    }

    @Test func `tells nobody again of a lowering below a drain's own that the other told`() {
        let bench = Self.drained()
        bench.write(1)
        bench.fail("fluid", .refused)
        bench.scale(to: 1)
        bench.want(1)
        #expect(bench.run { bench.told("UndrainedRemoval").contains("hbase-worker-1") })
        bench.run(minutes: 10)
        let before = bench.events.count { $0.reason == "UndrainedRemoval" }
        Self.failOver(bench)
        bench.want(2)
        bench.run(minutes: 5)
        #expect(bench.events.count { $0.reason == "UndrainedRemoval" } == before, "\(bench.events)")
    }

    @Test(arguments: ["Removing", "Confirming", "CoolingDown", "Idle"])
    func `tells of a lowering below a drain's own while no process ran`(state: String) {
        let bench = DrainBench(["cooldown": state == "Idle" ? "1s" : "10m"])
        bench.fill(2, "/d/a", "/d/b")
        bench.want(2)
        #expect(bench.run { bench.state == state && (state != "Idle" || bench.replicas == 2) })
        bench.world.processes[0].kill()
        bench.fail("fluid", .refused)
        bench.run(seconds: 40)
        bench.write(1)
        bench.scale(to: 1)
        bench.run(minutes: 3)
        #expect(bench.pod(1) == nil && bench.replicas == 1)
        bench.world.processes[0].start(in: bench.world)
        bench.run(minutes: 5)
        #expect(bench.told("UndrainedRemoval").contains("hbase-worker-1"), "\(bench.events)")
    }

    @Test func `of an installation that is gone is not waited for once its drain is long over`() {
        let bench = DrainBench()
        bench.fill(2, "/d/a", "/d/b")
        bench.want(2)
        #expect(bench.run { bench.state == "Idle" && bench.replicas == 2 })
        bench.run(minutes: 60)
        bench.change(["spec", "manager"], of: .workerDrains, to: "old/sluice")
        bench.restart()
        bench.run(minutes: 1)
        bench.want(1)
        #expect(bench.run(minutes: 2) { bench.replicas == 1 }, "\(bench.told("DrainBlocked"))")
    }

    // MARK: Again and again

    /// Another process comes each so many seconds.
    private static func restartEvery(_ seconds: Int64, _ bench: DrainBench) {
        bench.world.after(.seconds(seconds)) { [weak bench] in
            guard let bench else { return }
            bench.restart()
            restartEvery(seconds, bench)
        }
    }

    @Test func `now and then keeps no drain from cooling down`() {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 && bench.state == "CoolingDown" })
        Self.restartEvery(40, bench)
        bench.want(1)
        #expect(bench.run(minutes: 60) { bench.replicas == 1 }, "\(bench.state) \(bench.blocked)")
    }

    @Test func `now and then keeps no reason from being told`() {
        let bench = DrainBench(["drain-client": "Exec"])
        bench.fill(2, "/d/a", "/d/b")
        bench.fail("exec", .lost)
        Self.restartEvery(40, bench)
        bench.want(2)
        #expect(bench.run { !bench.blocked.isEmpty }, "\(bench.state)")
    }

    @Test func `now and then keeps no deadline from passing`() {
        let bench = DrainBench(["drain-client": "Exec", "on-deadline": "Remove", "drain-deadline": "10m"])
        bench.fill(2, "/d/a", "/d/b")
        bench.fail("exec free", .refused)
        Self.restartEvery(240, bench)
        bench.want(2)
        #expect(bench.run(minutes: 60) { bench.replicas == 2 }, "\(bench.state) \(bench.blocked)")
    }
}
