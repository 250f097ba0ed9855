import Kubernetes
import Wire

extension SimOracle {
    /// A request of ours is on its way.
    func asked(_ request: APIRequest, _ route: SimRoute, by process: SimProcess) {
        guard route.resource != .leases else { return }
        let named = request.path + request.query.map(\.value).joined(separator: " ")
        for runtime in world.runtimes where named.contains(runtime.name) { requestTimes.append((now, runtime.key)) }
    }

    /// An answer is on its way to one of ours, and will be there after this delay.
    func answered(
        _ request: APIRequest, _ route: SimRoute, _ result: Result<APIResponse, ClusterError>, by process: SimProcess,
        in delay: Int64
    ) {
        guard route.resource == .alluxioRuntimes, request.method == .get, case .success = result,
            let runtime = world.runtime(route.key), watched[runtime.key]?.isLower == false,
            watched[runtime.key]?.toldWithdrawn[process.number] == nil
        else { return }
        watched[runtime.key]?.toldWithdrawn[process.number] = now + delay
    }

    /// Somebody is about to change an object: S5, S6, S7.
    func writing(_ route: SimRoute, _ before: JSON, _ after: JSON, by user: SimUser, _ request: APIRequest) {
        guard user.isSluice, before != after else { return }
        let isNamed: Set<Resource> = [.statefulSets, .daemonSets, .alluxioRuntimes, .nodes, .workerDrains]
        if isNamed.contains(route.resource) {
            let body = SimServer.json(request.body) ?? [:]
            let uid = body.at("metadata", "uid")?.string
            let isTested = body.elements.contains { $0["op"]?.string == "test" }
            if uid == nil, body.at("metadata", "resourceVersion")?.string == nil, !isTested {
                violate("S5", "\(request.method.rawValue) \(request.path) names neither uid nor version")
            }
        }
        guard route.resource == .alluxioRuntimes, let runtime = world.runtime(route.key) else { return }
        if before.at("spec", "replicas") != after.at("spec", "replicas") {
            violate("S6", "\(route.key) spec.replicas is rewritten")
        }
        for name in ["desiredWorkerNumberScheduled", "currentWorkerNumberScheduled"]
        where runtime.plan.era != .a && before.at("status", name) != after.at("status", name) {
            violate("S7", "\(route.key) status.\(name) is written")
        }
    }

    /// A command of ours is begun: S4, S8, S9.
    func executed(_ request: ExecRequest, by process: SimProcess) {
        for runtime in world.runtimes where runtime.masterKey.name == request.pod {
            commandTimes.append((now, runtime.key))
        }
        let call = SimClientCall(request.command)
        lastCommand = call?.command ?? ""
        guard let call, call.program == "fs", call.command == "free",
            let path = call.arguments.first,
            let runtime = world.runtimes.first(where: { $0.masterKey.name == request.pod })
        else { return }
        reach("free")
        judgeBudget(runtime, process)
        judgeScope(runtime, path)
        guard !runtime.plan.era.isDaemon else { return }
        if watched[runtime.key]?.isLower == false, let told = watched[runtime.key]?.toldWithdrawn[process.number],
            told < now - .seconds(1)
        {
            violate("S9", "\(path) is freed though the wish was withdrawn, which was seen at \(told.shown)")
        }
    }

    /// A worker removes one block because we said so: S4, S8, S9.
    func removed(_ copy: SimCopy, from worker: SimWorker, by process: SimProcess, asked: Int64) {
        let runtime = worker.pod.runtime
        reach("block removed")
        // A worker waits for readers of its own accord, also after the drain has given the call up.
        if now - asked < .seconds(4) { judgeBudget(runtime, process, asked: asked) }
        if !copy.file.isCompleted || copy.file.persistence != .persisted {
            violate("S4", "a block of \(copy.file.path) (\(copy.file.persistence.rawValue)) is removed")
        }
        guard !runtime.plan.era.isDaemon else { return }
        if let least = leastWanted(runtime, since: now - .seconds(80)),
            (worker.pod.ordinal ?? 0) < runtime.plan.ordinalsStart + least
        {
            violate(
                "S8", "a block of \(copy.file.path) is removed from \(worker.pod.key.name), and \(least) are wanted")
        }
        // Who leads no longer may have calls on their way.
        if watched[runtime.key]?.isLower == false, let told = watched[runtime.key]?.toldWithdrawn[process.number],
            told < now - .seconds(75)
        {
            violate("S9", "a block of \(copy.file.path) is removed though the wish was withdrawn long ago")
        }
    }

    /// No more drains free at a time than may: whoever turns from one to another and back in no time does both.
    private func judgeBudget(_ runtime: SimRuntime, _ process: SimProcess, asked: Int64? = nil) {
        var last = freed[process.number, default: []].filter { now - $0.at < .seconds(4) }
        // What was asked for in an earlier turn is of that turn.
        if let asked, last.contains(where: { $0.runtime == runtime.key && $0.at >= asked }) { return }
        if last.last?.runtime != runtime.key { last.append((now, runtime.key)) }
        freed[process.number] = last
        let turns = Dictionary(grouping: last, by: \.runtime).values
        if turns.count > world.plan.drainsMax, turns.contains(where: { $0.count > 1 }) {
            violate("S4", "\(turns.count) drains free at a time, and \(world.plan.drainsMax) may")
        }
    }

    /// Under scope Worker only what a leaving worker held may be freed, for as long as some worker stays.
    private func judgeScope(_ runtime: SimRuntime, _ path: String) {
        guard !had(runtime, "drain-scope", "Path", from: now - .seconds(10), until: now), !runtime.plan.era.isDaemon,
            let least = leastWanted(runtime, since: now - .seconds(10)), least > 0, least < present(runtime)
        else { return }
        // A pod that is missing just now, or that somebody else has just lowered away, leaves all the same.
        let ordinals = (least..<least + 1_000).map { runtime.plan.ordinalsStart + $0 }
        let leaving = Set(ordinals.map { "\(runtime.setKey.name)-\($0)" })
        let old = now - .seconds(10)
        for worker in runtime.alluxio.workers where !leaving.contains(worker.pod.key.name) && worker.isUp {
            for copy in worker.disk.copies where copy.begunAt < old && copy.file.isBelow(path) {
                let held = watched[runtime.key]?.held[copy.file.id] ?? []
                if held.isDisjoint(with: leaving) {
                    return violate(
                        "S8",
                        "\(path) is freed: \(worker.pod.key.name) loses \(copy.file.path), which no leaving worker had")
                }
            }
        }
    }

}
