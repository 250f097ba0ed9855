import Kubernetes
import Wire

/// Fluid's controller of one runtime, as it is in each of its eras.
final class SimFluid {
    unowned let world: SimWorld
    unowned let runtime: SimRuntime
    private var generation = 0
    private var lastSync = -Int64.minutes(10)
    /// Whether its last sync brought about what is wanted, as far as it knows.
    private(set) var isDone = true

    init(_ world: SimWorld, _ runtime: SimRuntime) {
        self.world = world
        self.runtime = runtime
    }

    static func status(desired: JSON, current: JSON, ready: JSON) -> JSON {
        [
            "valueFile": "values", "masterPhase": "Ready", "workerPhase": "Ready", "fusePhase": "Ready",
            "desiredMasterNumberScheduled": 1, "currentMasterNumberScheduled": 1, "masterNumberReady": 1,
            "desiredWorkerNumberScheduled": desired, "currentWorkerNumberScheduled": current,
            "workerNumberReady": ready, "desiredFuseNumberScheduled": 0, "currentFuseNumberScheduled": 0,
            "fuseNumberReady": 0,
        ]
    }

    func begin() { requeue(world.random.between(0, .seconds(60))) }

    /// Any change of the runtime wakes it, its own ones included.
    func changed(_ isGone: Bool) {
        guard !isGone else { return remove() }
        requeue(world.random.between(.milliseconds(20), .milliseconds(100)))
    }

    private func requeue(_ delay: Int64) {
        generation += 1
        let generation = generation
        world.after(delay) { [self] in
            guard generation == self.generation else { return }
            sync()
        }
    }

    /// The runtime is gone: what it made goes too.
    private func remove() {
        generation += 1
        world.after(world.random.between(.milliseconds(100), .seconds(5))) { [self] in
            guard !world.faults.isActive("fluid", now: world.now) else { return remove() }
            world.server.remove(runtime.setResource, runtime.setKey, by: .fluid)
        }
    }

    private func sync() {
        guard let object = world.server.object(.alluxioRuntimes, runtime.key),
            object.at("metadata", "deletionTimestamp") == nil
        else { return }
        guard !world.faults.isActive("fluid", now: world.now) else { return requeue(.seconds(20)) }
        // Up to 0.8 a second sync within 15 s is swallowed.
        if runtime.plan.era == .c, world.now - lastSync < .seconds(15) { return requeue(.seconds(90)) }
        lastSync = world.now
        world.note("fluid syncs \(runtime.name)")
        let wanted = object.at("spec", "replicas")?.int64 ?? 0
        var status = object["status"] ?? Self.status(desired: 0, current: 0, ready: 0)
        switch runtime.plan.era {
        case .a, .b: isDone = placeByLabels(wanted, &status)
        case .c: isDone = writeIfStatusDiffers(wanted, &status)
        case .d: isDone = writeIfSetDiffers(wanted, &status)
        }
        if status != object["status"] {
            // Its types before 0.6 have no selector, so that each of its writes drops it.
            if runtime.plan.era == .a { status["selector"] = nil }
            generation += 1
            world.server.change(.alluxioRuntimes, runtime.key, by: .fluid) { $0["status"] = status }
        }
        requeue(isDone ? runtime.plan.era.isDaemon ? .seconds(20) : .seconds(90) : .seconds(20))
    }

    // MARK: Stateful sets

    /// Writes the set's count; nil if that was denied, else what it is now.
    private func writeSet(_ count: Int64) -> Int64? {
        let response = world.write(
            .patch(
                .statefulSets, namespace: runtime.namespace, name: runtime.setKey.name, type: .merge,
                body: ["spec": ["replicas": .integer(count)]]), by: .fluid)
        guard response.status < 300 else {
            world.note("fluid may not write \(runtime.setKey.name): \(response.status)")
            return nil
        }
        return world.server.object(.statefulSets, runtime.setKey)?.at("spec", "replicas")?.int64
    }

    private func writeIfStatusDiffers(_ wanted: Int64, _ status: inout JSON) -> Bool {
        guard let set = world.server.object(.statefulSets, runtime.setKey) else { return false }
        let desired = status["desiredWorkerNumberScheduled"]?.int64 ?? 0
        if wanted != desired {
            guard let now = writeSet(wanted) else { return false }
            if now != desired {
                status["desiredWorkerNumberScheduled"] = .integer(wanted)
                status["currentWorkerNumberScheduled"] = .integer(wanted)
            }
        }
        let ready = set.at("status", "readyReplicas")?.int64 ?? 0
        status["workerNumberReady"] = .integer(ready)
        status["workerPhase"] = ready == wanted ? "Ready" : ready > 0 ? "PartialReady" : "NotReady"
        return true
    }

    private func writeIfSetDiffers(_ wanted: Int64, _ status: inout JSON) -> Bool {
        guard let set = world.server.object(.statefulSets, runtime.setKey) else { return false }
        if wanted != set.at("spec", "replicas")?.int64 { guard writeSet(wanted) != nil else { return false } }
        let now = world.server.object(.statefulSets, runtime.setKey) ?? set
        let ready = now.at("status", "readyReplicas")?.int64 ?? 0
        status["desiredWorkerNumberScheduled"] = now.at("spec", "replicas") ?? 0
        status["currentWorkerNumberScheduled"] = now.at("status", "replicas") ?? 0
        status["workerNumberReady"] = .integer(ready)
        status["workerPhase"] = ready == now.at("spec", "replicas")?.int64 ? "Ready" : "PartialReady"
        return true
    }

    // MARK: Daemon sets

    func label(_ node: SimNode) {
        let name = "\(runtime.namespace)-\(runtime.name)"
        world.server.change(.nodes, ObjectKey(namespace: "", name: node.name), by: .fluid) { object in
            object.set(["metadata", "labels", runtime.nodeLabel], "true")
            object.set(["metadata", "labels", "data.fluid.io/storage-alluxio-\(name)"], "true")
            object.set(["metadata", "labels", "fluid_exclusive"], .string("\(runtime.namespace)_\(runtime.name)"))
        }
    }

    private func unlabel(_ node: SimNode) {
        world.server.change(.nodes, ObjectKey(namespace: "", name: node.name), by: .fluid) { object in
            object.set(["metadata", "labels", runtime.nodeLabel], nil)
        }
    }

    private var labelled: [SimNode] {
        world.kubernetes.nodes.filter { node in
            world.server.object(.nodes, ObjectKey(namespace: "", name: node.name))?
                .at("metadata", "labels")?[runtime.nodeLabel] != nil
        }
    }

    private func placeByLabels(_ wanted: Int64, _ status: inout JSON) -> Bool {
        let set = world.server.object(.daemonSets, runtime.setKey) ?? [:]
        let placed = set.at("status", "desiredNumberScheduled")?.int64 ?? 0
        let ready = set.at("status", "numberReady")?.int64 ?? 0
        status["workerNumberReady"] = .integer(ready)
        // Health comes before replicas: with a worker that is not there nothing is scaled.
        guard ready == placed, placed > 0 || !runtime.plan.isOneWayDoor else { return false }
        let current = status["currentWorkerNumberScheduled"]?.int64 ?? 0
        if wanted > current {
            let free = world.kubernetes.nodes.filter { node in node.isUp && !labelled.contains { $0 === node } }
            for node in free.prefix(Int(wanted) - labelled.count) { label(node) }
        } else if wanted < current, runtime.plan.era == .b {
            // With two tiers it reads a column that is the same everywhere.
            let nodes = labelled.map { node in (node, runtime.plan.tiers.count > 1 ? 0 : usedBytes(on: node)) }
            for (node, _) in nodes.sorted(by: { $0.1 < $1.1 }).prefix(max(labelled.count - Int(wanted), 0)) {
                unlabel(node)
            }
        } else {
            return true
        }
        guard wanted > current || runtime.plan.era == .b else { return true }
        status["desiredWorkerNumberScheduled"] = .integer(wanted)
        status["currentWorkerNumberScheduled"] = .integer(wanted)
        return true
    }

    private func usedBytes(on node: SimNode) -> Int64 {
        runtime.alluxio.workers.first { $0.pod.node === node }?.usedBytes ?? 0
    }
}
