import Kubernetes

@testable import Simulation

extension NamedSchedule {
    /// What hardly any seed comes to by itself: reasons to wait that are there for moments, or for ever.
    static let rare: [NamedSchedule] = [
        drain(31, "the answers of a leaving worker are old when they come") { plan in
            plan.runtimes[0].files = 0
            fault("proxy hbase-worker-2", .slow(.seconds(4)), &plan)
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
            fault("exec", .lost, from: .seconds(8), &plan)
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
    ]

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
