import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

/// Kinds of sequences that cost data, or a reason, or both, before.
@Suite struct `What keeps a worker` {
    static func files(_ names: String...) -> [FakeCluster.File] { names.map { FakeCluster.File(path: $0) } }

    @Test func `an unpersisted file, by name; nothing is freed until it is persisted`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", [.init(path: "/d/a"), .init(path: "/d/new", isPersisted: false)])
        await bench.settle(limit: 30)
        #expect(bench.cluster.replicas == 2 && bench.cluster.frees.isEmpty)
        #expect(bench.cluster.drain?["status"]?["blocked"]?["message"]?.string?.contains("/d/new") == true)
        #expect(bench.cluster.reasons == ["DrainBlocked"])
        bench.cluster.fill("hbase-worker-1", Self.files("/d/a", "/d/new"))
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1)
    }

    @Test func `an upload in flight, on two tiers with a small reserve`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.state.withLock {
            $0.reserved = 16 << 20
            $0.uploading["hbase-worker-1"] = 134_217_728
        }
        await bench.settle(limit: 60)
        #expect(bench.cluster.replicas == 2 && bench.cluster.blocked == "InFlight")
        bench.cluster.state.withLock { $0.uploading = [:] }
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1)
    }

    @Test func `a folder that fails reads as empty, and is not`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", Self.files("/d/a"))
        await bench.settle { !$0.cluster.frees.isEmpty }
        bench.cluster.state.withLock { $0.capacity["hbase-worker-1"] = 500_000 }
        await bench.settle(limit: 40)
        #expect(bench.cluster.replicas == 2 && bench.cluster.blocked == "CapacityChanged")
    }

    @Test(arguments: [
        ClusterError.status(APIStatus(code: 500)), .status(APIStatus(code: 403)), .timeout, .transport("cut"),
    ])
    func `calls that fail, for as long as they do`(error: ClusterError) async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", Self.files("/d/a", "/d/b", "/d/c", "/d/d"))
        bench.cluster.fill("hbase-worker-1", Self.files("/d/e"))
        bench.cluster.state.withLock { state in
            state.faults = (0..<1000).map { _ in .init(part: "free", isAfter: false, error: error) }
        }
        await bench.settle(limit: 2000, seconds: 3600)
        #expect(
            bench.cluster.replicas == 3 && bench.cluster.blocked == "CommandFailed"
                || bench.cluster.blocked == "Deadline")
        #expect(!bench.cluster.reasons.contains("DrainCancelled"))
        // At most four calls a minute, once it is blocked.
        #expect(bench.cluster.frees.count < 280, "\(bench.cluster.frees.count) calls")
        bench.cluster.state.withLock { $0.faults = [] }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.held("hbase-worker-1") == ["/d/e"])
    }

    @Test func `calls that are killed in the master`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", Self.files("/d/a", "/d/b"))
        bench.cluster.state.withLock { $0.exitCode = 137 }
        await bench.settle(limit: 1000, seconds: 3600)
        #expect(bench.cluster.replicas == 2 && bench.cluster.held("hbase-worker-1").count == 2)
        #expect(["CommandFailed", "Deadline"].contains(bench.cluster.blocked))
    }

    @Test func `a worker that can't be asked: nothing is widened, the survivors keep all`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-0", Self.files("/d/a"))
        bench.cluster.fill("hbase-worker-2", Self.files("/d/b"))
        bench.cluster.state.withLock { $0.unreadable = ["hbase-worker-2"] }
        await bench.settle(seconds: 600)
        #expect(bench.cluster.replicas == 3 && bench.cluster.frees.isEmpty)
        #expect(bench.cluster.blocked == "WorkerUnreachable" && bench.cluster.held("hbase-worker-0") == ["/d/a"])
        bench.cluster.state.withLock { $0.unreadable = [] }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2)
    }

    @Test func `a list that moves is read again, and said to move`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", Self.files("/d/b"))
        bench.cluster.state.withLock { $0.moving = ["hbase-worker-1"] }
        await bench.settle(seconds: 300)
        #expect(bench.cluster.replicas == 2 && bench.cluster.frees.isEmpty && bench.cluster.blocked == "ListMoves")
        #expect(bench.cluster.reasons.count <= 6)
    }

    @Test func `three workers of which one answers in 2 s go when all are empty`() async throws {
        var bench = DrainBench(workers: 4, wanted: 1)
        bench.cluster.state.withLock { $0.delays["hbase-worker-2"] = .seconds(2) }
        let took = await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1 && took < 120_000, "\(took) ms")
    }

    @Test func `OrderedReady with a broken worker below: it is not lowered, and said why`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.setPath]?["spec"]?["podManagementPolicy"] = "OrderedReady"
            $0.objects["\(FakeCluster.podsPath)/hbase-worker-0"]?["status"]?["conditions"] = []
        }
        await bench.settle(seconds: 120)
        #expect(bench.cluster.replicas == 3 && bench.cluster.blocked == "LowerNotReady")
    }

    @Test func `pods are counted from the first ordinal`() async throws {
        var bench = DrainBench(workers: 4, wanted: 2)
        bench.cluster.state.withLock {
            $0.objects["\(FakeCluster.podsPath)/hbase-worker-0"] = nil
            $0.objects[FakeCluster.setPath]?["spec"]?["replicas"] = 3
            $0.objects[FakeCluster.setPath]?["spec"]?["ordinals"] = ["start": 1]
        }
        bench.cluster.fill("hbase-worker-3", [.init(path: "/d/new", isPersisted: false)])
        await bench.settle(seconds: 60)
        #expect(bench.cluster.replicas == 3 && bench.cluster.blocked == "Unpersisted")
    }

    @Test func `a pod that Kubernetes does not take is served again`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.state.withLock { $0.takesPods = false }
        await bench.settle { $0.cluster.replicas == 2 }
        await bench.settle(seconds: 60) { $0.cluster.replicas == 3 }
        #expect(bench.cluster.replicas == 3 && bench.cluster.reasons.contains("WorkersRaised"))
        await bench.settle(limit: 2)
        #expect(bench.cluster.blocked == "NotTaken")
    }

    @Test func `what comes after the lowering is never passed over`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.state.withLock { $0.takesPods = false }
        await bench.settle { $0.cluster.replicas == 2 }
        bench.cluster.fill("hbase-worker-2", [.init(path: "/late", isPersisted: false)])
        await bench.settle(limit: 5)
        #expect(bench.cluster.reasons.contains("UndrainedRemoval"))
        #expect(bench.metrics.value(.undrainedRemovals, ["data", "hbase"]) == 1)
    }

    @Test func `somebody else lowers the set with something on it`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", [.init(path: "/new", isPersisted: false)])
        await bench.settle(limit: 6)
        bench.cluster.state.withLock { $0.objects[FakeCluster.setPath]?["spec"]?["replicas"] = 2 }
        await bench.settle(limit: 4)
        #expect(bench.cluster.reasons.contains("UndrainedRemoval"))
        #expect(!bench.cluster.reasons.contains("WorkersRemoved"))
    }

    @Test(arguments: [("ContainerCreating", 2), ("ImagePullBackOff", 1)] as [(String, Int64)])
    func `a pod that is about to start is waited for, one that never ran and can't goes`(
        reason: String, replicas: Int64
    ) async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        let pod = "\(FakeCluster.podsPath)/hbase-worker-1"
        let waiting: JSON = ["name": "alluxio-worker", "state": ["waiting": ["reason": .string(reason)]]]
        bench.cluster.state.withLock {
            $0.objects[pod]?["status"] = ["phase": "Pending", "containerStatuses": [waiting]]
        }
        await bench.settle(limit: 30) { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == replicas)
    }

    @Test func `a pod that can't start where another ran is unknown, until a person gives it up`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", [.init(path: "/d/new", isPersisted: false)])
        await bench.settle(limit: 10)
        let waiting: JSON = ["name": "alluxio-worker", "state": ["waiting": ["reason": "ImagePullBackOff"]]]
        bench.cluster.state.withLock {
            $0.objects["\(FakeCluster.podsPath)/hbase-worker-2"]?["metadata"]?["uid"] = "the-next"
            $0.objects["\(FakeCluster.podsPath)/hbase-worker-2"]?["status"] = [
                "phase": "Pending", "containerStatuses": [waiting],
            ]
        }
        bench.restart()
        await bench.settle(limit: 30)
        #expect(bench.cluster.replicas == 3 && bench.cluster.blocked == "PlaceUnknown")
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.runtimePath]?["metadata"]?["annotations"] = [
                Annotation.skipDrain: "the-next: its disk is gone"
            ]
        }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.reasons.contains("DrainSkipped"))
    }

    @Test func `a clock that jumps decides nothing`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.fill("hbase-worker-1", Self.files("/d/a"))
        bench.cluster.state.withLock { $0.exitCode = 1 }
        await bench.settle(limit: 12)
        // Both clocks: a step counts for no more than a pass may take.
        bench.cluster.advance(.seconds(3600))
        await bench.settle(limit: 4)
        #expect(bench.cluster.replicas == 2 && bench.cluster.blocked != "Deadline")
    }

    @Test func `a cool-down that is edited counts at once`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2, annotations: [Annotation.cooldown: "24h"])
        await bench.settle { $0.cluster.drainState == "CoolingDown" }
        bench.cluster.want(1)
        await bench.settle(limit: 3)
        #expect(bench.cluster.reasons.contains("DrainWaiting") && bench.cluster.replicas == 2)
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.runtimePath]?["metadata"]?["annotations"]?[Annotation.cooldown] = "1s"
        }
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1)
    }

    @Test func `a write that is refused with Retry-After is left alone so long`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        let refusal = APIStatus(code: 429, reason: "TooManyRequests", retryAfter: .seconds(60))
        bench.cluster.state.withLock { state in
            state.faults = (0..<10_000).map { _ in .init(part: "workerdrains?", isAfter: false, error: .status(refusal))
            }
        }
        await bench.settle(limit: 10_000, seconds: 3600)
        let requests = bench.cluster.state.withLock { $0.requests.count }
        #expect(bench.cluster.replicas == 2 && requests < 60 * 60, "\(requests)")
        #expect(bench.cluster.reasons == ["DrainBlocked"] && bench.lines.count < 60)
    }

    @Test(arguments: ["/pods?", "/alluxioruntimes/hbase", "/statefulsets/hbase-worker"])
    func `a right that is missing is named`(part: String) async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        await bench.settle(limit: 1)
        bench.cluster.state.withLock { state in
            state.faults = (0..<1000).map { _ in .init(part: part, isAfter: false, error: .status(APIStatus(code: 403)))
            }
        }
        await bench.settle(seconds: 300)
        #expect(bench.cluster.replicas == 2)
        #expect(bench.cluster.blocked == "Forbidden" || bench.session.trouble?.contains("may not") == true)
    }

    @Test func `held by a webhook: blocked with the remedy, and done when it lets go`() async throws {
        var bench = DrainBench(workers: 2, wanted: 1)
        bench.cluster.state.withLock { $0.isHeldByWebhook = true }
        await bench.settle(limit: 40)
        #expect(bench.cluster.replicas == 2)
        #expect(bench.cluster.drain?["status"]?["blocked"]?["remedy"]?.string?.contains("--reconciler-user") == true)
        bench.cluster.state.withLock { $0.isHeldByWebhook = false }
        await bench.settle { $0.cluster.replicas == 1 }
        #expect(bench.cluster.replicas == 1)
    }

    @Test func `what the first version left is taken over once`() async throws {
        var bench = DrainBench(workers: 3, wanted: 2)
        bench.cluster.fill("hbase-worker-2", Self.files("/d/a"))
        let text =
            #"{"version":1,"state":"Freeing","workerSet":"set-1","runtime":"runtime-1","target":2,"repin":["/p"]}"#
        bench.cluster.state.withLock {
            $0.objects[FakeCluster.setPath]?["metadata"]?["annotations"] = [
                Annotation.firstDrainRecord: .string(text), Annotation.firstDrainStatus: "Freeing 3 -> 2",
            ]
        }
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2)
        #expect(bench.cluster.annotation(Annotation.firstDrainRecord) == nil)
        #expect(bench.cluster.annotation(Annotation.firstDrainStatus) == nil)
        #expect(bench.cluster.reasons.contains("DrainCompromised"))
    }
}
