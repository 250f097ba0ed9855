internal import Kubernetes
internal import Rules
internal import Wire

/// One pass over one runtime: look, judge, keep, do.
struct DrainPass<Base: Cluster>: Sendable {
    let cluster: Base
    let budget: DrainBudget
    private let observer: DrainObserver<Base>
    private let executor: DrainExecutor<Base>
    private let keeper: DrainKeeper<Base>
    private let narrator: DrainNarrator<Base>
    private let metrics: Metrics
    private let log: LogSink

    init(cluster: Base, settings: ReconcilerSettings, metrics: Metrics, log: @escaping LogSink) {
        self.cluster = cluster
        self.metrics = metrics
        self.log = log
        budget = DrainBudget(limit: settings.drainsMax)
        observer = DrainObserver(cluster: cluster, settings: settings)
        executor = DrainExecutor(cluster: cluster, settings: settings, observer: observer)
        keeper = DrainKeeper(cluster: cluster)
        narrator = DrainNarrator(cluster: cluster, metrics: metrics, log: log)
    }

    private var now: Timestamp {
        Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds())
    }

    /// Fills a runtime's selector.
    func fillSelector(_ request: APIRequest, _ key: ObjectKey) async throws(ClusterError) {
        // The store may be behind: what another wrote meanwhile stays.
        let live = try await observer.read(.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)) {
            (value) throws(ObjectError) in try AlluxioRuntime(value, keeping: .none)
        }
        guard let live, live.status?.selector.isEmpty == true else {
            return
        }
        _ = try await cluster.send(request)
        log(
            LogRecord(
                .info, "selector filled", [("namespace", .string(key.namespace)), ("name", .string(key.name))]))
    }

    /// Makes one pass; returns when to look again at the latest.
    func run(_ key: ObjectKey, memory: inout DrainMemory) async throws(ClusterError) -> Duration? {
        let look = try await look(key, memory: &memory)
        if look.decision.record?.state.takesPlace != true || look.decision.record?.blocked != nil {
            budget.give(key)
        }
        return await carryOut(look, memory: &memory)
    }

    /// What was seen, and what is to be done because of it.
    private struct Look {
        var target: DrainTarget
        /// The record on the worker set.
        var before: DrainRecord?
        var seen: DrainObservation
        var decision: DrainDecision
        var at: Timestamp
    }

    private func look(_ key: ObjectKey, memory: inout DrainMemory) async throws(ClusterError) -> Look {
        var target = try await observer.target(key)
        let record = target.recordText.flatMap { DrainRecordCoding.record($0) }
        var seen = observer.facts(of: target, memory: memory)
        let isThere = target.runtime != nil
        // How many workers a DaemonSet has is told by its nodes.
        let isDaemon = target.workerSet?.kind == .daemonSet
        if isThere, record != nil || isDaemon || seen.workerSet?.present != seen.runtime?.wanted {
            try await observer.pods(of: &target)
            seen = observer.facts(of: target, memory: memory)
        }
        let needs = DrainNeeds(seen, record: bound(record, seen), progress: memory.progress)
        if isThere, record != nil {
            try await observer.masters(of: &target)
            let before = seen
            seen = observer.facts(of: target, memory: memory)
            seen.workers = before.workers
            await observer.ask(needs, about: target, record: record, memory: &memory, into: &seen)
        }
        let isCounted = record.map { $0.state == .checking || $0.state.takesPlace } ?? false
        seen.hasPlace = !isCounted || budget.take(key)
        let lookedAt = now
        let decision = DrainStep.decide(seen, record: record, progress: memory.progress, now: lookedAt)
        return Look(target: target, before: record, seen: seen, decision: decision, at: lookedAt)
    }

    /// The record, if it is about these objects.
    private func bound(_ record: DrainRecord?, _ seen: DrainObservation) -> DrainRecord? {
        record?.workerSetUID == seen.workerSet?.uid && record?.runtimeUID == seen.runtime?.uid ? record : nil
    }

    private func carryOut(_ look: Look, memory: inout DrainMemory) async -> Duration? {
        let (target, decision) = (look.target, look.decision)
        guard isAllowed(look) else {
            memory.outcome = .none
            return .milliseconds(DrainTiming.poll)
        }
        if decision.event == .gone {
            await narrator.tell(decision, before: look.before, target: target, memory: &memory)
            return await leave(decision, seen: look.seen, target: target, memory: &memory)
        }
        let kept = await keep(look, memory: &memory)
        if case .failed(let error) = kept {
            // Nothing is done that the record does not say; what is in memory stays as it was, to be judged again.
            if case .freed = memory.outcome {} else { memory.outcome = .none }
            return .milliseconds(error.isConflict ? DrainTiming.afterConflict : DrainTiming.settlePoll)
        }
        memory.progress = decision.progress
        await narrator.tell(decision, before: look.before, target: target, memory: &memory)
        if case .setReplicas = decision.action {
            if case .written(let replicas) = kept {
                memory.outcome = .replicas(replicas)
            }
        } else {
            memory.outcome = await executor.perform(decision.action, on: target, lookedAt: look.at) { results in
                await lookAgain(after: results, decision.record, target.key, memory: &memory)
            }
            if case .freed(let results) = memory.outcome {
                memory.progress.batch = results.map(\.call)
            }
            logFailure(of: decision.action, memory.outcome, target)
        }
        return decision.againMilliseconds.map { .milliseconds($0) }
    }

    /// Looks again while frees are under way; nil if anything but the next frees would follow from that.
    ///
    /// The record stays as it is, beside which what is left is written, and so does what is in memory of the drain: the next
    /// pass judges all of it anew.
    private func lookAgain(
        after results: [DrainOutcome.FreeResult], _ record: DrainRecord?, _ key: ObjectKey, memory: inout DrainMemory
    ) async -> DrainExecutor<Base>.Frees? {
        guard results.count < DrainTiming.answersPerPassMaximum else {
            return nil
        }
        var peeking = memory
        peeking.outcome = .freed(results)
        peeking.progress.batch = results.map(\.call)
        // What can't be seen now is for the next pass to tell.
        guard let look = try? await look(key, memory: &peeking),
            case .free(let calls, let parallel) = look.decision.action,
            look.before == record, look.decision.record == record, isAllowed(look)
        else {
            return nil
        }
        if case .failed = await keep(look, memory: &memory) {
            return nil
        }
        return DrainExecutor.Frees(calls: calls, parallel: parallel, target: look.target, lookedAt: look.at)
    }

    /// Whether the decision keeps the promises; one that does not is a fault of ours, and nothing is done.
    private func isAllowed(_ look: Look) -> Bool {
        let broken = DrainInvariants.violations(look.decision, seen: look.seen, now: now)
        if !broken.isEmpty {
            log(
                LogRecord(
                    .error, "drain stopped by its own rules",
                    [
                        ("namespace", .string(look.target.key.namespace)), ("name", .string(look.target.key.name)),
                        ("broken", .array(broken.map(JSON.string))),
                    ]))
        }
        return broken.isEmpty
    }

    /// Keeps the record, and what is left beside it.
    private func keep(_ look: Look, memory: inout DrainMemory) async -> DrainKeeper<Base>.Kept {
        let kept = await keeper.keep(look.decision, seen: look.seen, target: look.target, memory: &memory, now: now)
        if case .failed(let error) = kept {
            // That somebody else wrote the set in between is no trouble: it is looked at again.
            log(
                LogRecord(
                    error.isConflict ? .debug : .warning, "drain record not kept",
                    [
                        ("namespace", .string(look.target.key.namespace)), ("name", .string(look.target.key.name)),
                        ("error", .string(error.description)),
                    ]))
        } else {
            showBytes(look)
        }
        return kept
    }

    /// Takes our annotations off a worker set that outlives its runtime; while the runtime ends, Fluid takes the set away.
    private func leave(
        _ decision: DrainDecision, seen: DrainObservation, target: DrainTarget, memory: inout DrainMemory
    ) async -> Duration? {
        memory = DrainMemory()
        guard target.runtime == nil,
            case .failed = await keeper.keep(decision, seen: seen, target: target, memory: &memory, now: now)
        else {
            return nil
        }
        return .milliseconds(DrainTiming.poll)
    }

    private func showBytes(_ look: Look) {
        let left = DrainKeeper<Base>.left(look.decision.record, look.seen)
        if !left.isEmpty {
            let bytes = left.reduce(0) { $0 &+ ($1.bytes ?? 0) }
            metrics.set(.drainBytes, [look.target.key.namespace, look.target.key.name], to: Double(bytes))
        }
    }

    private func logFailure(of action: DrainAction, _ outcome: DrainOutcome, _ target: DrainTarget) {
        var text: [String] = []
        switch outcome {
        case .failed(let why): text = [why]
        case .freed(let results):
            text = results.compactMap { result in
                switch result.answer {
                case .accepted, .absent: nil
                default: "\(result.call.path.text): \(result.answer)"
                }
            }
        case .service(let answer): text = answer == .done ? [] : ["\(answer)"]
        case .pinned(let results):
            text = results.compactMap { $0.answer == .done ? nil : "\($0.path.text): \($0.answer)" }
        case .none, .done, .replicas: break
        }
        guard !text.isEmpty else {
            return
        }
        log(
            LogRecord(
                .warning, "drain action did not go as told",
                [
                    ("namespace", .string(target.key.namespace)), ("name", .string(target.key.name)),
                    ("said", .array(text.prefix(4).map { .string(String($0.prefix(300))) })),
                ]))
    }
}
