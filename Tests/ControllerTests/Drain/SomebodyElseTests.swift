import Controller
import Kubernetes
import Testing
import Wire

@testable import Simulation

/// What somebody else does to the workers, or to the lease, while a drain is under way or none is.
@Suite struct `Beside a drain` {
    /// A drain that can't begin, since its worker holds what is nowhere else.
    private func unpersisted(_ policies: [String: String] = [:]) -> DrainBench {
        let bench = DrainBench(policies)
        bench.write(2)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        return bench
    }

    @Test func `a lowering while nothing can be read is told at once, with why nobody can say what goes`() {
        let bench = unpersisted()
        bench.fail("list pods", .status(500, retryAfter: nil))
        bench.scale(to: 2)
        #expect(
            bench.run(minutes: 1) { bench.told("UndrainedRemoval").contains("from 3 to 2; what goes nobody can say") })
        bench.run(minutes: 5)
        #expect(bench.world.processes[0].logged.lines.count { $0.text.contains("from 3 to 2") } == 1)
    }

    @Test func `a pod with the workers' labels that the worker set does not own is no worker`() {
        let bench = DrainBench()
        let labels: JSON = ["app": "alluxio", "release": "hbase", "role": "alluxio-worker"]
        bench.world.server.create(
            .pods, ObjectKey(namespace: "data", name: "debug-7"),
            ["metadata": ["labels": labels], "spec": ["nodeName": "n"], "status": ["phase": "Running"]], by: .person)
        bench.want(2)
        #expect(bench.run(minutes: 5) { bench.state == "Idle" } && bench.replicas == 2)
        #expect(bench.told("UndrainedRemoval").isEmpty && bench.blocked.isEmpty)
    }

    @Test(arguments: ["release", "role"])
    func `a worker set that loses its own label in mid-drain stays this runtime's`(label: String) {
        let bench = unpersisted()
        bench.change(["metadata", "labels", label], of: .statefulSets, to: "other")
        bench.restart()
        bench.run(minutes: 3)
        #expect(bench.blocked == "Unpersisted")
        bench.runtime.alluxio.file("/new")?.persistence = .persisted
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test(arguments: [true, false])
    func `a count below zero is told as that`(isParallel: Bool) {
        let bench = DrainBench { _, runtime in runtime.isParallel = isParallel }
        bench.change(["spec", "replicas"], of: .alluxioRuntimes, to: -1)
        #expect(bench.run(minutes: 3) { bench.told("DrainBlocked").contains("negative while there are 3 workers") })
        #expect(bench.replicas == 3)
    }

    @Test func `pods that a partition keeps at the old revision let a drain go on`() {
        let bench = DrainBench { _, runtime in (runtime.isRolledOut, runtime.ordinalsStart) = (true, 4) }
        bench.change(["spec", "updateStrategy", "rollingUpdate"], of: .statefulSets, to: ["partition": 2])
        bench.change(["spec", "template", "revision"], of: .statefulSets, to: "2")
        #expect(bench.run(minutes: 2) { bench.pod(2)?.revision == "2" && bench.worker(2)?.isUp == true })
        bench.want(2)
        #expect(bench.run(minutes: 5) { bench.replicas == 2 } && bench.pod(0)?.revision == "1")
    }

    @Test func `a standby master that serves a page knows no workers`() {
        let bench = DrainBench(workers: 2) { _, runtime in (runtime.masters, runtime.hasStandbyPages) = (2, true) }
        bench.runtime.alluxio.leader = 1
        bench.fill(1, "/d/a")
        bench.want(1)
        #expect(bench.run(minutes: 5) { bench.replicas == 1 } && !bench.told("DrainBlocked").contains("NotRegistered"))
    }

    @Test func `an event that has expired is written anew when the same happens again`() {
        let bench = DrainBench()
        for _ in 0..<2 {
            bench.scale(to: 2)
            #expect(bench.run(minutes: 2) { !bench.told("WorkersRaised").isEmpty })
            #expect(bench.run { bench.replicas == 3 && bench.worker(2)?.isUp == true })
            bench.run(minutes: 65)
            for event in bench.world.server.objects(.events) { bench.world.server.remove(.events, event.key) }
        }
    }

    @Test func `an event that could not be written is written when the same is told again`() {
        let bench = DrainBench()
        bench.fail("create events", .status(500, retryAfter: nil))
        bench.write(2)
        bench.want(2)
        #expect(bench.run { bench.blocked == "Unpersisted" })
        bench.run(minutes: 1)
        bench.mend()
        bench.want(3)
        bench.run(minutes: 3)
        bench.want(2)
        #expect(bench.run(minutes: 5) { bench.told("DrainBlocked").contains("Unpersisted") })
    }

    @Test func `a lowering that is taken back while workers do not answer is told all the same`() {
        let bench = unpersisted()
        bench.fail("proxy hbase-worker-2", .lost)
        bench.run(minutes: 1)
        // Within a look, which waits for its answers.
        let looks = bench.asked("master/info").count
        #expect(bench.run { bench.asked("master/info").count > looks })
        bench.run(seconds: 1)
        bench.scale(to: 2)
        bench.run(seconds: 1)
        bench.scale(to: 3)
        #expect(bench.run(minutes: 2) { bench.told("UndrainedRemoval").contains("hbase-worker-2") })
    }

    @Test func `the same while our own lowering is refused`() {
        let bench = DrainBench()
        bench.want(2)
        #expect(bench.run { bench.state == "Settling" })
        bench.fail("patch statefulsets", .status(500, retryAfter: nil))
        #expect(bench.run(minutes: 2) { bench.state == "Removing" && bench.blocked == "APIServer" })
        bench.write(2)
        #expect(bench.run(minutes: 2) { bench.blocked == "Unpersisted" } && bench.state == "Removing")
        bench.fail("proxy hbase-worker-2", .lost)
        bench.run(minutes: 1)
        let looks = bench.asked("GET", "statefulsets/hbase-worker ").count
        #expect(bench.run { bench.asked("GET", "statefulsets/hbase-worker ").count > looks })
        bench.run(seconds: 1)
        bench.scale(to: 2)
        bench.run(seconds: 1)
        bench.scale(to: 3)
        #expect(bench.run(minutes: 2) { bench.told("UndrainedRemoval").contains("hbase-worker-2") })
    }

    @Test(arguments: [false, true])
    func `a worker that goes since somebody moved the ordinals is told`(isDraining: Bool) {
        let bench = isDraining ? unpersisted() : DrainBench()
        bench.write(0, "/zero")
        bench.run(minutes: 1)
        bench.change(["spec", "ordinals"], of: .statefulSets, to: ["start": 1])
        #expect(bench.run(minutes: 4) { bench.told("UndrainedRemoval").contains("hbase-worker-0") })
    }

    @Test func `workers that are out of service by a mark alone are taken back`() {
        let bench = DrainBench(["drain": "Decommission"]) { _, runtime in runtime.version = "2.9.6" }
        bench.want(2)
        #expect(bench.run { bench.runtime.alluxio.registrations.contains { $0.state == .decommissioned } })
        bench.run(seconds: 1)
        bench.world.processes[0].kill()
        bench.world.server.remove(.workerDrains, bench.runtime.key, by: .person)
        bench.annotate("drain", nil)
        bench.want(3)
        bench.restart()
        bench.run(minutes: 15)
        #expect(!bench.runtime.alluxio.registrations.contains { $0.state == .decommissioned && $0.worker.isUp })
        #expect(bench.workerSet?.at("metadata", "annotations", "sluice.dev/out-of-service") == nil)
    }

    /// Does this again and again.
    private func repeatEvery(_ milliseconds: Int64, _ world: SimWorld, _ body: @escaping () -> Void) {
        world.after(.milliseconds(milliseconds)) { [weak world] in
            guard let world else { return }
            body()
            repeatEvery(milliseconds, world, body)
        }
    }

    @Test(arguments: ["object", "mark"], [100, 1_000] as [Int64])
    func `what somebody takes away each time that it is written is written ever more slowly`(what: String, pause: Int64)
    {
        let bench = unpersisted()
        let (world, runtime) = (bench.world, bench.runtime)
        repeatEvery(pause, world) { [unowned world] in
            if what == "object" {
                if world.server.object(.workerDrains, runtime.key) != nil {
                    world.server.remove(.workerDrains, runtime.key, by: .person)
                }
            } else if world.server.object(.statefulSets, runtime.setKey)?.at(
                "metadata", "annotations", "sluice.dev/drain") != nil
            {
                world.server.change(.statefulSets, runtime.setKey, by: .person) {
                    $0.set(["metadata", "annotations", "sluice.dev/drain"], nil)
                }
            }
        }
        let before = bench.asked("sluice-0/0 ").count
        bench.run(minutes: 10)
        #expect(bench.asked("sluice-0/0 ").count - before < 1_500)
    }

    @Test func `a runtime that hangs in its deletion has a drain that says nothing any more`() {
        let bench = unpersisted()
        bench.change(["metadata", "deletionTimestamp"], of: .alluxioRuntimes, to: "2026-11-28T12:00:00Z")
        #expect(bench.run(minutes: 10) { bench.blocked.isEmpty && bench.state == "Idle" })
    }

    @Test func `the lease in doubt stops a pass and not the drain`() {
        let bench = DrainBench()
        // Nobody else wakes the drain: the pass itself has to order the next one.
        bench.fail("fluid", .refused)
        // The lease is renewed each time, but most of the time nothing may be written until it is.
        bench.fail("lease", .slow(.milliseconds(4_800)))
        bench.run(seconds: 18)
        bench.want(2)
        bench.run(seconds: 5)
        #expect(bench.drain == nil)
        bench.mend()
        #expect(bench.world.processes[0].leadsSince.map { $0 < .seconds(5) } == true)
        #expect(bench.run(minutes: 3) { bench.replicas == 2 } && bench.troubles.isEmpty)
    }

    @Test func `another installation's drain is not written, whatever else can't be read`() {
        let bench = unpersisted()
        bench.change(["spec", "manager"], of: .workerDrains, to: "other/sluice")
        bench.fail("get statefulsets", .status(500, retryAfter: nil))
        let before = bench.asked("PATCH", "/workerdrains").count
        bench.run(minutes: 3)
        #expect(bench.asked("PATCH", "/workerdrains").count == before)
    }

    @Test func `what another installation has left is marked as ours, though nothing is drained`() {
        let bench = DrainBench(workers: 2) { _, runtime in runtime.era = .c }
        bench.want(1)
        #expect(bench.run { bench.state == "Idle" })
        let ours = bench.drain?.at("spec", "manager")
        bench.change(["spec", "manager"], of: .workerDrains, to: "other/sluice")
        bench.fail("fluid", .refused)
        bench.change(["status", "desiredWorkerNumberScheduled"], of: .alluxioRuntimes, to: 2)
        bench.fail("patch statefulsets", .status(500, retryAfter: nil))
        bench.want(2)
        #expect(bench.run { bench.blocked == "APIServer" })
        #expect(ours != nil && bench.drain?.at("spec", "manager") == ours)
    }

    @Test func `a drain that can't be read is told once, and heard again when it is mended`() {
        let bench = unpersisted()
        bench.change(["spec", "version"], of: .workerDrains, to: 99)
        bench.restart()
        let before = bench.lines
        #expect(bench.run { bench.blocked == "UnreadableDrain" })
        bench.run(minutes: 2)
        #expect(bench.lines - before < 8, "\(bench.lines - before)")
        bench.change(["spec", "version"], of: .workerDrains, to: 1)
        bench.runtime.alluxio.file("/new")?.persistence = .persisted
        #expect(bench.run { bench.replicas == 2 })
    }

    @Test(arguments: [SimFault.Effect.status(403, retryAfter: nil), .lost])
    func `a lowering after our own was refused, or a look showed that it failed, is somebody else's`(
        effect: SimFault.Effect
    ) {
        let bench = DrainBench()
        bench.want(2)
        #expect(bench.run { bench.state == "Settling" })
        bench.fail("patch statefulsets", effect)
        #expect(bench.run(minutes: 2) { bench.state == "Removing" })
        bench.run(minutes: 1)
        bench.write(2)
        bench.run(seconds: 40)
        bench.scale(to: 2)
        #expect(
            bench.run(minutes: 2) { bench.told("UndrainedRemoval").contains("Somebody else lowered the worker set") })
    }

    @Test func `a lowering is told once though the drain's object can't be read from the start`() {
        let bench = DrainBench()
        bench.fail("get workerdrains", .status(500, retryAfter: nil))
        bench.restart()
        bench.run(minutes: 1)
        bench.scale(to: 2)
        bench.run(seconds: 30)
        #expect(bench.world.processes[0].metrics.value(.undrainedRemovals, ["data", "hbase"]) == 1)
        let told = bench.events.filter { $0.reason == "UndrainedRemoval" }.map(\.message)
        #expect(told.count == 1 && told[0].contains("from 3 to 2; by whom, and what went, nobody can say"), "\(told)")
    }

    @Test func `what could not be told while the drain's object could not be written is told after it`() {
        let bench = DrainBench(["cooldown": "10m"])
        bench.want(2)
        bench.run { bench.state == "CoolingDown" }
        bench.run(minutes: 1)
        bench.fail("patch workerdrains/status", .lost)
        bench.want(1)
        bench.run(minutes: 1)
        #expect(bench.told("DrainWaiting").isEmpty)
        bench.mend()
        #expect(bench.run(minutes: 1) { bench.told("DrainWaiting").contains("1 worker wanted") })
    }

    @Test func `workers that can't be raised again are told to be so, though it is tried again and again`() {
        let bench = DrainBench { _, runtime in runtime.era = .c }
        bench.fail("patch statefulsets", .status(500, retryAfter: nil))
        bench.scale(to: 2)
        bench.run(minutes: 5)
        #expect(bench.replicas == 2 && bench.blocked == "APIServer")
        bench.mend()
        #expect(bench.run { bench.replicas == 3 } && bench.run(minutes: 1) { bench.blocked.isEmpty })
    }

    @Test func `a survivor that is being deleted comes back with its cache: no folder is freed beside it`() {
        let bench = DrainBench(workers: 2) { plan, _ in plan.nodes = 2 }
        bench.fill(0, "/d/a")
        bench.fill(1, "/d/b", "/d/c")
        bench.want(1)
        #expect(bench.run { bench.state == "Freeing" } && bench.frees == 0)
        bench.world.write(.delete(.pods, namespace: "data", name: "hbase-worker-0"), by: .person)
        #expect(bench.run { bench.replicas == 1 } && bench.run { bench.held(0) == ["/d/a"] })
        #expect(!bench.freed.isEmpty && bench.freed.allSatisfy { $0 != "/d" }, "\(bench.freed)")
    }
}
