import Kubernetes
import Wire

/// One runtime: what was planned, its Alluxio, and its Fluid.
final class SimRuntime {
    let plan: SimRuntimePlan
    private unowned let world: SimWorld
    private(set) lazy var alluxio = SimAlluxio(world, self)
    private(set) lazy var fluid = SimFluid(world, self)
    /// When a webhook of ours last let a lower count pass.
    var admittedAt: Int64?
    /// Whether the image of its workers can't be pulled just now.
    var isImageMissing = false

    init(_ plan: SimRuntimePlan, in world: SimWorld) {
        self.plan = plan
        self.world = world
    }

    var name: String { plan.name }
    var namespace: String { plan.namespace }
    var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }
    var setKey: ObjectKey { ObjectKey(namespace: namespace, name: "\(name)-worker") }
    var setResource: Resource { plan.era.isDaemon ? .daemonSets : .statefulSets }
    var masterKey: ObjectKey { ObjectKey(namespace: namespace, name: "\(name)-master-0") }
    /// The web port of all its workers on the nodes' network: Fluid draws one for a runtime.
    var workerWebPort: Int64 { 20_000 + "\(namespace)/\(name)".utf8.reduce(0) { ($0 * 31 + Int64($1)) % 5_000 } }
    /// The label by which the DaemonSet places its pods; 0.6 has another one than those before.
    var nodeLabel: String {
        let isNew = plan.era == .b && !plan.isOneWayDoor
        return (isNew ? "fluid.io/s-" : "data.fluid.io/storage-") + "\(namespace)-\(name)"
    }

    /// Makes its objects as they are when nothing has happened for a while.
    func build() {
        let count = JSON.integer(Int64(plan.workers))
        var notes: JSON = [:]
        for (name, value) in plan.annotations.sorted(by: { $0.key < $1.key }) { notes[name] = .string(value) }
        world.server.create(
            .alluxioRuntimes, key,
            [
                "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": ["annotations": notes],
                "spec": ["replicas": count], "status": SimFluid.status(desired: count, current: count, ready: count),
            ], by: .fluid)
        let labels: JSON = ["app": "alluxio", "release": .string(name), "role": "alluxio-worker"]
        if plan.era.isDaemon {
            world.server.create(
                .daemonSets, setKey,
                [
                    "metadata": ["labels": labels],
                    "spec": [
                        "selector": ["matchLabels": labels],
                        "template": ["spec": ["nodeSelector": .object([.init(nodeLabel, "true")])]],
                    ],
                    "status": ["desiredNumberScheduled": count],
                ], by: .fluid)
        } else {
            var spec: JSON = [
                "replicas": count, "selector": ["matchLabels": labels], "template": ["revision": "1"],
                "podManagementPolicy": plan.isParallel ? "Parallel" : "OrderedReady",
                "updateStrategy": ["type": plan.isRolledOut ? "RollingUpdate" : "OnDelete"],
            ]
            if plan.ordinalsStart > 0 { spec["ordinals"] = ["start": .integer(Int64(plan.ordinalsStart))] }
            world.server.create(
                .statefulSets, setKey,
                [
                    "metadata": ["labels": labels], "spec": spec,
                    "status": [
                        "replicas": count, "readyReplicas": count, "updateRevision": "1", "observedGeneration": 1,
                    ],
                ], by: .fluid)
        }
        buildPods()
        buildFiles()
    }

    private func buildPods() {
        let kubernetes = world.kubernetes
        let nodes = Array(kubernetes.nodes.prefix(plan.workers))
        for number in 0..<plan.masters {
            let master = kubernetes.createPod(
                self, name: "\(name)-master-\(number)", ordinal: number, revision: "1", isMaster: true)
            if let master { place(master, on: kubernetes.nodes[kubernetes.nodes.count - 1]) }
        }
        for (place, node) in nodes.enumerated() {
            let ordinal = plan.era.isDaemon ? nil : plan.ordinalsStart + place
            if plan.era.isDaemon { fluid.label(node) }
            let name = "\(setKey.name)-\(ordinal.map(String.init) ?? "x\(place)abc")"
            guard let pod = kubernetes.createPod(self, name: name, ordinal: ordinal, revision: "1") else { continue }
            self.place(pod, on: node)
            alluxio.workerStarted(pod)
        }
        alluxio.begin()
    }

    private func place(_ pod: SimPod, on node: SimNode) {
        pod.node = node
        pod.stage = .running
        pod.startedAt = world.now
        pod.isReady = true
        pod.address = world.kubernetes.address(of: pod, on: node)
        world.kubernetes.publish(pod)
    }

    private func buildFiles() {
        for number in 0..<plan.files {
            let isPersisted = !world.random.chance(plan.unpersisted)
            let path = "/d\(number % 3)/f\(number)"
            let file = alluxio.addFile(
                path, isPersisted ? .persisted : .notPersisted, blocks: plan.blocksPerFile)
            file.isPinned = world.random.chance(plan.pinned)
            for _ in 0..<plan.copies {
                guard let worker = world.random.any(alluxio.workers) else { continue }
                for block in file.blocks { alluxio.place(block, of: file, on: worker, begunAt: world.now) }
            }
        }
    }
}
