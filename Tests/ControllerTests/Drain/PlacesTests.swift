import Kubernetes
import Testing

@testable import Simulation

/// Places where a worker ran that nobody can ask any more: what lies there is unknown, whatever the master remembers.
@Suite struct `The place of a worker that can't run` {
    /// A runtime whose workers have one port, as Fluid gives them, and no node to spare.
    private func bench() -> DrainBench {
        DrainBench(["cooldown": "1s"]) { plan, runtime in
            plan.nodes = 3
            runtime.hasHostNetwork = false
        }
    }

    /// The highest worker takes something in that is nowhere else, and is evicted; its next pod finds no node.
    private func evict(_ bench: DrainBench) {
        bench.write(2, "/only/here")
        bench.pod(2)?.node?.isCordoned = true
        let old = bench.pod(2)?.uid
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-2"), by: .person)
        #expect(bench.run(minutes: 3) { bench.pod(2).map { $0.uid != old } ?? false })
        bench.run(minutes: 1)
    }

    @Test(arguments: [false, true])
    func `that was drained once is no longer known to be empty once workers are raised again`(isRestarted: Bool) {
        let bench = bench()
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.run { bench.state == "Idle" })
        bench.want(3)
        #expect(bench.run { bench.worker(2)?.isUp == true })
        bench.run(minutes: 3)
        evict(bench)
        if isRestarted { bench.restart() }
        bench.run(minutes: 1)
        bench.want(2)
        bench.run(minutes: 3)
        #expect(bench.blocked == "PlaceUnknown" && bench.replicas == 3)
    }

    @Test(arguments: [false, true])
    func `stays unknown when the master starts anew, or forgets its lost workers`(isForgotten: Bool) {
        let bench = bench()
        bench.run(minutes: 1)
        evict(bench)
        bench.want(2)
        #expect(bench.run(minutes: 3) { bench.blocked == "PlaceUnknown" })
        if isForgotten {
            bench.runtime.alluxio.registrations.removeAll { !$0.worker.isUp }
        } else if let master = bench.world.kubernetes.pod(bench.runtime.masterKey) {
            bench.world.kubernetes.crash(master)
        }
        bench.run(minutes: 5)
        #expect(bench.replicas == 3)
    }

    @Test func `stays unknown too where its pod is missing altogether`() {
        let bench = bench()
        bench.run(minutes: 1)
        bench.write(2, "/only/here")
        bench.world.kubernetes.isQuotaUsedUp = true
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-2"), by: .person)
        bench.run(minutes: 1)
        bench.want(2)
        #expect(bench.run(minutes: 3) { bench.blocked == "WorkerMissing" })
        if let master = bench.world.kubernetes.pod(bench.runtime.masterKey) { bench.world.kubernetes.crash(master) }
        bench.run(minutes: 5)
        #expect(bench.replicas == 3)
    }

    @Test func `is given up by a person's word, by name only while its pod is missing, and told for each pod`() {
        let bench = bench()
        bench.write(1, "/blocks")
        bench.write(2, "/x")
        bench.want(1)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        bench.annotate("skip-drain", "hbase-worker-2: its disk is gone")
        bench.run(minutes: 2)
        #expect(bench.told("DrainSkipped").isEmpty)
        let first = bench.pod(2)?.uid ?? ""
        bench.annotate("skip-drain", "\(first): its disk is gone")
        #expect(bench.run(minutes: 3) { bench.told("DrainSkipped").contains(first) })
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-2"), by: .person)
        #expect(bench.run(minutes: 3) { bench.pod(2)?.uid ?? first != first && bench.worker(2)?.isUp == true })
        let second = bench.pod(2)?.uid ?? ""
        bench.annotate("skip-drain", "\(second): so is this one's")
        bench.run(minutes: 1)
        bench.runtime.alluxio.file("/blocks")?.persistence = .persisted
        #expect(bench.run { bench.replicas == 1 } && bench.told("DrainSkipped").contains(second))
    }
}
