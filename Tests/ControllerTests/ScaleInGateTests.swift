import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `A wish for fewer workers` {
    @Test func `is read as it was written`() {
        let wish = ScaleInWish(count: 2, replicas: 3, at: Timestamp(millisecondsSinceEpoch: 1_795_000_000_000))
        #expect(ScaleInWish(text: wish.text) == wish)
        for text in ["", "2 of 3", "2 of 3 at noon", "-1 of 3 at 2026-11-25T19:00:00Z", wish.text + " more"] {
            #expect(ScaleInWish(text: text) == nil, "\(text)")
        }
    }

    @Test func `is noted once, and again when it is old or another`() async {
        let cluster = DaemonBench(wanted: 3, .gated).cluster
        let store = Store()
        let set = WorkerSet(
            kind: .daemonSet,
            meta: ObjectMeta(
                name: "hbase-worker", namespace: "data", uid: "set-1",
                labels: ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]), replicas: 3)
        store.update(.workerSet(set), kind: .daemonSets)
        let wishes = ScaleInWishes(cluster: cluster, store: store, log: { _ in })
        let key = ObjectKey(namespace: "data", name: "hbase")
        func noted(_ wish: ScaleInWish) async -> Int {
            let before = cluster.state.withLock { $0.requests.count }
            await wishes.note(wish, for: key)
            let annotations = cluster.state.withLock { $0.objects[FakeCluster.daemonPath]?["metadata"]?["annotations"] }
            #expect(annotations?[Annotation.scaleInWish] != nil)
            var copy = set
            copy.meta.annotations[Annotation.scaleInWish] = annotations?[Annotation.scaleInWish]?.string
            store.update(.workerSet(copy), kind: .daemonSets)
            return cluster.state.withLock { $0.requests.count } - before
        }
        let start: Int64 = 1_795_000_000_000
        func wish(_ count: Int, _ seconds: Int64) -> ScaleInWish {
            ScaleInWish(count: count, replicas: 3, at: Timestamp(millisecondsSinceEpoch: start + seconds * 1000))
        }
        #expect(await noted(wish(2, 0)) == 1)
        #expect(await noted(wish(2, 15)) == 0)
        #expect(await noted(wish(2, 30)) == 1)
        #expect(await noted(wish(1, 31)) == 1)
        let other = WorkerSet(kind: .daemonSet, meta: ObjectMeta(name: "x-worker", namespace: "data"), replicas: 3)
        store.update(.workerSet(other), kind: .daemonSets)
        let before = cluster.state.withLock { $0.requests.count }
        await wishes.note(wish(0, 60), for: ObjectKey(namespace: "data", name: "x"))
        #expect(cluster.state.withLock { $0.requests.count } == before)
    }
}

@Suite struct `The gate on lower counts` {
    static let key = ObjectKey(namespace: "default", name: "hbase")

    /// A store with the runtime, 3 workers of a DaemonSet, and this record on them.
    static func store(record: String? = nil) -> Store {
        let store = Store()
        for kind in StoredKind.allCases { store.clear(kind) }
        store.update(
            .runtime(
                AlluxioRuntime(
                    meta: ObjectMeta(name: "hbase", namespace: "default", uid: "runtime-1"), replicas: 3)),
            kind: .runtimes)
        store.update(
            .workerSet(
                WorkerSet(
                    kind: .daemonSet,
                    meta: ObjectMeta(
                        name: "hbase-worker", namespace: "default", uid: "set-1",
                        labels: ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"],
                        annotations: record.map { [Annotation.drainRecord: $0] } ?? [:]), replicas: 3)),
            kind: .daemonSets)
        return store
    }

    static func record(target: Int, runtime: String = "runtime-1", at milliseconds: Int64) -> String {
        var record = DrainRecord(
            workerSetUID: "set-1", runtimeUID: runtime, target: target, leaving: [],
            now: Timestamp(millisecondsSinceEpoch: 0))
        record.state = .removing
        record.drainedAt = Timestamp(millisecondsSinceEpoch: milliseconds)
        return DrainRecordCoding.text(record, left: [], at: Timestamp(millisecondsSinceEpoch: 0))
    }

    static func scale(_ count: Int64, dryRun: Bool = false) -> [UInt8] {
        func scale(_ count: Int64) -> JSON {
            [
                "kind": "Scale", "metadata": ["name": "hbase", "namespace": "default"],
                "spec": ["replicas": .integer(count)],
            ]
        }
        return review(
            "UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: scale(count), old: scale(3),
            subresource: "scale",
            dryRun: dryRun)
    }

    static func answer(
        _ store: Store, _ body: [UInt8], removal: DaemonRemoval = .gated, wishes: ScaleInWishes? = nil
    ) throws -> JSON {
        try Bench(store: store, policy: AdmissionPolicy(daemonRemoval: removal), wallClock: 1_000_000, wishes: wishes)
            .send("/validate", body).response
    }

    @Test func `denies a lower count, and admits it once a fresh record of these very workers covers it`() throws {
        let denied = try Self.answer(Self.store(), Self.scale(2))
        #expect(denied["allowed"] == false)
        #expect(denied["status"]?["message"]?.string?.hasPrefix("E304 spec.replicas: 2 instead of 3 workers") == true)
        let fresh = Self.record(target: 2, at: 995_000)
        #expect(try Self.answer(Self.store(record: fresh), Self.scale(2))["allowed"] == true)
        #expect(try Self.answer(Self.store(record: fresh), Self.scale(1))["allowed"] == false)
        #expect(try Self.answer(Self.store(record: fresh), Self.scale(0))["allowed"] == false)
        let stale = Self.record(target: 2, at: 980_000)
        #expect(try Self.answer(Self.store(record: stale), Self.scale(2))["allowed"] == false)
        let other = Self.record(target: 2, runtime: "runtime-0", at: 995_000)
        #expect(try Self.answer(Self.store(record: other), Self.scale(2))["allowed"] == false)
    }

    @Test func `only warns without the setting, and says nothing where we remove by node labels`() throws {
        let warned = try Self.answer(Self.store(), Self.scale(2), removal: .unattended)
        #expect(warned["allowed"] == true)
        #expect(warned["warnings"]?.elements.contains { $0.string?.hasPrefix("W304 ") == true } == true)
        let silent = try Self.answer(Self.store(), Self.scale(2), removal: .byNodeLabel)
        #expect(silent["allowed"] == true && silent["warnings"] == nil)
    }

    @Test func `judges a runtime's own update likewise`() throws {
        var lower = hbase
        var old = hbase
        old["spec"]?["replicas"] = 3
        lower["spec"]?["replicas"] = 2
        let body = review("UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: lower, old: old)
        #expect(try Self.answer(Self.store(), body)["status"]?["message"]?.string?.hasPrefix("E113 ") == true)
        lower["metadata"]?["annotations"] = [Annotation.drain: "None"]
        let exempt = review("UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: lower, old: old)
        #expect(try Self.answer(Self.store(), exempt)["allowed"] == true)
    }

    @Test func `hands a denied count on to be noted, but never that of a dry run`() async throws {
        let store = Self.store()
        let cluster = FakeCluster(workers: 0, wanted: 3)
        cluster.state.withLock {
            var set = FakeObjects.daemonSet(workers: 3)
            set["metadata"]?["namespace"] = "default"
            $0.objects["/apis/apps/v1/namespaces/default/daemonsets/hbase-worker"] = set
        }
        let wishes = ScaleInWishes(cluster: cluster, store: store, log: { _ in })
        let task = Task { await wishes.run() }
        #expect(try Self.answer(store, Self.scale(1, dryRun: true), wishes: wishes)["allowed"] == false)
        #expect(try Self.answer(store, Self.scale(2), wishes: wishes)["allowed"] == false)
        var noted: String?
        for _ in 0..<1000 where noted == nil {
            try await Task.sleep(for: .milliseconds(10))
            noted = cluster.state.withLock {
                $0.objects["/apis/apps/v1/namespaces/default/daemonsets/hbase-worker"]?["metadata"]?["annotations"]?[
                    Annotation.scaleInWish]?.string
            }
        }
        task.cancel()
        await task.value
        #expect(noted == "2 of 3 at 1970-01-01T00:16:40Z")
        #expect(cluster.state.withLock { $0.requests.count } == 1)
    }
}
