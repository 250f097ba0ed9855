import Kubernetes
import Wire

extension SimOracle {
    /// Whether everything is as it is wished for, and nobody does anything any more.
    var isAtRest: Bool {
        world.runtimes.allSatisfy { runtime in
            guard let wanted = wanted(runtime) else { return true }
            return present(runtime) == wanted && !SimTold(runtime, in: world).isActive
                && world.kubernetes.workers(of: runtime).count == wanted
                && world.kubernetes.workers(of: runtime).allSatisfy { $0.isReady && !$0.isDeleting }
        } && reports.isEmpty
    }

    /// Whether each runtime is at rest, or has said for a while, and truly, why it is not.
    var isSettled: Bool {
        isAtRest
            || (reports.isEmpty
                && world.runtimes.allSatisfy { runtime in
                    let progress = watched[runtime.key]?.progress ?? Progress()
                    guard let wanted = wanted(runtime) else { return true }
                    if runtime.plan.isOneWayDoor, present(runtime) == 0 { return true }
                    if present(runtime) == wanted, !SimTold(runtime, in: world).isActive { return true }
                    guard let reason = progress.reason else { return false }
                    return now - progress.reasonSince > .minutes(15) && isTrue(reason, runtime)
                })
    }

    /// The end of a schedule: L1 and L2.
    func judgeEnd() {
        for runtime in world.runtimes {
            guard let wanted = wanted(runtime) else { continue }
            let told = SimTold(runtime, in: world)
            let isReached = present(runtime) == wanted && !told.isActive
            // Nobody can open that door again from here.
            if runtime.plan.isOneWayDoor, present(runtime) == 0 { continue }
            if isReached {
                judgeService(runtime)
                continue
            }
            guard let reason = told.reason else {
                violate("L1", "\(runtime.name): \(present(runtime)) of \(wanted), and nobody says why: \(told.text)")
                continue
            }
            if !isTrue(reason, runtime) {
                violate(
                    "L1", "\(runtime.name): \(present(runtime)) of \(wanted), and what is said is not so: \(told.text)")
            }
        }
    }

    /// No worker that stays is out of service.
    private func judgeService(_ runtime: SimRuntime) {
        guard runtime.alluxio.isMasterUp else { return }
        for worker in runtime.alluxio.workers where worker.isUp && !worker.pod.isDeleting {
            if runtime.alluxio.registration(worker)?.state == .decommissioned {
                violate("L2", "\(worker.pod.key.name) stays out of service")
            }
        }
    }

    /// Whether what is said to stand in the way is really there.
    private func isTrue(_ reason: String, _ runtime: SimRuntime) -> Bool {
        let target = wanted(runtime) ?? 0
        let leaving = leaving(runtime, target: min(target, present(runtime)))
        let isByPath = policy(runtime, "drain-scope") == "Path" || target == 0
        let pods = isByPath || runtime.plan.era.isDaemon ? world.kubernetes.workers(of: runtime) : leaving
        let disks = pods.compactMap { runtime.alluxio.worker($0)?.disk }
        let files = disks.flatMap { $0.copies.map(\.file) } + disks.flatMap { $0.uploads.map(\.file) }
        switch reason {
        case "Unpersisted", "InFlight": return files.contains { $0.persistence != .persisted || !$0.isCompleted }
        case "Pinned", "TooManyPinned": return files.contains(where: \.isPinned)
        case "DecommissionUnsupported", "Unsupported": return !runtime.alluxio.hasWorkerCommands
        case "Deadline", "Refilling", "StillHeld": return !files.isEmpty
        case "Undo":
            return world.kubernetes.workers(of: runtime).contains { pod in
                runtime.alluxio.worker(pod)?.disk.copies.contains { $0.file.persistence != .persisted } ?? false
            }
        case "Policy": return policy(runtime, "drain") == "Fre"
        case "Paused": return policy(runtime, "paused") != nil
        case "NodesInUse": return false
        default: return isCausedByFault(reason)
        }
    }

    /// Whether something that goes wrong for ever can be the cause.
    private func isCausedByFault(_ reason: String) -> Bool {
        let tags = world.faults.list.filter { $0.until > now && $0.from <= now }.map(\.tag)
        guard !tags.isEmpty else { return world.plan.installations > 1 && reason != "HeldBySelf" }
        switch reason {
        case "CommandFailed", "MasterUnreachable", "Undo", "DecommissionUnsupported":
            return tags.contains { $0.contains("exec") }
        case "WorkerUnreachable", "ListUnreadable", "NotRegistered", "Switched", "ListMoving":
            return tags.contains { $0.contains("proxy") }
        default: return true
        }
    }
}
