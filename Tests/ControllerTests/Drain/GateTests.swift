import Kubernetes
import Rules
import Testing
import Wire

@testable import Simulation

extension DrainBench {
    fileprivate func unlabel(_ node: Int) {
        world.server.change(.nodes, ObjectKey(namespace: "", name: "node-\(node)"), by: .person) {
            $0.set(["metadata", "labels"], [:])
        }
    }
}

/// Fluid 0.5 and 0.6: nodes lose their labels before the lower count is let in, and get them back if the wish dies.
@Suite struct `A gated drain goes on, or back, after` {
    @Test func `a restart while it waits for admission`() {
        let bench = DrainBench.daemons(.b)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.run(seconds: 5)
        bench.restart()
        bench.run(seconds: 20)
        bench.want(2)
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2)
    }

    @Test func `the mark is taken off by hand while it waits for admission`() {
        let bench = DrainBench.daemons(.b)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.change(["metadata", "annotations", Annotation.drainFence], of: .daemonSets, to: nil)
        bench.run(seconds: 20)
        bench.want(2)
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2)
    }

    @Test func `the drain's object is deleted while it waits for admission`() {
        let bench = DrainBench.daemons(.b)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.world.server.remove(.workerDrains, bench.runtime.key)
        bench.run(seconds: 20)
        bench.want(2)
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2)
    }

    @Test func `a request that rises after its nodes have lost their labels`() {
        let bench = DrainBench.daemons(.b)
        bench.want(1, tries: 0)
        #expect(bench.run { bench.placed.count == 1 })
        bench.want(2)
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 && bench.placed.count == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2 && bench.placed.count == 2)
    }

    @Test(arguments: [(500, 20), (409, 1)])
    func `labels that can't be put back at first`(code: Int, seconds: Int64) {
        let bench = DrainBench.daemons(.b)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.fail("patch nodes", .status(code, retryAfter: nil))
        bench.run { bench.state == "CoolingDown" }
        bench.run(seconds: seconds)
        bench.mend()
        bench.run(minutes: 10) { bench.placed == [0, 1, 2] }
        #expect(bench.placed == [0, 1, 2])
    }

    @Test func `taking labels away succeeds without an answer, and the wish dies`() {
        let bench = DrainBench.daemons(.b)
        bench.fail("patch nodes", .answerLost)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.mend()
        bench.run(minutes: 15) { bench.placed == [0, 1, 2] }
        #expect(bench.placed == [0, 1, 2])
    }

    @Test func `killed right after the labels went, and the wish dies`() {
        let bench = DrainBench.daemons(.b)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.restart()
        bench.run(minutes: 15) { bench.placed == [0, 1, 2] }
        #expect(bench.placed == [0, 1, 2])
    }

    @Test func `a node lost its label before anybody asked for fewer`() {
        let bench = DrainBench.daemons(.b)
        bench.unlabel(0)
        bench.run(minutes: 1)
        bench.want(2)
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2)
    }

    @Test func `a survivor loses its label in mid-drain`() {
        let bench = DrainBench.daemons(.b)
        bench.fail("exec free", .killed)
        bench.want(2)
        #expect(bench.run { bench.state == "Freeing" })
        bench.unlabel(2)
        bench.run(seconds: 30)
        bench.mend()
        bench.run(minutes: 6) { bench.object?.at("spec", "replicas") == 2 }
        #expect(bench.object?.at("spec", "replicas") == 2)
    }
}

/// A removal is decided by what was seen a moment ago, and by nothing older.
@Suite struct `What is decided is not carried out later:` {
    @Test func `somebody else takes a survivor while we may not take ours`() {
        let bench = DrainBench.daemons(.a)
        bench.fail("patch nodes", .status(403, retryAfter: nil))
        bench.want(2)
        #expect(bench.run { bench.state == "Removing" })
        bench.run(seconds: 20)
        bench.unlabel(2)
        bench.run(minutes: 2)
        #expect(bench.told("WorkersRemoved").isEmpty && !bench.told("UndrainedRemoval").isEmpty)
    }

    @Test(arguments: [20, 35, 60, 90]) func `a removal that arrives after the wish was withdrawn`(delay: Int64) {
        let bench = DrainBench.daemons(.a)
        bench.fail("patch nodes", .late(.seconds(delay)))
        bench.want(2)
        #expect(bench.run { bench.state == "Removing" })
        bench.run(seconds: 3)
        bench.want(3)
        #expect(bench.run(minutes: 1) { !bench.told("DrainCancelled").isEmpty || bench.placed.count < 3 })
        bench.write(0, "/precious")
        bench.run(minutes: 4)
        #expect(bench.placed.contains(0))
    }

    @Test(arguments: [20, 25, 30, 90]) func `an old leader's removal arrives at the new one's time`(delay: Int64) {
        let bench = DrainBench.daemons(.a) { plan, _ in plan.replicas = 2 }
        bench.fail("patch nodes", .late(.seconds(delay)))
        bench.want(2)
        #expect(bench.run { bench.state == "Removing" })
        bench.run(seconds: 3)
        for process in bench.world.processes where process.leadsSince != nil { process.kill() }
        bench.want(3)
        #expect(bench.run(minutes: 1) { !bench.told("DrainCancelled").isEmpty || bench.placed.count < 3 })
        bench.write(0, "/precious")
        bench.run(minutes: 4)
        #expect(bench.placed.contains(0))
    }

    @Test(arguments: [8, 12]) func `labels wait in the server's queue, and a client writes meanwhile`(delay: Int64) {
        let bench = DrainBench.daemons(.a)
        bench.fail("patch nodes", .late(.seconds(delay)))
        bench.want(2)
        #expect(bench.run { bench.state == "Removing" })
        bench.run(seconds: 2)
        bench.write(0, "/precious")
        bench.run(minutes: 5)
        #expect(bench.placed.count == 3 || bench.told("UndrainedRemoval").contains("1 file"))
    }

    @Test(arguments: [8, 12, 20]) func `a lowering waits in the server's queue, and a client writes meanwhile`(
        delay: Int64
    ) {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        bench.want(2)
        #expect(bench.run { bench.state == "Settling" })
        let until = bench.world.now + .seconds(30)
        bench.world.faults.list.append(
            SimFault(
                tag: "patch statefulsets", effect: .late(.seconds(delay)), percent: 100, from: bench.world.now,
                until: until))
        #expect(bench.run { bench.state == "Removing" })
        bench.run(seconds: 2)
        bench.write(2, "/precious")
        bench.run(minutes: 5)
        #expect(bench.replicas == 3 || bench.told("UndrainedRemoval").contains("1 file"))
    }

    @Test(arguments: [12, 20, 31, 45]) func `a lowering that arrives after the wish was withdrawn`(delay: Int64) {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        bench.want(2)
        #expect(bench.run { bench.state == "Settling" })
        let until = bench.world.now + .seconds(15)
        bench.world.faults.list.append(
            SimFault(
                tag: "patch statefulsets", effect: .late(.seconds(delay)), percent: 100, from: bench.world.now,
                until: until))
        bench.run(seconds: 8)
        bench.want(3)
        bench.run(minutes: 1) { !bench.told("DrainCancelled").isEmpty || bench.replicas == 2 }
        bench.write(2, "/precious")
        bench.run(minutes: 5)
        #expect(bench.replicas == 3)
    }

    @Test func `a file that is pinned while its blocks can't be removed`() {
        let bench = DrainBench(["drain-client": "Rpc"]) { _, runtime in runtime.rpcRoutes = [.direct] }
        bench.fill(2, (0..<30).map { "/d/f\($0)" })
        bench.fail("rpc worker", .unreachable)
        bench.want(2)
        bench.run(minutes: 3)
        bench.runtime.alluxio.file("/d/f7")?.isPinned = true
        bench.run(minutes: 10)
        bench.mend()
        bench.run(minutes: 10) { bench.replicas == 2 }
        #expect(bench.replicas == 3 && bench.held(2).contains("/d/f7"))
    }
}
