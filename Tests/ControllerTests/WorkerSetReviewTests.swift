import Kubernetes
import Testing
import Wire

@testable import Controller
@testable import Rules

@Suite struct `A review of a worker set` {
    static let labels: JSON = ["app": "alluxio", "release": "hbase", "role": "alluxio-worker"]

    /// A handler whose store has the runtime `hbase`, which wants so many workers.
    static func bench(wanted: Int32 = 3) -> Bench {
        let store = Store()
        store.update(
            .runtime(AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default"), replicas: wanted)),
            kind: .runtimes)
        return Bench(store: store)
    }

    static func set(
        _ replicas: Int64 = 3, labels: JSON? = labels, owner: JSON? = nil, selector: JSON? = nil,
        name: String = "hbase-worker"
    ) -> JSON {
        var metadata: JSON = ["name": .string(name)]
        metadata["labels"] = labels
        if let owner { metadata["ownerReferences"] = .array([owner]) }
        var spec: JSON = ["replicas": .integer(replicas)]
        if let selector { spec["selector"] = ["matchLabels": selector] }
        return ["apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": spec]
    }

    func update(_ old: JSON, _ new: JSON, _ bench: Bench = bench()) throws -> JSON {
        try bench.send("/mutate", review("UPDATE", "apps/v1/statefulsets", object: new, old: old)).response
    }

    @Test func `puts a changed role back, and the count that falls with it`() throws {
        let bench = Self.bench()
        let changed: JSON = ["app": "alluxio", "role": "other", "release": "hbase"]
        let response = try update(Self.set(), Self.set(1, labels: changed), bench)
        #expect(
            try Bench.patch(response) == [
                ["op": "replace", "path": "/metadata/labels/role", "value": "alluxio-worker"],
                ["op": "replace", "path": "/spec/replicas", "value": 3],
            ])
        #expect(response["warnings"]?.elements.map { $0.string?.prefix(4) ?? "" } == ["H402", "H401"])
        #expect(bench.metrics.value(.hold, ["default", "hbase"]) == 1)
    }

    @Test func `puts a label back that is taken away alone, and leaves the others alone`() throws {
        let response = try update(Self.set(), Self.set(labels: ["app": "alluxio", "own": "1"]))
        #expect(
            try Bench.patch(response) == [["op": "add", "path": "/metadata/labels/role", "value": "alluxio-worker"]])
    }

    @Test(arguments: [nil, JSON.null]) func `brings the whole map back where no labels are left`(_ labels: JSON?) throws
    {
        let response = try update(Self.set(), Self.set(labels: labels))
        #expect(try Bench.patch(response) == [["op": "add", "path": "/metadata/labels", "value": Self.labels]])
    }

    @Test func `lets labels be mended, and others be changed`() throws {
        let wrong: JSON = ["app": "alluxio", "role": "other"]
        #expect(try update(Self.set(labels: wrong), Self.set())["patch"] == nil)
        #expect(try update(Self.set(labels: wrong), Self.set(labels: [:]))["patch"] == nil)
        #expect(try update(Self.set(), Self.set(labels: ["app": "alluxio", "role": "alluxio-worker"]))["patch"] == nil)
    }

    @Test func `knows it without labels by its owner, and by the selector of its pods`() throws {
        let owner: JSON = ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "hbase"]
        let held = [
            try update(Self.set(labels: nil, owner: owner), Self.set(1, labels: nil, owner: owner)),
            try update(Self.set(labels: nil, owner: owner), Self.set(1, labels: nil)),
            try update(Self.set(labels: nil, selector: Self.labels), Self.set(1, labels: nil, selector: Self.labels)),
        ]
        for response in held { #expect(try Bench.patch(response).first?["value"] == 3) }
        let others: [JSON] = [
            ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "other"],
            ["apiVersion": "data.fluid.io/v1alpha1", "kind": "JindoRuntime", "name": "hbase"],
            ["apiVersion": "example.com/v1", "kind": "AlluxioRuntime", "name": "hbase"],
        ]
        for other in others {
            let foreign: JSON = ["app": "celery"]
            let old = Self.set(labels: foreign, owner: other, selector: foreign)
            #expect(try update(old, Self.set(1, labels: foreign, owner: other, selector: foreign))["patch"] == nil)
        }
    }

    @Test func `knows a Scale by the selector in its status`() throws {
        func scale(_ replicas: Int64, _ selector: String) -> JSON {
            [
                "kind": "Scale", "metadata": ["name": "hbase-worker"],
                "spec": replicas == 0 ? [:] : ["replicas": .integer(replicas)],
                "status": ["replicas": 3, "selector": .string(selector)],
            ]
        }
        func update(_ old: Int64, _ new: Int64, _ selector: String) throws -> JSON {
            try Self.bench().send(
                "/mutate",
                review(
                    "UPDATE", "apps/v1/statefulsets", object: scale(new, ""), old: scale(old, selector),
                    subresource: "scale")
            ).response
        }
        let ours = "app=alluxio,release=hbase,role=alluxio-worker"
        // To 0 the field is left out, so that it has to be added.
        #expect(
            try Bench.patch(update(3, 0, ours)) == [["op": "add", "path": "/spec/replicas", "value": 3]])
        #expect(try update(0, 3, ours)["patch"] == nil)
        #expect(try update(3, 0, "app=celery")["patch"] == nil)
    }

    @Test func `names the pods of a Scale by the first ordinal of their set`() throws {
        let store = Store()
        store.update(
            .runtime(AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default"), replicas: 3)),
            kind: .runtimes)
        var set = WorkerSet(
            kind: .statefulSet, meta: ObjectMeta(name: "hbase-worker", namespace: "default"), replicas: 3)
        set.firstOrdinal = 5
        store.update(.workerSet(set), kind: .statefulSets)
        func scale(_ replicas: Int64) -> JSON {
            ["kind": "Scale", "metadata": ["name": "hbase-worker"], "spec": ["replicas": .integer(replicas)]]
        }
        let response = try Bench(store: store).send(
            "/mutate",
            review("UPDATE", "apps/v1/statefulsets", object: scale(1), old: scale(3), subresource: "scale")
        ).response
        #expect(response["warnings"]?.elements.first?.string?.contains("hbase-worker-6 and -7 are") == true)
    }

    @Test func `says what will happen where the runtime is scaled already`() throws {
        let warnings = try update(Self.set(), Self.set(1), Self.bench(wanted: 1))["warnings"]
        #expect(warnings?.elements.first?.string?.hasSuffix("not drained; Sluice drains, then lowers it") == true)
        let others = try update(Self.set(), Self.set(1))["warnings"]
        #expect(others?.elements.first?.string?.hasSuffix("scale the runtime: Sluice drains first") == true)
    }
}
