import Rules
import Testing

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
        var bench = MachineBench()
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
        var bench = MachineBench()
        for _ in 0..<6 {
            bench.pass(files: 1, .notReady("its list does not come in time"))
            #expect(bench.calls.isEmpty && bench.asked.blocksOf == ["uid-2"])
        }
        bench.pass(files: 1, .notReady("its list does not come in time"))
        #expect(bench.asked.blocksOf.isEmpty && bench.asked.survivors)
    }

    @Test func `takes a lower count for its own only where it may have written it`() {
        var bench = MachineBench()
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
        var bench = MachineBench()
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

    @Test func `a person who allows RPC in the midst of a drain by the client gets it`() {
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        let held = [HeldFile(path: "/f", bytes: 1)]
        for _ in 0..<2 where bench.calls.isEmpty { bench.pass(files: 1, paths: held) }
        #expect(bench.machine.phase.kind == .freeing && bench.asked.blocksOf.isEmpty)
        bench.look.runtime?.policy = DrainPolicy.read([:])
        bench.pass(files: 1, paths: held)
        #expect(bench.asked.blocksOf == ["uid-2"])
    }

    @Test func `goes on beside a block that a reader holds, and lists it again in the next round`() {
        var bench = MachineBench()
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
        var bench = MachineBench()
        bench.pass(files: 20, list(20, isDurable: false))
        #expect(bench.calls.isEmpty && bench.machine.waiting?.reason == "Unpersisted")
    }

    @Test func `leaves pinned files, unless they are to be evicted`() {
        var bench = MachineBench()
        bench.pass(files: 20, list(20, isPinned: true))
        #expect(bench.calls.isEmpty && bench.machine.waiting?.reason == "Pinned")
        var other = MachineBench([Annotation.drainPinned: "Evict"])
        other.pass(files: 20, list(20, isPinned: true))
        #expect(other.calls.map(\.path) == [nil])
    }

    @Test(arguments: [true, false]) func `counts what was removed as freed by name, if all of it was`(_ isRemoved: Bool)
    {
        var bench = MachineBench([Annotation.onDeadline: "Auto", Annotation.drainDeadline: "60s"])
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

    @Test func `credits none of several workers with a file that the master may not know to be on it`() {
        var bench = MachineBench([Annotation.onDeadline: "Auto", Annotation.drainDeadline: "60s"])
        bench.machine = DrainMachine(now: bench.now)
        bench.firstLeaving = 1
        bench.look.runtime?.wanted = 1
        // By the master the files are on one of the two that leave; the other one has one all the same.
        var known = BlockList(workers: [7: "uid-2", 8: "uid-1"], route: "directly")
        for file in 0..<20 {
            known.take("/f\(file)", isDurable: true, isPinned: false, blocks: [(Int64(file), 1, [7, 9])])
        }
        let left = [HeldFile(path: "/f3", bytes: 1)]
        for _ in 0..<5_000 where bench.machine.phase.kind != .removing {
            bench.look.workerSet?.fence = bench.machine.fence
            bench.now += .milliseconds(900)
            if bench.asked.blocksOf.isEmpty {
                bench.pass(files: 1, paths: left)
            } else {
                bench.pass(files: 1, .read(known), paths: left)
            }
            for call in bench.calls { bench.answer(call, .done) }
            if bench.machine.waiting?.reason == "Deadline" { break }
        }
        #expect(bench.machine.waiting?.reason == "Deadline", "\(bench.machine.phase)")
    }

    @Test func `frees a handful by name where no other worker holds it`() {
        var bench = MachineBench()
        bench.pass(files: 8, list(8, others: []))
        #expect(bench.calls.compactMap(\.path?.text) == ["/f0", "/f1", "/f2", "/f3"])
        #expect(bench.told.first?.contains("8 calls of alluxio fs free") == true, "\(bench.told)")
        for (count, others) in [(8, [9]), (9, [])] as [(Int, [Int64])] {
            var other = MachineBench()
            other.pass(files: count, list(count, others: others))
            #expect(other.calls.count == 1 && other.calls.allSatisfy { $0.path == nil })
        }
    }

    @Test func `waits for a master that is not ready, and for a worker that it does not know`() {
        var bench = MachineBench()
        bench.pass(files: 20, .notReady("safe mode"))
        #expect(bench.calls.isEmpty && bench.machine.waiting == .masterNotReady("safe mode"))
        bench.pass(files: 20, .read(BlockList(workers: [:], route: "directly")))
        #expect(bench.calls.isEmpty && bench.machine.waiting == .notRegistered(worker: "w-2"))
    }

    @Test func `without a port the client is taken, once and with the reason, or the drain waits`() {
        let files = (0..<3).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        var bench = MachineBench()
        bench.pass(files: 3, .unreachable("no port"), paths: files)
        #expect(bench.asked.blocksOf.isEmpty && !bench.asked.isBrief && bench.asked.survivors)
        bench.pass(files: 3, paths: files)
        #expect(!bench.calls.isEmpty && bench.calls.allSatisfy { $0.path != nil })
        #expect(bench.told.first?.hasSuffix("RPC can't be had: no port.") == true, "\(bench.told)")
        var other = MachineBench([Annotation.drainClient: "Rpc"])
        other.pass(files: 3, .unreachable("no port"), paths: files)
        #expect(other.calls.isEmpty && other.machine.waiting == .portUnreachable("no port"))
    }

    @Test func `goes on by the client where a port is lost on the way`() {
        var bench = MachineBench()
        bench.pass(files: 25_000, list(25_000))
        bench.answer(bench.calls[0], .unreachable("refused"))
        #expect(bench.told.contains { $0.contains("any more (refused)") })
        #expect(bench.machine.phase.kind == .freeing && bench.asked.blocksOf.isEmpty && !bench.asked.isBrief)
        var other = MachineBench([Annotation.drainClient: "Rpc"])
        other.pass(files: 25_000, list(25_000))
        let call = other.calls[0]
        other.answer(call, .unreachable("refused"))
        #expect(other.machine.waiting == .portUnreachable("refused"))
    }
}
