import Kubernetes
import Wire

extension SimKubernetes {
    /// One sync of a StatefulSet, as `stateful_set_control.go` does it.
    func syncStatefulSet(_ runtime: SimRuntime) {
        guard let set = server.object(.statefulSets, runtime.setKey) else { return removeAll(runtime) }
        guard !world.faults.isActive("controller", now: world.now) else {
            return world.after(.seconds(2)) { [self] in wake(runtime.setKey) }
        }
        let replicas = Int(set.at("spec", "replicas")?.int64 ?? 1)
        let start = Int(set.at("spec", "ordinals", "start")?.int64 ?? 0)
        let isOrdered = set.at("spec", "podManagementPolicy")?.string != "Parallel"
        let revision = set.at("spec", "template", "revision")?.string ?? "1"
        let wanted = start..<(start + replicas)
        let all = workers(of: runtime).sorted { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
        writeStatus(runtime, set, all, revision)
        let firstUnhealthy = all.first { !($0.isRunning && $0.isReady) || $0.isDeleting }
        for ordinal in wanted {
            guard let pod = all.first(where: { $0.ordinal == ordinal }) else {
                make(runtime, ordinal, revision)
                if isOrdered { return }
                continue
            }
            if isOrdered, pod.isDeleting || !(pod.isRunning && pod.isReady) { return }
        }
        for pod in all.reversed() where !wanted.contains(pod.ordinal ?? 0) {
            if pod.isDeleting {
                if isOrdered { return }
                continue
            }
            if isOrdered, !(pod.isRunning && pod.isReady), pod !== firstUnhealthy { return }
            delete(pod, because: lowering(runtime.setKey, index: (pod.ordinal ?? 0) - start))
            if isOrdered { return }
        }
        let kept = all.filter { wanted.contains($0.ordinal ?? 0) }
        if kept.count == replicas { rollOut(set, kept, revision) }
    }

    private func make(_ runtime: SimRuntime, _ ordinal: Int, _ revision: String) {
        let name = "\(runtime.setKey.name)-\(ordinal)"
        guard let pod = createPod(runtime, name: name, ordinal: ordinal, revision: revision) else {
            world.after(.seconds(5)) { [self] in wake(runtime.setKey) }
            return
        }
        world.after(random.between(.milliseconds(10), .milliseconds(500))) { [self] in schedule(pod) }
    }

    /// Deletes a pod for a controller's reason.
    func delete(_ pod: SimPod, because end: SimPod.End) {
        pod.end = end
        server.change(.pods, pod.key) { object in
            object.set(["metadata", "deletionTimestamp"], .string(world.wallText(world.now)))
        }
    }

    /// `RollingUpdate`: one pod of an old revision after the other, the highest first.
    private func rollOut(_ set: JSON, _ pods: [SimPod], _ revision: String) {
        guard set.at("spec", "updateStrategy", "type")?.string == "RollingUpdate" else { return }
        let partition = Int(set.at("spec", "updateStrategy", "rollingUpdate", "partition")?.int64 ?? 0)
        let start = Int(set.at("spec", "ordinals", "start")?.int64 ?? 0)
        for pod in pods.reversed() where (pod.ordinal ?? 0) - start >= partition {
            if pod.revision != revision, !pod.isDeleting { return delete(pod, because: .replaced) }
            if pod.isDeleting || !(pod.isRunning && pod.isReady) { return }
        }
    }

    private func writeStatus(_ runtime: SimRuntime, _ set: JSON, _ pods: [SimPod], _ revision: String) {
        server.change(.statefulSets, runtime.setKey) { object in
            object["status"] = [
                "replicas": .integer(Int64(pods.count)),
                "readyReplicas": .integer(Int64(pods.count { $0.isReady })),
                "updateRevision": .string(revision),
                "observedGeneration": set.at("metadata", "generation") ?? 1,
            ]
        }
    }

    /// The set is gone: so are its pods.
    private func removeAll(_ runtime: SimRuntime) {
        for pod in workers(of: runtime) where !pod.isDeleting { delete(pod, because: .replaced) }
    }

    /// One sync of a DaemonSet: a pod on each node with its labels.
    func syncDaemonSet(_ runtime: SimRuntime) {
        guard server.object(.daemonSets, runtime.setKey) != nil else { return removeAll(runtime) }
        let placed = Set(
            server.objects(.nodes, SimSelection(labels: [runtime.nodeLabel: "true"])).map { $0.key.name })
        let all = workers(of: runtime)
        for pod in all where !pod.isDeleting && !placed.contains(pod.node?.name ?? "") {
            delete(pod, because: unlabelling(runtime.setKey))
        }
        for node in nodes where placed.contains(node.name) && !all.contains(where: { $0.node === node }) {
            let name = "\(runtime.setKey.name)-\(String(random.next() % 100_000_000, radix: 36))x"
            if let pod = createPod(runtime, name: name, ordinal: nil, revision: "1") { schedule(pod, on: node) }
        }
        server.change(.daemonSets, runtime.setKey) { object in
            object["status"] = [
                "desiredNumberScheduled": .integer(Int64(placed.count)),
                "currentNumberScheduled": .integer(Int64(all.count)),
                "numberReady": .integer(Int64(all.count { $0.isReady })),
                "observedGeneration": object.at("metadata", "generation") ?? 1,
            ]
        }
    }
}
