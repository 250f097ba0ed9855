/// The drain of one runtime: an input comes in, effects come out.
///
/// Pure and total: no clock, no I/O. `handle` is the whole protocol and the only entry; what it wants to be done, one driver
/// does in order. Losing the value costs time, never safety: it is made again from the drain's object and the cluster.
public struct DrainMachine: Sendable {
    /// Something that has happened.
    public enum Input: Sendable {
        /// A look is finished.
        case looked(DrainSnapshot)
        /// A call has ended.
        case answered(CacheCall, CacheAnswer, after: Duration)
        /// A write has ended.
        case wrote(DrainWrite, DrainWriteResult)
        /// Nothing of what the last input led to was done: most often since the drain's object could not be written, and
        /// nothing may be done that it does not say.
        case refused(DrainObstacle, retryAfter: Duration?)
    }

    /// What a state makes of a look.
    enum Step {
        /// It goes on to this state, and judges the same look again.
        case go(DrainPhase)
        /// It does these, and then waits for what they lead to.
        case act([DrainEffect], DrainObstacle, Duration?)
        /// It waits: for what, and how long if that is not to back off.
        case wait(DrainObstacle, Duration? = nil)
        /// There is nothing to do.
        case rest
    }

    /// How far it is.
    public internal(set) var phase = DrainPhase.idle(.init())
    /// What outlives the states.
    public internal(set) var ledger = DrainLedger()
    /// What it waits for; nil if there is nothing to do.
    public internal(set) var waiting: DrainObstacle?
    /// What the last look showed.
    var seen: DrainSnapshot
    var now: Duration
    var policy = DrainPolicy()
    /// What somebody else's lowering takes, by uid.
    var foreign: [String: Foreign] = [:]
    /// What the last look found in the way of freeing; nil if nothing, so that calls may follow one another.
    var obstacleSeen: DrainObstacle?
    /// The fewest files that were left at any look of this plan.
    var fewestFiles: Int?
    /// The lowering of which users were told that nobody can say what it takes, until a look can read everything.
    var toldBlindly: Lowered?
    /// How many workers there were at the last look; a fall that is not ours is somebody else's.
    var lastPresent: Int?
    /// How many the process before this one saw last: fewer than that are somebody else's doing while nobody looked.
    var leftPresent: Int?
    /// The workers that were there when they could be read last.
    var lastWorkers: [DrainSnapshot.Worker] = []
    /// Who went before those came, by name, and when: a watch may show much later than the pods that workers were lowered.
    var replaced: [String: Duration] = [:]
    /// Those, by uid, of whom users know already that they went, or that there is nothing to know.
    var accounted: [String: Duration] = [:]
    /// Whether the look before the last one could not read everything.
    var wasBlind = false
    /// How often in a row the master's list of blocks did not come.
    var unlisted = 0
    /// How many workers were left when the last ones were removed empty; nil if another process did that.
    var keptCount: Int?
    /// The lowest count that was seen between the last look and the next.
    var lowest: Int?
    /// The plan of the drain that has ended, for people.
    public internal(set) var lastPlan: DrainPlan?
    /// The calls that are under way, and for how long those that were given up still count.
    var running: Set<CacheCall> = []
    /// Those that an earlier plan began: one that fails is not made again, for its worker may stay by now.
    var late: Set<CacheCall> = []
    /// Those of them that are effects of the last input.
    private var begun: [CacheCall] = []
    var stragglers: [Duration] = []
    var notices: [DrainNotice] = []
    /// Which way this drain frees, and whether its start was told; nil before it was looked.
    var route: DrainRoute?
    var isToldOfStart = false
    /// Those that were seen out of service in this drain: each is progress once.
    var outside: Set<String> = []
    /// The pods that a person said may go undrained, and that were told of.
    var skipped: Set<String> = []
    /// How often in a row it backed off; how long ago an obstacle and how long ago progress was told.
    private var attempts = 0
    private var sinceTold = DrainTiming.tellInterval
    private var toldReason: String?
    /// How long ago another target was told.
    var sinceRetold = DrainTiming.tellInterval
    /// The last obstacle that says why, since when it has been that, and since when it was not met again.
    private var reason: DrainObstacle?
    var reasonFor = Duration.zero
    private var reasonUnmet = Duration.zero
    var sinceProgressTold = Duration.zero
    /// How often in a row the worker set was raised, how long ago, and what it was put back to.
    var raises = 0
    var sinceRaise = Duration.zero
    var raiseAnswered: Int?
    /// How many writes in a row met somebody else's.
    private var conflicts = 0
    /// For how long the noted scale-in request has stood there unrepeated.
    private var requested: ScaleInRequest?
    private var requestedFor = Duration.zero

    /// Makes one that knows of no drain.
    public init(now: Duration) {
        self.now = now
        seen = DrainSnapshot(begunAt: now)
    }

    /// Takes an input in at this time of the monotonic clock.
    public mutating func handle(_ input: Input, at time: Duration) -> [DrainEffect] {
        advance(to: time)
        notices = []
        switch input {
        case .looked(let snapshot): return looked(snapshot)
        case .answered(let call, let answer, let time):
            begun = []
            return answered(call, answer, after: time)
        case .wrote(let write, let result): return wrote(write, result)
        case .refused(let obstacle, let retryAfter):
            takeBack()
            return stop([], obstacle, retryAfter.map { max($0, backoff()) })
        }
    }

    /// Lets time pass: each step is clamped, so that no jump and no suspended process counts for more than a pass.
    private mutating func advance(to time: Duration) {
        let step = min(max(.zero, time - now), DrainTiming.stepMaximum)
        now = time
        sinceTold += step
        sinceRetold += step
        sinceProgressTold += step
        requestedFor += step
        sinceRaise += step
        reasonFor += step
        reasonUnmet += step
        stragglers = stragglers.map { $0 - step }.filter { $0 > .zero }
        if phase.kind != .idle {
            ledger.elapsed += step
            ledger.quiet += step
        }
        let isTimed = phase.kind == .freeing || phase.kind == .settling
        if isTimed, waiting?.countsTowardsDeadline ?? true { ledger.stalled += step }
        count(step)
    }

    /// Counts a call as under way; it is an effect of this input.
    mutating func begin(_ call: CacheCall) -> Bool {
        guard running.insert(call).inserted else { return false }
        begun.append(call)
        return true
    }

    /// Takes back the calls of the last effects, which were not made.
    private mutating func takeBack() {
        running.subtract(begun)
        if case .freeing(var state) = phase {
            state.queue?.insert(contentsOf: begun, at: 0)
            phase = .freeing(state)
        }
        begun = []
    }

    private mutating func looked(_ snapshot: DrainSnapshot) -> [DrainEffect] {
        begun = []
        noteLastWorkers()
        seen = snapshot
        if case .policy(let read)? = snapshot.runtime?.policy {
            let isSame =
                read.client == policy.client && read.pinned == policy.pinned && read.scope == policy.scope
                && read.paths == policy.paths
            if !isSame { planAnew() }
            policy = read
        }
        noteRequest()
        notePlaces()
        noteHoldings()
        noteLeftPresent()
        watchForeign(before: lastPresent, lastWorkers)
        notePresent()
        if let wanted, wanted <= present { (raises, raiseAnswered) = (0, nil) }
        noteRaised()
        // Each state is entered at most once or twice by the same look.
        for _ in 0..<12 {
            switch step() {
            case .go(let next): enter(next)
            case .act(let effects, let obstacle, let delay): return stop(effects, obstacle, delay)
            case .wait(let obstacle, let delay): return stop([], obstacle, delay)
            case .rest:
                guard foreign.isEmpty else {
                    return stop([], .terminating(foreign.values.map(\.name).sorted()), nil)
                }
                (waiting, reason) = (nil, nil)
                attempts = 0
                return notices.map { .tell($0) } + [.wait(nil, nil)]
            }
        }
        return stop([], .looking, nil)
    }

    /// What stops everything comes first; then the wish; then the state.
    private mutating func step() -> Step {
        if let trouble = seen.trouble {
            // Who is wanted is known all the same, and an object is needed to say what stands in the way.
            if case .idle = phase, let wanted, wanted < present, isOurs, !isLowered(to: present),
                seen.runtime?.isDeleting == false
            {
                return .go(begin(to: wanted))
            }
            return .wait(trouble)
        }
        guard let runtime = seen.runtime, let set = seen.workerSet, !runtime.isDeleting else {
            return phase.kind == .idle ? .rest : .go(.idle(.init()))
        }
        if phase.kind != .idle, ledger.runtimeUID != runtime.uid || ledger.workerSetUID != set.uid {
            // A drain of another worker set or runtime says nothing of this one.
            (ledger.outOfService, ledger.removedLabels) = ([], [])
            return .go(.idle(.init()))
        }
        if let obstacle = gate(runtime), !isEnding, phase.kind != .idle || wanted != present { return .wait(obstacle) }
        if let plan = phase.plan, phase.kind.isBeforeRemoval { noteSkipped(plan) }
        if phase.kind.isBeforeRemoval, let step = wishStep() { return step }
        switch phase {
        case .idle(let state): return idle(state)
        case .checking(let state): return checking(state)
        case .decommissioning(let state): return decommissioning(state)
        case .freeing(let state): return freeing(state)
        case .settling(let state): return settling(state)
        case .removing(let state): return removing(state)
        case .confirming(let state): return confirming(state)
        case .coolingDown(let state): return coolingDown(state)
        }
    }

    /// Whether workers have been taken away: what goes with them is watched, whatever a person says by then.
    private var isEnding: Bool {
        switch phase {
        case .confirming: true
        case .removing(let state): isRemoved(state)
        case .idle, .checking, .decommissioning, .freeing, .settling, .coolingDown: false
        }
    }

    /// Enters a state; one that the table does not allow is a fault of ours, and begins anew.
    private mutating func enter(_ next: DrainPhase) {
        lastPlan = phase.plan ?? lastPlan
        if phase.kind == .freeing { late = running }
        let isAllowed = phase.kind == next.kind || phase.kind.mayLead(to: next.kind)
        phase = isAllowed ? next : .idle(.init())
        let rank = phase.kind.rank
        if rank > ledger.rank || phase.kind == .coolingDown || phase.kind == .idle {
            ledger.rank = rank
            ledger.progressed()
            attempts = 0
            reason = nil
        }
    }

    /// What stops everything: a policy that can't be read, and a person who said so.
    func gate(_ runtime: DrainSnapshot.Runtime) -> DrainObstacle? {
        if case .unreadable(let problems) = runtime.policy {
            let texts = problems.map { "\($0.annotation) is \(quoted($0.seen)), not \($0.allowed)" }
            return .policy(clipped(texts.joined(separator: "; "), toBytes: 500) + ".")
        }
        return policy.pausedReason.map { .paused($0.isEmpty ? "sluice.dev/paused is set" : $0) }
    }

    /// The obstacle as users see it: what only takes its time does not displace the reason that it takes so long.
    public var shown: DrainObstacle? {
        guard isBlocked, let obstacle = waiting else { return nil }
        return obstacle.isWeak ? reason ?? obstacle : obstacle
    }

    /// Ends the handling of an input: does, tells, and waits for what stands in the way.
    mutating func stop(_ effects: [DrainEffect], _ obstacle: DrainObstacle, _ delay: Duration?) -> [DrainEffect] {
        // A write that is tried again does not displace the reason for which it was refused.
        let obstacle = obstacle == .fluid && !effects.isEmpty ? reason ?? obstacle : obstacle
        waiting = obstacle
        if obstacle.isWeak {
            if reasonUnmet >= DrainTiming.quietMaximum { reason = nil }
        } else {
            if reason?.reason != obstacle.reason { reasonFor = .zero }
            (reason, reasonUnmet) = (obstacle, .zero)
        }
        if let shown { tell(shown) } else if ledger.quiet < .seconds(1) { toldReason = nil }
        // A look that lacked something is made again at once, but not for ever.
        var pause = delay ?? (obstacle == .looking && attempts == 0 ? .zero : backoff())
        if delay == nil { attempts = min(attempts + 1, 16) }
        if let retryAfter = seen.retryAfter { pause = max(pause, retryAfter) }
        // While it is blocked nothing is asked more often than once a second on the average, and four times a minute.
        if isBlocked, effects.isEmpty {
            attempts = min(attempts + 1, 16)
            pause = max(
                pause, min(backoff(), DrainTiming.blockedPause), .seconds(min(seen.cost + seen.cost / 2 + 6, 600)))
        }
        // What somebody else's lowering takes is there for seconds only.
        if !isBlocked, foreign.values.contains(where: \.isUrgent) { pause = min(pause, DrainTiming.confirmPoll) }
        return effects + notices.map { .tell($0) } + [.wait(obstacle, pause)]
    }

    /// Whether users see that something stands in the way.
    public var isBlocked: Bool {
        guard let waiting, let patience = waiting.patience else { return false }
        return (!waiting.isWeak && reasonFor >= patience)
            || (phase.kind != .idle && ledger.quiet >= DrainTiming.quietMaximum)
    }

    /// One event and one line for an obstacle, not more often than a minute for whatever alternates.
    private mutating func tell(_ obstacle: DrainObstacle) {
        guard toldReason != obstacle.reason, sinceTold >= DrainTiming.tellInterval else { return }
        toldReason = obstacle.reason
        sinceTold = .zero
        notices.append(DrainNotice(.blocked, "\(obstacle.reason): \(obstacle.text) \(obstacle.remedy)"))
    }

    /// The delay before the next try; it doubles with each that got nowhere.
    private func backoff() -> Duration {
        min(DrainTiming.backoffFirst * (1 << min(attempts, 10)), DrainTiming.backoffLongest)
    }

    /// Takes what came of a write in.
    private mutating func wrote(_ write: DrainWrite, _ result: DrainWriteResult) -> [DrainEffect] {
        if result != .conflict { conflicts = 0 }
        switch result {
        case .done:
            if case .relabel(let labels) = write { ledger.removedLabels.removeAll { $0 == labels } }
            return []
        case .conflict:
            takeBack()
            conflicts += 1
            if case .removing(var state) = phase {
                state.isWritten = false
                phase = .removing(state)
            }
            let obstacle =
                conflicts < DrainTiming.conflictsMaximum
                ? DrainObstacle.looking : .apiServer("somebody else writes what we write, each time before us (409)")
            let isFirst = conflicts == 1 && attempts == 0
            let pause = DrainTiming.backoffFirst * (1 << min(conflicts - 1, 5))
            return stop([], obstacle, isFirst ? DrainTiming.afterConflict : pause)
        case .refused(let obstacle, let retryAfter, let mayBeDone):
            takeBack()
            if !mayBeDone, case .removing(var state) = phase {
                // Whoever lowers it now is somebody else.
                state.isWritten = false
                phase = .removing(state)
            }
            return stop([], obstacle, retryAfter.map { max($0, backoff()) })
        case .unlabelled(let labels):
            if !ledger.removedLabels.contains(where: { $0.node == labels.node }) { ledger.removedLabels.append(labels) }
            return []
        case .replicas(let count):
            guard case .setReplicas(let from, let asked, _) = write else { return [] }
            if asked > from { raiseAnswered = count == asked ? nil : count }
            guard case .removing(var state) = phase else { return [] }
            state.putBackTo = count == asked ? nil : count
            state.isWritten = count == asked
            phase = .removing(state)
            return []
        }
    }

    /// A noted request counts as long as it is repeated.
    private mutating func noteRequest() {
        guard seen.workerSet?.request != requested else { return }
        requested = seen.workerSet?.request
        requestedFor = .zero
    }

    /// The count that the gate denied and that is still asked for.
    var request: ScaleInRequest? {
        guard removal is GateRemoval, let requested, requestedFor < ScaleInRequest.life,
            requested.replicas == seen.runtime?.wanted, requested.count < requested.replicas
        else { return nil }
        return requested
    }

    /// How many workers are wanted; an absent count means 0 only where 0 was wanted before (a Go client drops a 0).
    var wanted: Int? {
        guard let runtime = seen.runtime else { return nil }
        if let request { return request.count }
        return runtime.wanted ?? (phase.plan?.target == 0 || seen.workerSet?.present == 0 ? 0 : nil)
    }

    /// How many workers there are, as whoever removes them counts.
    var present: Int { removal.present(seen) }
    /// How workers of this kind are removed.
    var removal: any Removal { RemovalKind.removal(of: seen.workerSet?.kind ?? .stateful) }
    /// Whether fewer workers than present are for us to bring about.
    var isOurs: Bool { removal.isOurs(seen) && (!(removal is GateRemoval) || request != nil) }
    /// The mark that the worker set has to carry before anything is freed.
    public var fence: String? { seen.drainUID.map { "\($0)/\(ledger.epoch)" } }
    /// Whether whole paths are freed.
    var isByPath: Bool { policy.scope == .path || phase.plan?.target == 0 }
    /// How old the oldest thing is that a removal depends on.
    func isFresh(_ begun: Duration) -> Bool { now - begun <= DrainTiming.lookAgeMaximum }
}
