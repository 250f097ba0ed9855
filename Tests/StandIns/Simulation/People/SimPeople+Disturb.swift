import Kubernetes
import Wire

extension SimPeople {
    private struct Event {
        var weight: Int
        var action: (SimPeople, SimRuntime) -> Void
    }

    /// One thing happens.
    func disturb() {
        guard let runtime = random.any(world.runtimes) else { return }
        random.weighted(Self.events.map { ($0.weight, $0.action) })(self, runtime)
    }

    private static var events: [Event] {
        [
            Event(weight: 14) { people, runtime in people.want(runtime, people.random.below(runtime.plan.workers + 1))
            },
            Event(weight: 6) { $0.crashWorker($1) },
            Event(weight: 3) { $0.crashLoop($1) },
            Event(weight: 3) { $0.loseImage($1) },
            Event(weight: 6) { people, runtime in people.stopNode(runtime) },
            Event(weight: 4) { $0.crashMaster($1) },
            Event(weight: 2) { $0.useUpQuota($1) },
            Event(weight: 10) { people, _ in people.fail() },
            Event(weight: 6) { people, _ in people.killProcess() },
            Event(weight: 4) { people, _ in people.jump() },
            Event(weight: 4) { people, _ in people.world.breakWatches(isForgotten: people.random.chance(50)) },
            Event(weight: 4) { $0.lowerByHand($1) },
            Event(weight: 2) { $0.deletePod($1) },
            Event(weight: 3) { $0.rollOut($1) },
            Event(weight: 5) { $0.editPolicy($1) },
            Event(weight: 3) { $0.pinSomething($1) },
            Event(weight: 4) { $0.persist($1) },
            Event(weight: 6) { $0.uploadAway($1) },
            Event(weight: 6) { $0.readAll($1) },
            Event(weight: 3) { $0.breakFolder($1) },
            Event(weight: 3) { $0.spoil($1) },
            Event(weight: 1) { $0.deleteRuntime($1) },
        ]
    }

    private func worker(_ runtime: SimRuntime) -> SimPod? { random.any(world.kubernetes.workers(of: runtime)) }

    private func crashWorker(_ runtime: SimRuntime) {
        if let pod = worker(runtime) { world.kubernetes.crash(pod) }
    }

    /// A worker that ends again and again, for a while.
    private func crashLoop(_ runtime: SimRuntime) {
        guard let pod = worker(runtime) else { return }
        world.note("\(pod.key.name) crash-loops")
        pod.isCrashing = true
        world.kubernetes.crash(pod)
        world.after(random.between(.seconds(30), .minutes(5))) { pod.isCrashing = false }
    }

    /// A worker whose pod is made anew can't pull its image.
    private func loseImage(_ runtime: SimRuntime) {
        guard let pod = worker(runtime) else { return }
        runtime.isImageMissing = true
        delete(pod)
        world.after(random.between(.seconds(30), .minutes(5))) { [self] in
            runtime.isImageMissing = false
            for pod in world.kubernetes.workers(of: runtime) { pod.isImageMissing = false }
        }
    }

    private func delete(_ pod: SimPod) {
        world.write(.delete(.pods, namespace: pod.key.namespace, name: pod.key.name), by: .person)
    }

    private func deletePod(_ runtime: SimRuntime) {
        if let pod = worker(runtime) { delete(pod) }
    }

    func stopNode(_ runtime: SimRuntime) {
        guard let node = worker(runtime)?.node else { return }
        world.kubernetes.stop(node)
        world.after(random.between(.seconds(10), .minutes(4))) { [self] in world.kubernetes.start(node) }
    }

    private func crashMaster(_ runtime: SimRuntime) {
        if let pod = world.kubernetes.pod(runtime.masterKey) { world.kubernetes.crash(pod) }
    }

    private func useUpQuota(_ runtime: SimRuntime) {
        world.kubernetes.isQuotaUsedUp = true
        world.note("the quota is used up")
        if random.chance(60) { deletePod(runtime) }
        world.after(random.between(.seconds(60), .minutes(6))) { [self] in world.kubernetes.isQuotaUsedUp = false }
    }

    private func fail() {
        let fault = SimFault(
            tag: random.pick(Self.tags), effect: random.pick(Self.lasting), percent: random.pick([5, 50, 100, 100]),
            from: world.now, until: world.now + random.between(.seconds(5), .minutes(4)))
        world.note("from now on \(fault.shown)")
        world.faults.list.append(fault)
    }

    private func killProcess() {
        guard let process = random.any(world.processes) else { return }
        if process.isAlive {
            world.note("process \(process.number) is killed")
            process.kill()
        }
        world.after(random.between(.milliseconds(200), .seconds(40))) { [self] in
            process.start(in: world)
        }
    }

    /// The time of day jumps, for everyone or for one process.
    private func jump() {
        let jump = random.pick(
            [.minutes(60), -.minutes(60), .minutes(11), -.minutes(5), .minutes(2 * 24 * 60)] as [Int64])
        if random.chance(50), let process = random.any(world.processes) {
            process.wallSkew = jump
        } else {
            world.wallJump += jump
        }
        world.note("a clock jumps by \(jump.shown)")
    }

    /// Somebody lowers the worker set, past the hold if it is not there.
    private func lowerByHand(_ runtime: SimRuntime) {
        guard world.plan.isLoweredByHand, !runtime.plan.era.isDaemon,
            let now = world.server.object(.statefulSets, runtime.setKey)?.at("spec", "replicas")?.int64, now > 0
        else { return }
        if random.chance(60) {
            world.faults.list.append(
                SimFault(tag: "webhook", effect: .unreachable, percent: 100, from: world.now, until: world.now + 1))
        }
        world.write(
            .patch(
                .statefulSets, namespace: runtime.namespace, name: runtime.setKey.name, subresource: "scale",
                type: .merge, body: ["spec": ["replicas": .integer(now - 1)]]), by: .person)
    }

    private func rollOut(_ runtime: SimRuntime) {
        guard !runtime.plan.era.isDaemon else { return }
        let revision = "\(2 + random.below(3))"
        world.note("roll-out of revision \(revision)")
        world.server.change(.statefulSets, runtime.setKey, by: .fluid) { set in
            set.set(["spec", "template", "revision"], .string(revision))
        }
    }

    private func editPolicy(_ runtime: SimRuntime) {
        let (name, values) = random.pick([
            ("paused", ["true: disks", nil, nil]), ("cooldown", ["1s", "24h", nil]), ("drain", ["None", "Auto", nil]),
            ("on-deadline", ["Hold", "Auto"]), ("drain-deadline", ["1m", "10m"]), ("drain-scope", ["Path", nil]),
            ("drain", ["Decommission", "Fre", nil]),
        ])
        annotate(runtime, name, random.pick(values))
    }

    private func pinSomething(_ runtime: SimRuntime) {
        if let file = random.any(runtime.alluxio.files) { file.isPinned.toggle() }
    }

    /// `alluxio fs persist /`.
    private func persist(_ runtime: SimRuntime) {
        for file in runtime.alluxio.files where file.persistence == .notPersisted && file.isCompleted {
            file.persistence = .persisted
        }
    }

    /// An upload to the worker that is likely to leave, in flight for a while.
    func uploadAway(_ runtime: SimRuntime) {
        guard let client = clients.first(where: { $0.runtime === runtime }), client.isActive,
            let worker = runtime.alluxio.usable.max(by: { $0.pod.key < $1.pod.key })
        else { return }
        client.upload(to: worker, .notPersisted, takes: random.between(.seconds(1), .minutes(3)))
    }

    private func readAll(_ runtime: SimRuntime) {
        guard let client = clients.first(where: { $0.runtime === runtime }), client.isActive else { return }
        for _ in 0..<10 { client.read() }
    }

    /// A folder of a worker fails: what is in it is not seen, but it is there.
    private func breakFolder(_ runtime: SimRuntime) {
        guard let worker = random.any(runtime.alluxio.workers), worker.isUp else { return }
        worker.disk.failingFolder = random.below(max(worker.folders, 1))
        worker.disk.failingSince = world.now
        world.note("a folder of \(worker.pod.key.name) fails")
    }

    /// Somebody deletes what we keep of a drain, or writes what only another version can read.
    ///
    /// Never both, the drain's object and the set's marks: then nobody can know what a process that was killed had begun.
    private func spoil(_ runtime: SimRuntime) {
        let isWhole = world.server.object(.workerDrains, runtime.key)?.at("spec", "version")?.int64 == 1
        switch random.below(3) {
        case 0: removeDrain(of: runtime)
        case 1 where isMarked(runtime):
            world.server.change(.workerDrains, runtime.key, by: .person) { $0.set(["spec", "version"], 99) }
        default:
            guard isWhole else { return }
            world.server.change(runtime.setResource, runtime.setKey, by: .person) { set in
                set.set(["metadata", "annotations"], [:])
            }
        }
    }

    /// Deletes the drain's object, while the set still tells of it.
    func removeDrain(of runtime: SimRuntime) {
        if isMarked(runtime) { world.server.remove(.workerDrains, runtime.key, by: .person) }
    }

    private func isMarked(_ runtime: SimRuntime) -> Bool {
        let annotations = world.server.object(runtime.setResource, runtime.setKey)?.at("metadata", "annotations")
        return annotations?.members.contains { $0.name.hasPrefix("sluice.dev/drain") } ?? false
    }

    private func deleteRuntime(_ runtime: SimRuntime) {
        world.note("\(runtime.name) is deleted")
        world.server.remove(.alluxioRuntimes, runtime.key, by: .person)
    }
}
