import Rules
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Kubernetes

@Suite struct `The reconciler` {
    /// Puts what the cluster has into a store, as watches do.
    static func refresh(_ store: Store, from cluster: FakeCluster) throws {
        let objects = cluster.state.withLock { $0.objects }
        for (path, kind) in [
            (FakeCluster.runtimePath, StoredKind.runtimes), (FakeCluster.setPath, .statefulSets),
            (FakeCluster.drainPath, .drains),
        ] {
            guard let object = objects[path] else {
                store.remove(
                    ObjectKey(namespace: "data", name: path.hasSuffix("worker") ? "hbase-worker" : "hbase"), kind: kind)
                continue
            }
            var parser = JSONParser()
            if let stored = try StoredObject(parser.parse(object.encoded()), kind: kind) {
                store.update(stored, kind: kind)
            }
        }
    }

    static func definition() throws -> StoredObject? {
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

    @Test(.timeLimit(.minutes(5)))
    func `drains from a change in the store to the end, and under a second lease again`() async throws {
        let cluster = FakeCluster(workers: 4, wanted: 4)
        for ordinal in 0..<4 { cluster.fill("hbase-worker-\(ordinal)", [.init(path: "/d/\(ordinal)")]) }
        let box = ReconcilerBox()
        let store = Store { change in box.reconciler?.noteChange(change) }
        let reconciler = Reconciler(
            cluster: cluster, store: store, settings: ReconcilerSettings(), metrics: Metrics(), log: { _ in })
        box.set(reconciler)
        if let definition = try Self.definition() { store.update(definition, kind: .definitions) }
        for wanted in [2, 1] as [Int64] {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await reconciler.run() }
                cluster.want(wanted)
                while cluster.replicas != wanted || cluster.drainState != "Idle" {
                    try Self.refresh(store, from: cluster)
                    try await Task.sleep(for: .milliseconds(1))
                }
                group.cancelAll()
            }
            #expect(cluster.replicas == wanted)
        }
        #expect(cluster.frees.compactMap(\.last).sorted() == ["/d/1", "/d/2", "/d/3"])
        let selector = cluster.state.withLock { $0.objects[FakeCluster.runtimePath]?["status"]?["selector"]?.string }
        #expect(selector == "app=alluxio,release=hbase,role=alluxio-worker")
    }

    @Test(.timeLimit(.minutes(5)))
    func `a count that the store shows again, after it was behind, is a reason to look`() async throws {
        // The store still shows a count that was taken back; then the same is asked for anew.
        let cluster = FakeCluster(workers: 3, wanted: 2)
        let box = ReconcilerBox()
        let store = Store { change in box.reconciler?.noteChange(change) }
        let reconciler = Reconciler(
            cluster: cluster, store: store, settings: ReconcilerSettings(), metrics: Metrics(), log: { _ in })
        box.set(reconciler)
        if let definition = try Self.definition() { store.update(definition, kind: .definitions) }
        try Self.refresh(store, from: cluster)
        cluster.want(3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reconciler.run() }
            while !cluster.state.withLock({ $0.requests.contains { $0.path == FakeCluster.runtimePath } }) {
                try await Task.sleep(for: .milliseconds(1))
            }
            cluster.want(2)
            reconciler.noteChange(
                .init(
                    kind: .runtimes, key: ObjectKey(namespace: "data", name: "hbase"),
                    runtime: ObjectKey(namespace: "data", name: "hbase")))
            while cluster.replicas != 2 { try await Task.sleep(for: .milliseconds(1)) }
            group.cancelAll()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a drain showed goes with its runtime, though the worker set stays`() async throws {
        let cluster = FakeCluster(workers: 3, wanted: 2)
        cluster.fill("hbase-worker-2", [.init(path: "/only", isPersisted: false)])
        let box = ReconcilerBox()
        let store = Store { change in box.reconciler?.noteChange(change) }
        let metrics = Metrics()
        let reconciler = Reconciler(
            cluster: cluster, store: store, settings: ReconcilerSettings(), metrics: metrics, log: { _ in })
        box.set(reconciler)
        let blocked = ["data", "hbase", "Unpersisted"]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await reconciler.run() }
            while metrics.value(.drainBlocked, blocked) == nil {
                try Self.refresh(store, from: cluster)
                try await Task.sleep(for: .milliseconds(1))
            }
            cluster.state.withLock { $0.objects[FakeCluster.runtimePath] = nil }
            while metrics.value(.drainBlocked, blocked) != nil {
                try Self.refresh(store, from: cluster)
                try await Task.sleep(for: .milliseconds(1))
            }
            group.cancelAll()
        }
        #expect(metrics.value(.drainState, ["data", "hbase", "Checking"]) == nil)
        #expect(cluster.replicas == 3 && cluster.frees.isEmpty)
    }

    @Test func `a selector is filled once Fluid wrote its status, and another's is left alone`() throws {
        let definition = try #require(try Self.definition())
        guard case .definition(let crd) = definition else {
            Issue.record("no definition")
            return
        }
        func runtime(_ status: AlluxioRuntime.Status?, deleting: Bool = false) throws -> AlluxioRuntime {
            var parser = JSONParser()
            var runtime = try AlluxioRuntime(parser.parse(FakeObjects.runtime(wanted: 1, present: 1, [:]).encoded()))
            runtime.status = status
            if deleting { runtime.meta.deletionTimestamp = "2026-11-23T00:00:00Z" }
            return runtime
        }
        var parser = JSONParser()
        var status = try #require(
            try AlluxioRuntime(parser.parse(FakeObjects.runtime(wanted: 1, present: 1, [:]).encoded())).status)
        typealias Filler = SelectorFiller<FakeCluster>
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

/// Lets a store, which is made first, reach the reconciler.
private final class ReconcilerBox: Sendable {
    private let value: Mutex<Reconciler<FakeCluster>?> = Mutex(nil)

    var reconciler: Reconciler<FakeCluster>? { value.withLock { $0 } }

    func set(_ reconciler: Reconciler<FakeCluster>) {
        value.withLock { $0 = reconciler }
    }
}
