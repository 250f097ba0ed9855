import Testing

@testable import Rules

/// What changes in the midst of a drain, and what it does then.
@Suite struct `A drain whose world changes` {
    /// A machine in a state that another process left it in.
    private func bench(
        _ state: DrainPhase.Kind, _ annotations: [String: String] = [:],
        change: (inout DrainLedger) -> Void = { _ in }
    ) -> MachineBench {
        var bench = MachineBench(annotations)
        bench.resume(state, change)
        bench.look.workerSet?.fence = "drain/\(bench.machine.ledger.epoch)"
        return bench
    }

    @Test(arguments: [("runtime", "set-2"), ("runtime-2", "set")])
    func `begins anew where its runtime or its worker set is another one`(runtime: String, set: String) {
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        let held = [HeldFile(path: "/f", bytes: 1)]
        for _ in 0..<3 where bench.calls.isEmpty { bench.pass(files: 1, paths: held) }
        #expect(bench.machine.phase.kind == .freeing)
        bench.look.runtime?.uid = runtime
        bench.look.workerSet?.uid = set
        bench.pass(files: 1, paths: held)
        #expect(bench.machine.phase.kind != .freeing && bench.calls.isEmpty)
    }

    @Test func `says who is taken back into service where it is given up`() {
        for out in [[], [OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)]] {
            var bench = bench(.checking) { $0.outOfService = out }
            bench.look.runtime?.wanted = 3
            bench.pass()
            let told = bench.told.first { $0.contains("is given up") } ?? ""
            #expect(!told.isEmpty && told.contains("Taken back into service: w-2") == !out.isEmpty, "\(told)")
        }
    }

    @Test func `a wish that is withdrawn before any node has lost its labels is given up`() {
        var bench = bench(.removing)
        bench.look.workerSet?.kind = .daemon(.byNodeLabel)
        bench.look.runtime?.wanted = 3
        for index in bench.look.workers.indices { bench.look.workers[index].ordinal = nil }
        bench.pass()
        #expect(bench.machine.ledger.outcome == .cancelled && bench.machine.phase.kind == .coolingDown)
    }

    @Test func `a person who no longer says to remove in spite of everything is heard at the last moment`() {
        var bench = bench(.removing, [Annotation.onDeadline: "Remove"])
        if case .removing(var state) = bench.machine.phase {
            state.evidence = .overdue
            bench.machine.phase = .removing(state)
        }
        bench.look.runtime?.policy = DrainPolicy.read([:])
        bench.pass(files: 1)
        #expect(bench.lowerings.isEmpty && bench.machine.phase.kind != .removing)
    }

    @Test(arguments: [DrainSnapshot.Worker.Registration.missing, .lost, .live])
    func `a worker that the master has not, or has lost, can't be freed`(
        registration: DrainSnapshot.Worker.Registration
    ) {
        var bench = bench(.checking, [Annotation.drainClient: "Exec"])
        bench.look.workers[2].registration = registration
        bench.pass(files: 1, paths: [HeldFile(path: "/f", bytes: 1)])
        #expect((bench.machine.waiting?.reason == "NotRegistered") == (registration != .live))
    }

    @Test func `a folder that failed before the first look hides what it holds`() {
        var bench = bench(.checking, [Annotation.drainClient: "Exec"])
        bench.capacityBytes = MachineBench.configuredBytes / 2
        bench.pass(files: 1, paths: [HeldFile(path: "/f", bytes: 1)])
        #expect(bench.machine.waiting?.reason == "CapacityChanged")
    }

    @Test func `a worker that hides its list in the midst of a drain has not got further by that`() {
        var bench = MachineBench([Annotation.drainClient: "Exec", Annotation.drainScope: "Path"])
        let held = ["/d/a", "/d/b"].map { HeldFile(path: AlluxioPath($0), bytes: 1) }
        for _ in 0..<3 where bench.calls.isEmpty { bench.pass(files: 2, paths: held) }
        bench.pass(files: 2, paths: held)
        #expect(bench.machine.phase.kind == .freeing && bench.machine.ledger.lowestFiles == 2)
        if case .read(var reading) = bench.look.workers[2].look {
            reading.fileCount = nil
            bench.look.workers[2].look = .read(reading)
        }
        bench.now += .seconds(5)
        bench.look.begunAt = bench.now
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.machine.ledger.lowestFiles == 2 && bench.machine.ledger.quiet >= .seconds(5))
    }

    @Test func `a refused folder of a worker that hides its list by now says so, and not what lies elsewhere`() {
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        let held = ["/d/a", "/d/b"].map { HeldFile(path: AlluxioPath($0), bytes: 1) }
        for _ in 0..<3 where bench.calls.isEmpty { bench.pass(files: 2, paths: held) }
        let call = bench.calls[0]
        #expect(call == .free("/d", isFolder: true))
        if case .read(var reading) = bench.look.workers[2].look {
            reading.fileCount = nil
            bench.look.workers[2].look = .read(reading)
        }
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.answer(call, .pinned("/d/x"))
        #expect(bench.machine.waiting?.reason == "ListSwitchedOff")
    }

    @Test(arguments: [Evidence.empty, .named])
    func `a file that comes back after the lowering is told, unless it was to stay behind`(evidence: Evidence) {
        var bench = bench(.checking)
        bench.pass()
        var named = NamedFrees()
        named.hold(master: 1)
        named.note("/f")
        bench.machine.phase = bench.machine.ending(MachineBench.plan, evidence, named)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        bench.pass(files: 1, paths: [HeldFile(path: "/f", bytes: 1)])
        #expect(bench.told.contains { $0.contains("AfterLowering: w-2 goes with 1 file") } == (evidence == .empty))
    }

    @Test(arguments: [(1, 1, true), (2, 1, false), (1, 2, false)])
    func `what was freed by name is forgotten where the master, or the worker, was started since`(
        master: Int64, worker: Int64, isKept: Bool
    ) {
        func look(_ started: Int64) -> DrainSnapshot.Worker {
            var reading = WorkerReading(
                begunAt: .zero,
                counters: WorkerCounters(
                    usedBytes: 1, capacityBytes: 2, baselineBytes: 0, startedMilliseconds: started),
                fileCount: 1)
            (reading.files, reading.listedBytes) = ([HeldFile(path: "/f", bytes: 1)], 1)
            var worker = DrainSnapshot.Worker(name: "w-2", uid: "uid-2", ordinal: 2)
            worker.look = .read(reading)
            return worker
        }
        var named = NamedFrees()
        named.hold(master: 1, [look(1)])
        named.note("/f")
        named.hold(master: master, [look(worker)])
        #expect(look(1).look.reading.map { named.covers($0) } == isKept)
    }

    @Test func `sizes that no number holds are not known`() {
        var plan = DrainPlan(
            from: 3, target: 1,
            leaving: ["a", "b"].map { LeavingWorker(name: $0, uid: $0, node: $0) })
        for index in plan.leaving.indices { plan.leaving[index].now = .init(files: 1, bytes: .max) }
        #expect(plan.bytesLeft == nil && plan.filesLeft == 2)
    }

    @Test func `a call that did not take a worker out of service is told, and by RPC left to the client after six`() {
        var bench = MachineBench([Annotation.drain: "Decommission"])
        bench.look.master.version = AlluxioVersion("2.9.6")
        bench.look.workers[2].host = "h"
        bench.look.workers[2].webPort = 1
        bench.look.workers[2].service = .active
        var routes: [Bool] = []
        for _ in 0..<200 where routes.count < 8 {
            bench.now += .seconds(1)
            bench.pass(files: 0, .read(BlockList(workers: [1: "uid-2"], route: "directly")))
            guard case .takeOutOfService(_, let isByRPC)? = bench.calls.first else { continue }
            routes.append(isByRPC)
            bench.answer(bench.calls[0], .failed("reset"))
            guard routes.count < 6 else { continue }
            #expect(bench.machine.waiting?.reason == "CommandFailed")
            bench.pass(files: 0)
            #expect(bench.calls.isEmpty)
        }
        #expect(routes == [true, true, true, true, true, true, false, false], "\(routes)")
    }

    @Test func `nobody is taken out of service by a look that has become old`() {
        let out = OutOfService(name: "w-2", uid: "uid-2", host: "h", webPort: 1)
        for isByRPC in [true, false] {
            #expect(DrainEffect.call(.takeOutOfService(out, isByRPC: isByRPC)).needsFreshLook)
        }
        #expect(!DrainEffect.call(.takeBack(out)).needsFreshLook)
    }
}
