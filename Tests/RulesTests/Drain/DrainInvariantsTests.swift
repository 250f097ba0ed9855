import Testing

@testable import Rules

/// What stops a write or a call, whatever wanted it.
@Suite struct `A drain's last guard` {
    @Test func `is stopped before a write or a call that breaks a promise, whatever wanted it`() {
        let files = (0..<4).map { HeldFile(path: AlluxioPath("/f\($0)"), bytes: 1) }
        let kept = [HeldFile(path: AlluxioPath("/kept/a"), bytes: 1)]
        var bench = MachineBench([Annotation.drainClient: "Exec"])
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
        #expect(
            DrainInvariants.violations(free("/*"), of: bench.machine, at: bench.now)
                == ["S8: /* may not be passed on"])
        let blocks: ArraySlice<Int64> = [1, 2]
        #expect(broken(.call(.remove(blocks, from: "uid-2"))).isEmpty)
        #expect(broken(.call(.remove(blocks, from: "uid-2")), after: DrainTiming.lookAgeMaximum).isEmpty)
        let late = DrainTiming.lookAgeMaximum + .milliseconds(1)
        #expect(broken(.call(.remove(blocks, from: "uid-2")), after: late) == "S9")
        #expect(broken(.call(.remove(blocks, from: "uid-0"))) == "S8")
        let look = bench.machine.seen.workers[2]
        bench.machine.seen.workers[2].isRunning = false
        #expect(broken(.call(.remove(blocks, from: "uid-2"))) == "S8")
        bench.machine.seen.workers[2] = look
        bench.machine.seen.workers[2].isDeleting = true
        #expect(broken(.call(.remove(blocks, from: "uid-2"))) == "S8")
        // Whoever could not be read may hold it.
        bench.machine.seen.workers[2].look = .unreadable(.moved)
        #expect(broken(free("/kept/a")).isEmpty)
        bench.machine.seen.workers[2] = look
        let fence = bench.machine.fence
        #expect(broken(.write(.setReplicas(from: 3, to: 2, fence: fence))) == "S1")
        #expect(broken(.write(.setReplicas(from: 2, to: 1, fence: fence))) == "S5")
        #expect(broken(.write(.setReplicas(from: 3, to: 3, fence: fence))).isEmpty)
        #expect(broken(.write(.setReplicas(from: 3, to: 4, fence: fence))) == "S3")
    }

    @Test func `is stopped before a removal by each thing alone that may have changed`() {
        var bench = MachineBench([Annotation.drainClient: "Exec"])
        for _ in 0..<8 where bench.machine.phase.kind != .removing {
            bench.now += .seconds(3)
            bench.pass()
        }
        let lower = DrainEffect.write(.setReplicas(from: 3, to: 2, fence: bench.machine.fence))
        #expect(bench.machine.phase.kind == .removing && bench.effects.contains(lower))
        func broken(after time: Duration = .zero, _ change: (inout DrainMachine) -> Void = { _ in }) -> [String] {
            var machine = bench.machine
            change(&machine)
            return DrainInvariants.violations(lower, of: machine, at: bench.now + time)
        }
        #expect(broken().isEmpty)
        #expect(broken { $0.seen.workerSet?.uid = "x" } == ["S5: the drain belongs to another object"])
        #expect(broken { $0.seen.runtime?.uid = "x" } == ["S5: the drain belongs to another object"])
        #expect(broken { $0.seen.runtime?.wanted = 3 } == ["S3: below what is wanted"])
        #expect(broken { $0.seen.runtime?.wanted = nil } == ["S3: below what is wanted"])
        #expect(broken(after: DrainTiming.lookAgeMaximum).isEmpty)
        #expect(
            broken(after: DrainTiming.lookAgeMaximum + .milliseconds(1))
                == ["S3: the wish was seen too long ago", "S1: w-2 was seen too long ago"])
        #expect(broken { $0.seen.runtime?.policy = DrainPolicy.read([Annotation.paused: "x"]) }.count == 1)
        #expect(broken { $0.seen.workers[2].look = .notAsked } == ["S1: w-2 could not be read"])
        #expect(broken { $0.seen.workers.removeLast() } == ["S1: w-2 could not be read"])
        var reading = WorkerReading(
            begunAt: bench.now,
            counters: WorkerCounters(
                usedBytes: 0, capacityBytes: 1, baselineBytes: 0, startedMilliseconds: 1), fileCount: 0)
        #expect(broken { $0.seen.workers[2].look = .read(reading) } == ["S1: w-2 has lost capacity"])
        reading.fileCount = 1
        #expect(broken { $0.seen.workers[2].look = .read(reading) } == ["S1: w-2 holds something"])
        #expect(broken { $0.seen.workerSet?.fence = "x" } == ["S5: the worker set does not carry this drain's mark"])
        #expect(broken { $0.seen.workerSet?.present = 4 }.first?.hasPrefix("S5: the count to start from") == true)
        #expect(broken { $0.phase = .idle(.init()) } == ["S1: removed in the state Idle"])
        // Whoever is taken out of the promise, by name, by uid, or since the deadline's policy says so, may hold what it will.
        for name in ["w-2", "uid-2"] {
            let skip = DrainPolicy.read([Annotation.skipDrain: "\(name): broken"])
            let isTold = broken {
                $0.seen.runtime?.policy = skip
                $0.seen.workers[2].look = .read(reading)
            }
            #expect(isTold.isEmpty)
        }
        for policy in ["Remove", "Hold"] {
            let isTold = broken {
                $0.seen.runtime?.policy = DrainPolicy.read([Annotation.onDeadline: policy])
                $0.seen.workers[2].look = .read(reading)
                if case .removing(var state) = $0.phase {
                    state.evidence = .overdue
                    $0.phase = .removing(state)
                }
            }
            #expect(isTold == (policy == "Remove" ? [] : ["S1: w-2 holds something"]))
        }
    }

    @Test func `restarts a pod, or takes a node's labels, only as long as nothing is lost by it`() {
        var bench = MachineBench()
        bench.pass()
        func broken(_ write: DrainWrite, after time: Duration = .zero, _ change: (inout DrainMachine) -> Void) -> Bool {
            var machine = bench.machine
            change(&machine)
            return !DrainInvariants.violations(.write(write), of: machine, at: bench.now + time).isEmpty
        }
        var counters = WorkerCounters(usedBytes: 0, capacityBytes: 2, baselineBytes: 0, startedMilliseconds: 1)
        counters.configuredBytes = 2
        let whole = WorkerReading(begunAt: bench.now, counters: counters, fileCount: 0)
        let restart = DrainWrite.deletePod(name: "w-2", uid: "uid-2")
        #expect(!broken(restart) { $0.seen.workers[2].look = .read(whole) })
        #expect(broken(restart) { $0.seen.workers[2].look = .notAsked })
        #expect(broken(restart, after: DrainTiming.lookAgeMaximum * 2) { $0.seen.workers[2].look = .read(whole) })
        var unpersisted = whole
        unpersisted.unpersistedCount = 1
        #expect(broken(restart) { $0.seen.workers[2].look = .read(unpersisted) })
        counters.capacityBytes = 1
        let short = WorkerReading(begunAt: bench.now, counters: counters, fileCount: 0)
        #expect(broken(restart) { $0.seen.workers[2].look = .read(short) })
    }
}
