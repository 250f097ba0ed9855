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
        } && reports.isEmpty && !world.runtimes.contains { !outOfService($0).isEmpty }
    }

    /// Whether each runtime is at rest, or has said for a while, and truly, why it is not.
    var isSettled: Bool {
        isAtRest
            || (reports.isEmpty
                && world.runtimes.allSatisfy { runtime in
                    let progress = watched[runtime.key]?.progress ?? Progress()
                    guard let wanted = wanted(runtime) else { return true }
                    if runtime.plan.isOneWayDoor, present(runtime) == 0 { return true }
                    if present(runtime) == wanted, !SimTold(runtime, in: world).isActive {
                        return outOfService(runtime).isEmpty
                    }
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
            // More workers are Fluid's to bring, and where it can't whoever looks there sees it.
            let isFluidStuck = world.faults.isActive("fluid", now: now) || !runtime.fluid.isDone
            if present(runtime) < wanted, !told.isActive, isFluidStuck { continue }
            // Many files take their time, by the client.
            let movedAt = watched[runtime.key]?.progress.movedAt ?? 0
            if told.state == "Freeing", now - movedAt < .minutes(1) { continue }
            guard let reason = told.reason else {
                // Where nothing can be written, whoever looks at the log and at /readyz finds it there; and what goes on says
                // why it does not after a minute.
                let heardAt = watched[runtime.key]?.progress.heardAt ?? 0
                let isGoingOn = wanted < present(runtime) && now - heardAt < .seconds(75)
                if isLogged(runtime) || isGoingOn { continue }
                violate("L1", "\(runtime.name): \(present(runtime)) of \(wanted), and nobody says why: \(told.text)")
                continue
            }
            // What an object says that nobody may write is old; the log and /readyz say so.
            if !isTrue(reason, runtime), !isLogged(runtime) {
                violate(
                    "L1", "\(runtime.name): \(present(runtime)) of \(wanted), and what is said is not so: \(told.text)")
            }
        }
    }

    /// No worker that stays is out of service.
    private func judgeService(_ runtime: SimRuntime) {
        for worker in outOfService(runtime) { violate("L2", "\(worker.pod.key.name) stays out of service") }
    }

    private func outOfService(_ runtime: SimRuntime) -> [SimWorker] {
        guard runtime.alluxio.isMasterUp else { return [] }
        return runtime.alluxio.workers.filter { worker in
            worker.isUp && !worker.pod.isDeleting && runtime.alluxio.registration(worker)?.state == .decommissioned
        }
    }
}
