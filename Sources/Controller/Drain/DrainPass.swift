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
        if decision.record?.state.takesPlace != true || decision.record?.blocked != nil {
            budget.give(key)
        }
        return await carryOut(
            decision, before: record, seen: seen, target: target, lookedAt: lookedAt, memory: &memory)
    }

    /// The record, if it is about these objects.
    private func bound(_ record: DrainRecord?, _ seen: DrainObservation) -> DrainRecord? {
        record?.workerSetUID == seen.workerSet?.uid && record?.runtimeUID == seen.runtime?.uid ? record : nil
    }

    private func carryOut(
        _ decision: DrainDecision, before: DrainRecord?, seen: DrainObservation, target: DrainTarget,
        lookedAt: Timestamp, memory: inout DrainMemory
    ) async -> Duration? {
        let broken = DrainInvariants.violations(decision, seen: seen, now: now)
        guard broken.isEmpty else {
            log(
                LogRecord(
                    .error, "drain stopped by its own rules",
                    [
                        ("namespace", .string(target.key.namespace)), ("name", .string(target.key.name)),
                        ("broken", .array(broken.map(JSON.string))),
                    ]))
            memory.outcome = .none
            return .milliseconds(DrainTiming.poll)
        }
        if decision.event == .gone {
            await narrator.tell(decision, before: before, target: target, memory: &memory)
            return await leave(decision, seen: seen, target: target, memory: &memory)
        }
        let kept = await keeper.keep(decision, seen: seen, target: target, memory: &memory, now: now)
        if case .failed(let why) = kept {
            log(
                LogRecord(
                    .warning, "drain record not kept",
                    [
                        ("namespace", .string(target.key.namespace)), ("name", .string(target.key.name)),
                        ("error", .string(why)),
                    ]))
            // Nothing is done that the record does not say; what is in memory stays as it was.
            memory.outcome = .none
            return .milliseconds(DrainTiming.settlePoll)
        }
        showBytes(decision, seen, target)
        memory.progress = decision.progress
        await narrator.tell(decision, before: before, target: target, memory: &memory)
        if case .setReplicas = decision.action {
            if case .written(let replicas) = kept {
                memory.outcome = .replicas(replicas)
            }
        } else {
            memory.outcome = await executor.perform(decision.action, on: target, lookedAt: lookedAt)
            logFailure(of: decision.action, memory.outcome, target)
        }
        return decision.againMilliseconds.map { .milliseconds($0) }
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

    private func showBytes(_ decision: DrainDecision, _ seen: DrainObservation, _ target: DrainTarget) {
        let left = DrainKeeper<Base>.left(decision.record, seen)
        if !left.isEmpty {
            let bytes = left.reduce(0) { $0 &+ ($1.bytes ?? 0) }
            metrics.set(.drainBytes, [target.key.namespace, target.key.name], to: Double(bytes))
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
