internal import Kubernetes
internal import Rules
internal import Wire

/// Takes looks, makes calls, writes, tells; and judges nothing: what to do is the machine's word.
struct DrainDriver<Base: Cluster>: Sendable {
    let cluster: Base
    let slots: DrainSlots
    let reader: ObjectReader<Base>
    let cache: any CacheSystem
    private let snapshots: Snapshots
    private let writer: DrainWriter<Base>
    private let recordWriter: DrainRecordWriter<Base>
    private let recorder: EventRecorder<Base>
    private let installation: String
    private let log: LogSink

    init(cluster: Base, settings: ReconcilerSettings, metrics: Metrics, log: @escaping LogSink) {
        self.cluster = cluster
        self.log = log
        installation = settings.installation
        slots = DrainSlots(limit: settings.drainsMax)
        reader = ObjectReader(cluster: cluster, settings: settings)
        cache = Alluxio(cluster: cluster, settings: settings)
        snapshots = Snapshots(settings: settings)
        writer = DrainWriter(cluster: cluster, reader: reader)
        recordWriter = DrainRecordWriter(cluster: cluster, installation: settings.installation)
        recorder = EventRecorder(cluster: cluster, metrics: metrics, log: log)
    }

    private static var untoldMaximum: Int { 16 }

    /// What is kept in memory of a runtime between two passes.
    struct Session: Sendable {
        var machine: DrainMachine?
        var target: DrainTarget
        var cache = CacheMemory()
        var record = DrainRecordWriter<Base>.Memory()
        var events = EventRecorder<Base>.Memory()
        /// The object as another installation of Sluice wrote it last, and when that was seen.
        var other: (version: String, at: Duration)?
        /// Whether the object could not be read at the last look, so that it is read anew.
        var isUnreadable = false
        /// How many workers the store showed before this look.
        var present: Int?
        /// Whether somebody raised the lowest ordinal since a look could read everything: who was below it goes.
        var isMoved = false
        /// The lowering that the store showed and the machine was shown last.
        var noted: DrainMachine.Lowered?
        /// The same, where it was told though nobody could say whose drain it was.
        var blindlyTold: DrainMachine.Lowered?
        /// What the user can't be told on an object; and what of it was logged last, and when.
        var trouble: String?
        var loggedTrouble: (text: String, at: Duration)?
        /// The calls that went wrong since one was logged, what that one said, and when.
        var failures: (count: Int, last: (said: String, at: Duration)?) = (0, nil)
        /// What is to be told once the drain's object can be written again.
        var untold: [DrainNotice] = []

        init(key: ObjectKey) { target = DrainTarget(key: key) }

        /// Whether a lowering that the store shows, if any, needs no look any more.
        func knows(_ lowered: DrainMachine.Lowered?) -> Bool {
            lowered == nil || lowered == noted || lowered == blindlyTold
        }
    }

    /// A call that has ended.
    struct Answer: Sendable {
        var call: CacheCall
        var answer: CacheAnswer
        var took: Duration
    }

    /// What a pass leads to.
    struct Outcome: Sendable {
        /// The calls to be made beside the next passes.
        var calls: [CacheCall] = []
        /// When to look again at the latest; nil if only a change can make a difference.
        var again: Duration?
    }

    /// Makes one pass: takes in what calls said, and looks again unless the last look still holds.
    func pass(
        _ session: inout Session, answers: [Answer], lowered: DrainMachine.Lowered? = nil,
        isWanted: @escaping @Sendable () -> Bool = { true }
    ) async -> Outcome {
        var outcome = Outcome()
        logFailures(answers, &session)
        for answer in answers {
            guard var machine = session.machine else { break }
            let shown = machine.shown?.reason
            let effects = machine.handle(
                .answered(answer.call, answer.answer, after: answer.took), at: cluster.monotonicTime())
            session.machine = machine
            if machine.shown?.reason != shown {
                // By the next look, which may be minutes away, users would not know why.
                await carryOut(effects, &session, &outcome)
            } else {
                await execute(effects, &session, &outcome)
            }
        }
        if !answers.isEmpty, let again = outcome.again, again > .zero { return outcome }
        outcome.again = nil
        await look(&session, &outcome, lowered, isWanted)
        return outcome
    }

    private func look(
        _ session: inout Session, _ outcome: inout Outcome, _ lowered: DrainMachine.Lowered?,
        _ isWanted: @escaping @Sendable () -> Bool
    ) async {
        let key = session.target.key
        session.target = await reader.objects(of: key)
        guard !Task.isCancelled else { return }
        noteOtherInstallation(&session)
        guard var machine = await restored(&session) else {
            await tellBlind(lowered, &session)
            session.trouble = session.target.trouble?.text
            outcome.again = max(session.target.retryAfter ?? .zero, DrainTiming.poll)
            return
        }
        if let present = session.present { machine.noteBefore(present) }
        // It is shown until a look could read everything, and told once.
        // What comes while it is looked is for the next look: the pods of this one may be older.
        if let lowered, lowered != session.noted { machine.noteSeen(lowered) }
        session.noted = lowered
        var snapshot = snapshots.snapshot(of: session.target)
        var questions = machine.questions(snapshot)
        if session.isMoved { questions.pods = true }
        let kind = machine.phase.kind
        let hasSlot = !(kind == .checking || kind.takesSlot) || slots.take(key)
        // A list may take minutes and much memory.
        if !hasSlot { questions.blocksOf = [] }
        if questions.pods, session.target.trouble == nil {
            await reader.pods(of: &session.target)
            if session.target.trouble == nil {
                let answers = await answers(questions, machine, &session, isWanted)
                // Asking may take longer than the objects stay true.
                let asked = session.target.pods
                if cluster.monotonicTime() - session.target.begunAt > .seconds(2) {
                    await readAgain(&session.target)
                }
                snapshot = snapshots.snapshot(of: session.target, asked: asked)
                snapshots.add(answers, to: &snapshot)
            } else {
                snapshot = snapshots.snapshot(of: session.target)
            }
        }
        guard !Task.isCancelled else { return }
        snapshot.hasSlot = hasSlot
        let effects = machine.handle(.looked(snapshot), at: cluster.monotonicTime())
        session.machine = machine
        if !machine.phase.kind.takesSlot || machine.isBlocked { slots.give(key) }
        await carryOut(effects, &session, &outcome)
    }

    /// Asks the cache system; users are told each minute that the list of a large cache is still being read.
    private func answers(
        _ questions: DrainQuestions, _ machine: DrainMachine, _ session: inout Session,
        _ isWanted: @escaping @Sendable () -> Bool
    ) async -> CacheAnswers {
        let (target, events) = (session.target, session.events)
        var memory = session.cache
        defer { session.cache = memory }
        guard !questions.blocksOf.isEmpty else {
            return await cache.answer(questions, about: target, memory: &memory, isWanted: isWanted)
        }
        return await withTaskGroup(of: Void.self) { group in
            group.addTask {
                var (events, seconds) = (events, Int64(0))
                // A sleep fails only when the list has come.
                while (try? await cluster.sleep(for: DrainTiming.quietMaximum)) != nil, !Task.isCancelled {
                    seconds += DrainTiming.quietMaximum.components.seconds
                    let text = "Looking: The master's list of all files has been read for \(seconds) s by now."
                    let notice = DrainNotice(.blocked, "\(text) \(DrainObstacle.looking.remedy)")
                    await recorder.tell(notice, machine, about: target, memory: &events)
                }
            }
            defer { group.cancelAll() }
            return await cache.answer(questions, about: target, memory: &memory, isWanted: isWanted)
        }
    }

    /// Tells a lowering that the store showed where the drain's object can't be read, so that nobody knows whose it was.
    private func tellBlind(_ lowered: DrainMachine.Lowered?, _ session: inout Session) async {
        guard let lowered, lowered != session.blindlyTold, let trouble = session.target.trouble else {
            return
        }
        session.blindlyTold = lowered
        let notice = DrainNotice(
            .undrained,
            "The worker set was lowered from \(lowered.from) to \(lowered.to); by whom, and what went, nobody can say: "
                + trouble.text)
        let machine = DrainMachine(now: cluster.monotonicTime())
        await recorder.tell(notice, machine, about: session.target, memory: &session.events)
    }

    /// An object that another installation has written within the last minutes is its own to write.
    private func noteOtherInstallation(_ session: inout Session) {
        guard let drain = session.target.drain, let manager = drain.spec["manager"]?.string, manager != installation
        else {
            session.other = nil
            return
        }
        let now = cluster.monotonicTime()
        if session.other?.version != drain.meta.resourceVersion {
            // Whoever has written it before and finds another there waits.
            session.other = (drain.meta.resourceVersion, now - (session.record.uid.isEmpty ? idleTime(drain) : .zero))
        }
        guard let other = session.other, now - other.at < DrainTiming.otherInstallation else {
            // Taken over as it left it, not as it was before.
            session.machine = nil
            return
        }
        // Whatever else could not be read: it is not ours to write.
        session.target.trouble = .anotherInstallation(manager)
    }

    /// For how long no drain has been under way, by the object's conditions and two clocks; zero while one is.
    private func idleTime(_ drain: WorkerDrain) -> Duration {
        guard drain.status["state"]?.string == DrainPhase.Kind.idle.rawValue else { return .zero }
        let changes = (drain.status["conditions"]?.elements ?? []).compactMap { condition in
            condition["lastTransitionTime"]?.string.flatMap(RFC3339.parse)
        }
        guard let last = changes.max() else { return .zero }
        let milliseconds = Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds())
            .milliseconds(since: Timestamp(millisecondsSinceEpoch: last))
        return min(max(.zero, .milliseconds(milliseconds)), DrainTiming.otherInstallation)
    }

    /// The objects once more, with the pods as they are: what the cache said is newer than they were.
    private func readAgain(_ target: inout DrainTarget) async {
        let cost = target.cost
        target = await reader.objects(of: target.key)
        if target.trouble == nil { await reader.pods(of: &target) }
        target.cost += cost
    }

    /// The machine of a session; after a start it is made of the drain's object, or of what the first version left.
    ///
    /// Nil as long as nobody can say whether a drain is under way: what a new one wrote would wipe it out.
    private func restored(_ session: inout Session) async -> DrainMachine? {
        let now = cluster.monotonicTime()
        if let machine = session.machine, !session.isUnreadable || !session.target.isDrainRead { return machine }
        guard session.target.isDrainRead else { return nil }
        session.isUnreadable = false
        guard let drain = session.target.drain else {
            guard let first = FirstVersion.machine(session.target.workerSet, now: now) else {
                return DrainMachine(now: now)
            }
            if let notice = first.notice {
                await recorder.tell(notice, first.machine, about: session.target, memory: &session.events)
            }
            return first.machine
        }
        do throws(DrainRecordError) {
            let record = try DrainRecord(drain)
            return DrainMachine(record, now: now)
        } catch {
            session.target.trouble = .unreadableDrain(error.problem)
            session.isUnreadable = true
            return session.machine ?? DrainMachine(now: now)
        }
    }

    /// Writes the drain's object first: nothing is done that it does not say.
    private func carryOut(_ effects: [DrainEffect], _ session: inout Session, _ outcome: inout Outcome) async {
        guard var machine = session.machine else { return }
        // Who has gone is told whatever else fails.
        for notice in effects.compactMap(\.removal) {
            await recorder.tell(notice, machine, about: session.target, memory: &session.events)
        }
        let effects = effects.filter { $0.removal == nil }
        let isUnreadable = if case .unreadableDrain? = session.target.trouble { true } else { false }
        let isAnothers = if case .anotherInstallation? = session.target.trouble { true } else { false }
        do throws(ClusterError) {
            if isUnreadable, let obstacle = session.target.trouble {
                try await recordWriter.writeUnreadable(obstacle, about: session.target)
            } else if !isAnothers, session.target.isDrainRead {
                try await recordWriter.write(machine.record, about: &session.target, memory: &session.record)
            }
            session.trouble = session.target.trouble.map(\.text)
            // Writing may take longer than the wish stays true.
            if isOld(session.target), effects.contains(where: \.needsFreshLook) { throw .cancelled }
            let late = session.untold.filter { notice in !effects.contains(.tell(notice)) }
            session.untold = []
            await execute(late.map { .tell($0) } + effects, &session, &outcome, machine)
        } catch {
            guard !Task.isCancelled else { return }
            let notices = effects.compactMap(\.notice)
            // Of what stood in the way only the last is still true.
            if notices.contains(where: { $0.kind == .blocked }) { session.untold.removeAll { $0.kind == .blocked } }
            keep(notices, in: &session)
            let isMissing = error.isNotFound && session.target.drain == nil
            // While the lease is in doubt, or what was seen is too old, nothing is done and nobody is told so: it is looked anew.
            let isInDoubt = error == .cancelled
            let obstacle: DrainObstacle =
                isInDoubt ? .looking : isMissing ? .definitionMissing : .cluster(error, session.record.attempt)
            if !isInDoubt { session.trouble = obstacle.text }
            if error.isNotFound { session.record = .init() }
            let instead = machine.handle(
                .refused(obstacle, retryAfter: error.status?.retryAfter), at: cluster.monotonicTime())
            session.machine = machine
            await execute(instead, &session, &outcome)
        }
    }

    /// Does what the machine wants, in order; what fails ends it, and the machine says what then.
    private func execute(
        _ effects: [DrainEffect], _ session: inout Session, _ outcome: inout Outcome, _ judged: DrainMachine? = nil
    ) async {
        guard var machine = session.machine ?? judged else { return }
        defer { recorder.show(machine, about: session.target, memory: &session.events) }
        let earlier = outcome.calls.count
        for (place, effect) in effects.enumerated() {
            // What was not told since a write before it failed is told later, unless it is of what did not come to pass.
            func keepRest() {
                let rest = effects[place...].compactMap(\.notice)
                keep(rest.filter { $0.kind != .blocked && $0.kind != .raised }, in: &session)
            }
            let broken = DrainInvariants.violations(effect, of: machine, at: cluster.monotonicTime())
            guard broken.isEmpty else {
                // What has only become too old while something else was written is looked at anew.
                let isStale = DrainInvariants.violations(effect, of: machine, at: session.target.begunAt).isEmpty
                if !isStale {
                    log(
                        LogRecord(
                            .error, "drain stopped by its own rules",
                            recorder.fields(session.target) + [("broken", .array(broken.map(JSON.string)))]))
                }
                _ = machine.handle(.refused(.looking, retryAfter: nil), at: cluster.monotonicTime())
                if session.machine != nil { session.machine = machine }
                outcome.again = isStale ? .zero : DrainTiming.poll
                keepRest()
                return
            }
            switch effect {
            case .tell(let notice): await recorder.tell(notice, machine, about: session.target, memory: &session.events)
            case .call(let call):
                outcome.calls.append(call)
                recorder.metrics.increment(.drainAttempts, [session.target.key.namespace, session.target.key.name])
            case .wait(_, let pause): outcome.again = pause
            case .write(let write):
                let result = await writer.execute(write, on: session.target)
                let instead = machine.handle(.wrote(write, result), at: cluster.monotonicTime())
                if session.machine != nil { session.machine = machine }
                guard instead.isEmpty else {
                    for case .tell(let notice) in instead {
                        await recorder.tell(notice, machine, about: session.target, memory: &session.events)
                    }
                    if case .wait(_, let pause)? = instead.last { outcome.again = pause }
                    keepRest()
                    return
                }
            }
        }
        // Calls begin after the pass, and telling may take as long as writing.
        guard isOld(session.target), effects.contains(where: { $0.isCall && $0.needsFreshLook }) else { return }
        outcome.calls.removeLast(outcome.calls.count - earlier)
        _ = machine.handle(.refused(.looking, retryAfter: nil), at: cluster.monotonicTime())
        if session.machine != nil { session.machine = machine }
        outcome.again = .zero
    }

    private func keep(_ notices: [DrainNotice], in session: inout Session) {
        session.untold = (session.untold + notices).suffix(Self.untoldMaximum)
    }

    /// Whether what was looked at is too old to act by.
    private func isOld(_ target: DrainTarget) -> Bool {
        cluster.monotonicTime() - target.begunAt > DrainTiming.lookAgeMaximum
    }

    /// Ends what is shown of a runtime that is gone, or that another process drains now.
    func forget(_ session: inout Session) {
        slots.give(session.target.key)
        recorder.show(nil, about: session.target, memory: &session.events)
    }

    /// One line for all that went wrong within a few seconds, and for what goes wrong again and again one a minute.
    private func logFailures(_ answers: [Answer], _ session: inout Session) {
        let failures = answers.filter { $0.answer != .done && $0.answer != .absent }
        let now = cluster.monotonicTime()
        guard let first = failures.first else { return }
        session.failures.count += failures.count
        let said = String(first.answer.text.prefix(300))
        if let last = session.failures.last, now - last.at < .seconds(last.said == said ? 60 : 10) { return }
        var fields: [(String, JSON)] = [
            ("call", .string(String(first.call.text.prefix(300)))),
            ("said", .string(said)),
        ]
        if session.failures.count > 1 { fields.append(("calls", .integer(Int64(session.failures.count)))) }
        session.failures = (0, (said, now))
        log(LogRecord(.info, "call did not go as told", recorder.fields(session.target) + fields))
    }
}
