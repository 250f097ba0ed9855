import Rules
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Kubernetes
@testable import Simulation

@Suite struct `A request for fewer workers` {
    @Test func `is read as it was written`() {
        let request = ScaleInRequest(count: 2, replicas: 3, at: Timestamp(millisecondsSinceEpoch: 1_795_000_000_000))
        #expect(ScaleInRequest(text: request.text) == request)
        for text in ["", "2 of 3", "2 of 3 at noon", "-1 of 3 at 2026-11-25T19:00:00Z", request.text + " more"] {
            #expect(ScaleInRequest(text: text) == nil, "\(text)")
        }
    }

    @Test func `is noted once, and again when it is old or another`() throws {
        let bench = DrainBench.daemons(.b) { plan, _ in plan.installations = 0 }
        let store = Store()
        let uid = try #require(bench.workerSet?.at("metadata", "uid")?.string)
        var set = WorkerSet(
            kind: .daemonSet,
            meta: ObjectMeta(
                name: "hbase-worker", namespace: "data", uid: uid,
                labels: ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]), replicas: 3)
        store.update(.workerSet(set), kind: .daemonSets)
        let requests = ScaleInRequests(cluster: bench.world.client(), store: store, log: { _ in })
        func note(_ count: Int, _ seconds: Int64, _ name: String = "hbase") -> Int {
            let before = bench.asked("PATCH").count
            let time = Timestamp(millisecondsSinceEpoch: 1_795_000_000_000 + seconds * 1000)
            bench.world.perform {
                await requests.note(
                    ScaleInRequest(count: count, replicas: 3, at: time), for: ObjectKey(namespace: "data", name: name))
            }
            set.meta.annotations[Annotation.scaleInRequest] = bench.noted?.string
            store.update(.workerSet(set), kind: .daemonSets)
            return bench.asked("PATCH").count - before
        }
        #expect(note(2, 0) == 1 && bench.noted?.string?.hasPrefix("2 of 3 at ") == true)
        #expect(note(2, 15) == 0)
        #expect(note(2, 30) == 1)
        #expect(note(1, 31) == 1)
        let other = WorkerSet(kind: .daemonSet, meta: ObjectMeta(name: "x-worker", namespace: "data"), replicas: 3)
        store.update(.workerSet(other), kind: .daemonSets)
        #expect(note(0, 60, "x") == 0)
    }
}

@Suite struct `The gate on lower counts` {
    static let key = ObjectKey(namespace: "default", name: "hbase")

    /// A store with the runtime and 3 workers of a DaemonSet.
    static func store(uid: String = "set-1") -> Store {
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
                        name: "hbase-worker", namespace: "default", uid: uid,
                        labels: ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]), replicas: 3)),
            kind: .daemonSets)
        return store
    }

    /// Puts a drain into the store that says that all are drained, after so many looks.
    static func put(_ store: Store, looks: Int64, target: Int = 2, runtime: String = "runtime-1") {
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID, ledger.looks) = (runtime, "set-1", looks)
        let plan = DrainPlan(from: 3, target: target, leaving: [])
        let record = DrainRecord(state: .removing, plan: plan, ledger: ledger)
        let meta = ObjectMeta(name: "hbase", namespace: "default", uid: "drain-1", resourceVersion: "\(looks)")
        store.update(.drain(WorkerDrain(meta: meta, spec: record.spec, status: record.status)), kind: .drains)
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
        _ store: Store, _ body: [UInt8], removal: DaemonRemoval = .gated, requests: ScaleInRequests? = nil,
        watch: DrainWatch? = nil
    ) throws -> JSON {
        try Bench(
            store: store, policy: AdmissionPolicy(daemonRemoval: removal), wallClock: 1_000_000,
            scaleInRequests: requests, watch: watch
        ).send("/validate", body).response
    }

    @Test func `denies a lower count, and admits it while the drained workers are seen to be watched`() throws {
        let store = Self.store()
        let time = Mutex(Duration.seconds(100))
        let watch = DrainWatch { time.withLock { $0 } }
        func isAllowed(_ count: Int64) throws -> Bool {
            try Self.answer(store, Self.scale(count), watch: watch)["allowed"] == true
        }
        func see(_ looks: Int64, runtime: String = "runtime-1") {
            Self.put(store, looks: looks, runtime: runtime)
            watch.noteChange(.init(kind: .drains, key: Self.key, runtime: Self.key), store: store)
        }
        let denied = try Self.answer(store, Self.scale(2), watch: watch)
        #expect(denied["status"]?["message"]?.string?.hasPrefix("E304 spec.replicas: 2 instead of 3 workers") == true)
        // What is seen first may have stood there for long, whatever time it names.
        see(5)
        #expect(try !isAllowed(2))
        see(6)
        #expect(try isAllowed(2))
        #expect(try !isAllowed(1))
        #expect(try !isAllowed(0))
        time.withLock { $0 += .seconds(11) }
        #expect(try !isAllowed(2))
        see(7)
        #expect(try isAllowed(2))
        see(8, runtime: "runtime-0")
        #expect(try !isAllowed(2))
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

    @Test func `hands a denied count on to be noted, but never that of a dry run`() throws {
        let bench = DrainBench.daemons(.b) { plan, runtime in
            plan.installations = 0
            runtime.namespace = "default"
        }
        let store = Self.store(uid: try #require(bench.workerSet?.at("metadata", "uid")?.string))
        let requests = ScaleInRequests(cluster: bench.world.client(), store: store, log: { _ in })
        let task = Task(executorPreference: bench.world.executor) { await requests.run() }
        #expect(try Self.answer(store, Self.scale(1, dryRun: true), requests: requests)["allowed"] == false)
        bench.run(seconds: 5)
        #expect(try bench.noted == nil && Self.answer(store, Self.scale(2), requests: requests)["allowed"] == false)
        #expect(bench.run(minutes: 1) { bench.noted == "2 of 3 at 1970-01-01T00:16:40Z" })
        bench.run(seconds: 10)
        task.cancel()
        #expect(bench.asked("PATCH").count == 1)
    }
}
