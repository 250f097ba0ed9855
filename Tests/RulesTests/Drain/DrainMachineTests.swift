import Testing

@testable import Rules

/// What a drain does of a look, whichever way it frees.
@Suite struct `A drain's machine` {
    @Test func `what an earlier plan began is not made again where it fails: its worker may stay by now`() {
        func files(_ name: String, _ count: Int) -> [HeldFile] {
            (0..<count).map { HeldFile(path: AlluxioPath("/\(name)\($0)"), bytes: 1) }
        }
        let kept = files("kept", 3)
        var bench = MachineBench([Annotation.drainClient: "Exec"])
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

    @Test func `gets further by one in a hundred files, or by one in a hundred bytes of no more files`() {
        var ledger = DrainLedger()
        func note(_ files: Int, _ bytes: Int64) -> Bool {
            ledger.note(files: files, bytes: bytes, startFiles: 200, startBytes: 20_000)
        }
        #expect(!note(200, 20_000))
        #expect(!note(199, 19_900))
        #expect(note(198, 20_500))
        #expect(!note(198, 19_801))
        #expect(note(198, 19_800))
        #expect(!note(199, 10_000))
        #expect(note(150, 10_000) && ledger.lowestFiles == 150 && ledger.lowestBytes == 10_000)
    }

    @Test func `a process that was suspended for an hour has not waited for one`() {
        var bench = MachineBench()
        let files = [HeldFile(path: AlluxioPath("/a"), bytes: 1)]
        for _ in 0..<3 { bench.pass(files: 1, paths: files) }
        bench.now += .seconds(3600)
        bench.pass(files: 1, paths: files)
        #expect(bench.machine.ledger.elapsed < DrainTiming.stepMaximum + .seconds(5))
        #expect(bench.machine.ledger.stalled <= bench.machine.ledger.elapsed)
    }

    @Test func `what was blocked goes on at full width once it gets further`() {
        func files(_ count: Int) -> [HeldFile] {
            (0..<count).map { HeldFile(path: AlluxioPath("/d/\($0)"), bytes: 1) }
        }
        let kept = files(900).suffix(1)
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        for _ in 0..<2 where bench.calls.isEmpty { bench.pass(files: 800, paths: files(800), others: Array(kept)) }
        let began = bench.calls
        #expect(began.count == 4)
        for _ in 0..<4 {
            bench.now += .seconds(30)
            bench.pass(files: 800, paths: files(800))
        }
        #expect(bench.machine.isBlocked)
        for call in began { bench.answer(call, .done) }
        #expect(bench.calls.isEmpty)
        bench.pass(files: 800, paths: files(800))
        #expect(bench.calls.count == 1)
        bench.answer(bench.calls[0], .done)
        // Less than 1 % is no progress by the deadline, but something moves.
        let stalled = bench.machine.ledger.stalled
        bench.pass(files: 799, paths: files(799))
        #expect(!bench.machine.isBlocked && bench.calls.count == 4)
        #expect(bench.machine.ledger.stalled >= stalled)
    }

    @Test(arguments: [0, 1] as [Int64])
    func `frees folders only where the survivors' files explain what they use`(unlistedBytes: Int64) {
        let files = (0..<3).map { HeldFile(path: AlluxioPath("/d/\($0)"), bytes: 1) }
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        bench.unlistedBytes = unlistedBytes
        for _ in 0..<4 where bench.calls.isEmpty {
            bench.pass(files: 3, paths: files, others: [HeldFile(path: AlluxioPath("/e/0"), bytes: 1)])
        }
        #expect(bench.calls.map { $0.path?.text } == (unlistedBytes == 0 ? ["/d"] : ["/d/0", "/d/1", "/d/2"]))
    }

    @Test func `begins nothing after an answer that the last look had something against`() {
        let files = (0..<40).map { HeldFile(path: AlluxioPath("/d/\($0)"), bytes: 1) }
        let kept = [HeldFile(path: AlluxioPath("/d/kept"), bytes: 1)]
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        for _ in 0..<4 where bench.calls.isEmpty { bench.pass(files: 40, paths: files, others: kept) }
        let began = bench.calls
        #expect(began.count == 4)
        // Others drain meanwhile.
        bench.look.hasSlot = false
        bench.pass(files: 40, paths: files)
        for call in began {
            bench.answer(call, .done)
            #expect(bench.calls.isEmpty && bench.machine.waiting == .budget)
        }
    }

    @Test func `does not free again what is gone, though one of the leaving workers never ran`() {
        func files(_ range: Range<Int>) -> [HeldFile] {
            range.map { HeldFile(path: AlluxioPath("/d/\($0)"), bytes: 1) }
        }
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        bench.look.runtime?.wanted = 1
        // One of those that leave never ran.
        bench.look.workers[1].start = .failed("ImagePullBackOff")
        bench.look.workers[1].registration = .missing
        let kept = files(900..<901)
        for _ in 0..<4 where bench.calls.isEmpty {
            bench.pass(files: 40, paths: files(0..<40), others: kept)
            bench.look.workerSet?.fence = bench.machine.fence
        }
        // Until the look is too old for more.
        var open = bench.calls
        while let call = open.popLast() {
            bench.answer(call, .done)
            open += bench.calls
        }
        // What is left was freed meanwhile, but for one.
        bench.pass(files: 1, paths: files(39..<40))
        #expect(bench.calls.map { $0.path?.text } == ["/d/39"])
        for call in bench.calls {
            #expect(DrainInvariants.violations(.call(call), of: bench.machine, at: bench.now).isEmpty)
        }
    }

    /// A machine that cools down with the highest worker out of service, and what it does once the master was told.
    private func undo(capacityBytes: Int64) -> [DrainEffect] {
        var bench = MachineBench()
        bench.resume(.coolingDown) {
            $0.outOfService = [OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)]
        }
        bench.look.runtime?.wanted = 3
        bench.look.workers[2].service = .decommissioned
        bench.look.workers[2].host = "h"
        bench.look.workers[2].webPort = 1
        bench.capacityBytes = capacityBytes
        var effects: [DrainEffect] = []
        for _ in 0..<8 {
            bench.pass()
            effects += bench.effects
            for call in bench.calls { bench.answer(call, .done) }
        }
        return effects
    }

    @Test func `a worker is restarted to take it back, but not while one of its folders fails`() {
        func restarts(_ effects: [DrainEffect]) -> Bool {
            effects.contains { if case .write(.deletePod) = $0 { true } else { false } }
        }
        #expect(restarts(undo(capacityBytes: MachineBench.configuredBytes)))
        #expect(!restarts(undo(capacityBytes: MachineBench.configuredBytes / 2)))
    }

    @Test func `a node that Fluid left its labels is not waited for`() {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.kind = .daemon(.gated)
        bench.look.workerSet?.present = 2
        for index in bench.look.workers.indices {
            bench.look.workers[index].ordinal = nil
            bench.look.workers[index].isPlaced = index > 0
        }
        for _ in 0..<3 { bench.pass() }
        #expect(bench.machine.phase.kind == .coolingDown)
    }

    @Test func `Fluid is told of a node that lost its labels though nobody wrote that down and the drain is given up`()
    {
        func writes(counted: Int) -> [DrainWrite] {
            var bench = MachineBench()
            bench.resume(.coolingDown) { $0.outcome = .cancelled }
            bench.look.workerSet?.kind = .daemon(.byNodeLabel)
            bench.look.runtime?.wanted = 5
            bench.look.runtime?.desired = counted
            var writes: [DrainWrite] = []
            for _ in 0..<3 {
                bench.pass()
                writes += bench.effects.compactMap { if case .write(let write) = $0 { write } else { nil } }
            }
            return writes
        }
        #expect(writes(counted: 4) == [.lowerStatusCounts(to: 3)])
        #expect(writes(counted: 3).isEmpty)
    }

    @Test func `Fluid that counts a worker of a node that lost its labels is told when it adds none in its place`() {
        func writes(counted: Int) -> [DrainWrite] {
            var bench = MachineBench()
            bench.machine = DrainMachine(now: bench.now)
            bench.look.workerSet?.fence = nil
            bench.look.workerSet?.kind = .daemon(.byNodeLabel)
            bench.look.runtime?.wanted = 4
            bench.look.runtime?.desired = counted
            var writes: [DrainWrite] = []
            for _ in 0..<14 {
                bench.pass()
                bench.now += .seconds(5)
                writes += bench.effects.compactMap { if case .write(let write) = $0 { write } else { nil } }
            }
            return writes
        }
        #expect(writes(counted: 4).first == .lowerStatusCounts(to: 3))
        // Without a node that is free Fluid counts none.
        #expect(writes(counted: 3).isEmpty)
    }

    @Test func `a pod that somebody else took and that hangs is soon looked at no more often than anything else`() {
        var bench = MachineBench()
        bench.pass(files: 1)
        bench.machine = DrainMachine(now: bench.now)
        bench.look.workerSet?.fence = nil
        bench.look.runtime?.wanted = 3
        bench.pass()
        bench.look.runtime?.wanted = 2
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        var pauses: [Duration] = []
        for _ in 0..<40 {
            bench.pass(files: 1)
            pauses += bench.effects.compactMap { if case .wait(_, let pause?) = $0 { pause } else { nil } }
        }
        #expect((pauses.first ?? .zero) <= .seconds(1))
        #expect((pauses.last ?? .zero) > .seconds(10), "\(pauses)")
    }

    @Test(arguments: [true, false])
    func `what a worker said while it was asked is told though it has ended by the end of the look`(isOurs: Bool) {
        var bench = MachineBench()
        bench.pass(files: 1)
        if isOurs {
            bench.resume(.confirming)
        }
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        let ending = bench.look.workers[2]
        bench.look.workers[2].look = .notAsked
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.look.workers.removeLast()
        bench.look.departed = [ending]
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.contains("w-2 goes with 1 file (1 byte)") }, "\(bench.told)")
    }

    @Test(arguments: [(true, 0), (false, 0), (true, 60)])
    func `a worker that was about to go and is taken by somebody else is told unless it was seen empty just before`(
        isSeen: Bool, secondsAgo: Int
    ) {
        var bench = MachineBench()
        bench.resume(.removing)
        bench.look.workerSet?.fence = "drain/1"
        bench.pass()
        if !isSeen {
            bench.look.workers[2].look = .unreachable("status 500")
            _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        }
        bench.look.workerSet?.present = 2
        bench.look.workers.removeLast()
        bench.now += .seconds(secondsAgo)
        bench.look.begunAt = bench.now
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        let isKnown = isSeen && secondsAgo == 0
        #expect(bench.told.contains { $0.contains("w-2 went with nobody knows what") } == !isKnown, "\(bench.told)")
    }

    @Test func `a worker stays noted as out of service until the call that takes it out has ended`() {
        var bench = MachineBench()
        let out = OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)
        bench.resume(.confirming) { $0.outOfService = [out] }
        _ = bench.machine.begin(.takeOutOfService(out))
        // The pod is gone, and the next one at its address is in service.
        bench.look.workers[2].uid = "uid-9"
        bench.look.workers[2].host = "h"
        bench.look.workers[2].service = .active
        bench.look.runtime?.wanted = 3
        for _ in 0..<3 { bench.pass() }
        bench.now += .seconds(60)
        bench.pass()
        #expect(bench.machine.ledger.outOfService == [out])
        bench.answer(.takeOutOfService(out), .done)
        bench.look.workerSet?.fence = bench.machine.fence
        bench.look.workers[2].service = .decommissioned
        bench.look.workers[2].webPort = 1
        for _ in 0..<3 where bench.calls.isEmpty { bench.pass() }
        #expect(bench.calls == [.takeBack(out)])
    }

    @Test func `a worker that is out of service goes once the call says that clients have left it alone`() {
        var bench = MachineBench([Annotation.drain: "Decommission"])
        bench.look.master.version = AlluxioVersion("2.9.6")
        bench.look.workers[2].host = "h"
        bench.look.workers[2].webPort = 1
        bench.look.workers[2].service = .active
        func pass() {
            bench.now += .seconds(1)
            bench.pass(files: 0, .read(BlockList(workers: [1: "uid-2"], route: "directly")))
        }
        for _ in 0..<10 where bench.calls.isEmpty { pass() }
        let out = OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)
        #expect(bench.calls == [.takeOutOfService(out, isByRPC: true)])
        bench.look.workers[2].service = .decommissioned
        for _ in 0..<5 { pass() }
        #expect(bench.machine.phase.kind == .decommissioning)
        bench.answer(.takeOutOfService(out, isByRPC: true), .done)
        pass()
        #expect(bench.machine.phase.kind == .removing)
    }

    @Test(arguments: [2, 3])
    func `a call ends and none is begun after a look that could not see the workers`(wanted: Int) {
        let files = (0..<8).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        let kept = [HeldFile(path: AlluxioPath("/kept"), bytes: 1)]
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        for _ in 0..<2 where bench.calls.isEmpty { bench.pass(files: 8, paths: files, others: kept) }
        let calls = bench.calls
        bench.answer(calls[0], .done)
        #expect(bench.calls.count == 1)
        bench.look.runtime?.wanted = wanted
        bench.look.trouble = .apiServer("list pods: the connection broke")
        bench.look.begunAt = bench.now
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.answer(calls[1], .done)
        #expect(bench.calls.isEmpty)
    }

    @Test func `a pinned file that refuses a whole path is told as pinned, where no list shows it`() {
        var bench = MachineBench([Annotation.drainScope: "Path"])
        for _ in 0..<4 where bench.calls.isEmpty {
            bench.pass(files: 1, paths: [HeldFile(path: AlluxioPath("/d"), bytes: 1)])
        }
        guard let call = bench.calls.first else { return #expect(Bool(false), "\(bench.machine.phase)") }
        bench.look.workers[2].look = .notAsked
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.answer(call, .pinned(AlluxioPath("/d")))
        #expect(bench.machine.waiting?.reason == "Pinned", "\(String(describing: bench.machine.waiting))")
    }
}
