import Kubernetes
import Rules
import Wire

extension SimOracle {
    /// Whether what is said to stand in the way is really there.
    func isTrue(_ reason: String, _ runtime: SimRuntime) -> Bool {
        let alluxio = runtime.alluxio
        let all = world.kubernetes.workers(of: runtime)
        // A whole path is refused for whatever is in it, on any worker.
        let isByPath = policy(runtime, "drain-scope") == "Path" || wanted(runtime) == 0
        let files =
            (isByPath ? alluxio.files : [])
            + asked(runtime).flatMap { $0.disk.copies.map(\.file) + $0.disk.uploads.map(\.file) }
        switch reason {
        case "Unpersisted": return files.contains { $0.persistence != .persisted || !$0.isCompleted }
        case "InFlight": return asked(runtime).contains { !$0.disk.uploads.isEmpty } || isFaulty("proxy")
        case "MasterNotReady": return !alluxio.isMasterUp || isFaulty("proxy") || isFaulty("rpc")
        case "FileName": return files.contains { !AlluxioPath($0.path).isPassable }
        case "PortUnreachable": return policy(runtime, "drain-client") == "Rpc"
        case "Pinned", "TooManyPinned": return files.contains(where: \.isPinned)
        case "DecommissionUnsupported": return !alluxio.hasWorkerCommands || isFaulty("exec") || isFaulty("proxy")
        case "Deadline", "Refilling": return !files.isEmpty || isFaulty("exec") || isFaulty("proxy")
        case "PlaceUnknown": return all.contains { !$0.isRunning }
        case "NotRemoved": return runtime.plan.era.isDaemon && present(runtime) > wanted(runtime) ?? 0
        case "LastWorker": return runtime.plan.era.isDaemon && wanted(runtime) == 0
        case "Policy": return policy(runtime, "drain") == "Fre"
        case "Paused": return policy(runtime, "paused") != nil
        case "CapacityChanged": return asked(runtime).contains { $0.disk.failingFolder != nil }
        case "NotObserved", "WorkerMissing", "LowerNotReady": return isFaulty("controller")
        case "Terminating": return all.contains(where: \.isDeleting)
        case "RollingUpdate":
            return isFaulty("controller") || runtime.plan.isRolledOut && all.contains { !$0.isReady }
        case "AwaitingFluid": return present(runtime) < wanted(runtime) ?? 0
        case "AnotherInstallation": return world.plan.installations > 1
        case "DefinitionMissing": return !world.plan.hasDrainDefinition
        case "Budget": return world.runtimes.contains { $0 !== runtime && SimTold($0, in: world).isActive }
        case "UnreadableDrain":
            return world.server.object(.workerDrains, runtime.key)?.at("spec", "version")?.int64 != 1
        case "Undo":
            return isFaulty("exec") || isFaulty("proxy")
                || all.compactMap { alluxio.worker($0) }.contains { worker in
                    worker.isBusy(now) || worker.disk.copies.contains { $0.file.persistence != .persisted }
                }
        case "MasterUnreachable", "CommandFailed", "CallRunning", "Unsupported", "ServiceChanging":
            return isFaulty("exec") || isFaulty("rpc") || !alluxio.isMasterUp
        case "NotRegistered": return isFaulty("proxy") || alluxio.registrations.contains { $0.state == .decommissioned }
        case "TooMany": return present(runtime) - (wanted(runtime) ?? 0) > 500
        // What we free ourselves moves it too.
        case "ListMoves": return isFaulty("proxy") || SimTold(runtime, in: world).state == "Freeing"
        case "WorkerUnreachable", "ListUnreadable", "ListSwitchedOff": return isFaulty("proxy")
        case "SlowWorker":
            let isLong = asked(runtime).contains {
                Int64($0.disk.copies.count) * runtime.plan.listMicroseconds > .seconds(2)
            }
            return isFaulty("") || world.plan.latency >= .milliseconds(600) || isLong
        case "Looking": return isFaulty("") || world.plan.latency >= .milliseconds(600)
        case "Forbidden", "APIServer", "HeldBySelf": return isFaulty("")
        default: return false
        }
    }

    /// The workers that a drain asks: those that leave, or all where whole paths are freed or it chooses nodes.
    private func asked(_ runtime: SimRuntime) -> [SimWorker] {
        let target = wanted(runtime) ?? 0
        let isByPath = policy(runtime, "drain-scope") == "Path" || target == 0
        let pods =
            isByPath || runtime.plan.era.isDaemon
            ? world.kubernetes.workers(of: runtime) : leaving(runtime, target: min(target, present(runtime)))
        return pods.compactMap { runtime.alluxio.worker($0) }
    }

    /// Whether something of this kind goes wrong now.
    private func isFaulty(_ part: String) -> Bool {
        world.faults.list.contains { $0.until > now && $0.from <= now && (part.isEmpty || $0.tag.contains(part)) }
    }
}
