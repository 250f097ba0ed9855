import Kubernetes
import Wire

/// People, autoscalers, and everything that happens to a cluster.
final class SimPeople {
    unowned let world: SimWorld
    private(set) var isChaos = false
    private(set) var clients: [SimClients] = []

    init(_ world: SimWorld) {
        self.world = world
    }

    var random: SimRandom { world.random }

    /// What a call fails of in passing.
    static let passing: [SimFault.Effect] = [
        .status(500, retryAfter: nil), .status(409, retryAfter: nil), .status(429, retryAfter: 1), .lost, .answerLost,
        .cut, .unreachable, .slow(.seconds(3)), .slow(.seconds(20)), .killed, .killedLate, .garbage,
    ]

    /// What calls fail of for a while, or for ever.
    static let lasting: [SimFault.Effect] = [
        .status(500, retryAfter: nil), .status(403, retryAfter: nil), .status(429, retryAfter: 60), .lost, .answerLost,
        .unreachable, .slow(.seconds(2)), .killed, .killedLate, .garbage, .refused, .hidden, .strange,
    ]

    /// The calls that fail alike.
    static let tags = [
        "exec", "exec", "exec free", "exec report", "exec decommissionWorker", "exec enableWorker", "list pods",
        "get alluxioruntimes", "get statefulsets", "patch statefulsets", "patch alluxioruntimes", "patch nodes",
        "create events", "patch workerdrains/status", "create workerdrains", "get workerdrains", "get pods/proxy",
        "proxy worker", "proxy master", "proxy hbase-worker-2", "proxy hbase-worker-1", "list nodes",
        "watch alluxioruntimes", "write", "fluid", "webhook", "rpc", "rpc master", "rpc worker", "connect",
        "connect directly", "create pods/portforward", "controller",
    ]

    /// Clients are there from the beginning, and do nothing by themselves until `begin`.
    func prepare() {
        clients = world.runtimes.map { SimClients(world, $0) }
        for client in clients { client.isActive = true }
    }

    func begin() {
        isChaos = true
        for client in clients { client.begin() }
        // Every schedule has a wish; most of them a lower one, soon.
        for runtime in world.runtimes {
            world.after(random.between(.seconds(1), .seconds(30))) { [self] in
                want(runtime, max(0, runtime.plan.workers - 1 - random.weighted([(6, 0), (2, 1), (1, 9)])))
            }
        }
        if let pause = world.plan.disturbedEvery { again(pause) }
        if world.plan.isFickle { regret() }
    }

    /// While a worker is out of service, for a second or two of a drain, all are wanted again now and then.
    private func regret() {
        world.after(.milliseconds(500)) { [self] in
            guard isChaos else { return }
            for runtime in world.runtimes where random.chance(15) {
                let isOut = runtime.alluxio.registrations.contains { $0.state == .decommissioned }
                if isOut { want(runtime, runtime.plan.workers) }
            }
            regret()
        }
    }

    private func again(_ pause: Int64) {
        world.after(random.pause(mean: pause)) { [self] in
            guard isChaos else { return }
            disturb()
            again(pause)
        }
    }

    // MARK: Wishes

    /// Writes the count that is wanted, as often as it is refused, as an autoscaler does.
    func want(_ runtime: SimRuntime, _ count: Int, tries: Int = 40) {
        let response = world.write(
            .patch(
                .alluxioRuntimes, namespace: runtime.namespace, name: runtime.name,
                subresource: random.chance(50) ? "scale" : nil, type: .merge,
                body: ["spec": ["replicas": .integer(Int64(count))]]), by: .person)
        world.note("wanted: \(runtime.name) \(count) -> \(response.status)")
        guard response.status == 403, tries > 0 else { return }
        world.after(.seconds(15)) { [self] in want(runtime, count, tries: tries - 1) }
    }

    func annotate(_ runtime: SimRuntime, _ name: String, _ value: String?) {
        world.note("annotation \(name) = \(value ?? "none")")
        world.write(
            .patch(
                .alluxioRuntimes, namespace: runtime.namespace, name: runtime.name, type: .merge,
                body: [
                    "metadata": ["annotations": .object([.init("sluice.dev/\(name)", value.map(JSON.string) ?? .null)])]
                ]),
            by: .person)
    }

    // MARK: Calm

    /// Everything that is broken is mended, and nobody does anything any more but what is wished for.
    func heal() {
        isChaos = false
        world.note("calm")
        for client in clients { client.isActive = false }
        if !world.plan.isForEver { world.faults.list = [] }
        world.kubernetes.isQuotaUsedUp = false
        for node in world.kubernetes.nodes {
            node.isCordoned = false
            world.kubernetes.start(node)
        }
        for runtime in world.runtimes { heal(runtime) }
        for process in world.processes { process.start(in: world) }
    }

    private func policy(_ runtime: SimRuntime, _ name: String) -> String? { world.oracle.policy(runtime, name) }

    private func heal(_ runtime: SimRuntime) {
        runtime.isImageMissing = false
        if world.server.object(.workerDrains, runtime.key)?.at("spec", "version")?.int64 == 99 {
            world.server.remove(.workerDrains, runtime.key, by: .person)
        }
        if world.server.object(.alluxioRuntimes, runtime.key)?.at("metadata", "annotations")?["sluice.dev/paused"]
            != nil
        {
            annotate(runtime, "paused", nil)
        }
        if policy(runtime, "cooldown") == "24h" { annotate(runtime, "cooldown", "20s") }
        for pod in world.kubernetes.pods where pod.runtime === runtime {
            pod.isCrashing = false
            if pod.isImageMissing {
                pod.isImageMissing = false
                world.kubernetes.begin(pod)
            }
        }
        for worker in runtime.alluxio.workers where worker.disk.failingFolder != nil {
            worker.disk.failingFolder = nil
            world.kubernetes.crash(worker.pod)
        }
        world.kubernetes.wake(runtime.setKey)
    }
}
