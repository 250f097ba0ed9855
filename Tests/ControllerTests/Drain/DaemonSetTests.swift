import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller
@testable import Simulation

extension DrainBench {
    /// Three workers of Fluid's older kind on labelled nodes, with one, two and three files.
    static func daemons(_ era: SimEra, change: (inout SimPlan, inout SimRuntimePlan) -> Void = { _, _ in })
        -> DrainBench
    {
        let bench = DrainBench { plan, runtime in
            runtime.era = era
            change(&plan, &runtime)
        }
        for index in 0..<3 { bench.fill(index, (0...index).map { "/\(index)/\($0)" }) }
        return bench
    }

    func labels(_ node: Int) -> [String: String] {
        world.server.object(.nodes, ObjectKey(namespace: "", name: "node-\(node)"))?.at("metadata", "labels")?.texts
            ?? [:]
    }
    /// The nodes that have the label which places a worker.
    var placed: [Int] { (0..<world.plan.nodes).filter { labels($0)[runtime.nodeLabel] != nil } }
    /// How many workers Fluid counts.
    var counted: Int64? { object?.at("status", "currentWorkerNumberScheduled")?.int64 }
    var left: [String] { runtime.alluxio.workers.flatMap { $0.disk.copies.map(\.file.path) }.sorted() }

    /// A pod of the application on this node, or none any more.
    func use(_ node: Int, _ isUsed: Bool = true) {
        let key = ObjectKey(namespace: "data", name: "user-\(node)")
        guard isUsed else { return world.server.remove(.pods, key) }
        world.server.create(
            .pods, key,
            [
                "spec": [
                    "nodeName": .string("node-\(node)"), "containers": [],
                    "volumes": [["name": "data", "persistentVolumeClaim": ["claimName": "hbase"]]],
                ], "status": ["phase": "Running"],
            ], by: .person)
    }

    func note(_ request: ScaleInRequest) {
        change(["metadata", "annotations", Annotation.scaleInRequest], of: .daemonSets, to: .string(request.text))
    }

    var noted: JSON? { workerSet?.at("metadata", "annotations", Annotation.scaleInRequest) }
}

@Suite struct `A scale-down by node labels` {
    @Test func `the least used node that nobody uses is drained, loses only its labels, and the counts follow`() {
        let bench = DrainBench.daemons(.a)
        bench.use(0)
        let key = ObjectKey(namespace: "", name: "node-1")
        bench.world.server.change(.nodes, key, by: .person) { $0.set(["metadata", "labels", "disk"], "ssd") }
        // The first write of Fluid's status is lost.
        bench.fail("patch alluxioruntimes/status", .unreachable)
        bench.want(2)
        #expect(bench.run { bench.placed == [0, 2] } && bench.labels(1) == ["disk": "ssd"])
        bench.run(seconds: 4)
        #expect(bench.counted == 3 && bench.state == "Confirming")
        bench.mend()
        #expect(bench.run { bench.counted == 2 && bench.state != "Removing" })
        #expect(bench.run { !bench.told("WorkersRemoved").isEmpty } && bench.left == ["/0/0", "/2/0", "/2/1", "/2/2"])
    }

    @Test func `a new process counts the nodes of a cache that is to have no worker`() {
        let bench = DrainBench.daemons(.b) { _, runtime in runtime.annotations["sluice.dev/drain"] = "None" }
        bench.fail("fluid", .unreachable)
        bench.want(0)
        #expect(bench.run { bench.blocked == "NotRemoved" })
        bench.restart()
        #expect(bench.run { bench.blocked.isEmpty })
        #expect(bench.run { bench.blocked == "NotRemoved" } && bench.placed.count == 3)
    }

    @Test func `what somebody wrote into the drain's object labels no node`() {
        let bench = DrainBench(["cooldown": "10m"]) { _, runtime in runtime.era = .b }
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        bench.world.processes[0].kill()
        let removed: [JSON] = [3, 4].map { node in
            let own = node == 3 ? bench.runtime.nodeLabel : "node-role.kubernetes.io/evil"
            return ["node": .string("node-\(node)"), "labels": .object([.init(own, "true"), .init("evil", "true")])]
        }
        bench.change(["status", "removedLabels"], of: .workerDrains, to: .array(removed))
        bench.restart()
        #expect(bench.run { bench.labels(3)[bench.runtime.nodeLabel] == "true" } && bench.labels(3)["evil"] == nil)
        bench.run(minutes: 3)
        #expect(bench.labels(4).isEmpty)
    }

    @Test func `what has happened is told though the write that comes with it fails`() {
        let bench = DrainBench.daemons(.a)
        bench.fail("patch alluxioruntimes/status", .unreachable)
        bench.want(2)
        #expect(bench.run { bench.placed == [1, 2] })
        #expect(bench.run(minutes: 5) { !bench.told("WorkersRemoved").isEmpty } && bench.counted == 3)
    }

    @Test func `the last worker stays where Fluid would never start one again`() {
        let bench = DrainBench.daemons(.a) { _, runtime in runtime.isOneWayDoor = true }
        bench.want(0)
        bench.run(minutes: 3)
        #expect(bench.placed.count == 3 && bench.blocked == "LastWorker" && bench.frees == 0)
    }

    @Test func `a node that comes into use in mid-drain stays, and another goes`() {
        let bench = DrainBench.daemons(.a)
        bench.fail("exec free", .killed)
        bench.want(2)
        #expect(bench.run { bench.state == "Freeing" })
        #expect(bench.drain?.at("spec", "workers")?.elements.map { $0["name"]?.string } == [bench.pod(0)?.key.name])
        bench.use(0)
        bench.mend()
        #expect(bench.run { bench.placed == [0, 2] })
        #expect(bench.run { bench.state == "Idle" } && bench.placed == [0, 2])
    }

    @Test func `every node in use: blocked, nothing freed, until one is free`() {
        let bench = DrainBench.daemons(.a)
        for node in 0..<3 { bench.use(node) }
        bench.want(2)
        bench.run(minutes: 2)
        #expect(bench.blocked == "NodesInUse" && bench.placed.count == 3 && bench.frees == 0)
        bench.use(2, false)
        #expect(bench.run { bench.state == "Idle" } && bench.placed == [0, 1])
    }

    @Test func `without the flag nobody goes, and one event says which flag to use`() {
        let bench = DrainBench.daemons(.a) { plan, _ in plan.daemonRemoval = .unattended }
        bench.want(2)
        bench.run(minutes: 5)
        #expect(bench.placed.count == 3 && bench.state != "Removing" && bench.frees == 0)
        #expect(bench.events.map(\.reason) == ["DrainBlocked"])
        #expect(bench.told("DrainBlocked").contains("--remove-by-node-label"))
    }

    @Test func `a node that loses its labels by somebody else is told`() {
        let bench = DrainBench.daemons(.a)
        bench.want(2)
        #expect(bench.run { bench.state == "Freeing" })
        bench.world.server.change(.nodes, ObjectKey(namespace: "", name: "node-1"), by: .person) {
            $0.set(["metadata", "labels"], [:])
        }
        #expect(bench.run(minutes: 1) { !bench.told("UndrainedRemoval").isEmpty })
    }

    @Test func `where the wish goes half back Fluid is told of the nodes that are gone`() {
        let bench = DrainBench.daemons(.a)
        bench.want(1)
        #expect(bench.run { bench.placed.count == 2 })
        bench.want(2)
        #expect(bench.run { bench.counted == 2 && bench.state != "Removing" } && bench.placed.count == 2)
    }
}

@Suite struct `A gated scale-down` {
    @Test func `a noted request is drained for, its node loses its labels, and then it waits for its admission`() {
        let bench = DrainBench.daemons(.b)
        bench.run(minutes: 1)
        #expect(bench.state == "" && bench.frees == 0)
        bench.want(2)
        #expect(bench.run { bench.object?.at("spec", "replicas") == 2 })
        #expect(bench.state == "Removing" && bench.placed == [1, 2] && !bench.left.contains("/0/0"))
        #expect(bench.run { bench.state == "Idle" && bench.noted == nil } && bench.placed == [1, 2])
        #expect(!bench.told("WorkersRemoved").isEmpty && bench.left.count == 5)
    }

    @Test func `a request that nobody repeats is forgotten, and the labels come back`() {
        let bench = DrainBench.daemons(.b)
        let before = bench.labels(0)
        bench.want(2, tries: 0)
        #expect(bench.run { bench.placed == [1, 2] })
        #expect(bench.run { bench.state == "Idle" && bench.noted == nil } && bench.placed == [0, 1, 2])
        #expect(bench.labels(0) == before && !bench.told("DrainCancelled").isEmpty)
    }

    @Test func `a request of another count is none`() {
        let bench = DrainBench.daemons(.b)
        for (count, replicas) in [(2, 4), (3, 3), (5, 3)] {
            let time = Timestamp(millisecondsSinceEpoch: bench.world.wallClock / 1_000)
            bench.note(ScaleInRequest(count: count, replicas: replicas, at: time))
            bench.run(seconds: 30)
            #expect(bench.state == "" && bench.frees == 0)
        }
    }
}
