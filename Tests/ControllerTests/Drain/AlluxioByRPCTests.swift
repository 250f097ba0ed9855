import Foundation
import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `A drain by RPC on a small cluster` {
    private func bench(
        files: Int, _ annotations: [String: String] = [:], _ faults: FakeRPC.Faults = FakeRPC.Faults()
    ) -> DrainBench {
        let bench = DrainBench(workers: 3, wanted: 2, annotations: annotations)
        bench.cluster.listen(faults)
        let all = (0..<files).map { FakeCluster.File(path: "/d/f\($0)") }
        bench.cluster.fill("hbase-worker-0", all)
        bench.cluster.fill("hbase-worker-2", all)
        return bench
    }

    @Test func `what the leaving worker shares with another stays there`() async throws {
        var bench = bench(files: 300)
        let took = await bench.settle { $0.cluster.replicas == 2 }
        let cluster = bench.cluster
        #expect(cluster.replicas == 2 && cluster.held("hbase-worker-0").count == 300 && cluster.frees.isEmpty)
        #expect(cluster.state.withLock { Set($0.removed).count } == 300 && took < 10_000, "\(took) ms")
        #expect(cluster.state.withLock { $0.events.first?.message.contains("300 blocks by RPC (directly)") } == true)
    }

    @Test func `by the API server where the pods are out of reach`() async throws {
        var faults = FakeRPC.Faults()
        faults.isClosed = [.direct]
        var bench = bench(files: 20, [:], faults)
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(
            bench.cluster.state.withLock { $0.events.first?.message.contains("(through pods/portforward)") } == true)
        #expect(bench.cluster.held("hbase-worker-0").count == 20 && bench.cluster.frees.isEmpty)
    }

    @Test func `by the client where no port answers, told once`() async throws {
        var faults = FakeRPC.Faults()
        faults.isClosed = [.direct, .portForward]
        var bench = bench(files: 2, [:], faults)
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.frees.count == 2)
        let told = bench.cluster.state.withLock { $0.events.map(\.message).filter { $0.contains("RPC can't be had") } }
        #expect(told.count == 1 && told[0].contains("nothing listens there"), "\(told)")
    }

    @Test func `a list that is cut is none, and a master in safe mode is waited for`() async throws {
        var faults = FakeRPC.Faults()
        faults.cutsList = true
        var bench = bench(files: 20, [Annotation.drainClient: "Rpc"], faults)
        await bench.settle(limit: 30)
        #expect(bench.cluster.blocked == "PortUnreachable" && bench.cluster.state.withLock { $0.removed.isEmpty })
        faults.cutsList = false
        faults.refusal = 14
        bench.cluster.listen(faults)
        await bench.settle(limit: 30)
        #expect(bench.cluster.blocked == "MasterNotReady" && bench.cluster.frees.isEmpty)
        bench.cluster.listen(FakeRPC.Faults())
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.held("hbase-worker-0").count == 20)
    }

    @Test func `a list that does not come in time is waited for, and is no closed port`() async throws {
        var faults = FakeRPC.Faults()
        faults.hangsList = true
        var bench = bench(files: 20, [:], faults)
        await bench.settle(limit: 5)
        #expect(bench.cluster.blocked == "MasterNotReady" && bench.cluster.frees.isEmpty)
        bench.cluster.listen(FakeRPC.Faults())
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.frees.isEmpty)
        // Not for ever: the client may get through where this does not.
        var other = self.bench(files: 20, [:], faults)
        await other.settle { $0.cluster.replicas == 2 }
        #expect(other.cluster.replicas == 2 && !other.cluster.frees.isEmpty)
    }

    @Test func `a connection that breaks, and a port that closes then, leave the rest to the client`() async throws {
        var faults = FakeRPC.Faults()
        faults.removalsMax = 5
        var bench = bench(files: 20, [:], faults)
        let cluster = bench.cluster
        await bench.settle { _ in cluster.state.withLock { $0.removed.count } >= 5 }
        faults.isClosed = [.direct, .portForward]
        cluster.listen(faults)
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2 && !cluster.frees.isEmpty && cluster.frees.count <= 15)
        #expect(cluster.reasons.contains("DrainCompromised"))
    }

    @Test func `a block that a reader holds is waited for, and holds up nobody`() async throws {
        var faults = FakeRPC.Faults()
        faults.locked = Set((0..<40).map { "/d/f\($0)" })
        var bench = bench(files: 300, [:], faults)
        let cluster = bench.cluster
        let start = cluster.wallClockMilliseconds()
        var lateRemoved: Int64?
        await bench.settle { bench in
            let now = cluster.wallClockMilliseconds() - start
            return cluster.state.withLock { state in
                if state.removed.count == 260, state.held["hbase-worker-2"]?.count == 40 {
                    state.held["hbase-worker-2"]?.append(.init(path: "/d/late"))
                }
                if state.removed.count == 261 { lateRemoved = lateRemoved ?? now }
                return state.askedLocked > 40
            }
        }
        // The worker waits for their readers by itself for a minute, in which nobody asks again, and the others go.
        let asked = cluster.wallClockMilliseconds() - start
        #expect(lateRemoved ?? .max < 40_000 && asked > 60_000, "\(lateRemoved ?? -1) ms, \(asked) ms")
        #expect(cluster.held("hbase-worker-2").count == 40 && cluster.replicas == 3)
        cluster.listen(FakeRPC.Faults())
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(cluster.replicas == 2 && cluster.frees.isEmpty)
    }

    @Test(arguments: [(true, 0), (true, 1), (false, 0)])
    func `a worker goes out of service by RPC once it is quiet, and by the client where the port is lost`(
        _ isReached: Bool, _ operations: Int64
    ) async throws {
        var bench = bench(files: 20, [Annotation.drain: "Decommission"])
        let cluster = bench.cluster
        cluster.state.withLock { $0.alluxioVersion = "2.9.6" }
        await bench.settle { $0.cluster.held("hbase-worker-2").isEmpty }
        var faults = FakeRPC.Faults()
        if !isReached { faults.isClosed = [.direct, .portForward] }
        cluster.listen(faults)
        cluster.state.withLock { $0.operations = operations }
        let took = await bench.settle { $0.cluster.replicas == 2 }
        let out = cluster.state.withLock { $0.takenOut }
        #expect(cluster.replicas == 2 && out.map(\.host) == ["10.1.1.2"])
        let commands = cluster.state.withLock { $0.commands.filter { $0.contains("decommissionWorker") } }
        #expect(commands.count == (isReached ? 0 : 1))
        guard isReached else { return }
        // What clients began before is waited for, but not for ever.
        #expect(operations == 0 ? (20_000..<60_000).contains(took) : (90_000..<130_000).contains(took), "\(took) ms")
        // Host, port, and that whoever is there after it may register.
        var reader = ProtobufReader(out[0].request)
        var fields: [Int: ProtobufValue] = [:]
        while let (number, value) = try reader.next() { fields[number] = value }
        #expect(fields[2]?.int64 == 30000 && fields[3]?.bool == true)
    }

    @Test(arguments: [true, false]) func `pinned files go by RPC alone, and only if they may`(_ isEvicted: Bool)
        async throws
    {
        var bench = bench(files: 20, isEvicted ? [Annotation.drainPinned: "Evict"] : [:])
        bench.cluster.state.withLock { $0.held["hbase-worker-2"]?[3].isPinned = true }
        await bench.settle(limit: 60) { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == (isEvicted ? 2 : 3) && bench.cluster.frees.isEmpty)
        #expect(isEvicted || bench.cluster.blocked == "Pinned")
    }

    @Test func `nothing goes while something is not persisted`() async throws {
        var bench = bench(files: 20)
        bench.cluster.state.withLock { $0.held["hbase-worker-2"]?.append(.init(path: "/only", isPersisted: false)) }
        await bench.settle(limit: 60)
        #expect(bench.cluster.blocked == "Unpersisted" && bench.cluster.state.withLock { $0.removed.isEmpty })
    }

    @Test func `servers without authentication are asked without`() async throws {
        var faults = FakeRPC.Faults()
        faults.isNOSASL = true
        var bench = bench(files: 20, [Annotation.drainClient: "Rpc"], faults)
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.held("hbase-worker-0").count == 20)
    }

    @Test func `of several masters the one that answers is asked, and its safe mode counts, not the others' silence`()
        async throws
    {
        var faults = FakeRPC.Faults()
        faults.standbys = ["hbase-master-0"]
        faults.refusal = 14
        var bench = bench(files: 20, [Annotation.drainClient: "Rpc"], faults)
        bench.cluster.state.withLock { state in
            for ordinal in 1...2 {
                let name = "hbase-master-\(ordinal)"
                state.objects["\(FakeCluster.podsPath)/\(name)"] = FakeObjects.pod(
                    name, role: "master", address: "10.1.0.\(ordinal + 1)")
            }
        }
        faults.standbys.insert("hbase-master-2")
        bench.cluster.listen(faults)
        await bench.settle(limit: 30)
        #expect(bench.cluster.blocked == "MasterNotReady" && bench.cluster.state.withLock { $0.removed.isEmpty })
        faults.refusal = nil
        // The lead has moved meanwhile.
        faults.standbys = ["hbase-master-0", "hbase-master-1"]
        bench.cluster.listen(faults)
        await bench.settle { $0.cluster.replicas == 2 }
        #expect(bench.cluster.replicas == 2 && bench.cluster.held("hbase-worker-0").count == 20)
    }

    @Test func `a file that demands more replicas than other workers hold goes only if it may`() async throws {
        for isEvicted in [true, false] {
            var bench = bench(files: 20, isEvicted ? [Annotation.drainPinned: "Evict"] : [:])
            bench.cluster.state.withLock { $0.held["hbase-worker-2"]?[3].replicationMin = 2 }
            await bench.settle(limit: 60) { $0.cluster.replicas == 2 }
            #expect(bench.cluster.replicas == (isEvicted ? 2 : 3) && bench.cluster.frees.isEmpty)
            #expect(isEvicted || bench.cluster.blocked == "Pinned")
        }
    }

    /// With `SLUICE_BLOCKS=100000000` and a release build it shows what a whole cluster's cache costs.
    @Test func `a list of any length takes no more memory than its bound`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SLUICE_BLOCKS"].flatMap { Int($0) } ?? 100_000
        var bench = bench(files: 1)
        await bench.settle(limit: 1)
        var faults = FakeRPC.Faults()
        faults.blockCount = count
        bench.cluster.listen(faults)
        let before = try peakMebibytes()
        let (look, _) = await AlluxioByRPC(cluster: bench.cluster, settings: bench.settings)
            .blocks(of: ["uid-hbase-worker-2"], bench.session.target)
        guard case .read(let list) = look else { throw ClusterError.transport("\(look)") }
        let held = try #require(list.workers["uid-hbase-worker-2"])
        #expect(held.fileCount == count / EndlessList.blocksOfFile)
        #expect(held.blocks.count == min(count, BlockList.blocksMaximum))
        let grown = try peakMebibytes() - before
        if count > 100_000 { print("\(count) blocks: \(grown) MiB") }
        #expect(grown <= 64)
    }

    /// The most memory that this process ever had.
    private func peakMebibytes() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.firstMatch(of: #/VmHWM:\s+([0-9]+) kB/#))
        return try #require(Int(line.1)) >> 10
    }

    @Test func `a pod is the worker at its address, or at its node's and its port`() {
        let ports = [Pod.Container.Port(name: "rpc", number: 20001)]
        let pod = Pod(
            meta: ObjectMeta(name: "w", namespace: "d", uid: "u"), hostIP: "10.0.0.1", podIP: "10.0.0.1",
            containers: [.init(name: DrainTarget.workerContainer, ports: ports)])
        var worker = AlluxioWorkerStatus()
        (worker.id, worker.host, worker.rpcPort) = (7, "10.0.0.1", 20001)
        var other = worker
        (other.id, other.rpcPort) = (8, 20002)
        var elsewhere = worker
        (elsewhere.id, elsewhere.containerHost) = (9, "10.1.0.9")
        #expect(AlluxioByRPC<FakeCluster>.ids(of: [pod], among: [worker, other, elsewhere]) == [7: "u"])
    }
}
