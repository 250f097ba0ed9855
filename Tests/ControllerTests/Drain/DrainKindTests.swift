import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller
@testable import Simulation

/// Kinds of sequences that cost data, or a reason, or both, before.
@Suite struct `What keeps a worker` {
    @Test func `an unpersisted file, by name; nothing is freed until it is persisted`() {
        let bench = DrainBench(workers: 2)
        bench.fill(1, "/d/a")
        bench.write(1)
        bench.want(1)
        bench.run(minutes: 2)
        #expect(bench.replicas == 2 && bench.frees == 0 && bench.blocked == "Unpersisted")
        #expect(Set(bench.events.map(\.reason)) == ["DrainBlocked"] && bench.told("DrainBlocked").contains("/new"))
        bench.runtime.alluxio.file("/new")?.persistence = .persisted
        #expect(bench.run { bench.replicas == 1 })
    }

    @Test func `an upload in flight, on two tiers of a small reserve`() throws {
        let bench = DrainBench(workers: 2) { _, runtime in
            runtime.tiers.append(SimTier(alias: "SSD", bytes: 8 << 30))
            (runtime.reservedBytes, runtime.reservedText) = (16 << 20, "16MB")
        }
        bench.world.people.clients[0].upload(to: try #require(bench.worker(1)), .persisted, takes: .minutes(2))
        bench.want(1)
        #expect(bench.run(minutes: 1) { bench.blocked == "InFlight" } && bench.replicas == 2)
        #expect(bench.run { bench.replicas == 1 } && bench.world.now > .minutes(2))
    }

    @Test func `a folder that fails reads as empty, and is not`() {
        let bench = DrainBench(workers: 2) { _, runtime in runtime.tiers[0].folders = 2 }
        bench.fill(1, "/d/a", "/d/b")
        bench.want(1)
        #expect(bench.run { bench.state == "Freeing" })
        bench.disk(1)?.failingFolder = 0
        bench.disk(1)?.failingSince = bench.world.now
        #expect(bench.run { bench.blocked == "CapacityChanged" })
        bench.run(minutes: 5)
        #expect(bench.replicas == 2)
    }

    @Test(arguments: [
        SimFault.Effect.status(500, retryAfter: nil), .status(403, retryAfter: nil), .lost, .unreachable, .killed,
    ])
    func `calls that fail, for as long as they do`(effect: SimFault.Effect) {
        let bench = DrainBench()
        bench.fill(2, "/d/a", "/d/b", "/d/c", "/d/d")
        bench.fill(1, "/d/e")
        bench.fail("exec free", effect)
        bench.want(2)
        bench.run(minutes: 60)
        #expect(bench.replicas == 3 && ["CommandFailed", "Deadline", "Forbidden"].contains(bench.blocked))
        #expect(bench.told("DrainCancelled").isEmpty)
        // At most four calls a minute, once it is blocked.
        #expect(bench.frees < 280, "\(bench.frees) calls")
        bench.mend()
        #expect(bench.run { bench.replicas == 2 } && bench.held(1) == ["/d/e"])
    }

    @Test func `a worker that can't be asked: nothing is widened, the survivors keep all`() {
        let bench = DrainBench()
        bench.fill(0, "/d/a")
        bench.fill(2, "/d/b")
        bench.fail("proxy hbase-worker-2", .unreachable)
        bench.want(2)
        bench.run(minutes: 10)
        #expect(bench.replicas == 3 && bench.frees == 0 && bench.blocked == "WorkerUnreachable")
        bench.mend()
        #expect(bench.run { bench.replicas == 2 } && bench.held(0) == ["/d/a"])
    }

    /// Brings in another file ten times a second, and takes them away again every five seconds.
    private static func keepMoving(_ world: SimWorld, _ number: Int = 0) {
        let alluxio = world.runtimes[0].alluxio
        guard let worker = alluxio.workers.last, number < 3_000 else { return }
        let file = alluxio.addFile("/r/\(number)", .persisted)
        alluxio.place(file.blocks[0], of: file, on: worker, begunAt: world.now)
        if number % 50 == 49 { alluxio.files.filter { $0.isBelow("/r") }.forEach(alluxio.removeFile) }
        world.after(.milliseconds(100)) { keepMoving(world, number + 1) }
    }

    @Test func `a list that moves is read again, and said to move`() {
        let bench = DrainBench(workers: 2) { _, runtime in runtime.listMicroseconds = 100_000 }
        bench.fill(1, "/d/0", "/d/1", "/d/2", "/d/3")
        Self.keepMoving(bench.world)
        bench.want(1)
        bench.run(minutes: 4)
        #expect(bench.replicas == 2 && bench.frees == 0 && bench.blocked == "ListMoves")
        #expect(bench.events.count <= 6)
    }

    @Test func `OrderedReady with a broken worker below: it is not lowered, and said why`() {
        let bench = DrainBench { _, runtime in runtime.isParallel = false }
        bench.crash(0)
        bench.want(2)
        bench.run(minutes: 2)
        #expect(bench.replicas == 3 && bench.blocked == "LowerNotReady")
    }

    /// Lowered, and never taken: from then on a worker below is not ready.
    private func notTaken(_ policies: [String: String] = [:]) -> DrainBench {
        let bench = DrainBench(policies) { _, runtime in runtime.isParallel = false }
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 })
        bench.crash(0)
        return bench
    }

    @Test func `a pod that Kubernetes does not take is served again`() {
        let bench = notTaken()
        #expect(bench.run(minutes: 2) { bench.replicas == 3 } && bench.run(minutes: 1) { bench.blocked == "NotTaken" })
        #expect(bench.run(minutes: 1) { !bench.told("WorkersRaised").isEmpty }, "\(bench.events)")
    }

    @Test func `what comes after the lowering is never passed over`() {
        let bench = notTaken()
        bench.run(seconds: 5)
        bench.write(2, "/late")
        #expect(bench.run(minutes: 1) { bench.told("UndrainedRemoval").contains("AfterLowering") })
        #expect(bench.world.processes[0].metrics.value(.undrainedRemovals, ["data", "hbase"]) == 1)
    }

    @Test func `a lowering after the count was raised again is somebody else's, though the drain asked for as much`() {
        let bench = notTaken()
        #expect(bench.run { bench.state == "Confirming" })
        // A pause keeps the drain where it is.
        bench.annotate("paused", "disks")
        bench.scale(to: 3)
        bench.run(seconds: 15)
        bench.write(2)
        bench.scale(to: 2)
        #expect(
            bench.run(minutes: 1) { bench.told("UndrainedRemoval").contains("Somebody else lowered the worker set") })
    }

    @Test(arguments: [false, true])
    func `a pod that is about to start is waited for, one that never ran and can't goes`(isImageMissing: Bool) {
        let bench = DrainBench(workers: 2)
        bench.runtime.isImageMissing = isImageMissing
        bench.want(3)
        #expect(bench.run { bench.pod(2)?.stage == .creating })
        // Its node is away before it starts, or it says that it can't.
        if !isImageMissing, let node = bench.pod(2)?.node { bench.world.kubernetes.stop(node) }
        bench.run(minutes: 1)
        bench.want(2)
        #expect(bench.run(minutes: 5) { bench.replicas == 2 } == isImageMissing)
    }

    @Test(arguments: ["Decommission", "Fre"])
    func `a new process finds a worker that is out of service, though nobody answers at first`(policy: String) {
        let bench = DrainBench(["drain": policy]) { _, runtime in runtime.version = "2.9.6" }
        #expect(bench.runtime.alluxio.decommission(host: bench.worker(2)?.host ?? ""))
        bench.fail("exec report", .killed)
        bench.restart()
        bench.run(minutes: 2)
        #expect(bench.state.isEmpty && bench.asked("fsadmin", "report").count < 20)
        bench.mend()
        #expect(bench.run(minutes: 5) { bench.told("DrainCompromised").contains("was found out of service") })
        if policy == "Fre" {
            #expect(bench.run { bench.blocked == "Policy" })
            bench.annotate("drain", nil)
        }
        #expect(bench.run(minutes: 5) { bench.worker(2)?.isUp == true && bench.state == "Idle" })
        #expect(!bench.runtime.alluxio.registrations.contains { $0.state == .decommissioned && $0.worker.isUp })
    }

    @Test func `a pod that can't start where another ran is unknown, until a person gives it up`() {
        let bench = DrainBench()
        bench.write(2)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        bench.runtime.isImageMissing = true
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-2"), by: .person)
        #expect(bench.run { bench.pod(2)?.stage == .imageMissing })
        bench.restart()
        #expect(bench.run { bench.blocked == "PlaceUnknown" })
        bench.run(minutes: 2)
        #expect(bench.replicas == 3)
        bench.annotate("skip-drain", "\(bench.pod(2)?.uid ?? ""): its disk is gone")
        #expect(bench.run { bench.replicas == 2 } && !bench.told("DrainSkipped").isEmpty)
    }

    @Test func `a write that is refused with Retry-After is left alone so long`() {
        let bench = DrainBench(workers: 2)
        bench.fail("create workerdrains", .status(429, retryAfter: 60))
        let before = bench.lines
        bench.want(1)
        bench.run(minutes: 60)
        let looks = bench.asked("GET", "/alluxioruntimes/hbase").count
        #expect(bench.replicas == 2 && looks <= 65 && bench.lines - before < 60, "\(looks), \(bench.lines - before)")
        #expect(Set(bench.events.map(\.reason)) == ["DrainBlocked"])
    }

    @Test(arguments: ["list pods", "get alluxioruntimes", "get statefulsets"])
    func `a right that is missing is named`(right: String) {
        let bench = DrainBench(workers: 2)
        bench.fail(right, .status(403, retryAfter: nil))
        bench.want(1)
        bench.run(minutes: 5)
        #expect(bench.replicas == 2)
        #expect((bench.told("DrainBlocked") + bench.troubles).contains("may not \(right)"))
    }

    @Test func `held by a webhook: blocked with the remedy, and done when it lets go`() {
        let bench = DrainBench(workers: 2) { plan, _ in plan.reconcilerUser = "somebody" }
        bench.want(1)
        #expect(bench.run { bench.blocked == "HeldBySelf" } && bench.replicas == 2)
        #expect(bench.drain?.at("status", "blocked", "remedy")?.string?.contains("--reconciler-user") == true)
        bench.world.hasWebhook = false
        #expect(bench.run { bench.replicas == 1 })
    }

    @Test func `what the first version left is taken over once`() {
        let bench = DrainBench()
        bench.fill(2, "/d/a")
        let uid = { (object: JSON?) in object?.at("metadata", "uid")?.string ?? "" }
        let text =
            #"{"version":1,"state":"Freeing","workerSet":"\#(uid(bench.workerSet))","runtime":"\#(uid(bench.object))","#
            + #""target":2,"repin":["/p"]}"#
        bench.change(
            ["metadata", "annotations"], of: .statefulSets,
            to: [
                Annotation.firstDrainRecord: .string(text), Annotation.firstDrainStatus: "Freeing 3 -> 2",
            ])
        bench.want(2)
        #expect(bench.run { bench.replicas == 2 } && bench.told("DrainCompromised").contains("/p"))
        for name in [Annotation.firstDrainRecord, Annotation.firstDrainStatus] {
            #expect(bench.workerSet?.at("metadata", "annotations", name) == nil)
        }
    }
}
