import Kubernetes
import Testing
import Wire

@testable import Simulation

/// More workers wanted while some of them already go.
@Suite struct `A wish that rises in mid-removal` {
    /// A drain from five workers to two, whose pods go one by one if they are not parallel.
    private func bench(isParallel: Bool, _ policies: [String: String] = [:]) -> DrainBench {
        let bench = DrainBench(workers: 5, policies) { _, runtime in
            runtime.isParallel = isParallel
            runtime.version = "2.9.6"
        }
        // Sluice itself raises.
        bench.fail("fluid", .refused)
        bench.want(2)
        return bench
    }

    private func stop(_ bench: DrainBench, _ index: Int) {
        if let node = bench.pod(index)?.node { bench.world.kubernetes.stop(node) }
    }

    @Test func `leaves those that serve on out of what is told of the others`() {
        let bench = bench(isParallel: false)
        #expect(bench.run { bench.replicas == 2 })
        let uids = (2...3).map { bench.pod($0)?.uid }
        #expect(bench.run { bench.state == "Confirming" })
        bench.want(4)
        bench.run(minutes: 3)
        #expect((2...3).map { bench.pod($0)?.uid } == uids && bench.replicas == 4)
        #expect(bench.told("UndrainedRemoval").isEmpty)
        #expect(
            bench.told("WorkersRemoved").contains("Removed hbase-worker-4 after"), "\(bench.told("WorkersRemoved"))")
    }

    @Test(arguments: [true, false])
    func `makes our own lowering nobody else's, though its pods can't be asked any more`(isFluidLate: Bool) {
        let bench = DrainBench(workers: 5)
        if isFluidLate { bench.fail("fluid", .refused) }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 })
        for index in 2...4 { bench.fail("proxy hbase-worker-\(index)", .status(503, retryAfter: nil)) }
        if isFluidLate { #expect(bench.run { bench.state == "Confirming" }) }
        bench.want(4)
        bench.run(minutes: 3)
        #expect(bench.told("UndrainedRemoval").isEmpty && !bench.drained.contains("Undrained"), "\(bench.drained)")
    }

    @Test func `does not hide a lowering by somebody else that is taken back within a look`() {
        let bench = bench(isParallel: true)
        // The controller of StatefulSets sees only the count after the raise.
        #expect(bench.run { bench.state == "Removing" || bench.replicas == 2 })
        bench.fail("controller", .lost)
        #expect(bench.run { bench.state == "Confirming" })
        stop(bench, 4)
        bench.want(4)
        #expect(bench.run(minutes: 1) { bench.replicas == 4 })
        bench.mend()
        bench.fail("fluid", .refused)
        bench.run(seconds: 10)
        bench.write(3, "/late")
        bench.run(seconds: 20)
        bench.fail("list pods", .slow(.seconds(6)))
        bench.run(seconds: 8)
        #expect(bench.told("UndrainedRemoval").isEmpty)
        bench.scale(to: 2)
        bench.run(seconds: 1)
        bench.scale(to: 4)
        #expect(bench.run(minutes: 2) { bench.told("UndrainedRemoval").contains("hbase-worker-3") })
    }

    @Test func `takes every worker that stays back into service, whatever the policy is by then`() {
        let bench = bench(isParallel: false, ["drain": "Decommission"])
        #expect(bench.run { bench.state == "Confirming" })
        bench.annotate("drain", nil)
        bench.want(4)
        bench.run(minutes: 20)
        let out = bench.runtime.alluxio.registrations.filter { $0.state == .decommissioned && $0.worker.isUp }
        #expect(out.isEmpty && bench.replicas == 4)
    }

    @Test func `hides nothing that comes after the lowering, nor does a wish that is absent`() {
        let bench = DrainBench { _, runtime in runtime.isParallel = false }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 })
        // Kubernetes takes no other pod while this one hangs, and that is who is named.
        stop(bench, 0)
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-0"), by: .person)
        bench.change(["spec", "replicas"], of: .alluxioRuntimes, to: nil)
        bench.run(seconds: 20)
        bench.write(2, "/late")
        bench.run(minutes: 3)
        #expect(bench.told("UndrainedRemoval").contains("hbase-worker-2"))
        #expect(bench.drain?.at("status", "blocked", "message") == "Still terminating: hbase-worker-0.")
    }
}
