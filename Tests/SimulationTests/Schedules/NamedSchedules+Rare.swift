import Kubernetes
import Rules
import Wire

@testable import Simulation

extension NamedSchedule {
    /// What hardly any seed comes to by itself: reasons to wait that are there for moments, or for ever.
    static let rare: [NamedSchedule] = [
        drain(31, "the answers of a leaving worker are old when they come") { plan in
            plan.runtimes[0].files = 0
            fault("proxy hbase-worker-2", .slow(.seconds(5)), &plan)
        },
        drain(32, "nobody takes the pods above the count") {
            fault("controller", .unreachable, from: .seconds(6), &$0)
        },
        drain(
            33, "a pod hangs as it ends",
            script: { world in hangAtEnd(world) }),
        drain(34, "the master can't be reached while blocks are removed") { plan in
            plan.runtimes[0].files = 60
            fault("rpc master", .unreachable, from: .seconds(8), &plan)
            fault("exec", .noMaster, from: .seconds(8), &plan)
        },
        drain(35, "a worker hides its list in the midst of a drain") { plan in
            plan.runtimes[0].annotations["sluice.dev/drain-client"] = "Exec"
            plan.runtimes[0].files = 40
            fault("proxy hbase-worker-2", .hidden, from: .seconds(12), &plan)
        },
        drain(
            36, "what is known of a drain is lost while its worker goes",
            plan: { $0.runtimes[0].annotations["sluice.dev/cooldown"] = "1s" },
            script: { world in loseAtEnd(world) }),
        drain(
            40, "nobody takes the pod above the count, since a lower one is not ready by then",
            plan: { plan in
                plan.runtimes[0].isParallel = false
                plan.faults.append(
                    SimFault(tag: "controller", effect: .lost, percent: 100, from: 0, until: .minutes(10)))
            },
            script: { world in crashFirstWhenLowered(world) }),
        drain(
            41, "more leave at once than may", to: 2,
            plan: { plan in
                plan.runtimes[0].workers = DrainTiming.leavingMaximum + 3
                plan.runtimes[0].files = 0
                plan.nodes = 50
            }),
        drain(
            42, "a process ends in any state of a drain, and starts again in another",
            plan: { plan in
                decommissioned(&plan)
                plan.runtimes[0].annotations["sluice.dev/cooldown"] = "20s"
            },
            script: { world in restart(world, times: 4) }),
        drain(43, "a worker answers slowly while it is watched out of service") { plan in
            decommissioned(&plan)
            plan.runtimes[0].files = 0
            fault("proxy hbase-worker-2", .slow(.seconds(4)), &plan)
        },
        drain(
            44, "a person puts a worker back into service before it is removed",
            plan: { decommissioned(&$0) },
            script: { world in enableLate(world) }),
        drain(
            54, "a file whose name the client can't be given",
            plan: { $0.isForEver = true },
            script: { world in
                let alluxio = world.runtimes[0].alluxio
                let file = alluxio.addFile("/d0/part-*.parquet", .persisted)
                for block in file.blocks { alluxio.place(block, of: file, on: alluxio.workers[2], begunAt: 0) }
            },
            check: { world in
                let told = SimTold(world.runtimes[0], in: world)
                return told.reason == "FileName" ? nil : "it says \(told.text)"
            }),
    ]

    /// As soon as the count is lowered the first worker ends again and again, and only then the pods' controller is back.
    private static func crashFirstWhenLowered(_ world: SimWorld) {
        let runtime = world.runtimes[0]
        guard let pod = world.kubernetes.workers(of: runtime).first(where: { $0.ordinal == 0 }),
            world.server.object(.statefulSets, runtime.setKey)?.at("spec", "replicas")?.int64 == 2
        else {
            if isAwaited(world) { world.after(.milliseconds(500)) { crashFirstWhenLowered(world) } }
            return
        }
        pod.isCrashing = true
        world.kubernetes.crash(pod)
        world.after(.seconds(2)) { world.faults.list.removeAll { $0.tag == "controller" } }
        world.after(.minutes(3)) { pod.isCrashing = false }
    }

    /// While the count can't be lowered, the worker that is to go is put back into service.
    private static func enableLate(_ world: SimWorld) {
        let runtime = world.runtimes[0]
        let isOut = runtime.alluxio.registrations.contains { $0.state == .decommissioned }
        guard isOut, state(world) == "Removing" else {
            if isOut, !world.faults.list.contains(where: { $0.tag == "patch statefulsets" }) {
                world.faults.list.append(
                    SimFault(
                        tag: "patch statefulsets", effect: .status(500, retryAfter: nil), percent: 100, from: world.now,
                        until: world.now + .minutes(2)))
            }
            if isAwaited(world) { world.after(.milliseconds(100)) { enableLate(world) } }
            return
        }
        for registration in runtime.alluxio.registrations { registration.state = .live }
    }

    /// The state of the drain that the first runtime's object tells.
    static func state(_ world: SimWorld) -> String? {
        world.server.object(.workerDrains, world.runtimes[0].key)?.at("status", "state")?.string
    }

    /// The process is killed in the state that chance has chosen, and is started again some seconds later.
    private static func restart(_ world: SimWorld, times: Int) {
        endProcess(world, in: world.random.pick(DrainPhase.Kind.allCases).rawValue, times: times)
    }

    private static func endProcess(_ world: SimWorld, in state: String, times: Int) {
        guard times > 0, isAwaited(world) else { return }
        guard self.state(world) == state else {
            return world.after(.milliseconds(100)) { endProcess(world, in: state, times: times) }
        }
        world.processes[0].kill()
        world.after(world.random.between(.milliseconds(200), .seconds(20))) {
            world.processes[0].start(in: world)
            if world.random.chance(50) { world.people.want(world.runtimes[0], world.random.below(4)) }
            restart(world, times: times - 1)
        }
    }

    /// As soon as a worker is being deleted its node goes away, so that its pod stays.
    private static func hangAtEnd(_ world: SimWorld) {
        guard let pod = world.kubernetes.workers(of: world.runtimes[0]).first(where: \.isDeleting), let node = pod.node
        else {
            if isAwaited(world) { world.after(.milliseconds(50)) { hangAtEnd(world) } }
            return
        }
        world.kubernetes.stop(node)
        world.after(.minutes(3)) { world.kubernetes.start(node) }
    }

    /// As soon as a worker is being deleted a person deletes the drain's object, and the process is started again.
    private static func loseAtEnd(_ world: SimWorld) {
        guard world.kubernetes.workers(of: world.runtimes[0]).contains(where: \.isDeleting) else {
            if isAwaited(world) { world.after(.milliseconds(50)) { loseAtEnd(world) } }
            return
        }
        world.people.removeDrain(of: world.runtimes[0])
        world.processes[0].kill()
        world.after(.seconds(5)) {
            world.processes[0].start(in: world)
        }
    }
}
