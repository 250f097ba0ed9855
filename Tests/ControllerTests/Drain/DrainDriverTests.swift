import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `A scale-down on a small cluster` {
    static func files(_ names: String...) -> [FakeCluster.File] { names.map { FakeCluster.File(path: $0) } }

    @Test func `three to two: only what the leaving worker holds is freed, then it goes`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.fill("hbase-worker-0", Self.files("/d/a", "/d/b"))
        cluster.fill("hbase-worker-2", Self.files("/d/c", "/d/x y", "/own/1", "/own/2"))
        let took = await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        #expect(cluster.frees.compactMap(\.last).sorted() == ["/d/c", "/d/x y", "/own"])
        #expect(cluster.held("hbase-worker-0") == ["/d/a", "/d/b"])
        #expect(took < 6000, "\(took) ms")
        await bench.settle()
        #expect(cluster.drainState == "Idle" && cluster.annotation(Annotation.drainFence) == nil)
        #expect(cluster.reasons.first == "DrainStarted" && cluster.reasons.contains("WorkersRemoved"))
        let conditions = cluster.drain?["status"]?["conditions"]?.elements ?? []
        let drained = conditions.first { $0["type"]?.string == "Drained" }
        #expect(drained?["status"]?.string == "True" && drained?["reason"]?.string == "Removed")
        let runtime = cluster.state.withLock { $0.objects[FakeCluster.runtimePath] }
        #expect(runtime?["spec"]?["replicas"] == 2)
        #expect(runtime?["metadata"]?["annotations"]?[Annotation.touched] != nil)
    }

    @Test func `to zero: by path, and all of it`() async throws {
        var bench = DrainBench(workers: 2, wanted: 0)
        for ordinal in 0..<2 { bench.cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)")) }
        await bench.settle { $0.cluster.replicas == 0 }
        #expect(bench.cluster.replicas == 0 && bench.cluster.frees.map(\.last) == ["/"])
    }

    @Test func `a restart at every pass ends the same way`() async throws {
        var bench = DrainBench(workers: 4, wanted: 1)
        let cluster = bench.cluster
        for ordinal in 0..<4 { cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)", "/e/\(ordinal)")) }
        for _ in 0..<60 where cluster.replicas != 1 {
            await bench.settle(limit: 9) { $0.cluster.replicas == 1 }
            // Two looks need a memory.
            bench.restart()
        }
        #expect(cluster.replicas == 1 && cluster.held("hbase-worker-0") == ["/d/0", "/e/0"])
    }

    @Test func `a worker that is slow to list is asked for what it could give the last time`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.fill("hbase-worker-2", (0..<60).map { FakeCluster.File(path: "/d/\($0)") })
        cluster.state.withLock { state in
            for limit in [200, 100, 50] {
                state.faults.append(.init(part: "limit=\(limit)", isAfter: false, error: .timeout))
            }
        }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        let limits = cluster.state.withLock { state in
            state.requests.filter { $0.target.contains("worker-2") }.compactMap { request in
                request.query.first { $0.name == "limit" }.flatMap { Int($0.value) }
            }.filter { $0 > 1 }
        }
        // A look that was not too slow asks for twice as much the next time.
        #expect(limits.starts(with: [200, 100, 50, 25, 25, 25, 25, 25, 25, 50, 50, 100, 200]), "\(limits)")
    }

    @Test(arguments: ["/alluxioruntimes/", "/statefulsets/", "/workerdrains/"])
    func `a new process that can't read everything at once wipes nothing out`(part: String) async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.fill("hbase-worker-2", Self.files("/d/a"))
        await bench.settle { _ in cluster.drainState == "Freeing" }
        let spec = cluster.drain?["spec"]
        bench.restart()
        cluster.state.withLock { state in
            state.faults = (0..<4).map { _ in
                .init(part: part, isAfter: false, error: .status(APIStatus(code: 500)))
            }
        }
        await bench.settle(limit: 1)
        #expect(cluster.drain?["spec"]?["workers"] == spec?["workers"] && cluster.drainState != "Idle")
        #expect(bench.session.trouble?.contains("500") == true)
        // Without the drain's object nobody can say what to go on with.
        #expect((bench.session.machine == nil) == (part == "/workerdrains/"))
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
    }

    @Test func `lost answers and conflicts are tried again, each write with its preconditions`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.fill("hbase-worker-2", Self.files("/d/c"))
        let patch = "statefulsets/hbase-worker?fieldManager"
        cluster.state.withLock { state in
            state.faults = [
                .init(part: patch, isAfter: true, error: .timeout),
                .init(part: "free", isAfter: false, error: .transport("cut")),
                .init(part: patch, isAfter: false, error: .status(APIStatus(code: 409))),
                .init(part: "webui_blockinfo", isAfter: false, error: .timeout),
                .init(part: "workerdrains", isAfter: true, error: .timeout),
            ]
        }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
        let patches = cluster.state.withLock { state in
            state.requests.filter { $0.method == .patch && $0.path == FakeCluster.setPath }
        }
        for patch in patches {
            var parser = JSONParser()
            let metadata = try parser.parse(patch.body)["metadata"]
            #expect(metadata?["uid"]?.string == "set-1" && metadata?["resourceVersion"]?.string != nil)
        }
    }

    @Test func `a drain before is no longer the end of it once still fewer workers are wanted`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2, annotations: ["sluice.dev/cooldown": "10m"])
        func drained() -> String {
            let conditions = bench.cluster.drain?["status"]?["conditions"]?.elements ?? []
            let drained = conditions.first { $0["type"]?.string == "Drained" }
            return "\(drained?["status"]?.string ?? "") \(drained?["reason"]?.string ?? "")"
        }
        await bench.settle { $0.cluster.drainState == "CoolingDown" }
        await bench.settle(limit: 2)
        #expect(drained() == "True Removed")
        bench.cluster.want(1)
        await bench.settle(limit: 2)
        #expect(bench.cluster.drainState == "CoolingDown" && drained() == "False Waiting")
    }

    @Test func `back to three in mid-drain gives up, and says what was freed`() async throws {
        var bench = DrainBench(workers: 3, wanted: 1)
        let cluster = bench.cluster
        for ordinal in 0..<3 { cluster.fill("hbase-worker-\(ordinal)", Self.files("/d/\(ordinal)")) }
        await bench.settle { !$0.cluster.frees.isEmpty }
        await bench.settle(limit: 3)
        cluster.want(3)
        await bench.settle()
        #expect(cluster.replicas == 3 && cluster.reasons.contains("DrainCancelled"))
        #expect(cluster.drainState == "Idle")
        let conditions = cluster.drain?["status"]?["conditions"]?.elements ?? []
        #expect(conditions.first { $0["type"]?.string == "Drained" }?["status"]?.string == "False")
    }

    @Test(arguments: ["Exec", "Rpc"])
    func `a person who says in mid-drain that nothing is to be drained is believed`(client: String) async throws {
        var bench = DrainBench(workers: 3, wanted: 2, annotations: ["sluice.dev/drain-client": client])
        let cluster = bench.cluster
        cluster.listen(.init())
        cluster.fill("hbase-worker-2", Self.files("/d/a", "/d/b"))
        await bench.settle { _ in cluster.drainState == "Freeing" }
        // Nothing that is freed goes.
        cluster.state.withLock { state in
            state.exitCode = 137
            state.objects[FakeCluster.runtimePath]?["metadata"]?["annotations"]?["sluice.dev/drain"] = "None"
        }
        await bench.settle(limit: 60) { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
    }

    @Test func `deleting the drain's object in mid-drain loses nothing`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.fill("hbase-worker-2", Self.files("/d/a", "/d/b"))
        cluster.fill("hbase-worker-1", Self.files("/d/c"))
        for step in 0..<40 where cluster.replicas == 3 {
            await bench.settle(limit: 5) { $0.cluster.replicas == 2 }
            if step < 4 { cluster.state.withLock { $0.objects[FakeCluster.drainPath] = nil } }
        }
        await bench.settle()
        #expect(cluster.replicas == 2 && cluster.drainState == "Idle")
        #expect(cluster.held("hbase-worker-1") == ["/d/c"])
    }

    @Test func `without the definition nothing is freed or lowered, and it is said`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", Self.files("/d/a"))
        bench.cluster.state.withLock { $0.hasDrains = false }
        await bench.settle(limit: 20)
        #expect(bench.cluster.replicas == 3 && bench.cluster.frees.isEmpty)
        #expect(bench.cluster.reasons == ["DrainBlocked"])
        #expect(bench.session.trouble?.contains("WorkerDrain") == true)
        bench.cluster.state.withLock { $0.hasDrains = true }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2)
    }

    @Test func `a drain's object of another version is named, and not written over`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let cluster = bench.cluster
        cluster.state.withLock {
            $0.objects[FakeCluster.drainPath] = [
                "metadata": ["name": "hbase", "namespace": "data", "uid": "d-1", "resourceVersion": "1"],
                "spec": ["version": 99, "runtimeUID": "runtime-1", "future": "kept"], "status": ["state": "Freeing"],
            ]
        }
        await bench.settle(limit: 20)
        #expect(cluster.replicas == 3 && cluster.frees.isEmpty && cluster.blocked == "UnreadableDrain")
        #expect(cluster.drain?["spec"]?["future"]?.string == "kept")
        cluster.state.withLock { $0.objects[FakeCluster.drainPath] = nil }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2)
    }

    @Test func `a record is read as it was written`() throws {
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID, ledger.epoch) = ("r", "s", 7)
        (ledger.elapsed, ledger.stalled) = (.seconds(90), .milliseconds(1500))
        ledger.outOfService = [OutOfService(name: "a", uid: "b", host: "10.0.0.1", webPort: 1)]
        ledger.removedLabels = [RemovedLabels(node: "n", labels: ["x/y": "1", "z": ""])]
        ledger.places = ["w-1", "w-0"]
        ledger.outcome = .cancelled
        var worker = LeavingWorker(name: "w-1", uid: "u", node: "n")
        worker.start = .init(files: 3, bytes: 9)
        worker.now = .init(files: nil, bytes: 4)
        let record = DrainRecord(
            state: .freeing, plan: DrainPlan(from: 2, target: 1, leaving: [worker]), ledger: ledger,
            blocked: .init(reason: "Budget", text: "t", remedy: "r"))
        let drain = WorkerDrain(meta: ObjectMeta(name: "hbase"), spec: record.spec, status: record.status)
        #expect(try DrainRecord(drain) == record)
        for version in [JSON.null, 0, 2, "1"] {
            var other = drain
            other.spec["version"] = version
            #expect(throws: DrainRecordError.self) { try DrainRecord(other) }
        }
    }

    /// 500 workers with long names, out of service, all remembered: still far below what an object may have.
    @Test func `the largest drain fits into its object`() throws {
        var ledger = DrainLedger()
        let name = "a-runtime-with-a-name-as-long-as-it-may-be-worker-"
        let uid = "01234567-89ab-cdef-0123-456789abcdef"
        ledger.places = Set((0..<DrainTiming.placesMaximum).map { name + "\($0)" })
        var leaving: [LeavingWorker] = []
        for index in 0..<DrainTiming.leavingMaximum {
            var worker = LeavingWorker(name: name + "\(index)", uid: uid, node: "node-\(index).example.internal")
            worker.start = .init(files: 1_000_000, bytes: 1 << 50)
            worker.now = .init(files: 1_000_000, bytes: 1 << 50)
            worker.capacityBytes = 1 << 50
            leaving.append(worker)
            ledger.outOfService.append(
                OutOfService(name: worker.name, uid: uid, host: "10.100.100.100", webPort: 20000))
        }
        let record = DrainRecord(
            state: .removing, plan: DrainPlan(from: 1000, target: 500, leaving: leaving), ledger: ledger)
        let drain = WorkerDrain(meta: ObjectMeta(name: "hbase"), spec: record.spec, status: record.status)
        #expect(drain.spec.encoded().count + drain.status.encoded().count < 300_000)
        #expect(OutOfService.text(ledger.outOfService)?.utf8.count ?? 0 < 100_000)
        #expect(try DrainRecord(drain) == record)
    }
}
