import Rules

/// A machine whose highest worker of three is to leave, and the look that it is shown.
struct MachineBench {
    var machine = DrainMachine(now: .zero)
    var look: DrainSnapshot
    var now = Duration.zero
    var effects: [DrainEffect] = []
    /// What the highest worker can hold, of what it is configured with.
    var capacityBytes = configuredBytes
    static let configuredBytes: Int64 = 1 << 40
    /// What the other workers use that their lists don't show.
    var unlistedBytes: Int64 = 0
    /// The lowest of the workers that leave, all of which hold the same.
    var firstLeaving = 2

    init(_ annotations: [String: String] = [:]) {
        look = DrainSnapshot(
            begunAt: .zero, runtime: .init(uid: "runtime", wanted: 2, policy: DrainPolicy.read(annotations)),
            workerSet: .init(name: "w", uid: "set", resourceVersion: "1", present: 3))
        look.drainUID = "drain"
        look.master.startedMilliseconds = 1
        look.master.strangers = []
        for ordinal in 0..<3 {
            var worker = DrainSnapshot.Worker(name: "w-\(ordinal)", uid: "uid-\(ordinal)", ordinal: ordinal)
            worker.registration = .live
            look.workers.append(worker)
        }
        pass()
        look.workerSet?.fence = machine.fence
    }

    /// The plan by which the highest worker leaves.
    static let plan = DrainPlan(from: 3, target: 2, leaving: [LeavingWorker(name: "w-2", uid: "uid-2", node: "n-2")])

    /// Takes over what another process left in this state.
    mutating func resume(_ state: DrainPhase.Kind, _ change: (inout DrainLedger) -> Void = { _ in }) {
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID) = ("runtime", "set")
        change(&ledger)
        let plan = state == .coolingDown ? nil : Self.plan
        machine = DrainMachine(DrainRecord(state: state, plan: plan, ledger: ledger), now: now)
    }

    /// Shows the look again, a moment later; what is not asked for is not in it.
    mutating func pass(
        files: Int = 0, _ blocks: BlockLook = .notAsked, paths: [HeldFile] = [], others: [HeldFile] = []
    ) {
        now += .milliseconds(100)
        look.begunAt = now
        look.blocks = blocks
        var counters = WorkerCounters(
            usedBytes: Int64(files), capacityBytes: capacityBytes, baselineBytes: 0, startedMilliseconds: 1)
        counters.configuredBytes = Self.configuredBytes
        var reading = WorkerReading(begunAt: now, counters: counters, fileCount: files)
        reading.files = paths
        reading.listedBytes = paths.reduce(0) { $0 + $1.bytes }
        if case .read(let list) = blocks, let held = list.workers["uid-2"] { reading.take(held) }
        var other = WorkerReading(
            begunAt: now,
            counters: WorkerCounters(
                usedBytes: Int64(others.count) + unlistedBytes, capacityBytes: 1 << 40, baselineBytes: 0,
                startedMilliseconds: 1),
            fileCount: others.count)
        other.files = others
        other.listedBytes = others.reduce(0) { $0 + $1.bytes }
        let isAsked = machine.questions(look).survivors
        for index in look.workers.indices { look.workers[index].look = isAsked ? .read(other) : .notAsked }
        for index in firstLeaving...2 { look.workers[index].look = .read(reading) }
        effects = machine.handle(.looked(look), at: now)
        for case .fence(_, let outOfService) in writes { look.workerSet?.outOfService = outOfService }
    }

    mutating func answer(_ call: CacheCall, _ answer: CacheAnswer) {
        now += .seconds(1)
        effects = machine.handle(.answered(call, answer, after: .seconds(1)), at: now)
    }

    var calls: [CacheCall] { effects.compactMap { if case .call(let call) = $0 { call } else { nil } } }
    var writes: [DrainWrite] { effects.compactMap { if case .write(let write) = $0 { write } else { nil } } }
    var lowerings: [DrainWrite] { writes.filter { if case .setReplicas = $0 { true } else { false } } }
    var told: [String] { effects.compactMap { if case .tell(let notice) = $0 { notice.message } else { nil } } }
    var asked: DrainQuestions { machine.questions(look) }
}
