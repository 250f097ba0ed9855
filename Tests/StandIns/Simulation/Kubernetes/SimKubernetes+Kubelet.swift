import Kubernetes
import Wire

extension SimKubernetes {
    /// Places a pod, if there is a node for it: one worker of a runtime a node.
    func schedule(_ pod: SimPod, on wanted: SimNode? = nil) {
        guard pod.node == nil, !pod.isDeleting else { return }
        let taken = Set(pods.compactMap { $0.runtime === pod.runtime && !$0.isMaster ? $0.node?.name : nil })
        let free = nodes.filter { $0.isUp && !$0.isCordoned && (pod.isMaster || !taken.contains($0.name)) }
        guard let node = wanted ?? random.any(free) else {
            publish(pod)
            world.after(.seconds(10)) { [self] in schedule(pod) }
            return
        }
        pod.node = node
        pod.stage = .creating
        pod.address = address(of: pod, on: node)
        publish(pod)
        world.after(random.between(.milliseconds(300), .seconds(6))) { [self] in begin(pod) }
    }

    /// Its node's where it is on the nodes' network, else one that no other pod had.
    func address(of pod: SimPod, on node: SimNode) -> String {
        guard !pod.runtime.plan.hasHostNetwork else { return node.address }
        addressCount += 1
        return "10.244.\(addressCount / 250 % 250).\(addressCount % 250)"
    }

    /// Starts a pod's container, or says why it does not start.
    func begin(_ pod: SimPod) {
        guard !pod.isDeleting, pods.contains(where: { $0 === pod }), let node = pod.node, !pod.isRunning else { return }
        guard node.isUp else { return }
        if pod.isImageMissing {
            pod.stage = .imageMissing
            publish(pod)
            world.after(.seconds(20)) { [self] in begin(pod) }
            return
        }
        pod.stage = .running
        pod.startedAt = world.now
        publish(pod)
        if pod.isMaster {
            pod.runtime.alluxio.masterStarted()
        } else {
            pod.runtime.alluxio.workerStarted(pod)
        }
        let container = pod.restarts
        world.after(random.between(.milliseconds(200), .seconds(3))) { [self] in
            guard pod.isRunning, pod.restarts == container else { return }
            if pod.isCrashing {
                crash(pod)
            } else {
                pod.isReady = true
                publish(pod)
            }
        }
    }

    /// Ends a pod's container, which its kubelet starts again.
    func crash(_ pod: SimPod) {
        guard pod.isRunning else { return }
        world.note("pod \(pod.key.name): its container ends")
        stopProcess(pod)
        pod.stage = .crashed
        pod.isReady = false
        pod.restarts += 1
        publish(pod)
        let pause = pod.isCrashing ? Int64.seconds(min(10 << min(pod.restarts, 4), 160)) : .seconds(1)
        world.after(pause) { [self] in begin(pod) }
    }

    private func stopProcess(_ pod: SimPod) {
        if pod.isMaster { pod.runtime.alluxio.masterStopped() } else { pod.runtime.alluxio.workerStopped(pod) }
    }

    /// Ends a pod that is to be deleted: its process takes a while.
    func terminate(_ pod: SimPod) {
        world.note("pod \(pod.key.name) \(pod.uid) is to end")
        guard pod.node?.isUp ?? true else { return }
        let isFast = !pod.isRunning
        let pause = isFast ? random.between(0, .seconds(1)) : random.between(.seconds(1), .seconds(8))
        world.after(pause) { [self] in finish(pod) }
    }

    /// A pod's container has ended for good; the pod itself may stay for a while, until its volumes and its network are gone.
    func finish(_ pod: SimPod) {
        guard pod.isDeleting, pod.stage != .ended, pods.contains(where: { $0 === pod }) else { return }
        world.note("pod \(pod.key.name) \(pod.uid) has ended")
        world.oracle.ended(pod)
        guard pod.isRunning else { return remove(pod) }
        stopProcess(pod)
        guard random.chance(20) else { return remove(pod) }
        pod.stage = .ended
        pod.isReady = false
        publish(pod)
        world.after(random.between(.seconds(1), .seconds(40))) { [self] in remove(pod) }
    }

    private func remove(_ pod: SimPod) {
        guard let place = pods.firstIndex(where: { $0 === pod }) else { return }
        pods.remove(at: place)
        if !pod.isMaster { pod.runtime.alluxio.podGone(pod) }
        server.remove(.pods, pod.key)
    }

    // MARK: Nodes

    func stop(_ node: SimNode) {
        guard node.isUp else { return }
        node.isUp = false
        world.note("\(node.name) is away")
        for pod in pods where pod.node === node && pod.isRunning { stopProcess(pod) }
        world.after(.seconds(40)) { [self] in
            guard !node.isUp else { return }
            for pod in pods where pod.node === node {
                pod.isReady = false
                publish(pod)
            }
        }
    }

    func start(_ node: SimNode) {
        guard !node.isUp else { return }
        node.isUp = true
        world.note("\(node.name) is back")
        for pod in pods where pod.node === node {
            if pod.isDeleting {
                terminate(pod)
            } else if pod.isRunning || pod.stage == .crashed {
                pod.stage = .crashed
                pod.isReady = false
                pod.restarts += 1
                publish(pod)
                world.after(random.between(.seconds(1), .seconds(5))) { [self] in begin(pod) }
            } else if pod.stage != .unscheduled {
                world.after(random.between(.seconds(1), .seconds(5))) { [self] in begin(pod) }
            }
        }
    }
}
