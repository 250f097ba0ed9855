import Testing

@testable import Rules

/// For how long a drain waits, and for whom.
@Suite struct `A drain's waits` {
    @Test func `Fluid that adds no worker in the place of one that the gate took is waited for, and not called late`() {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.look.workerSet?.kind = .daemon(.gated)
        bench.look.workerSet?.present = 2
        bench.look.workerSet?.fence = nil
        bench.look.runtime?.wanted = 3
        bench.look.runtime?.desired = 3
        for _ in 0..<12 {
            bench.now += .seconds(10)
            bench.pass()
            #expect(bench.machine.waiting == .fluid)
        }
    }

    @Test func `a mark that somebody takes off is written again, but not at once`() {
        var bench = MachineBench()
        bench.look.workerSet?.fence = nil
        var pauses: [Duration] = []
        for _ in 0..<3 {
            bench.pass()
            pauses += bench.effects.compactMap { if case .wait(_, let pause?) = $0 { pause } else { nil } }
        }
        #expect(pauses.count == 3 && pauses[1] >= .seconds(1) && pauses[2] > pauses[1], "\(pauses)")
    }

    @Test func `a write that meets another's each time is made ever more slowly, and that is said`() throws {
        var bench = MachineBench([Annotation.drain: "None"])
        var pauses: [Duration] = []
        for _ in 0..<10 {
            bench.pass(files: 1)
            let write = try #require(bench.lowerings.first)
            let effects = bench.machine.handle(.wrote(write, .conflict), at: bench.now)
            pauses += effects.compactMap { if case .wait(_, let pause?) = $0 { pause } else { nil } }
        }
        #expect(pauses.count == 10 && pauses[0] < .seconds(1) && pauses[9] >= .seconds(10), "\(pauses)")
        #expect(bench.machine.waiting?.reason == "APIServer")
    }

    @Test func `a raise that a webhook takes back is made ever more slowly, told once, and that is said`() {
        var bench = MachineBench()
        bench.resume(.coolingDown) { $0.outcome = .removed }
        bench.look.workerSet?.fence = nil
        bench.look.workerSet?.present = 2
        bench.look.workers.removeLast()
        bench.look.runtime?.wanted = 3
        var (raises, told, reasons) = (0, 0, Set<String>())
        for _ in 0..<120 {
            bench.now += .seconds(1)
            bench.look.begunAt = bench.now
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
            told += bench.told.count { $0.hasPrefix("Raised") }
            reasons.insert(bench.machine.waiting?.reason ?? "")
            for write in bench.lowerings {
                raises += 1
                _ = bench.machine.handle(.wrote(write, .replicas(2)), at: bench.now)
            }
        }
        #expect(
            (3...8).contains(raises) && told == 1 && reasons.contains("HeldBySelf"), "\(raises), \(told), \(reasons)")
    }

    @Test func `lists that do not come are counted anew once one has come`() {
        var bench = MachineBench()
        var list = BlockList(workers: [1: "uid-2"], route: "directly")
        list.take("/f", isDurable: true, isPinned: false, blocks: [(1, 1, [1])])
        func isByClient() -> Bool { bench.asked.blocksOf.isEmpty }
        for _ in 0..<DrainTiming.unlistedMaximum { bench.pass(files: 1, .notReady("late")) }
        #expect(!isByClient())
        bench.pass(files: 1, .read(list))
        for call in bench.calls { bench.answer(call, .stillHeld) }
        let held = [HeldFile(path: "/f", bytes: 1)]
        for _ in 0..<200 where isByClient() { bench.pass(files: 1, paths: held) }
        #expect(bench.machine.phase.kind == .freeing && !isByClient())
        for _ in 0..<DrainTiming.unlistedMaximum { bench.pass(files: 1, .notReady("late")) }
        #expect(!isByClient())
    }

    @Test func `that a drain begins is told once, however many rounds it takes`() {
        let held = [HeldFile(path: "/f", bytes: 1)]
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        var (told, rounds) = (0, 0)
        for _ in 0..<100 {
            bench.now += .seconds(1)
            bench.pass(files: 1, paths: held, others: [HeldFile(path: "/kept", bytes: 1)])
            told += bench.told.count { $0.hasPrefix("Draining") }
            for call in bench.calls {
                rounds += 1
                bench.answer(call, .done)
            }
        }
        #expect(told == 1 && rounds > 2, "\(told), \(rounds)")
    }

    @Test(arguments: [(1, "about 3 s"), (9, "about 7 s")])
    func `the time that it will take is told at the start`(count: Int, text: String) {
        let files = (0..<count).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        let kept = [HeldFile(path: "/kept", bytes: 1)]
        for _ in 0..<3 where bench.told.isEmpty { bench.pass(files: count, paths: files, others: kept) }
        #expect(bench.told.contains { $0.contains(text) }, "\(bench.told)")
    }

    @Test func `what stays is freed again once nothing has moved for eight seconds, and for twice that the next time`()
    {
        let held = [HeldFile(path: "/f", bytes: 1)]
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        var calls: [Duration] = []
        for _ in 0..<60 {
            bench.now += .milliseconds(900)
            bench.pass(files: 1, paths: held, others: [HeldFile(path: "/kept", bytes: 1)])
            for call in bench.calls {
                calls.append(bench.now)
                bench.effects = bench.machine.handle(.answered(call, .done, after: .zero), at: bench.now)
            }
        }
        let pauses = zip(calls.dropFirst(), calls).map { $0 - $1 }
        // A look a second, and one more until a round is over.
        #expect(pauses.count >= 2)
        for (pause, least) in zip(pauses, [DrainTiming.stalled, DrainTiming.stalled * 2]) {
            #expect((least...least + .seconds(3)).contains(pause), "\(pauses)")
        }
    }

    @Test func `what comes back at the last moment is a new round`() {
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        func round() -> Int? { if case .freeing(let state) = bench.machine.phase { state.round } else { nil } }
        for _ in 0..<60 where bench.machine.phase.kind != .removing {
            bench.now += .milliseconds(400)
            bench.look.hasSlot = true
            bench.pass()
        }
        #expect(bench.machine.phase.kind == .removing && bench.lowerings.count == 1)
        for write in bench.lowerings { _ = bench.machine.handle(.wrote(write, .conflict), at: bench.now) }
        bench.pass(files: 1, paths: [HeldFile(path: "/f", bytes: 1)])
        #expect(round() == 2)
    }
}
