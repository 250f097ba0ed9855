import Testing

@testable import Rules

/// What is put back once a drain has ended, and when.
@Suite struct `The end of a drain` {
    private static let out = OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)

    /// A machine that cools down, with all three workers wanted.
    private func bench(_ change: (inout DrainLedger) -> Void) -> MachineBench {
        var bench = MachineBench()
        bench.resume(.coolingDown) { ledger in
            ledger.outcome = .cancelled
            change(&ledger)
        }
        bench.look.runtime?.wanted = 3
        return bench
    }

    @Test(arguments: [(2, true), (3, false)])
    func `labels come back where workers are missing, and nowhere else`(placed: Int, isPutBack: Bool) {
        let labels = RemovedLabels(node: "n-2", labels: ["fluid.io/s-hbase": "true"])
        var bench = bench { $0.removedLabels = [labels] }
        bench.look.workerSet?.kind = .daemon(.byNodeLabel)
        bench.look.workerSet?.present = placed
        var writes: [DrainWrite] = []
        for _ in 0..<3 {
            bench.pass()
            writes += bench.writes
        }
        #expect(writes.contains(.relabel(labels)) == isPutBack, "\(writes)")
    }

    /// The same with the highest worker's pod out of service.
    private func bench(outOfService state: CapacityReport.State) -> MachineBench {
        var bench = bench { $0.outOfService = [Self.out] }
        bench.look.workers[2].host = "h"
        bench.look.workers[2].webPort = 1
        bench.look.workers[2].service = state
        return bench
    }

    @Test func `each next pod of a worker that is out of service has twice the time to come back before a restart`() {
        var bench = bench(outOfService: .decommissioned)
        for (uid, time) in [("uid-9", DrainTiming.rejoins), ("uid-10", DrainTiming.rejoins * 2)] {
            bench.look.workers[2].uid = uid
            let start = bench.now
            let restart = DrainWrite.deletePod(name: "w-2", uid: uid)
            for _ in 0..<200 where !bench.writes.contains(restart) {
                bench.now += .seconds(1)
                bench.pass()
                for call in bench.calls { bench.answer(call, .done) }
            }
            #expect(bench.writes.contains(restart))
            #expect(bench.now - start > time)
        }
    }

    @Test(arguments: [WorkerLook.notAsked, .unreachable("500"), nil])
    func `a worker out of service is not restarted by what nobody has read, or long ago`(look: WorkerLook?) {
        var bench = bench(outOfService: .decommissioned)
        for _ in 0..<10 {
            bench.pass()
            for call in bench.calls { bench.answer(call, .done) }
            bench.look.workers[2].look = look ?? bench.look.workers[2].look
            bench.now += DrainTiming.lookAgeMaximum * 2
            bench.look.begunAt = bench.now
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
            #expect(!bench.writes.contains(.deletePod(name: "w-2", uid: "uid-2")))
        }
        #expect(bench.machine.waiting?.reason == "Undo")
    }

    @Test(arguments: [true, false])
    func `a worker that the master has in service again is asked for nothing until that is sure`(isCallLate: Bool) {
        var bench = bench(outOfService: .active)
        if !isCallLate { bench.machine.stragglers = [] }
        for _ in 0..<200 where !bench.machine.ledger.outOfService.isEmpty {
            bench.now += .seconds(1)
            bench.pass()
            #expect(bench.calls.isEmpty)
        }
        #expect(bench.machine.ledger.outOfService.isEmpty)
    }

    @Test func `Fluid is told once more, fifteen seconds after the first time`() {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.present = 2
        bench.look.workers.removeLast()
        var touches: [Duration] = []
        for _ in 0..<60 {
            bench.now += .seconds(1)
            bench.look.begunAt = bench.now
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
            if bench.writes.contains(.touch) { touches.append(bench.now) }
        }
        #expect(touches.count == 2)
        let apart = (touches.last ?? .zero) - (touches.first ?? .zero)
        #expect(apart >= DrainTiming.touchApart && apart < DrainTiming.touchApart + .seconds(2))
    }
}
