/// How a worker is taken away, which differs by what runs the workers and by the Fluid that does it.
protocol Removal: Sendable {
    /// How many workers there are.
    func present(_ seen: DrainSnapshot) -> Int
    /// Whether it is ours to bring fewer workers about.
    func isOurs(_ seen: DrainSnapshot) -> Bool
    /// Who leaves so that so many are left; nil if there are not enough to choose from.
    func leaving(to target: Int, _ seen: DrainSnapshot) -> [LeavingWorker]?
    /// Whether those who leave by the plan would still be chosen.
    func isCurrent(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool
    /// What keeps the workers from being taken once the count is lowered.
    func obstacle(_ plan: DrainPlan, _ seen: DrainSnapshot) -> DrainObstacle?
    /// The next writes that take the workers away; none if that is up to whoever asks for the lower count.
    func writes(_ plan: DrainPlan, _ seen: DrainSnapshot, fence: String) -> [DrainWrite]
    /// Whether the workers have been taken away.
    func isLowered(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool
    /// What tells Fluid.
    func telling(_ seen: DrainSnapshot) -> DrainWrite
}

enum RemovalKind {
    static func removal(of kind: DrainSnapshot.WorkerSet.Kind) -> any Removal {
        switch kind {
        case .stateful: StatefulSetRemoval()
        case .daemon(.gated): GateRemoval()
        case .daemon(.byNodeLabel): NodeLabelRemoval()
        case .daemon(.unattended): UnattendedRemoval()
        }
    }
}

/// A StatefulSet (Fluid from 0.7 on): its count is lowered, and Kubernetes takes the highest ordinals.
struct StatefulSetRemoval: Removal {
    func present(_ seen: DrainSnapshot) -> Int { seen.workerSet?.present ?? 0 }
    func isOurs(_ seen: DrainSnapshot) -> Bool { true }

    func leaving(to target: Int, _ seen: DrainSnapshot) -> [LeavingWorker]? {
        guard let set = seen.workerSet, target >= 0, target < set.present,
            set.present - target <= DrainTiming.leavingMaximum
        else { return nil }
        return (target..<set.present).reversed().map { index in
            let name = "\(set.name)-\(set.firstOrdinal + index)"
            let pod = seen.workers.first { $0.name == name }
            return LeavingWorker(name: name, uid: pod?.uid ?? "", node: pod?.node ?? "")
        }
    }

    func isCurrent(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool {
        let now = leaving(to: plan.target, seen) ?? []
        return now.map(\.uid) == plan.leaving.map(\.uid) && now.map(\.name) == plan.leaving.map(\.name)
    }

    /// Kubernetes' own rule under `OrderedReady`: it removes nothing while a pod that stays is not ready, and passes over one
    /// broken pod only, the lowest.
    func obstacle(_ plan: DrainPlan, _ seen: DrainSnapshot) -> DrainObstacle? {
        guard let set = seen.workerSet, set.isOrdered else { return nil }
        let staying = set.firstOrdinal..<(set.firstOrdinal + max(0, plan.target))
        for ordinal in staying {
            guard let pod = seen.workers.first(where: { $0.ordinal == ordinal }), pod.isReady, !pod.isDeleting else {
                return .lowerNotReady(worker: "\(set.name)-\(ordinal)")
            }
        }
        let broken = seen.workers.filter { pod in
            plan.leaving.contains { $0.uid == pod.uid } && (!pod.isReady || !pod.isRunning)
        }
        let lowest = broken.min { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
        return broken.count > 1 ? lowest.map { .lowerNotReady(worker: $0.name) } : nil
    }

    func writes(_ plan: DrainPlan, _ seen: DrainSnapshot, fence: String) -> [DrainWrite] {
        [.setReplicas(from: plan.from, to: plan.target, fence: fence)]
    }

    func isLowered(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool { present(seen) == plan.target }
    func telling(_ seen: DrainSnapshot) -> DrainWrite { .touch }
}

/// A DaemonSet of Fluid 0.4 and older: nobody removes a worker, so we take its node's labels away.
struct NodeLabelRemoval: Removal {
    func present(_ seen: DrainSnapshot) -> Int { seen.workerSet?.present ?? 0 }
    func isOurs(_ seen: DrainSnapshot) -> Bool { true }

    /// The least used nodes that nobody mounts.
    func leaving(to target: Int, _ seen: DrainSnapshot) -> [LeavingWorker]? {
        let placed = seen.workers.filter { $0.isPlaced }
        let count = max(0, (seen.workerSet?.present ?? 0) - target)
        let free = placed.filter { !$0.isNodeInUse && !$0.isDeleting }
        guard free.count >= count else { return nil }
        // Whoever was drained before is the least used.
        let order = free.sorted { left, right in
            (left.look.reading?.heldBytes ?? .max, left.name) < (right.look.reading?.heldBytes ?? .max, right.name)
        }
        return order.prefix(count).map { LeavingWorker(name: $0.name, uid: $0.uid, node: $0.node) }
    }

    func isCurrent(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool {
        // Nobody was chosen yet.
        if plan.leaving.isEmpty { return true }
        let placed = plan.leaving.filter { entry in seen.worker(uid: entry.uid)?.isPlaced == true }
        // While nodes lose their labels one by one, those that have lost them no longer count.
        return placed.count == max(0, (seen.workerSet?.present ?? 0) - plan.target)
            && !placed.contains { seen.worker(uid: $0.uid)?.isNodeInUse == true }
    }

    func obstacle(_ plan: DrainPlan, _ seen: DrainSnapshot) -> DrainObstacle? {
        if plan.target == 0, seen.workerSet?.isOneWay == true { return .lastWorker }
        return plan.leaving.isEmpty ? .nodesInUse : nil
    }

    func writes(_ plan: DrainPlan, _ seen: DrainSnapshot, fence: String) -> [DrainWrite] {
        let next = plan.leaving.first { seen.worker(uid: $0.uid)?.isPlaced == true }
        return next.map { [.unlabel(node: $0.node)] } ?? []
    }

    /// Whoever else removes by node labels may have removed more, or others.
    func isLowered(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool {
        (seen.workerSet?.present ?? 0) <= plan.target
            && !plan.leaving.contains { seen.worker(uid: $0.uid)?.isPlaced == true }
    }
    func telling(_ seen: DrainSnapshot) -> DrainWrite { .lowerStatusCounts(to: seen.workerSet?.present ?? 0) }
}

/// A DaemonSet of Fluid 0.5 and 0.6, which removes a worker of its own choice within milliseconds of the lower count: the
/// drained nodes lose their labels before that count is admitted, and then Fluid removes none (seen on 0.5.0 and 0.6.0).
struct GateRemoval: Removal {
    private let labels = NodeLabelRemoval()

    /// As Fluid counts: by what was written, which changes when the lower count is admitted.
    func present(_ seen: DrainSnapshot) -> Int { seen.runtime?.wanted ?? 0 }
    func isOurs(_ seen: DrainSnapshot) -> Bool { true }

    func leaving(to target: Int, _ seen: DrainSnapshot) -> [LeavingWorker]? {
        labels.leaving(to: target, seen)
    }

    func isCurrent(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool { labels.isCurrent(plan, seen) }
    func obstacle(_ plan: DrainPlan, _ seen: DrainSnapshot) -> DrainObstacle? {
        let isUnlabelled = (seen.workerSet?.present ?? 0) <= plan.target
        return isUnlabelled ? nil : labels.obstacle(plan, seen)
    }
    func writes(_ plan: DrainPlan, _ seen: DrainSnapshot, fence: String) -> [DrainWrite] {
        labels.writes(plan, seen, fence: fence)
    }
    func isLowered(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool { present(seen) <= plan.target }
    func telling(_ seen: DrainSnapshot) -> DrainWrite { .touch }
}

/// A DaemonSet of which Sluice was not told who removes its workers: it drains nothing, and says so where nobody does.
struct UnattendedRemoval: Removal {
    func present(_ seen: DrainSnapshot) -> Int { seen.workerSet?.present ?? 0 }
    func isOurs(_ seen: DrainSnapshot) -> Bool { false }
    func leaving(to target: Int, _ seen: DrainSnapshot) -> [LeavingWorker]? { nil }
    func isCurrent(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool { false }
    func obstacle(_ plan: DrainPlan, _ seen: DrainSnapshot) -> DrainObstacle? { nil }
    func writes(_ plan: DrainPlan, _ seen: DrainSnapshot, fence: String) -> [DrainWrite] { [] }
    func isLowered(_ plan: DrainPlan, _ seen: DrainSnapshot) -> Bool { false }
    func telling(_ seen: DrainSnapshot) -> DrainWrite { .touch }
}
