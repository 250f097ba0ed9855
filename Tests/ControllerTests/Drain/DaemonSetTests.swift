import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `A scale-down by node labels` {
    @Test func `the least used node that nobody uses is drained, loses only its labels, and the counts follow`()
        async throws
    {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        bench.use("n0")
        await bench.settle()
        #expect(bench.placed == ["n0", "n2"])
        #expect(bench.node("n1")?["metadata"]?["labels"] == ["disk": "ssd"])
        #expect(bench.cluster.held(DaemonBench.pods[1]).isEmpty)
        #expect(
            bench.cluster.held(DaemonBench.pods[0]).count == 1 && bench.cluster.held(DaemonBench.pods[2]).count == 3)
        #expect(bench.counted == 2 && bench.state != "Removing")
        #expect(bench.cluster.reasons.contains("WorkersRemoved"))
    }

    @Test func `the last worker stays where Fluid would never start one again`() async throws {
        var bench = DaemonBench(wanted: 0, .byNodeLabel)
        await bench.settle(limit: 30)
        #expect(bench.placed.count == 3 && bench.blocked == "LastWorker" && bench.cluster.frees.isEmpty)
    }

    @Test func `a node that comes into use in mid-drain stays, and another goes`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        bench.cluster.state.withLock { $0.uploading[DaemonBench.pods[0]] = 1 }
        await bench.settle(limit: 20)
        #expect(bench.leaving == [DaemonBench.pods[0]] && bench.placed.count == 3)
        bench.use("n0")
        bench.cluster.state.withLock { $0.uploading = [:] }
        await bench.settle()
        #expect(bench.placed == ["n0", "n2"])
    }

    @Test func `every node in use: blocked, nothing freed, until one is free`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        for node in ["n0", "n1", "n2"] { bench.use(node) }
        await bench.settle(limit: 20)
        #expect(bench.blocked == "NodesInUse" && bench.placed.count == 3 && bench.cluster.frees.isEmpty)
        bench.leave("n2")
        await bench.settle()
        #expect(bench.placed == ["n0", "n1"])
    }

    @Test func `without the flag nobody goes, and one event says which flag to use`() async throws {
        var bench = DaemonBench(wanted: 2, .unattended)
        await bench.settle(limit: 40)
        #expect(bench.placed.count == 3 && bench.state != "Removing" && bench.cluster.frees.isEmpty)
        let events = bench.cluster.state.withLock { $0.events }
        #expect(events.map(\.reason) == ["DrainBlocked"])
        #expect(events.first?.message.contains("--remove-by-node-label") == true)
    }

    @Test func `a status write that is lost is made again`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        bench.cluster.state.withLock {
            $0.faults = [.init(part: "hbase/status", isAfter: false, error: .transport("lost"))]
        }
        await bench.settle()
        #expect(bench.counted == 2)
    }
}

@Suite struct `A gated scale-down` {
    @Test func `a noted request is drained for, its node loses its labels, and then it waits for its admission`()
        async throws
    {
        var bench = DaemonBench(wanted: 3, .gated)
        await bench.settle()
        #expect(bench.state == "" && bench.cluster.frees.isEmpty)
        bench.note(bench.request(2))
        await bench.settle(limit: 80) { $0.looks > 1 }
        #expect(bench.state == "Removing" && bench.leaving == [DaemonBench.pods[0]])
        #expect(bench.placed == ["n1", "n2"] && bench.cluster.held(DaemonBench.pods[0]).isEmpty)
        bench.cluster.want(2)
        await bench.settle()
        #expect(bench.state == "Idle" && bench.cluster.reasons.contains("WorkersRemoved"))
        #expect(bench.placed == ["n1", "n2"] && bench.cluster.held(DaemonBench.pods[1]).count == 2)
        let set = bench.cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        #expect(set?["metadata"]?["annotations"]?[Annotation.scaleInRequest] == nil)
    }

    @Test func `a request that nobody repeats is forgotten, and the labels come back`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        let before = bench.node("n0")?["metadata"]?["labels"]
        bench.note(bench.request(2))
        await bench.settle(limit: 80) { $0.looks > 1 }
        await bench.settle(limit: 800)
        #expect(bench.placed.count == 3 && bench.state == "Idle")
        let after = bench.node("n0")?["metadata"]?["labels"]
        #expect(before.map { before in after.map { before.isEquivalent(to: $0) } ?? false } == true)
        #expect(bench.cluster.reasons.contains("DrainCancelled"))
        let set = bench.cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        #expect(set?["metadata"]?["annotations"]?[Annotation.scaleInRequest] == nil)
    }

    @Test func `a request of another count is none`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        for request in [bench.request(2, of: 4), bench.request(3), bench.request(5)] {
            bench.note(request)
            await bench.settle(limit: 10)
            #expect(bench.state == "")
        }
    }
}
