import Kubernetes
import Testing
import Wire

@testable import Simulation

@Suite struct `A scale-down` {
    @Test func `three to two: only what the leaving worker holds is freed, then it goes`() {
        let bench = DrainBench()
        bench.fill(0, "/d/a", "/d/b")
        bench.fill(2, "/d/c", "/d/x y", "/own/1", "/own/2")
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.world.now < .seconds(60), "\(bench.world.now.shown)")
        #expect(bench.freed.sorted() == ["/d/c", "/d/x y", "/own"])
        #expect(bench.run { bench.state == "Idle" } && bench.held(0) == ["/d/a", "/d/b"])
        #expect(bench.events.first?.reason == "DrainStarted" && !bench.told("WorkersRemoved").isEmpty)
        #expect(bench.drained == "True Removed")
        #expect(bench.run { bench.workerSet?.at("metadata", "annotations", "sluice.dev/drain-fence") == nil })
        #expect(bench.object?.at("metadata", "annotations", "sluice.dev/touched") != nil)
        #expect(bench.object?.at("status", "selector") == "app=alluxio,release=hbase,role=alluxio-worker")
    }

    @Test func `to zero: by path, and all of it`() {
        let bench = DrainBench(workers: 2)
        for index in 0..<2 { bench.fill(index, "/d/\(index)") }
        bench.want(0)
        #expect(bench.run { bench.replicas == 0 } && bench.freed == ["/"])
    }

    @Test func `a restart again and again ends the same way`() {
        let bench = DrainBench(workers: 4)
        for index in 0..<4 { bench.fill(index, (0..<12).map { "/d/\(index)-\($0)" } + ["/e/\(index)"]) }
        bench.want(1)
        for _ in 0..<20 where bench.replicas != 1 {
            // The lease of the one before has to end.
            bench.run(seconds: 25)
            bench.restart()
        }
        #expect(bench.run { bench.replicas == 1 } && bench.held(0).count == 13)
    }

    @Test func `a worker that is slow to list is asked for what it could give the last time`() {
        // 40 entries take as long as an answer may.
        let bench = DrainBench { _, runtime in runtime.listMicroseconds = 250_000 }
        bench.fill(2, (0..<60).map { "/d/\($0)" })
        bench.want(2)
        bench.run { bench.frees > 0 }
        let limits = bench.asked("worker-2", "webui_blockinfo").compactMap { line in
            line.split(separator: "limit=").last.flatMap { Int($0.prefix { $0.isNumber }) }
        }.filter { $0 > 1 }
        #expect(limits.starts(with: [200, 100, 50, 25]) && !limits.dropFirst().contains(200), "\(limits)")
    }

    @Test func `a call that fails alone is logged without a count, and several with theirs`() {
        let bench = DrainBench { plan, _ in plan.nodes = 3 }
        bench.fill(0, "/d/a")
        bench.fill(2, "/d/b")
        bench.fail("exec", .killed)
        bench.want(2)
        func lines() -> [String] {
            bench.world.processes[0].logged.lines.map(\.text).filter { $0.contains("call did not go as told") }
        }
        #expect(bench.run { lines().count == 2 })
        #expect(!lines()[0].contains("calls=") && lines()[1].contains("calls="), "\(lines())")
    }

    @Test func `a worker set that somebody else writes each time is told as that`() {
        let bench = DrainBench()
        bench.want(2)
        #expect(bench.run { bench.state == "Settling" })
        bench.fail("patch statefulsets", .status(409, retryAfter: nil))
        #expect(bench.run(minutes: 5) { bench.blocked == "APIServer" })
        #expect(bench.drain?.at("status", "blocked", "message")?.string?.contains("somebody else writes") == true)
        bench.mend()
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test(arguments: ["get alluxioruntimes", "get statefulsets", "get workerdrains"])
    func `a new process that can't read everything at once wipes nothing out`(call: String) {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        bench.want(2)
        #expect(bench.run { bench.state == "Freeing" })
        let workers = bench.drain?.at("spec", "workers")
        bench.world.processes[0].kill()
        // It is an hour old.
        bench.change(["status", "elapsed"], of: .workerDrains, to: 3_600_000)
        bench.restart()
        bench.fail(call, .status(500, retryAfter: nil))
        #expect(bench.run { bench.troubles.contains("500") })
        bench.run(seconds: 10)
        #expect(bench.drain?.at("spec", "workers") == workers && bench.state != "Idle")
        bench.mend()
        #expect(bench.run { bench.told("WorkersRemoved").contains("after 36") })
    }

    @Test func `a drain before is no longer the end of it once still fewer workers are wanted`() {
        let bench = DrainBench(["cooldown": "10m"])
        bench.want(2)
        bench.run { bench.state == "CoolingDown" && bench.drained == "True Removed" }
        #expect(bench.drained == "True Removed")
        bench.want(1)
        #expect(bench.run(minutes: 1) { bench.drained == "False Waiting" } && bench.state == "CoolingDown")
    }

    @Test func `a write whose answer is lost is written again, though it says what was written before`() {
        let bench = DrainBench(["drain": "Fre"])
        bench.want(2)
        #expect(bench.run { bench.blocked == "Policy" })
        bench.fail("patch workerdrains/status", .answerLost)
        bench.want(3)
        #expect(bench.run { bench.blocked.isEmpty })
        bench.mend()
        bench.want(2)
        #expect(bench.run(minutes: 2) { bench.blocked == "Policy" })
    }

    @Test(arguments: [[], [PodPort.Route.direct]])
    func `a look that a slow event has made old frees nothing any more`(routes: [PodPort.Route]) {
        let bench = DrainBench { _, runtime in runtime.rpcRoutes = routes }
        for index in 0..<3 { bench.fill(index, "/d/\(index)", "/e/all") }
        bench.fail("create events", .lost)
        bench.want(2)
        #expect(bench.run(minutes: 2) { bench.state == "Freeing" })
        bench.run(seconds: 2)
        bench.want(3)
        bench.run(seconds: 40)
        #expect(bench.frees == 0 && bench.removals == 0 && bench.held(2).count == 2)
        // Events are told once, whatever becomes of them.
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test(arguments: [[], [PodPort.Route.direct]])
    func `a look that a slow write has made old frees nothing any more`(routes: [PodPort.Route]) {
        let bench = DrainBench { _, runtime in runtime.rpcRoutes = routes }
        for index in 0..<3 { bench.fill(index, "/d/\(index)", "/e/all") }
        bench.want(2)
        // What is to be freed is written, and only then it is.
        bench.fail("patch workerdrains/status", .slow(.seconds(8)))
        #expect(bench.run(minutes: 2) { bench.state == "Freeing" })
        bench.run(seconds: 9)
        bench.want(3)
        bench.run(seconds: 40)
        #expect(bench.frees == 0 && bench.removals == 0 && bench.held(2).count == 2)
        bench.mend()
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test func `workers that can't run and are known to be empty don't hide how far it is`() {
        let bench = DrainBench()
        for index in [0, 2] { bench.fill(index, (0..<400).map { "/d/\($0)" }) }
        bench.runtime.isImageMissing = true
        bench.want(5)
        #expect(bench.run { bench.pod(4)?.stage == .imageMissing && bench.pod(3)?.stage == .imageMissing })
        bench.run(minutes: 1)
        bench.want(2)
        #expect(
            bench.run { bench.state == "Freeing" && bench.drain?.at("status", "left")?.string == "400 files, 400 MiB" })
        #expect(bench.run { bench.replicas == 2 } && !bench.told("DrainBlocked").contains("CallRunning"))
    }

    @Test func `what alternates in the way of telling users is logged twice a minute at most`() {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        bench.want(2)
        bench.run { bench.state == "Freeing" }
        let before = bench.lines
        for turn in 0..<12 {
            bench.mend()
            bench.fail("get alluxioruntimes", .status(turn.isMultiple(of: 2) ? 500 : 403, retryAfter: nil))
            bench.run(seconds: 6)
        }
        #expect(bench.lines - before <= 4, "\(bench.lines - before)")
        #expect(bench.troubles.contains("alluxioruntimes"))
    }

    @Test func `back to three in mid-drain gives up, and says what was freed`() {
        let bench = DrainBench()
        for index in 0..<3 { bench.fill(index, "/d/\(index)", "/e/\(index)") }
        bench.want(1)
        #expect(bench.run { !bench.freed.isEmpty })
        bench.want(3)
        #expect(bench.run { bench.state == "Idle" } && bench.replicas == 3)
        #expect(!bench.told("DrainCancelled").isEmpty && bench.drained.hasPrefix("False"))
    }

    @Test(arguments: ["Exec", "Rpc"])
    func `a person who says in mid-drain that nothing is to be drained is believed`(client: String) {
        let bench = DrainBench(["drain-client": client]) { _, runtime in runtime.rpcRoutes = [.direct] }
        bench.fill(2, "/d/a", "/d/b")
        // Nothing that is freed goes.
        bench.fail("exec", .killed)
        bench.fail("rpc worker", .lost)
        // Nor does Fluid lower by itself what nobody holds any more.
        bench.fail("fluid", .refused)
        bench.want(2)
        #expect(bench.run { bench.state == "Freeing" })
        bench.annotate("drain", "None")
        #expect(bench.run(minutes: 2) { bench.replicas == 2 })

    }

    @Test func `deleting the drain's object in mid-drain loses nothing`() {
        let bench = DrainBench()
        bench.fill(2, "/d/a", "/d/b")
        bench.fill(1, "/d/c")
        bench.want(2)
        for _ in 0..<4 {
            bench.run { bench.state == "Freeing" || bench.state == "Settling" }
            bench.world.server.remove(.workerDrains, bench.runtime.key, by: .person)
            bench.run(seconds: 3)
        }
        #expect(bench.run { bench.replicas == 2 } && bench.run { bench.state == "Idle" })
        #expect(bench.held(1) == ["/d/c"])
    }

    @Test func `without the definition nothing is freed or lowered, and it is said`() {
        let bench = DrainBench { plan, _ in plan.hasDrainDefinition = false }
        bench.fill(2, "/d/a")
        bench.want(2)
        bench.run(minutes: 3)
        #expect(bench.replicas == 3 && bench.frees == 0 && Set(bench.events.map(\.reason)) == ["DrainBlocked"])
        #expect(bench.troubles.contains("WorkerDrain"))
        bench.world.server.served.insert(.workerDrains)
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test func `a drain's object of another version is named, and not written over`() {
        let bench = DrainBench()
        bench.world.server.create(
            .workerDrains, bench.runtime.key,
            ["spec": ["version": 99, "runtimeUID": "r", "future": "kept"], "status": ["state": "Freeing"]], by: .person)
        bench.want(2)
        #expect(bench.run { bench.blocked == "UnreadableDrain" })
        bench.run(minutes: 2)
        #expect(bench.replicas == 3 && bench.frees == 0 && bench.drain?.at("spec", "future") == "kept")
        bench.world.server.remove(.workerDrains, bench.runtime.key, by: .person)
        #expect(bench.run { bench.replicas == 2 })
    }
}
