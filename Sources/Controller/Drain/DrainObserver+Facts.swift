internal import Kubernetes
internal import Rules

extension DrainObserver {
    /// What the objects say, before Alluxio is asked.
    func facts(of target: DrainTarget, memory: DrainMemory) -> DrainObservation {
        DrainObservation(
            runtime: target.runtime.map { runtime(of: $0) },
            workerSet: target.workerSet.map { workerSet(of: $0, in: target) },
            workers: target.pods.map { worker(of: $0, in: target) },
            master: master(of: target), version: memory.version, outcome: memory.outcome)
    }

    private func runtime(of runtime: AlluxioRuntime) -> DrainObservation.Runtime {
        DrainObservation.Runtime(
            uid: runtime.meta.uid, wanted: runtime.replicas.map { Int($0) }, isDeleting: runtime.meta.isDeleting,
            desired: runtime.status.map { Int($0.desiredWorkers) },
            policy: DrainPolicy.read(runtime.meta.annotations, defaults: settings.drain))
    }

    private func workerSet(of set: WorkerSet, in target: DrainTarget) -> DrainObservation.WorkerSet {
        let isStateful = set.kind == .statefulSet
        let removal = settings.daemonRemoval
        let present = isStateful || removal == .unattended ? Int(set.replicas) : target.placedNodes.count
        // Under OnDelete pods keep their revision for as long as they like; that is no roll-out.
        let isRolling =
            isStateful && set.updateStrategy == "RollingUpdate" && !set.updateRevision.isEmpty
            && target.pods.contains { pod in
                (pod.ordinal ?? .max) < set.replicas && pod.revisionHash != set.updateRevision
            }
        return DrainObservation.WorkerSet(
            name: set.meta.name, kind: isStateful ? .stateful : .daemon(removal), uid: set.meta.uid,
            resourceVersion: set.meta.resourceVersion, present: present, isRolling: isRolling,
            wish: target.wishText.flatMap { ScaleInWish(text: $0) })
    }

    private func worker(of pod: Pod, in target: DrainTarget) -> DrainObservation.Worker {
        let container = pod.container(named: DrainTarget.workerContainer)
        // The random end of another set's pod may be a number too.
        let ordinal = target.workerSet?.kind == .statefulSet ? pod.ordinal.map { Int($0) } : nil
        let start: DrainObservation.Worker.Start =
            if container?.hasEverStarted ?? pod.hasEverStarted { .done } else if pod.isAboutToStart(container) {
                .awaited
            } else {
                .failed
            }
        return DrainObservation.Worker(
            name: pod.meta.name, uid: pod.meta.uid, ordinal: ordinal, node: pod.nodeName,
            host: pod.hostIP, webPort: container?.port(named: "web").map { Int($0) },
            isDeleting: pod.meta.isDeleting, start: start,
            isRunning: pod.phase == "Running" && container?.isRunning == true,
            isNodeInUse: target.usedNodes.contains(pod.nodeName),
            isPlaced: target.workerSet?.kind == .statefulSet || target.placedNodes.contains(pod.nodeName))
    }

    private func master(of target: DrainTarget) -> DrainObservation.Master {
        guard let pod = target.master else {
            return DrainObservation.Master(isReady: false, trouble: target.masterTrouble)
        }
        return DrainObservation.Master(
            memoryLimitBytes: pod.container(named: DrainTarget.masterContainer)?.memoryLimitBytes)
    }
}
