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
        try await bench.settle()
        #expect(bench.placed == ["n0", "n2"])
        #expect(bench.node("n1")?["metadata"]?["labels"] == ["disk": "ssd"])
        #expect(bench.cluster.held(DaemonBench.pods[1]).isEmpty)
        #expect(
            bench.cluster.held(DaemonBench.pods[0]).count == 1 && bench.cluster.held(DaemonBench.pods[2]).count == 3)
        #expect(bench.counted == 2 && bench.record == nil)
        #expect(bench.cluster.reasons.contains("WorkersRemoved"))
    }

    @Test func `to zero`() async throws {
        var bench = DaemonBench(wanted: 0, .byNodeLabel)
        try await bench.settle()
        #expect(bench.placed.isEmpty && bench.counted == 0)
        #expect(DaemonBench.pods.allSatisfy { bench.cluster.held($0).isEmpty })
    }

    @Test func `a node that comes into use in mid-drain stays, and another goes`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        bench.cluster.state.withLock { $0.uploading[DaemonBench.pods[0]] = 1 }
        try await bench.settle(limit: 20)
        #expect(bench.record?.leaving.map(\.name) == [DaemonBench.pods[0]] && bench.placed.count == 3)
        bench.use("n0")
        bench.cluster.state.withLock { $0.uploading = [:] }
        try await bench.settle()
        #expect(bench.placed == ["n0", "n2"])
    }

    @Test func `every node in use: blocked, nothing freed, until one is free`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        for node in ["n0", "n1", "n2"] { bench.use(node) }
        try await bench.settle(limit: 20)
        #expect(bench.status.contains("NodesInUse") && bench.placed.count == 3 && bench.cluster.frees.isEmpty)
        bench.leave("n2")
        try await bench.settle()
        #expect(bench.placed == ["n0", "n1"])
    }

    @Test func `without the flag nobody goes, and one event says which flag to use`() async throws {
        var bench = DaemonBench(wanted: 2, .unattended)
        try await bench.settle(limit: 40)
        #expect(bench.placed.count == 3 && bench.record == nil && bench.cluster.frees.isEmpty)
        let events = bench.cluster.state.withLock { $0.events }
        #expect(events.map(\.reason) == ["DrainBlocked"])
        #expect(events.first?.message.contains("--remove-by-node-label") == true)
    }

    @Test func `a status write that is lost is made again`() async throws {
        var bench = DaemonBench(wanted: 2, .byNodeLabel)
        bench.cluster.state.withLock {
            $0.faults = [.init(part: "hbase/status", isAfter: false, error: .transport("lost"))]
        }
        try await bench.settle()
        #expect(bench.counted == 2)
    }
}

@Suite struct `A gated scale-down` {
    @Test func `a noted wish is drained for, waits for its admission, and is over when Fluid took the workers`()
        async throws
    {
        var bench = DaemonBench(wanted: 3, .gated)
        try await bench.settle()
        #expect(bench.record == nil && bench.cluster.frees.isEmpty)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        let record = try #require(bench.record)
        #expect(record.state == .removing && record.target == 2 && record.leaving.map(\.name) == [DaemonBench.pods[0]])
        #expect(bench.placed.count == 3 && bench.cluster.held(DaemonBench.pods[0]).isEmpty)
        bench.cluster.want(2)
        bench.strip("n0")
        try await bench.settle()
        #expect(bench.record == nil && bench.cluster.reasons.contains("WorkersRemoved"))
        #expect(!bench.cluster.reasons.contains("DrainCompromised"))
        #expect(bench.cluster.held(DaemonBench.pods[1]).count == 2)
        let set = bench.cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        #expect(set?["metadata"]?["annotations"]?[Annotation.scaleInWish] == nil)
    }

    @Test func `the record says every few seconds that the workers are still empty, and no longer when one is not`()
        async throws
    {
        var bench = DaemonBench(wanted: 3, .gated)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        let first = try #require(bench.record?.drainedAt)
        try await bench.settle(limit: 8)
        let second = try #require(bench.record?.drainedAt)
        #expect(second.milliseconds(since: first) >= DrainTiming.gateRefresh)
        #expect(bench.cluster.wallClockMilliseconds() - second.millisecondsSinceEpoch < DrainTiming.gateAgeMaximum)
        bench.cluster.fill(DaemonBench.pods[0], [.init(path: "/0/again")])
        try await bench.settle(limit: 2)
        #expect(bench.record?.drainedAt == nil)
    }

    @Test func `a wish that nobody repeats is forgotten, and nobody goes`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        try await bench.settle(limit: 400)
        #expect(bench.record == nil && bench.placed.count == 3)
        #expect(bench.cluster.reasons.contains("DrainCancelled"))
        let set = bench.cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        #expect(set?["metadata"]?["annotations"]?[Annotation.scaleInWish] == nil)
    }

    @Test func `a wish of another count, or of another time, is none`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        for wish in [bench.wish(2, of: 4), bench.wish(3), bench.wish(5)] {
            bench.note(wish)
            try await bench.settle(limit: 10)
            #expect(bench.record == nil)
        }
        let late = Timestamp(millisecondsSinceEpoch: bench.cluster.wallClockMilliseconds() + 3_600_000)
        bench.note(ScaleInWish(count: 2, replicas: 3, at: late))
        try await bench.settle(limit: 10)
        #expect(bench.record == nil)
    }

    @Test func `Fluid takes another node: it is said which drained worker stayed`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        bench.cluster.want(2)
        bench.strip("n2")
        try await bench.settle()
        let events = bench.cluster.state.withLock { $0.events }
        #expect(events.contains { $0.reason == "DrainCompromised" && $0.message.contains(DaemonBench.pods[0]) })
        #expect(bench.record == nil)
    }

    @Test func `Fluid takes more than was asked for: the drain ends all the same`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        bench.cluster.want(2)
        bench.strip("n0")
        bench.strip("n1")
        try await bench.settle()
        #expect(bench.record == nil && bench.cluster.reasons.contains("WorkersRemoved"))
        #expect(!bench.cluster.reasons.contains("DrainCancelled"))
    }

    @Test func `admitted, and Fluid removes nobody: it is said`() async throws {
        var bench = DaemonBench(wanted: 3, .gated)
        bench.note(bench.wish(2))
        try await bench.settle(limit: 60) { $0.record?.drainedAt != nil }
        bench.cluster.want(2)
        try await bench.settle(limit: 60)
        #expect(bench.status.contains("NotRemoved"))
        bench.strip("n0")
        try await bench.settle()
        #expect(bench.record == nil && bench.cluster.reasons.contains("WorkersRemoved"))
    }
}
