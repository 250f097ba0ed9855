import Rules
import Testing
import Wire

@testable import Controller
@testable import Kubernetes
@testable import Simulation

@Suite struct `The reconciler` {
    private static let runtime: JSON = [
        "metadata": ["name": "hbase", "namespace": "data", "uid": "runtime-1", "resourceVersion": "1"],
        "spec": ["replicas": 1], "status": SimFluid.status(desired: 1, current: 1, ready: 1),
    ]

    private static func definition() throws -> StoredObject? {
        let json: JSON = [
            "apiVersion": "apiextensions.k8s.io/v1", "metadata": ["name": "alluxioruntimes.data.fluid.io"],
            "spec": [
                "versions": [
                    [
                        "name": "v1alpha1", "served": true,
                        "subresources": [
                            "scale": [
                                "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.x",
                                "labelSelectorPath": ".status.selector",
                            ]
                        ],
                    ]
                ]
            ],
        ]
        var parser = JSONParser()
        return try StoredObject(parser.parse(json.encoded()), kind: .definitions)
    }

    @Test func `a count that the store shows again, after it was behind, is a reason to look`() throws {
        let bench = DrainBench()
        bench.fail("fluid", .refused)
        let watch = try #require(bench.world.watches.first { $0.resource == .alluxioRuntimes })
        watch.lag = .seconds(30)
        bench.want(2)
        bench.world.run(until: bench.world.now + .milliseconds(29_900))
        // By the time that the store shows that count it was taken back.
        bench.want(3)
        bench.run(seconds: 10)
        #expect(bench.replicas == 3 && bench.state == "")
        // The store goes through both at once, and shows what it showed before.
        watch.lag = 0
        bench.want(2)
        #expect(bench.run(minutes: 2) { bench.replicas == 2 })
    }

    @Test(arguments: [true, false])
    func `what a drain showed goes with its runtime, whether the worker set stays or not`(stays: Bool) {
        let bench = DrainBench()
        bench.write(2)
        bench.want(2)
        let metrics = bench.world.processes[0].metrics
        let blocked = ["data", "hbase", "Unpersisted"]
        #expect(bench.run { metrics.value(.drainBlocked, blocked) != nil })
        bench.fail("fluid", .refused)
        bench.world.server.remove(.alluxioRuntimes, bench.runtime.key, by: .person)
        if !stays { bench.world.server.remove(.statefulSets, bench.runtime.setKey, by: .person) }
        #expect(bench.run { metrics.value(.drainBlocked, blocked) == nil })
        #expect(metrics.value(.drainState, ["data", "hbase", "Checking"]) == nil)
        #expect(bench.replicas == (stays ? 3 : nil) && bench.frees == 0)
    }

    @Test func `a drain whose worker set is deleted is given up, though its runtime stays`() {
        let bench = DrainBench()
        bench.write(2)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        // Between two looks: nothing but the deletion is a reason for the next one.
        bench.run(seconds: 4)
        bench.fail("fluid", .refused)
        bench.world.server.remove(.statefulSets, bench.runtime.setKey, by: .person)
        #expect(bench.run(minutes: 2) { bench.state == "Idle" })
    }

    @Test func `a selector is filled once Fluid wrote its status, and another's is left alone`() throws {
        let definition = try #require(try Self.definition())
        guard case .definition(let crd) = definition else {
            Issue.record("no definition")
            return
        }
        func runtime(_ status: AlluxioRuntime.Status?, deleting: Bool = false) throws -> AlluxioRuntime {
            var parser = JSONParser()
            var runtime = try AlluxioRuntime(parser.parse(Self.runtime.encoded()))
            runtime.status = status
            if deleting { runtime.meta.deletionTimestamp = "2026-11-23T00:00:00Z" }
            return runtime
        }
        var parser = JSONParser()
        var status = try #require(
            try AlluxioRuntime(parser.parse(Self.runtime.encoded())).status)
        typealias Filler = SelectorFiller<SimCluster>
        #expect(try Filler.needsSelector(runtime(status), crd))
        #expect(try !Filler.needsSelector(runtime(status, deleting: true), crd))
        #expect(try !Filler.needsSelector(runtime(nil), crd))
        #expect(try !Filler.needsSelector(runtime(status), nil))
        status.selector = "name=hbase-master"
        #expect(try !Filler.needsSelector(runtime(status), crd))
        status.selector = ""
        status.isComplete = false
        #expect(try !Filler.needsSelector(runtime(status), crd))
    }

    @Test func `labels that place a worker, and none of another runtime`() {
        let node = [
            "data.fluid.io/storage-default-hbase": "true", "data.fluid.io/storage-alluxio-default-hbase": "true",
            "data.fluid.io/storage-human-alluxio-mem-default-hbase": "2GiB", "fluid_exclusive": "default_hbase",
            "data.fluid.io/storage-default-spark": "true", "kubernetes.io/hostname": "n1",
        ]
        let selector = ["data.fluid.io/storage-default-hbase": "true"]
        #expect(
            NodeLabels.placing(node, namespace: "default", name: "hbase", selector: selector) == [
                "data.fluid.io/storage-alluxio-default-hbase", "data.fluid.io/storage-default-hbase",
                "data.fluid.io/storage-human-alluxio-mem-default-hbase", "fluid_exclusive",
            ])
        var shared = node
        shared["fluid_exclusive"] = "true"
        #expect(
            !NodeLabels.placing(shared, namespace: "default", name: "hbase", selector: selector).contains(
                "fluid_exclusive"))
        shared["data.fluid.io/storage-default-spark"] = nil
        #expect(
            NodeLabels.placing(shared, namespace: "default", name: "hbase", selector: selector).contains(
                "fluid_exclusive"))
    }

    @Test func `slots are counted before they are used`() {
        let slots = DrainSlots(limit: 2)
        let keys = (0..<3).map { ObjectKey(namespace: "a", name: "\($0)") }
        #expect(slots.take(keys[0]) && slots.take(keys[1]) && slots.take(keys[0]) && !slots.take(keys[2]))
        slots.give(keys[2])
        #expect(!slots.take(keys[2]))
        slots.give(keys[0])
        #expect(slots.take(keys[2]))
        slots.clear()
        #expect(slots.take(keys[0]))
    }
}
