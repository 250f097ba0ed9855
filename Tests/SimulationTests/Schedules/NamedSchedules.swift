import Kubernetes
import Wire

@testable import Simulation

/// A sequence that once broke a promise, written down as a schedule.
struct NamedSchedule: Sendable {
    /// The number by which it is known.
    var number: Int
    /// What happens in it.
    var title: String
    var make: @Sendable () -> SimSchedule
}

extension NamedSchedule {
    /// One runtime of three workers with a few files; it is wanted at two after five seconds.
    static func drain(
        _ number: Int, _ title: String, to target: Int = 2,
        plan change: @escaping @Sendable (inout SimPlan) -> Void = { _ in },
        script: @escaping @Sendable (SimWorld) -> Void = { _ in },
        check: @escaping @Sendable (SimWorld) -> String? = { _ in nil }
    ) -> NamedSchedule {
        NamedSchedule(number: number, title: title) {
            var plan = SimPlan()
            plan.disturbedEvery = nil
            plan.chaos = .minutes(15)
            change(&plan)
            return SimSchedule(plan, check: check) { world in
                world.after(.seconds(5)) { world.people.want(world.runtimes[0], target) }
                script(world)
            }
        }
    }

    /// Whether what a script waits for may come yet; in the calm after everything it would be one disturbance more.
    static func isAwaited(_ world: SimWorld) -> Bool { world.now < min(.minutes(10), world.plan.chaos - .seconds(1)) }

    /// A fault that lasts for ever.
    static func fault(
        _ tag: String, _ effect: SimFault.Effect, from: Int64 = 0, _ plan: inout SimPlan
    ) {
        plan.faults.append(SimFault(tag: tag, effect: effect, percent: 100, from: from, until: .max))
        plan.isForEver = true
    }

    static let all: [NamedSchedule] = calls + places + clocks + people + rare + ends

    private static let calls: [NamedSchedule] = [
        drain(3, "every call is killed") { fault("exec", .killed, &$0) },
        drain(4, "every call is answered with 500") { fault("exec", .status(500, retryAfter: nil), &$0) },
        drain(4, "no call may be made") { fault("exec", .status(403, retryAfter: nil), &$0) },
        drain(4, "no call is answered") { fault("exec", .lost, &$0) },
        drain(8, "the report of capacities is not readable") { plan in
            decommissioned(&plan)
            fault("exec report", .garbage, &plan)
        },
        drain(9, "a worker is never known when it is to be taken out of service") { plan in
            decommissioned(&plan)
            fault("exec decommissionWorker", .notKnown, &plan)
        },
        drain(10, "every write of what is known of a drain is answered with 429") {
            fault("patch workerdrains/status", .status(429, retryAfter: 60), &$0)
        },
        drain(11, "pods may not be listed") { fault("list pods", .status(403, retryAfter: nil), &$0) },
        drain(24, "more files than can be freed in the time that there is") { plan in
            plan.runtimes[0].files = 150
            plan.runtimes[0].copies = 2
            plan.runtimes[0].annotations["sluice.dev/drain-deadline"] = "30s"
        },
        drain(38, "calls get lost again and again", plan: { loseCalls(&$0) }, check: isReached),
    ]

    /// Every fifth call of these is lost on its way or back, or meets somebody else's write.
    private static func loseCalls(_ plan: inout SimPlan) {
        let effects: [SimFault.Effect] = [.lost, .answerLost, .cut, .status(409, retryAfter: nil)]
        for tag in ["write", "exec", "proxy worker"] {
            plan.faults += effects.map { SimFault(tag: tag, effect: $0, percent: 5, from: .seconds(5), until: .max) }
        }
    }

    static func decommissioned(_ plan: inout SimPlan) {
        plan.runtimes[0].version = "2.9.6"
        plan.runtimes[0].annotations["sluice.dev/drain"] = "Decommission"
    }

    private static let places: [NamedSchedule] = [
        drain(
            1, "uploads in flight on two tiers of a small reserve",
            plan: { plan in
                plan.runtimes[0].tiers.append(SimTier(alias: "SSD", bytes: 8 << 30))
                plan.runtimes[0].reservedBytes = 16 << 20
                plan.runtimes[0].reservedText = "16MB"
                plan.runtimes[0].files = 0
            },
            script: { world in
                for _ in 0..<3 { world.people.uploadAway(world.runtimes[0]) }
                world.after(.seconds(1)) { for _ in 0..<3 { world.people.uploadAway(world.runtimes[0]) } }
            }),
        drain(
            2, "lower ordinals are not ready where pods go in order",
            plan: { $0.runtimes[0].isParallel = false },
            script: { world in
                let pod = world.kubernetes.workers(of: world.runtimes[0])[0]
                world.after(.seconds(1)) {
                    pod.isCrashing = true
                    world.kubernetes.crash(pod)
                }
                world.after(.minutes(2)) { world.people.uploadAway(world.runtimes[0]) }
                world.after(.minutes(8)) { pod.isCrashing = false }
            }),
        drain(
            5, "one of three leaving workers answers slowly",
            plan: { plan in
                plan.runtimes[0].workers = 5
                plan.runtimes[0].files = 0
                fault("proxy hbase-worker-3", .slow(.seconds(2)), &plan)
            },
            check: isReached),
        drain(
            6, "the node of a leaving worker is away while the master still lists it",
            script: { world in
                guard let node = world.kubernetes.workers(of: world.runtimes[0])[2].node else { return }
                world.after(.seconds(6)) { world.kubernetes.stop(node) }
                world.after(.seconds(186)) { world.kubernetes.start(node) }
            }),
        drain(
            7, "readers keep the list of a leaving worker moving",
            plan: { plan in
                plan.runtimes[0].files = 400
                plan.runtimes[0].listMicroseconds = 5_000
            },
            script: { world in keepReading(world) }),
        drain(
            19, "as many leave at once as may, all of them out of service, and then another process goes on", to: 500,
            plan: { plan in
                decommissioned(&plan)
                plan.runtimes[0].workers = 1_000
                plan.runtimes[0].files = 0
                plan.nodes = 50
            },
            script: { world in
                world.after(.minutes(4)) { world.processes[0].kill() }
                world.after(.minutes(5)) { world.processes[0].start(in: world) }
            },
            check: isSmall),
        drain(
            20, "a hundred workers that list very much", to: 50,
            plan: { plan in
                plan.runtimes[0].workers = 100
                plan.runtimes[0].files = 4_000
                plan.runtimes[0].copies = 5
                plan.nodes = 20
            },
            check: isSmall),
        drain(16, "ordinals begin at 1", plan: { $0.runtimes[0].ordinalsStart = 1 }),
        drain(
            21, "a leaving pod was never made, and never will be", to: 4,
            script: { world in
                world.kubernetes.isQuotaUsedUp = true
                world.after(.seconds(60)) { world.people.want(world.runtimes[0], 3) }
            },
            check: isReached),
        drain(
            22, "a roll-out is stuck on the leaving worker",
            plan: { $0.runtimes[0].isRolledOut = true },
            script: { world in
                let runtime = world.runtimes[0]
                runtime.isImageMissing = true
                world.server.change(.statefulSets, runtime.setKey, by: .fluid) { set in
                    set.set(["spec", "template", "revision"], "2")
                }
            },
            check: { world in
                let told = SimTold(world.runtimes[0], in: world)
                return told.text.contains("Nothing") ? "there is something to do about it: \(told.text)" : nil
            }),
        drain(
            23, "a worker that is put back into service can't pull its image",
            plan: { decommissioned(&$0) },
            script: { world in loseImageLate(world) },
            check: isReached),
        drain(
            25, "a page of the list is longer than an answer may be",
            plan: { plan in
                plan.runtimes[0].files = 200
                plan.runtimes[0].copies = 3
                plan.runtimes[0].entryBytes = 60_000
            }),
    ]

    /// The workers are as many as are wanted, and nothing goes on any more, or it says why.
    static func isReached(_ world: SimWorld) -> String? {
        let runtime = world.runtimes[0]
        let told = SimTold(runtime, in: world)
        guard world.oracle.present(runtime) == world.oracle.wanted(runtime) else {
            return "the leaving worker can't hold anything, and is not removed: \(told.text)"
        }
        return told.isActive && told.reason == nil ? "it never ends: \(told.text)" : nil
    }

    /// The drain's object is one that an API server takes, and it was not given up.
    private static func isSmall(_ world: SimWorld) -> String? {
        guard let drain = world.server.object(.workerDrains, world.runtimes[0].key) else { return "there is no drain" }
        let bytes = drain.encoded().count
        return bytes > 256 << 10 ? "the drain's object has \(bytes) bytes" : isReached(world)
    }

    /// A reader that takes one file after the other, for as long as there is chaos.
    private static func keepReading(_ world: SimWorld) {
        let client = world.people.clients[0]
        guard client.isActive else { return }
        let leaving = world.runtimes[0].alluxio.workers.first { $0.pod.ordinal == 2 && $0.isUp }
        if let leaving, let file = world.random.any(world.runtimes[0].alluxio.files) {
            client.read(file, at: leaving, holds: .milliseconds(10))
        }
        world.after(.milliseconds(30)) { keepReading(world) }
    }

    private static let clocks: [NamedSchedule] = [
        drain(
            13, "the wall clock jumps by an hour",
            plan: { $0.runtimes[0].files = 200 },
            script: { world in world.after(.seconds(25)) { world.wallJump += .minutes(60) } }),
        drain(
            14, "the cool-down is edited from a day to a second",
            plan: { $0.runtimes[0].annotations["sluice.dev/cooldown"] = "24h" },
            script: { world in
                world.after(.minutes(4)) {
                    world.people.annotate(world.runtimes[0], "cooldown", "1s")
                    world.people.want(world.runtimes[0], 1)
                }
            }),
        drain(
            15, "the gate's record is an hour ahead",
            plan: { plan in
                plan.runtimes[0].era = .b
                plan.runtimes[0].files = 30
                plan.runtimes[0].readsEvery = .milliseconds(500)
            },
            script: { world in
                world.processes[0].wallSkew = .minutes(60)
                world.after(.seconds(20)) { world.processes[0].wallSkew = 0 }
            }),
        drain(
            28, "Fluid that believes its own late status", plan: { $0.runtimes[0].era = .c },
            check: { world in
                let runtime = world.server.object(.alluxioRuntimes, world.runtimes[0].key)
                let told = runtime?.at("status", "currentWorkerNumberScheduled")?.int64
                return told == 2 ? isReached(world) : "Fluid says \(told ?? -1) workers"
            }),
        drain(
            29, "a new wish waits for the cool-down",
            plan: { $0.runtimes[0].annotations["sluice.dev/cooldown"] = "10m" },
            script: { world in world.after(.minutes(2)) { world.people.want(world.runtimes[0], 1) } }),
    ]

    private static let people: [NamedSchedule] = [
        drain(
            12, "a drain that can't look keeps its place",
            plan: { plan in
                var second = SimRuntimePlan()
                second.name = "spark"
                plan.runtimes.append(second)
                plan.nodes = 8
                plan.drainsMax = 1
                for number in 0..<3 {
                    fault("proxy hbase-worker-\(number)", .slow(.seconds(40)), from: .seconds(6), &plan)
                }
            },
            script: { world in world.after(.seconds(20)) { world.people.want(world.runtimes[1], 2) } }),
        drain(
            17, "somebody else lowers the set",
            plan: { plan in
                plan.hasWebhook = false
                plan.runtimes[0].unpersisted = 100
            },
            // By then somebody has led for long enough to be held to tell it.
            script: { world in world.after(.minutes(4)) { world.people.want(world.runtimes[0], 1) } }),
        drain(
            18, "what was written of a drain is of another version",
            plan: { decommissioned(&$0) },
            script: { world in spoilLate(world) }),
        drain(
            26, "a process is killed while its command is on its way",
            plan: { plan in
                decommissioned(&plan)
                plan.runtimes[0].files = 0
                fault("exec decommissionWorker", .late(.seconds(60)), &plan)
            },
            script: { world in killAtCommand(world) }),
        drain(
            39, "a process is killed while its call that takes a worker out of service is on its way",
            plan: { plan in
                decommissioned(&plan)
                plan.runtimes[0].rpcRoutes = [.direct]
                plan.runtimes[0].files = 0
                fault("rpc master", .late(.seconds(60)), &plan)
            },
            script: { world in killAtCommand(world) }),
        drain(
            27, "two installations in one cluster", plan: { $0.installations = 2 }),
    ]

    /// As soon as a worker is out of service all are wanted again, and its new pod can't pull its image.
    private static func loseImageLate(_ world: SimWorld) {
        let runtime = world.runtimes[0]
        guard runtime.alluxio.registrations.contains(where: { $0.state == .decommissioned }) else {
            if isAwaited(world) { world.after(.milliseconds(500)) { loseImageLate(world) } }
            return
        }
        runtime.isImageMissing = true
        world.people.want(runtime, 3)
    }

    /// As soon as a worker is out of service nobody can read what was written of that, and all are wanted again.
    private static func spoilLate(_ world: SimWorld) {
        let runtime = world.runtimes[0]
        guard runtime.alluxio.registrations.contains(where: { $0.state == .decommissioned }) else {
            if isAwaited(world) { world.after(.milliseconds(500)) { spoilLate(world) } }
            return
        }
        world.people.want(runtime, 3)
        world.server.change(.workerDrains, runtime.key, by: .person) { $0.set(["spec", "version"], 99) }
    }

    /// The process is killed while its command is on its way, all are wanted again, and it is started after the command's work.
    private static func killAtCommand(_ world: SimWorld) {
        guard world.oracle.lastCommand == "decommissionWorker" else {
            if isAwaited(world) { world.after(.milliseconds(100)) { killAtCommand(world) } }
            return
        }
        world.processes[0].kill()
        world.people.want(world.runtimes[0], 3)
        // In between a person takes away all that was written of it; whoever starts before the command does its work, as
        // only chance would have it, could not know of it then.
        if world.plan.disturbedEvery == nil {
            world.server.remove(.workerDrains, world.runtimes[0].key, by: .person)
            world.server.change(.statefulSets, world.runtimes[0].setKey, by: .person) {
                $0.set(["metadata", "annotations"], [:])
            }
        }
        let policy = world.oracle.policy(world.runtimes[0], "drain")
        world.after(.seconds(100)) {
            // Workers out of service are looked for at a start where the policy takes them out.
            world.people.annotate(world.runtimes[0], "drain", policy)
            world.processes[0].start(in: world)
        }
    }
}
