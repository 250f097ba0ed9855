import Kubernetes
import Wire

@testable import Simulation

extension NamedSchedule {
    /// Places of which nobody knows, ends that nobody watches, and what was to be told of either.
    static let ends: [NamedSchedule] = [
        drain(
            45, "a pod that can't be scheduled, in whose place the master knows a worker",
            plan: { losePlace(&$0) },
            script: { world in
                highest(world)?.node?.isCordoned = true
                wantWithoutPod(world)
            },
            check: isNotLowered),
        drain(
            46, "a pod that is missing, and a master that does not say whom it knows",
            plan: { plan in
                losePlace(&plan)
                fault("proxy master", .status(503, retryAfter: nil), &plan)
                fault("exec report", .killed, &plan)
            },
            script: { world in
                world.kubernetes.isQuotaUsedUp = true
                wantWithoutPod(world)
            },
            check: isNotLowered),
        drain(
            47, "a pod that is never made, where one was drained before and the master forgets nobody", to: 3,
            plan: { plan in
                plan.runtimes[0].workers = 4
                plan.runtimes[0].workerTimeout = .minutes(1)
                plan.runtimes[0].annotations["sluice.dev/cooldown"] = "1s"
            },
            script: { world in
                world.after(.minutes(3)) {
                    world.kubernetes.isQuotaUsedUp = true
                    world.people.want(world.runtimes[0], 4)
                }
                world.after(.minutes(5)) { world.people.want(world.runtimes[0], 3) }
            },
            check: isReached),
        drain(
            48, "a person gives a pod up in the midst of a drain",
            plan: { $0.runtimes[0].files = 30 },
            script: { world in
                once(world, in: "Freeing") {
                    guard let pod = highest(world) else { return }
                    if let node = pod.node { world.kubernetes.stop(node) }
                    world.after(.seconds(90)) {
                        world.people.annotate(world.runtimes[0], "skip-drain", "\(pod.uid): the node is dead")
                    }
                }
            },
            check: { isTold("DrainSkipped", $0) }),
        drain(
            49, "a wish is withdrawn while the worker set can't be written",
            script: { world in
                once(world, in: "Settling") {
                    world.faults.list.append(
                        SimFault(
                            tag: "patch statefulsets", effect: .status(409, retryAfter: nil), percent: 100,
                            from: world.now, until: world.now + .seconds(3)))
                    world.people.want(world.runtimes[0], 3)
                }
            },
            check: { isTold("DrainCancelled", $0) }),
        drain(
            50, "a person stops everything while a worker ends, to which a client still writes",
            script: { world in
                writeAtEnd(world) {
                    world.people.annotate(world.runtimes[0], "paused", "true: disks")
                    world.after(.minutes(5)) { world.people.annotate(world.runtimes[0], "paused", nil) }
                }
            },
            check: { isTold("UndrainedRemoval", $0) }),
        drain(
            51, "a worker to which a client still writes can't be asked while it ends",
            script: { world in
                writeAtEnd(world) {
                    world.faults.list.append(
                        SimFault(
                            tag: "proxy hbase-worker-2", effect: .status(503, retryAfter: nil), percent: 100,
                            from: world.now + .seconds(1), until: world.now + .minutes(2)))
                }
            },
            check: { isTold("UndrainedRemoval", $0) }),
        drain(
            52, "a process ends while a worker ends, to which a client still writes",
            script: { world in
                writeAtEnd(world) {
                    world.after(.seconds(1)) { world.processes[0].kill() }
                    world.after(.seconds(60)) { world.processes[0].start(in: world) }
                }
            },
            check: { isTold("UndrainedRemoval", $0) }),
        drain(
            53, "files are left behind by their policy, which is told once",
            plan: { plan in
                plan.runtimes[0].annotations["sluice.dev/on-deadline"] = "Auto"
                plan.runtimes[0].annotations["sluice.dev/drain-deadline"] = "5s"
                plan.runtimes[0].stuckPermille = 1_000
                plan.runtimes[0].isOnHostPath = false
            },
            check: { world in isTold("UndrainedRemoval", world) == nil ? "what was left behind is told to be lost" : nil
            }),
        drain(
            55, "numbers in a drain's object that nobody can reckon with",
            plan: { $0.runtimes[0].files = 40 },
            script: { world in
                once(world, in: "Freeing") {
                    world.processes[0].kill()
                    world.server.change(.workerDrains, world.runtimes[0].key, by: .person) { drain in
                        drain.set(["status", "lowestBytes"], .integer(.min))
                        drain.set(["status", "lowestFiles"], 1_000)
                    }
                    world.after(.seconds(3)) { world.processes[0].start(in: world) }
                }
            },
            check: isReached),
        drain(
            56, "a list that comes drop by drop, and a wish that is withdrawn meanwhile",
            plan: { plan in
                plan.runtimes[0].rpcRoutes = [.direct]
                fault("rpc files", .trickling, &plan)
            },
            script: { world in world.after(.minutes(4)) { world.people.want(world.runtimes[0], 3) } },
            check: { world in
                state(world) == "Checking"
                    ? "it reads on: \(SimTold(world.runtimes[0], in: world).text)" : isTold("DrainBlocked", world)
            }),
    ]

    private static func losePlace(_ plan: inout SimPlan) {
        plan.nodes = 3
        plan.runtimes[0].rpcRoutes = [.direct]
        plan.runtimes[0].unpersisted = 100
        plan.runtimes[0].files = 30
        plan.isForEver = true
    }

    /// The highest worker's pod is deleted, and a lower count is wanted when it has been gone for a minute.
    private static func wantWithoutPod(_ world: SimWorld) {
        guard let pod = highest(world) else { return }
        world.after(.milliseconds(500)) {
            world.write(.delete(.pods, namespace: pod.key.namespace, name: pod.key.name), by: .person)
        }
        world.after(.milliseconds(5_001)) { world.people.want(world.runtimes[0], 3) }
        world.after(.seconds(80)) { world.people.want(world.runtimes[0], 2) }
    }

    private static func highest(_ world: SimWorld) -> SimPod? {
        world.kubernetes.workers(of: world.runtimes[0]).first { $0.ordinal == 2 }
    }

    private static func isNotLowered(_ world: SimWorld) -> String? {
        let count = world.oracle.present(world.runtimes[0])
        return count == 3 ? nil : "\(count) workers, and nobody knows what lies at the missing one's place"
    }

    private static func isTold(_ reason: String, _ world: SimWorld) -> String? {
        let isTold = world.server.objects(.events, namespace: "data").contains { $0.json["reason"]?.string == reason }
        return isTold ? nil : "\(reason) was never told: \(SimTold(world.runtimes[0], in: world).text)"
    }

    /// Does something as soon as the drain is in this state.
    private static func once(_ world: SimWorld, in state: String, _ action: @escaping () -> Void) {
        guard self.state(world) == state else {
            if isAwaited(world) { world.after(.milliseconds(20)) { once(world, in: state, action) } }
            return
        }
        action()
    }

    /// As soon as the count is lowered its controller is away for a while, in which a client writes to the worker that is to go.
    private static func writeAtEnd(_ world: SimWorld, also action: @escaping () -> Void) {
        let runtime = world.runtimes[0]
        guard world.oracle.present(runtime) == 2,
            let client = world.people.clients.first(where: { $0.runtime === runtime })
        else {
            if isAwaited(world) { world.after(.milliseconds(20)) { writeAtEnd(world, also: action) } }
            return
        }
        action()
        world.faults.list.append(
            SimFault(
                tag: "controller", effect: .lost, percent: 100, from: world.now, until: world.now + .seconds(20)))
        if let worker = runtime.alluxio.workers.first(where: { $0.pod.ordinal == 2 }) {
            world.after(.seconds(3)) { client.upload(to: worker, .notPersisted, takes: .milliseconds(300)) }
        }
    }
}
