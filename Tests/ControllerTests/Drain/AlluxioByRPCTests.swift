import Foundation
import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller
@testable import Simulation

@Suite struct `A drain by RPC` {
    private func bench(
        files: Int, _ policies: [String: String] = [:], change: (inout SimRuntimePlan) -> Void = { _ in }
    ) -> DrainBench {
        let bench = DrainBench(policies) { _, runtime in
            runtime.rpcRoutes = [.direct, .portForward]
            change(&runtime)
        }
        for index in [0, 2] { bench.fill(index, (0..<files).map { "/d/f\($0)" }) }
        return bench
    }

    @Test func `what the leaving worker shares with another stays there`() {
        let bench = bench(files: 300)
        bench.want(2)
        #expect(bench.run(minutes: 1) { bench.replicas == 2 } && bench.held(0).count == 300 && bench.frees == 0)
        #expect(bench.removals == 300 && bench.told("DrainStarted").contains("300 blocks by RPC (directly)"))
    }

    @Test func `by the API server where the pods are out of reach`() {
        let bench = bench(files: 20) { $0.rpcRoutes = [.portForward] }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.told("DrainStarted").contains("(through pods/portforward)"))
        #expect(bench.held(0).count == 20 && bench.frees == 0)
    }

    @Test func `by the client where no port answers, told once`() {
        let bench = bench(files: 2) { $0.rpcRoutes = [] }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.freed.count == 2)
        let told = bench.events.map(\.message).filter { $0.contains("RPC can't be had") }
        #expect(told.count == 1 && told[0].contains("connection refused"), "\(told)")
    }

    @Test func `a list that is cut is none, and a master in safe mode is waited for`() {
        let bench = bench(files: 20, ["drain-client": "Rpc"])
        bench.fail("rpc files", .cut)
        bench.want(2)
        #expect(bench.run { bench.blocked == "PortUnreachable" } && bench.removals == 0)
        bench.mend()
        bench.runtime.alluxio.safeModeUntil = .max
        #expect(bench.run { bench.blocked == "MasterNotReady" } && bench.removals == 0)
        bench.runtime.alluxio.safeModeUntil = 0
        #expect(bench.run { bench.replicas == 2 } && bench.held(0).count == 20)
    }

    @Test(arguments: [true, false])
    func `a list that does not come in time is waited for, and is no closed port, but not for ever`(isMended: Bool) {
        let bench = bench(files: 20)
        bench.fail("rpc files", .lost)
        bench.want(2)
        #expect(bench.run { bench.blocked == "MasterNotReady" } && bench.frees == 0)
        if isMended { bench.mend() }
        // The client may get through where this does not.
        #expect(bench.run { bench.replicas == 2 } && bench.freed.isEmpty == isMended)
    }

    @Test func `a connection that breaks, and a port that closes then, leave the rest to the client`() {
        let bench = bench(files: 300)
        bench.fail("rpc worker", .cut)
        bench.want(2)
        #expect(bench.run { bench.removals > 0 })
        bench.fail("connect", .unreachable)
        #expect(bench.run { bench.replicas == 2 } && !bench.told("DrainCompromised").isEmpty)
        #expect(!bench.freed.isEmpty && bench.freed.count + bench.removals <= 300, "\(bench.removals)")
    }

    @Test func `a block that a reader holds is waited for, and holds up nobody`() {
        let bench = bench(files: 300)
        let blocks = (0..<40).compactMap { bench.runtime.alluxio.file("/d/f\($0)")?.blocks.first }
        for block in blocks { bench.disk(2)?.change(block) { $0.lockedUntil = .max } }
        bench.want(2)
        let start = bench.world.now
        #expect(bench.run(minutes: 1) { bench.removals == 260 } && bench.held(2).count == 40)
        for index in [0, 2] { bench.fill(index, "/d/late") }
        #expect(bench.run(minutes: 1) { bench.removals == 261 } && bench.world.now - start < .seconds(40))
        // The worker waits for their readers by itself for a minute, in which nobody asks again.
        #expect(bench.run(minutes: 5) { bench.asked("remove block \(blocks[0]).").count > 1 })
        #expect(bench.world.now - start > .seconds(60) && bench.held(2).count == 40 && bench.replicas == 3)
        for block in blocks { bench.disk(2)?.change(block) { $0.lockedUntil = 0 } }
        #expect(bench.run { bench.replicas == 2 } && bench.removals == 301 && bench.frees == 0)
    }

    @Test(arguments: [(true, false), (true, true), (false, false)])
    func `a worker goes out of service by RPC once it is quiet, and by the client where the port is lost`(
        isReached: Bool, isBusy: Bool
    ) {
        let bench = bench(files: 20, ["drain": "Decommission"]) { $0.version = "2.9.6" }
        bench.want(2)
        #expect(bench.run { bench.held(2).isEmpty })
        if !isReached { bench.fail("connect", .unreachable) }
        if isBusy { bench.worker(2)?.readsUntil = .max }
        let (start, host) = (bench.world.now, bench.worker(2)?.host)
        #expect(bench.run { bench.replicas == 2 })
        let out = bench.runtime.alluxio.registrations.filter { $0.state == .decommissioned }
        #expect(out.map(\.worker.host) == [host])
        #expect(bench.asked(" exec ", "decommissionWorker").count == (isReached ? 0 : 1))
        // What clients began before is waited for, but not for ever.
        let took = (bench.world.now - start) / 1_000_000
        #expect(!isReached || (isBusy ? 90..<130 : 20..<60).contains(took), "\(took) s")
    }

    @Test(arguments: [SimFault.Effect.lost, .refused])
    func `a port that is there and of no use leaves the rest to the client, after some tries`(effect: SimFault.Effect) {
        let bench = bench(files: 20)
        bench.fail("rpc worker", effect)
        bench.want(2)
        #expect(bench.run { bench.blocked == "CommandFailed" } && bench.frees == 0)
        #expect(bench.run(minutes: 15) { bench.replicas == 2 })
        #expect(bench.removals == 0 && bench.frees == 20 && bench.told("DrainCompromised").contains("RPC can't be had"))
    }

    @Test(arguments: [false, true])
    func `a worker that is taken out of service long after the wish has gone is taken back`(isRestarted: Bool) {
        let bench = bench(files: 20, ["drain": "Decommission"]) { $0.version = "2.9.6" }
        bench.want(2)
        bench.run { bench.held(2).isEmpty }
        // The master is held up for a minute, and nobody waits that long for its answer.
        bench.fail("rpc master", .late(.seconds(60)))
        #expect(bench.run(minutes: 3) { bench.drain?.at("status", "outOfService")?.string != nil })
        bench.run(seconds: 30)
        bench.mend()
        bench.want(3)
        #expect(bench.run(minutes: 1) { bench.state == "CoolingDown" })
        bench.run(seconds: 12)
        if isRestarted { bench.restart() }
        #expect(bench.run(minutes: 3) { bench.asked("is out of service").count == 1 })
        #expect(bench.run(minutes: 5) { bench.state == "Idle" })
        #expect(!bench.runtime.alluxio.registrations.contains { $0.state == .decommissioned && $0.worker.isUp })
    }

    @Test(arguments: ["rpc worker", "rpc master"])
    func `where the port refuses the caller the client does it`(tag: String) {
        let bench = bench(files: 20, ["drain": "Decommission"]) { $0.version = "2.9.6" }
        if tag == "rpc worker" { bench.fail(tag, .status(7, retryAfter: nil)) }
        bench.want(2)
        bench.run { bench.held(2).isEmpty }
        if tag == "rpc master" { bench.fail(tag, .status(7, retryAfter: nil)) }
        #expect(bench.run(minutes: 5) { bench.replicas == 2 } && bench.frees == (tag == "rpc worker" ? 20 : 0))
        #expect(bench.asked(" exec ", "decommissionWorker").count == 1)
    }

    @Test(arguments: [true, false], [true, false])
    func `what is pinned, or demands more copies than others hold, goes by RPC alone, and only if it may`(
        isEvicted: Bool, isPinned: Bool
    ) {
        let bench = bench(files: 20, isEvicted ? ["drain-pinned": "Evict"] : [:])
        let file = bench.runtime.alluxio.file("/d/f3")
        if isPinned { file?.isPinned = true } else { file?.replicationMin = 2 }
        bench.want(2)
        bench.run(minutes: 2) { bench.replicas == 2 }
        #expect(bench.replicas == (isEvicted ? 2 : 3) && bench.frees == 0)
        #expect(isEvicted || bench.blocked == "Pinned")
    }

    @Test func `nothing goes while something is not persisted`() {
        let bench = bench(files: 20)
        bench.write(2)
        bench.want(2)
        bench.run(minutes: 2)
        #expect(bench.blocked == "Unpersisted" && bench.removals == 0)
    }

    @Test func `servers without authentication are asked without`() {
        let bench = bench(files: 20, ["drain-client": "Rpc"]) { $0.isWithoutSASL = true }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.held(0).count == 20)
    }

    @Test func `of several masters the one that answers is asked, and its safe mode counts, not the others' silence`() {
        let bench = bench(files: 20, ["drain-client": "Rpc"]) { $0.masters = 3 }
        bench.runtime.alluxio.leader = 1
        bench.runtime.alluxio.safeModeUntil = .max
        bench.want(2)
        #expect(bench.run { bench.blocked == "MasterNotReady" } && bench.removals == 0)
        bench.runtime.alluxio.safeModeUntil = 0
        // The lead has moved meanwhile.
        bench.runtime.alluxio.leader = 2
        #expect(bench.run { bench.replicas == 2 } && bench.held(0).count == 20)
    }

    /// With `SLUICE_BLOCKS=100000000` and a release build it shows what a whole cluster's cache costs.
    @Test func `a list of any length takes no more memory than its bound`() throws {
        let environment = ProcessInfo.processInfo.environment
        let count = environment["SLUICE_BLOCKS"].flatMap { Int($0) } ?? 100_000
        let bench = bench(files: 1) { $0.listedBlocks = count }
        var target = DrainTarget(key: bench.runtime.key)
        target.pods = try pods("worker", of: bench)
        target.masters = try pods("master", of: bench)
        let uid = try #require(bench.pod(2)?.uid)
        let before = try peakMebibytes()
        let client = AlluxioByRPC(cluster: bench.world.client(), settings: ReconcilerSettings())
        let look = bench.world.perform { [target] in await client.blocks(of: [uid], target).0 }
        guard case .read(let list) = look else { throw ClusterError.transport("\(String(describing: look))") }
        let held = try #require(list.workers[uid])
        #expect(held.fileCount == count / EndlessList.blocksOfFile)
        #expect(held.blocks.count == min(count, BlockList.blocksMaximum))
        let grown = try peakMebibytes() - before
        if count > 100_000 { print("\(count) blocks: \(grown) MiB") }
        #expect(grown <= 64)
    }

    private func pods(_ role: String, of bench: DrainBench) throws -> [Pod] {
        let labels = SimSelection(labels: ["role": "alluxio-\(role)"])
        return try bench.world.server.objects(.pods, labels).map { pod in
            var parser = JSONParser()
            return try Pod(parser.parse(pod.encoded))
        }
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
        #expect(AlluxioByRPC<SimCluster>.ids(of: [pod], among: [worker, other, elsewhere]) == [7: "u"])
    }
}
