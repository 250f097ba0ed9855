import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

/// What somebody else does to the workers, or to the lease, while a drain is under way or none is.
@Suite struct `Beside a drain` {
    private static let unpersisted: [FakeCluster.File] = [.init(path: "/new", isPersisted: false)]

    private func lower(_ cluster: FakeCluster, to count: Int64) {
        cluster.state.withLock { state in
            state.version += 1
            state.objects[FakeCluster.setPath]?["metadata"]?["resourceVersion"] = .string("\(state.version)")
            state.objects[FakeCluster.setPath]?["spec"]?["replicas"] = .integer(count)
        }
    }

    private func fail(_ cluster: FakeCluster, _ part: String, _ error: ClusterError = .timeout) {
        cluster.state.withLock { state in
            state.faults = (0..<1000).map { _ in .init(part: part, isAfter: false, error: error) }
        }
    }

    private func said(_ cluster: FakeCluster, _ reason: String) -> String {
        cluster.state.withLock { $0.events.last { $0.reason == reason }?.message ?? "" }
    }

    @Test func `a lowering while nothing can be read is told at once, with why nobody can say what goes`() async throws
    {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", Self.unpersisted)
        await bench.settle(limit: 6)
        fail(bench.cluster, "/pods?")
        lower(bench.cluster, to: 2)
        await bench.settle(limit: 2)
        #expect(said(bench.cluster, "UndrainedRemoval").contains("from 3 to 2; what goes nobody can say"))
    }

    @Test func `the lease in doubt stops a pass and not the drain`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        // Nobody wakes it: the pass itself has to order the next one.
        bench.cluster.state.withLock { $0.faults = [.init(part: "workerdrains?", isAfter: false, error: .cancelled)] }
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1 && bench.session.trouble == nil)
    }

    @Test func `another installation's drain is not written, whatever else can't be read`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        await bench.settle(limit: 3)
        bench.cluster.state.withLock { $0.objects[FakeCluster.drainPath]?["spec"]?["manager"] = "other/sluice" }
        fail(bench.cluster, "/statefulsets/")
        bench.cluster.state.withLock { $0.requests = [] }
        await bench.settle(seconds: 200)
        let written = bench.cluster.state.withLock { state in
            state.requests.filter { $0.method != .get && $0.path.contains("workerdrains") }.map(\.path)
        }
        #expect(written.isEmpty, "\(written)")
    }

    @Test func `what another installation has left is marked as ours, though nothing is drained`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        await bench.settle()
        #expect(bench.cluster.drainState == "Idle")
        let ours = bench.cluster.drain?["spec"]?["manager"]?.string
        bench.cluster.state.withLock { state in
            state.objects[FakeCluster.drainPath]?["spec"]?["manager"] = "other/sluice"
            state.objects[FakeCluster.runtimePath]?["spec"]?["replicas"] = 2
            state.objects[FakeCluster.runtimePath]?["status"]?["desiredWorkerNumberScheduled"] = 2
        }
        fail(bench.cluster, "statefulsets/hbase-worker?", .status(APIStatus(code: 500, reason: "InternalError")))
        await bench.settle(seconds: 900)
        #expect(bench.cluster.blocked == "APIServer")
        #expect(ours != nil && bench.cluster.drain?["spec"]?["manager"]?.string == ours)
    }

    @Test func `a drain that can't be read is told once, and heard again when it is mended`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", Self.unpersisted)
        await bench.settle(limit: 4)
        bench.cluster.state.withLock { $0.objects[FakeCluster.drainPath]?["spec"]?["version"] = 99 }
        bench.restart()
        let before = bench.lines.count
        await bench.settle(limit: 12)
        #expect(bench.cluster.blocked == "UnreadableDrain" && bench.lines.count - before < 4)
        bench.cluster.state.withLock { $0.objects[FakeCluster.drainPath]?["spec"]?["version"] = 1 }
        bench.cluster.fill("hbase-worker-1", [])
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1)
    }

    @Test func `a lowering that was refused us is somebody else's when it comes`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        let refused = ClusterError.status(
            APIStatus(code: 500, reason: "InternalError", message: "failed calling webhook: connection refused"))
        await bench.settle { $0.cluster.drain?["status"]?["state"]?.string == "Settling" }
        fail(bench.cluster, "statefulsets/hbase-worker?", refused)
        await bench.settle(seconds: 60)
        #expect(bench.cluster.replicas == 3 && bench.cluster.drainState == "Removing")
        bench.cluster.fill("hbase-worker-2", Self.unpersisted)
        lower(bench.cluster, to: 2)
        await bench.settle(seconds: 60)
        #expect(said(bench.cluster, "UndrainedRemoval").contains("Somebody else lowered the worker set"))
    }

    @Test func `a lowering long after our own got no answer is somebody else's, since a look showed that ours failed`()
        async throws
    {
        var bench = DrainBench(workers: 3, wanted: 2)
        await bench.settle { $0.cluster.drain?["status"]?["state"]?.string == "Settling" }
        // The answer never comes, and nothing was written.
        fail(bench.cluster, "statefulsets/hbase-worker?", .timeout)
        await bench.settle(seconds: 60)
        #expect(bench.cluster.replicas == 3 && bench.cluster.drainState == "Removing")
        bench.cluster.fill("hbase-worker-2", Self.unpersisted)
        await bench.settle(limit: 2)
        lower(bench.cluster, to: 2)
        await bench.settle(seconds: 60)
        #expect(said(bench.cluster, "UndrainedRemoval").contains("Somebody else lowered the worker set"))
    }

    @Test func `a lowering is told once though the drain's object can't be read from the start`() async throws {
        var bench = DrainBench(workers: 3, wanted: 3)
        fail(bench.cluster, "workerdrains/hbase")
        await bench.settle(limit: 2)
        bench.session.lowered = .init(from: 3, to: 2)
        lower(bench.cluster, to: 2)
        await bench.settle(limit: 5)
        let told = bench.cluster.state.withLock { $0.events.filter { $0.reason == "UndrainedRemoval" }.map(\.message) }
        #expect(told.count == 1 && told[0].contains("from 3 to 2; by whom, and what went, nobody can say"), "\(told)")
    }

    @Test func `a lowering after the count was raised again is somebody else's, though the drain asked for as much`()
        async throws
    {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.state.withLock { $0.takesPods = false }
        await bench.settle { $0.cluster.drainState == "Confirming" }
        // A pause keeps the drain where it is.
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.runtimePath]?["metadata"]?["annotations"] = ["sluice.dev/paused": "disks"]
        }
        lower(bench.cluster, to: 3)
        await bench.settle(limit: 3)
        bench.cluster.fill("hbase-worker-2", Self.unpersisted)
        lower(bench.cluster, to: 2)
        await bench.settle(limit: 6)
        #expect(said(bench.cluster, "UndrainedRemoval").contains("Somebody else lowered the worker set"))
    }

    @Test func `what could not be told while the drain's object could not be written is told after it`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2, annotations: ["sluice.dev/cooldown": "10m"])
        await bench.settle { $0.cluster.drainState == "CoolingDown" }
        await bench.settle(limit: 4)
        // Late enough for numbers that moved to be written again.
        bench.cluster.advance(.seconds(30))
        bench.cluster.state.withLock { state in
            state.faults = [.init(part: "workerdrains/hbase/status", isAfter: false, error: .timeout)]
            state.objects[FakeCluster.runtimePath]?["spec"]?["replicas"] = 1
        }
        await bench.settle(seconds: 60)
        #expect(said(bench.cluster, "DrainWaiting").contains("1 worker wanted"))
    }

    @Test func `workers that can't be raised again are told to be so, though it is tried again and again`() async throws
    {
        var bench = DrainBench(workers: 2, wanted: 2)
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.runtimePath]?["status"]?["desiredWorkerNumberScheduled"] = 2
        }
        lower(bench.cluster, to: 1)
        fail(bench.cluster, "statefulsets/hbase-worker?", .status(APIStatus(code: 500, reason: "InternalError")))
        await bench.settle(seconds: 300)
        #expect(bench.cluster.replicas == 1 && bench.cluster.blocked == "APIServer")
        bench.cluster.state.withLock { $0.faults = [] }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2)
        await bench.settle(seconds: 60)
        #expect(bench.cluster.blocked.isEmpty)
    }

    @Test func `a survivor that is being deleted comes back with its cache: no folder is freed beside it`() async throws
    {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-0", DrainBench.files("/d/a"))
        bench.cluster.fill("hbase-worker-1", DrainBench.files("/d/b", "/d/c"))
        let pod = "\(FakeCluster.podsPath)/hbase-worker-0"
        await bench.settle { $0.cluster.drainState == "Freeing" }
        #expect(bench.cluster.frees.isEmpty)
        bench.cluster.state.withLock {
            $0.objects[pod]?["metadata"]?["deletionTimestamp"] = "2026-11-20T00:00:00Z"
        }
        await bench.settle(limit: 60) { !$0.cluster.frees.isEmpty }
        #expect(bench.cluster.held("hbase-worker-0") == ["/d/a"])
        #expect(
            bench.cluster.frees.allSatisfy { !$0.contains("/d") }, "\(bench.cluster.blocked) \(bench.cluster.frees)")
        #expect(!bench.cluster.frees.isEmpty, "\(bench.cluster.blocked)")
    }
}

/// The same of a DaemonSet's workers.
@Suite struct `Beside a drain by node labels` {
    @Test func `a node that loses its labels by somebody else is told`() async throws {
        var bench = DaemonBench(wanted: 3, .byNodeLabel)
        await bench.settle(limit: 4)
        bench.cluster.state.withLock { state in
            state.takesPods = false
            state.objects["\(FakeCluster.nodesPath)/n1"]?["metadata"]?["labels"] = ["disk": "ssd"]
        }
        await bench.settle(limit: 4)
        #expect(bench.cluster.reasons.contains("UndrainedRemoval"))
    }

    @Test func `where the wish goes half back Fluid is told of the nodes that are gone`() async throws {
        var bench = DaemonBench(wanted: 1, .byNodeLabel)
        await bench.settle { $0.placed.count == 2 }
        bench.cluster.want(2)
        await bench.settle(limit: 40)
        #expect(bench.placed.count == 2 && bench.counted == 2 && bench.state != "Removing")
    }
}
