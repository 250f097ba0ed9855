/// Which way a drain frees.
enum DrainRoute: Sendable, Hashable {
    /// By RPC at the workers, reached so.
    case rpc(String)
    /// By the client in the master's pod; why, where that was not asked for.
    case exec(String?)
}

extension DrainMachine {
    /// Whether blocks are removed from the leaving workers alone.
    var isByRPC: Bool { if case .rpc? = route { true } else { false } }

    /// Whether the master's list of blocks is to be read: where there is something to list, and no failure has shown that it
    /// can't be had.
    func asksForBlocks(_ plan: DrainPlan) -> Bool {
        guard policy.client != .exec, policy.mode != .removeAtOnce, !isByPath, !plan.leaving.isEmpty else {
            return false
        }
        if case .exec? = route, policy.client == .auto { return false }
        switch phase {
        case .checking: return true
        case .freeing(let state): return state.queue == nil
        case .idle, .decommissioning, .settling, .removing, .confirming, .coolingDown: return false
        }
    }

    /// Chooses the way by the look; returns what stands in the way of either.
    mutating func chooseRoute() -> DrainObstacle? {
        guard policy.client != .exec, !isByPath else {
            route = .exec(nil)
            return nil
        }
        switch seen.blocks {
        case .read(let list):
            // A worker that the master does not know would be taken for one that holds nothing.
            if let plan = phase.plan, let unknown = firstUnlisted(plan, list) {
                let isOut = ledger.outOfService.contains { $0.uid == unknown.uid }
                guard isOut, policy.client == .auto else { return .notRegistered(worker: unknown.name) }
                route = .exec("the master lists no worker that is out of service, as \(unknown.name) is")
                return nil
            }
            route = .rpc(list.route)
            unlisted = 0
        case .notReady(let why):
            // A master that is ready and whose list still does not come: the client may get through where this does not.
            if seen.master.trouble == nil, policy.client == .auto {
                unlisted += 1
                if unlisted > DrainTiming.unlistedMaximum {
                    route = .exec(why)
                    return nil
                }
            }
            return .masterNotReady(seen.master.trouble ?? why)
        case .unreachable(let why):
            if policy.client == .rpc { return .portUnreachable(why) }
            route = .exec(why)
        case .notAsked:
            if case .exec? = route, policy.client == .auto { return nil }
            return seen.hasSlot ? .looking : .budget
        }
        return nil
    }

    private func firstUnlisted(_ plan: DrainPlan, _ list: BlockList) -> LeavingWorker? {
        leaving(plan).first { entry, worker in
            worker?.isRunning == true && list.workers[entry.uid] == nil && !isKnownEmpty(entry, worker)
                && !(worker?.look.reading?.isEmpty ?? false)
        }?.entry
    }

    /// The calls of a round by the list of blocks: a handful of files that nobody else holds by their names, as everybody
    /// can see and repeat; else block by block, worker by worker in turn.
    func calls(by list: BlockList, _ state: DrainPhase.Freeing) -> [CacheCall] {
        let isHandful = !list.isShared && list.files.count <= BlockList.namesMaximum
        if state.round == 1, isHandful, list.files.allSatisfy({ $0.path.isPassable && !$0.isPinned }) {
            return list.files.map { .free($0.path, isFolder: false) }.sorted { ($0.path ?? .root) < ($1.path ?? .root) }
        }
        let size = DrainTiming.blocksOfCall
        var calls: [(round: Int, call: CacheCall)] = []
        for (entry, _) in leaving(state.plan) {
            let blocks = list.workers[entry.uid]?.blocks ?? []
            for start in stride(from: 0, to: blocks.count, by: size) {
                calls.append((start, .remove(blocks[start..<min(start + size, blocks.count)], from: entry.uid)))
            }
        }
        return calls.enumerated().sorted { ($0.element.round, $0.offset) < ($1.element.round, $1.offset) }.map(
            \.element.call)
    }

    /// Begins a round's plan anew, since the policy has changed.
    mutating func planAnew() {
        route = nil
        guard case .freeing(var state) = phase else { return }
        (state.queue, state.listed) = (nil, nil)
        phase = .freeing(state)
    }

    /// Goes on by the client where the ports were lost, without beginning anew.
    mutating func fallBack(_ why: String, _ state: inout DrainPhase.Freeing) {
        guard policy.client == .auto else {
            state.failure = .portUnreachable(why)
            return
        }
        route = .exec(why)
        (state.queue, state.listed) = (nil, nil)
        state.failure = nil
        notices.append(
            DrainNotice(
                .compromised,
                "RPC can't be had any more (\(why)); the rest is freed by alluxio fs free, file by file and on all workers."
            ))
    }

    /// Tells the plan before it begins: what goes, by which calls, and how long that takes.
    mutating func told(_ state: DrainPhase.Freeing) {
        guard state.round == 1, !isToldOfStart, let queue = state.queue, !queue.isEmpty else { return }
        isToldOfStart = true
        let plan = state.plan
        let count = plan.filesLeft.map { counted($0, "file") } ?? "what they hold"
        let what = "\(count) (\(counted(plan.bytesLeft ?? 0, "byte")))"
        let blocks = queue.reduce(0) { $0 + $1.blockCount }
        let time: Duration
        let how: String
        if blocks > 0, case .rpc(let route)? = route {
            time = DrainTiming.blockRemoval * blocks
            how =
                "Removing \(what) in \(counted(blocks, "block")) by RPC (\(route)), about \(time.components.seconds + 1) s; "
                + "other workers keep their copies."
        } else {
            time = (ledger.callTime ?? .seconds(2)) * (queue.count / parallel + 1)
            how =
                "Freeing \(what) by \(counted(queue.count, "call")) of alluxio fs free, about \(time.components.seconds + 1) s"
                + "\(whyByClient)."
        }
        notices.append(
            DrainNotice(
                .started,
                "Draining \(plan.names) before removal: \(counted(plan.from, "worker")), \(plan.target) wanted. \(how)")
        )
        if time > .milliseconds(policy.deadlineMilliseconds) {
            notices.append(
                DrainNotice(
                    .compromised,
                    "The drain will take longer than sluice.dev/drain-deadline; it goes on as long as it makes progress."
                ))
        }
    }

    private var whyByClient: String {
        switch route {
        case .rpc: ": a handful, which no other worker holds"
        case .exec(let why?): "; RPC can't be had: \(why)"
        case .exec(nil), nil: isByPath ? "" : "; sluice.dev/drain-client is Exec"
        }
    }
}
