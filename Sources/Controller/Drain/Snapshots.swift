internal import Kubernetes
internal import Rules

/// Puts a snapshot together from what was read: one fact, one place.
struct Snapshots: Sendable {
    let settings: ReconcilerSettings

    /// What the objects say; `asked` are the pods before they were read again.
    func snapshot(of target: DrainTarget, asked: [Pod] = []) -> DrainSnapshot {
        var snapshot = DrainSnapshot(
            begunAt: target.begunAt, runtime: target.runtime.map { runtime(of: $0) },
            workerSet: target.workerSet.map { workerSet(of: $0, in: target) })
        snapshot.workers = target.pods.map { worker(of: $0, in: target) }
        if target.trouble == nil {
            let there = Set(target.pods.lazy.map(\.meta.uid))
            snapshot.departed = asked.filter { !there.contains($0.meta.uid) }.map { worker(of: $0, in: target) }
        }
        snapshot.master = DrainSnapshot.Master(trouble: target.masterTrouble)
        snapshot.master.memoryLimitBytes =
            target.master?.container(named: DrainTarget.masterContainer)?.memoryLimitBytes
        snapshot.drainUID = target.drain.map(\.meta.uid)
        snapshot.trouble = target.trouble
        snapshot.retryAfter = target.retryAfter
        snapshot.cost = target.cost
        return snapshot
    }

    /// Adds what the cache says.
    func add(_ answers: CacheAnswers, to snapshot: inout DrainSnapshot) {
        for index in snapshot.departed.indices {
            snapshot.departed[index].look = answers.looks[snapshot.departed[index].uid] ?? .notAsked
        }
        for index in snapshot.workers.indices {
            let uid = snapshot.workers[index].uid
            snapshot.workers[index].look = answers.looks[uid] ?? .notAsked
            snapshot.workers[index].registration = answers.registrations[uid] ?? .unknown
            snapshot.workers[index].service = answers.services[uid]
        }
        snapshot.blocks = answers.blocks
        snapshot.master.version = answers.version
        snapshot.master.startedMilliseconds = answers.masterStarted
        snapshot.master.strangers = answers.strangers
        snapshot.cost += answers.cost
    }

    private func runtime(of runtime: AlluxioRuntime) -> DrainSnapshot.Runtime {
        var result = DrainSnapshot.Runtime(
            uid: runtime.meta.uid, wanted: runtime.replicas.flatMap { $0 < 0 ? nil : Int($0) },
            policy: DrainPolicy.read(runtime.meta.annotations, defaults: settings.drain))
        result.isDeleting = runtime.meta.isDeleting
        result.desired = runtime.status.map { Int($0.desiredWorkers) }
        return result
    }

    private func workerSet(of set: WorkerSet, in target: DrainTarget) -> DrainSnapshot.WorkerSet {
        let isStateful = set.kind == .statefulSet
        let removal = settings.daemonRemoval
        let present = isStateful || removal == .unattended ? Int(set.replicas) : target.placedNodes?.count ?? 0
        var result = DrainSnapshot.WorkerSet(
            name: set.meta.name, kind: isStateful ? .stateful : .daemon(removal), uid: set.meta.uid,
            resourceVersion: set.meta.resourceVersion, present: present)
        result.isCounted = isStateful || removal == .unattended || target.placedNodes != nil
        result.ready = Int(set.readyPods)
        result.firstOrdinal = Int(set.firstOrdinal)
        result.isOrdered = isStateful && set.isOrdered
        result.isObserved = set.observedGeneration >= set.meta.generation
        // Pods keep their revision for as long as they like under OnDelete, and below a partition; that is no roll-out. Nor
        // does it matter to a worker that leaves which revision it is of.
        let staying = max(0, min(Int(target.runtime?.replicas ?? 0), Int(set.replicas)))
        let rolled = result.firstOrdinal + min(max(0, Int(set.partition)), staying)..<result.firstOrdinal + staying
        result.isRolling =
            isStateful && set.updateStrategy == "RollingUpdate" && !set.updateRevision.isEmpty
            && target.pods.contains { rolled.contains($0.ordinal ?? -1) && $0.revisionHash != set.updateRevision }
        result.isOneWay = set.nodeSelector.keys.contains { $0.hasPrefix("data.fluid.io/storage-") }
        result.fence = set.meta.annotations[Annotation.drainFence]
        result.outOfService = OutOfService.read(set.meta.annotations[Annotation.outOfService])
        result.hasOldMarks = set.meta.annotations[Annotation.firstDrainRecord] != nil
        result.request = set.meta.annotations[Annotation.scaleInRequest].flatMap { ScaleInRequest(text: $0) }
        return result
    }

    private func worker(of pod: Pod, in target: DrainTarget) -> DrainSnapshot.Worker {
        let container = pod.container(named: DrainTarget.workerContainer)
        let isStateful = target.workerSet?.kind == .statefulSet
        // The random end of another set's pod may be a number too.
        var worker = DrainSnapshot.Worker(
            name: pod.meta.name, uid: pod.meta.uid, ordinal: isStateful ? pod.ordinal : nil)
        worker.node = pod.nodeName
        worker.host = pod.hostIP
        worker.webPort = container?.port(named: "web").map { Int($0) }
        worker.isDeleting = pod.meta.isDeleting
        worker.isReady = pod.isReady
        worker.start =
            pod.hasRun(DrainTarget.workerContainer)
            ? .done : pod.isAboutToStart(container) ? .awaited : .failed(Self.why(pod, container))
        worker.isRunning = pod.phase == "Running" && container?.isRunning == true
        worker.isNodeInUse = target.usedNodes.contains(pod.nodeName)
        worker.isPlaced = isStateful || target.placedNodes?[pod.nodeName] != nil
        return worker
    }

    private static func why(_ pod: Pod, _ container: Pod.Container?) -> String {
        if pod.isUnschedulable { return "Unschedulable" }
        return container.map(\.waitingReason).flatMap { $0.isEmpty ? nil : $0 } ?? pod.phase
    }
}
