import Rules
import Testing

/// A machine whose highest worker of three is to leave, and the look that it is shown.
private struct Bench {
    var machine = DrainMachine(now: .zero)
    var look: DrainSnapshot
    var now = Duration.zero
    var effects: [DrainEffect] = []

    init(_ annotations: [String: String] = [:]) {
        look = DrainSnapshot(
            begunAt: .zero, runtime: .init(uid: "runtime", wanted: 2, policy: DrainPolicy.read(annotations)),
            workerSet: .init(name: "w", uid: "set", resourceVersion: "1", present: 3))
        look.drainUID = "drain"
        look.master.startedMilliseconds = 1
        for ordinal in 0..<3 {
            var worker = DrainSnapshot.Worker(name: "w-\(ordinal)", uid: "uid-\(ordinal)", ordinal: ordinal)
            worker.registration = .live
            look.workers.append(worker)
        }
        pass()
        look.workerSet?.fence = machine.fence
    }

    /// Shows the look again, a moment later; what is not asked for is not in it.
    mutating func pass(
        files: Int = 0, _ blocks: BlockLook = .notAsked, paths: [HeldFile] = [], others: [HeldFile] = []
    ) {
        now += .milliseconds(100)
        look.begunAt = now
        look.blocks = blocks
        let counters = WorkerCounters(
            usedBytes: Int64(files), capacityBytes: 1 << 40, baselineBytes: 0, startedMilliseconds: 1)
        var reading = WorkerReading(begunAt: now, counters: counters, fileCount: files)
        reading.files = paths
        reading.listedBytes = paths.reduce(0) { $0 + $1.bytes }
        if case .read(let list) = blocks, let held = list.workers["uid-2"] { reading.take(held) }
        var other = WorkerReading(
            begunAt: now,
            counters: WorkerCounters(
                usedBytes: Int64(others.count), capacityBytes: 1 << 40, baselineBytes: 0, startedMilliseconds: 1),
            fileCount: others.count)
        other.files = others
        other.listedBytes = others.reduce(0) { $0 + $1.bytes }
        let isAsked = machine.questions(look).survivors
        for index in look.workers.indices { look.workers[index].look = isAsked ? .read(other) : .notAsked }
        look.workers[2].look = .read(reading)
        effects = machine.handle(.looked(look), at: now)
    }

    mutating func answer(_ call: CacheCall, _ answer: CacheAnswer) {
        now += .seconds(1)
        effects = machine.handle(.answered(call, answer, after: .seconds(1)), at: now)
    }

    var calls: [CacheCall] { effects.compactMap { if case .call(let call) = $0 { call } else { nil } } }
    var told: [String] { effects.compactMap { if case .tell(let notice) = $0 { notice.message } else { nil } } }
    var asked: DrainQuestions { machine.questions(look) }
}

@Suite struct `A drain by RPC` {
    /// So many files of one block each on the leaving worker; `others` says who else holds them.
    private func list(
        _ count: Int, others: [Int64] = [9], isDurable: Bool = true, isPinned: Bool = false
    ) -> BlockLook {
        var list = BlockList(workers: [7: "uid-2"], route: "directly")
        for file in 0..<count {
            let isLast = file == count - 1
            list.take(
                "/f\(file)", isDurable: isDurable || !isLast, isPinned: isPinned && isLast,
                blocks: [(Int64(file), 1, [7] + others)])
        }
        return .read(list)
    }

    @Test func `takes one call of blocks after each look, until the round is done`() {
        var bench = Bench()
        #expect(bench.asked.blocksOf == ["uid-2"] && bench.asked.isBrief)
        bench.pass(files: 25_000, list(25_000))
        #expect(bench.told.first?.contains("in 25000 blocks by RPC (directly)") == true, "\(bench.told)")
        var removed: [Int64] = []
        for left in [15_000, 5_000, 0] {
            guard case .remove(let blocks, "uid-2")? = bench.calls.first, bench.calls.count == 1 else {
                Issue.record("\(bench.calls.count) calls")
                return
            }
            removed += blocks
            bench.answer(bench.calls[0], .done)
            #expect(
                bench.calls.isEmpty && bench.asked.blocksOf.isEmpty && bench.asked.isBrief && !bench.asked.survivors)
            bench.pass(files: left)
        }
        #expect(removed == (0..<25_000).map { Int64($0) } && bench.machine.phase.kind == .settling)
        #expect(!bench.asked.isBrief)
    }

    @Test func `goes by the client where a ready master's list does not come, and not before the sixth time`() {
        var bench = Bench()
        for _ in 0..<6 {
            bench.pass(files: 1, .notReady("its list does not come in time"))
            #expect(bench.calls.isEmpty && bench.asked.blocksOf == ["uid-2"])
        }
        bench.pass(files: 1, .notReady("its list does not come in time"))
        #expect(bench.asked.blocksOf.isEmpty && bench.asked.survivors)
    }

    @Test func `takes a lower count for its own only where it may have written it`() {
        var bench = Bench()
        bench.pass(files: 0, list(0))
        for _ in 0..<40 where bench.machine.phase.kind != .removing {
            bench.now += .seconds(1)
            bench.pass()
        }
        #expect(bench.machine.phase.kind == .removing)
        var own = bench
        own.look.workerSet?.present = 2
        own.pass()
        #expect(own.machine.phase.kind == .confirming)
        let write = bench.effects.compactMap { if case .write(let write) = $0 { write } else { nil } }.last
        if let write { _ = bench.machine.handle(.wrote(write, .conflict), at: bench.now) }
        bench.look.workerSet?.present = 2
        bench.pass()
        #expect(bench.machine.phase.kind == .coolingDown && bench.machine.ledger.outcome == .undrained)
    }

    @Test func `begins nothing after the wish was seen to be withdrawn, or the policy to be changed`() {
        var bench = Bench()
        bench.pass(files: 25_000, list(25_000))
        var other = bench
        bench.answer(bench.calls[0], .done)
        bench.look.runtime?.wanted = 3
        bench.pass(files: 15_000)
        #expect(bench.calls.isEmpty && bench.machine.phase.kind == .coolingDown)
        other.answer(other.calls[0], .done)
        other.look.runtime?.policy = DrainPolicy.read([Annotation.drainClient: "Exec"])
        other.pass(files: 15_000)
        #expect(other.calls.isEmpty && other.asked.blocksOf.isEmpty && !other.asked.isBrief)
    }

    @Test func `goes on beside a block that a reader holds, and lists it again in the next round`() {
        var bench = Bench()
        bench.pass(files: 25_000, list(25_000))
        let held = bench.calls[0]
        bench.pass(files: 15_001)
        let next = bench.calls[0]
        #expect(held != next)
        bench.answer(next, .done)
        bench.pass(files: 5_001)
        bench.answer(bench.calls[0], .done)
        bench.answer(held, .stillHeld)
        bench.pass(files: 1)
        #expect(bench.machine.phase.kind == .settling)
        for _ in 0..<100 where bench.machine.phase.kind == .settling {
            bench.pass(files: 1, paths: [HeldFile(path: "/f3", bytes: 1)])
        }
        #expect(bench.machine.phase.kind == .freeing && bench.asked.blocksOf == ["uid-2"])
        bench.pass(files: 1, list(1, others: []))
        #expect(bench.calls == [.remove([0], from: "uid-2")])
    }

    @Test func `removes nothing while something is not persisted`() {
        var bench = Bench()
        bench.pass(files: 20, list(20, isDurable: false))
        #expect(bench.calls.isEmpty && bench.machine.waiting?.reason == "Unpersisted")
    }

    @Test func `leaves pinned files, unless they are to be evicted`() {
        var bench = Bench()
        bench.pass(files: 20, list(20, isPinned: true))
        #expect(bench.calls.isEmpty && bench.machine.waiting?.reason == "Pinned")
        var other = Bench([Annotation.drainPinned: "Evict"])
        other.pass(files: 20, list(20, isPinned: true))
        #expect(other.calls.map(\.path) == [nil])
    }

    @Test(arguments: [true, false]) func `counts what was removed as freed by name, if all of it was`(_ isRemoved: Bool)
    {
        var bench = Bench([Annotation.onDeadline: "Auto", Annotation.drainDeadline: "60s"])
        bench.pass(files: 20, list(20))
        bench.answer(bench.calls[0], isRemoved ? .done : .stillHeld)
        // A reader has fetched one of them again.
        let left = [HeldFile(path: "/f3", bytes: 1)]
        for _ in 0..<5_000 where bench.machine.phase.kind != .removing {
            bench.now += .milliseconds(900)
            if bench.asked.blocksOf.isEmpty { bench.pass(files: 1, paths: left) } else { bench.pass(files: 1, list(1)) }
            if let call = bench.calls.first { bench.answer(call, isRemoved ? .done : .stillHeld) }
            if bench.machine.waiting?.reason == "Deadline" { break }
        }
        #expect((bench.machine.phase.kind == .removing) == isRemoved, "\(String(describing: bench.machine.waiting))")
    }

    @Test func `frees a handful by name where no other worker holds it`() {
        var bench = Bench()
        bench.pass(files: 8, list(8, others: []))
        #expect(bench.calls.compactMap(\.path?.text) == ["/f0", "/f1", "/f2", "/f3"])
        #expect(bench.told.first?.contains("8 calls of alluxio fs free") == true, "\(bench.told)")
        for (count, others) in [(8, [9]), (9, [])] as [(Int, [Int64])] {
            var other = Bench()
            other.pass(files: count, list(count, others: others))
            #expect(other.calls.count == 1 && other.calls.allSatisfy { $0.path == nil })
        }
    }

    @Test func `waits for a master that is not ready, and for a worker that it does not know`() {
        var bench = Bench()
        bench.pass(files: 20, .notReady("safe mode"))
        #expect(bench.calls.isEmpty && bench.machine.waiting == .masterNotReady("safe mode"))
        bench.pass(files: 20, .read(BlockList(workers: [:], route: "directly")))
        #expect(bench.calls.isEmpty && bench.machine.waiting == .notRegistered(worker: "w-2"))
    }

    @Test func `without a port the client is taken, once and with the reason, or the drain waits`() {
        let files = (0..<3).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        var bench = Bench()
        bench.pass(files: 3, .unreachable("no port"), paths: files)
        #expect(bench.asked.blocksOf.isEmpty && !bench.asked.isBrief && bench.asked.survivors)
        bench.pass(files: 3, paths: files)
        #expect(!bench.calls.isEmpty && bench.calls.allSatisfy { $0.path != nil })
        #expect(bench.told.first?.hasSuffix("RPC can't be had: no port.") == true, "\(bench.told)")
        var other = Bench([Annotation.drainClient: "Rpc"])
        other.pass(files: 3, .unreachable("no port"), paths: files)
        #expect(other.calls.isEmpty && other.machine.waiting == .portUnreachable("no port"))
    }

    @Test func `goes on by the client where a port is lost on the way`() {
        var bench = Bench()
        bench.pass(files: 25_000, list(25_000))
        bench.answer(bench.calls[0], .unreachable("refused"))
        #expect(bench.told.contains { $0.contains("any more (refused)") })
        #expect(bench.machine.phase.kind == .freeing && bench.asked.blocksOf.isEmpty && !bench.asked.isBrief)
        var other = Bench([Annotation.drainClient: "Rpc"])
        other.pass(files: 25_000, list(25_000))
        let call = other.calls[0]
        other.answer(call, .unreachable("refused"))
        #expect(other.machine.waiting == .portUnreachable("refused"))
    }

    @Test func `what an earlier plan began is not made again where it fails: its worker may stay by now`() {
        func files(_ name: String, _ count: Int) -> [HeldFile] {
            (0..<count).map { HeldFile(path: AlluxioPath("/\(name)\($0)"), bytes: 1) }
        }
        let kept = files("kept", 3)
        var bench = Bench([Annotation.drainClient: "Exec"])
        for _ in 0..<2 where bench.calls.isEmpty { bench.pass(files: 4, paths: files("old", 4), others: kept) }
        let old = bench.calls
        #expect(old.count == 4)
        // Another pod takes its place: what leaves is another worker from here on.
        bench.look.workers[2].uid = "uid-9"
        bench.pass(files: 2, paths: files("new", 2), others: kept)
        bench.look.workerSet?.fence = bench.machine.fence
        for _ in 0..<2 { bench.pass(files: 2, paths: files("new", 2), others: kept) }
        #expect(bench.machine.phase.kind == .freeing)
        var made: [CacheCall] = []
        for (index, call) in old.enumerated() {
            bench.answer(call, index == 0 ? .failed("Segmentation fault") : .done)
            made += bench.calls
        }
        #expect(made.map { $0.path?.text }.sorted { ($0 ?? "") < ($1 ?? "") } == ["/new0", "/new1"])
    }

    @Test func `is stopped before a write or a call that breaks a promise, whatever wanted it`() {
        let files = (0..<4).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        let kept = [HeldFile(path: AlluxioPath("/kept/a"), bytes: 1)]
        var bench = Bench([Annotation.drainClient: "Exec"])
        for _ in 0..<2 where bench.calls.isEmpty { bench.pass(files: 4, paths: files, others: kept) }
        #expect(bench.machine.phase.kind == .freeing && !bench.calls.isEmpty)
        func broken(_ effect: DrainEffect, after time: Duration = .zero) -> String {
            DrainInvariants.violations(effect, of: bench.machine, at: bench.now + time).first.map {
                String($0.prefix(2))
            } ?? ""
        }
        func free(_ path: String, isFolder: Bool = false) -> DrainEffect {
            .call(.free(AlluxioPath(path), isFolder: isFolder))
        }
        for call in bench.calls { #expect(broken(.call(call)).isEmpty) }
        #expect(broken(free("/kept/a")) == "S8")
        #expect(broken(free("/kept", isFolder: true)) == "S8")
        #expect(broken(free("/*")) == "S8")
        let blocks: ArraySlice<Int64> = [1, 2]
        #expect(broken(.call(.remove(blocks, from: "uid-2"))).isEmpty)
        #expect(broken(.call(.remove(blocks, from: "uid-2")), after: .seconds(6)) == "S9")
        #expect(broken(.call(.remove(blocks, from: "uid-0"))) == "S8")
        let fence = bench.machine.fence
        #expect(broken(.write(.setReplicas(from: 3, to: 2, fence: fence))) == "S1")
        #expect(broken(.write(.setReplicas(from: 2, to: 1, fence: fence))) == "S5")
        #expect(broken(.write(.setReplicas(from: 3, to: 3, fence: fence))).isEmpty)
        #expect(broken(.write(.setReplicas(from: 3, to: 4, fence: fence))) == "S3")
    }
}
