import Testing

@testable import Rules

/// Who is told of a lowering that was not a drain's own.
@Suite struct `A lowering by somebody else` {
    @Test func `a worker that somebody else's lowering takes is owed to users until it was told`() {
        var bench = MachineBench()
        bench.pass(files: 1)
        #expect(bench.machine.untold == nil)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        // The first look that shows it has not asked it yet.
        bench.look.workers[2].look = .notAsked
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.machine.untold == DrainMachine.Lowered(from: 3, to: 2))
        for _ in 0..<2 { bench.pass(files: 1) }
        #expect(bench.machine.untold == nil)
    }

    @Test(arguments: [0, 1])
    func `a worker that was seen empty goes without a word, and any other with what is on it`(files: Int) {
        var bench = MachineBench()
        bench.look.runtime?.wanted = 3
        bench.pass(files: files)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        var told: [String] = []
        for _ in 0..<3 {
            bench.pass(files: files)
            told += bench.told
        }
        bench.look.workers.removeLast()
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        told += bench.told
        #expect(told.count == files && told.allSatisfy { $0.contains("w-2 goes with 1 file (1 byte)") }, "\(told)")
    }

    @Test func `a lowering before the first look is seen by what the store showed`() {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.machine.noteBefore(3)
        bench.look.workerSet?.present = 2
        bench.look.workers.removeLast()
        #expect(bench.asked.pods)
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.contains("w-2 went with nobody knows what") }, "\(bench.told)")
    }

    @Test(arguments: [0, 1, 20])
    func `a lowering that was raised again is seen by the pod that took the other's place, however late it shows`(
        looks: Int
    ) {
        var bench = MachineBench()
        bench.look.runtime?.wanted = 3
        bench.pass(files: 1)
        bench.look.workers[2].uid = "uid-9"
        for _ in 0..<looks { bench.pass() }
        bench.machine.noteSeen(.init(from: 3, to: 2))
        bench.pass()
        #expect(bench.told.contains { $0.contains("w-2 went with nobody knows what") }, "\(bench.told)")
    }

    @Test func `a lowering that was raised again in the course of a first look is seen by the pod that departed`() {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.look.runtime?.wanted = 3
        bench.look.departed = [bench.look.workers[2]]
        bench.look.workers[2].uid = "uid-9"
        for index in bench.look.workers.indices { bench.look.workers[index].look = .notAsked }
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.look.departed = []
        bench.machine.noteSeen(.init(from: 3, to: 2))
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.contains("w-2 went with nobody knows what") }, "\(bench.told)")
    }

    @Test func `a lowering to what a drain left is told where the count had been raised before, unseen`() {
        var bench = MachineBench()
        let leaving = [1, 2].map { LeavingWorker(name: "w-\($0)", uid: "uid-\($0)", node: "n-\($0)") }
        let plan = DrainPlan(from: 3, target: 1, leaving: leaving)
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID) = ("runtime", "set")
        bench.machine = DrainMachine(DrainRecord(state: .confirming, plan: plan, ledger: ledger), now: bench.now)
        bench.look.workerSet?.present = 1
        bench.look.workers[1].isDeleting = true
        bench.look.workers[2].isDeleting = true
        bench.pass()
        bench.machine.noteSeen(.init(from: 2, to: 1))
        bench.look.workers.removeLast()
        bench.look.workers[1].uid = "uid-9"
        bench.look.workers[1].look = .notAsked
        var told: [String] = []
        for _ in 0..<3 {
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
            told += bench.told
        }
        #expect(told.contains { $0.contains("Somebody else lowered") && $0.contains("w-1") }, "\(told)")
    }

    @Test func `a lowering that was seen and told is not told again where the watch shows it later`() {
        var bench = MachineBench()
        bench.look.runtime?.wanted = 3
        bench.pass(files: 1)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        var told: [String] = []
        for _ in 0..<3 {
            bench.pass(files: 1)
            told += bench.told
        }
        #expect(told.contains { $0.contains("w-2 goes with 1 file") }, "\(told)")
        bench.look.workers[2].isDeleting = false
        bench.look.workers[2].uid = "uid-9"
        bench.look.workerSet?.present = 3
        for _ in 0..<3 { bench.pass() }
        bench.machine.noteSeen(.init(from: 3, to: 2))
        bench.pass()
        #expect(!bench.told.contains { $0.contains("went") }, "\(bench.told)")
    }

    @Test func `the pod that came for one that our own drain took is not told as gone where the count is put back`() {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.present = 2
        for index in bench.look.workers.indices { bench.look.workers[index].look = .notAsked }
        func look() { bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now) }
        look()
        var worker = bench.look.workers.removeLast()
        for _ in 0..<3 { look() }
        worker.uid = "uid-9"
        bench.look.workers.append(worker)
        bench.look.runtime?.wanted = 3
        bench.look.workerSet?.present = 3
        for _ in 0..<3 { look() }
        bench.machine.noteSeen(.init(from: 3, to: 2))
        look()
        #expect(!bench.told.contains { $0.contains("w-2") }, "\(bench.told)")
    }

    @Test func `a lowering below a drain's own is told while its pods end, though nothing can be read`() {
        func told(_ lowered: DrainMachine.Lowered) -> [String] {
            var bench = MachineBench()
            bench.resume(.confirming)
            bench.machine.noteSeen(lowered)
            bench.look.workerSet = nil
            bench.look.trouble = .apiServer("get statefulsets: TooManyRequests 429")
            bench.pass()
            return bench.told
        }
        #expect(told(.init(from: 3, to: 2)).isEmpty)
        #expect(told(.init(from: 2, to: 1)).contains { $0.contains("from 2 to 1; what goes nobody can say") })
    }

    @Test(arguments: [true, false])
    func `a lowering that was refused is somebody else's where it comes all the same, unless nobody knows`(
        mayBeDone: Bool
    ) throws {
        var bench = MachineBench([Annotation.drain: "None"])
        for _ in 0..<5 where bench.lowerings.isEmpty { bench.pass(files: 1) }
        let write = try #require(bench.lowerings.first)
        bench.look.runtime?.policy = DrainPolicy.read([:])
        let refused = DrainWriteResult.refused(.apiServer("500"), retryAfter: nil, mayBeDone: mayBeDone)
        _ = bench.machine.handle(.wrote(write, refused), at: bench.now)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        bench.pass(files: 1)
        #expect(bench.told.contains { $0.contains("Somebody else") } == !mayBeDone, "\(bench.told)")
    }

    @Test func `a node that lost its labels is told once, by the worker on it where that is known`() {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.machine.noteBefore(3)
        bench.look.workerSet?.kind = .daemon(.byNodeLabel)
        bench.look.workerSet?.present = 2
        bench.look.runtime?.wanted = 3
        bench.look.workers[2].isPlaced = false
        var told: [String] = []
        for _ in 0..<3 {
            bench.pass(files: 1)
            told += bench.told.filter { $0.contains("Somebody else") }
        }
        #expect(told.count == 1 && told[0].contains("w-2 goes with 1 file"), "\(told)")
    }

    @Test func `a policy that exempted workers when it could be read last exempts none where it can't be`() {
        var bench = MachineBench([Annotation.drain: "None"])
        bench.look.runtime?.wanted = 3
        bench.pass(files: 1)
        bench.look.runtime = nil
        bench.look.trouble = .forbidden("get alluxioruntimes")
        bench.look.workerSet?.present = 2
        bench.pass()
        #expect(bench.told.contains { $0.contains("from 3 to 2; what goes nobody can say") }, "\(bench.told)")
    }

    @Test func `a lowering below a drain's own is told though it was raised again before the next look`() {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        bench.pass()
        bench.machine.noteSeen(.init(from: 3, to: 1))
        bench.look.workers[1].isDeleting = true
        bench.pass()
        bench.look.workers[1].uid = "uid-9"
        bench.look.workers[1].isDeleting = false
        bench.pass()
        #expect(bench.told.contains { $0.contains("w-1 went with nobody knows what") }, "\(bench.told)")
        #expect(!bench.told.contains { $0.contains("w-2 went with nobody knows what") }, "\(bench.told)")
    }

    @Test(arguments: [true, false])
    func `a lowering by labels is told though no look between succeeded`(isKnown: Bool) {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.look.workerSet?.kind = .daemon(.byNodeLabel)
        bench.look.runtime?.wanted = 3
        for index in bench.look.workers.indices {
            bench.look.workers[index].ordinal = nil
            bench.look.workers[index].node = "n-\(index)"
            bench.look.workers[index].isPlaced = true
            bench.look.workers[index].look = .notAsked
        }
        let workers = bench.look.workers
        func look(_ workers: [DrainSnapshot.Worker], _ trouble: DrainObstacle? = nil) {
            bench.now += .milliseconds(100)
            bench.look.begunAt = bench.now
            (bench.look.workers, bench.look.trouble) = (workers, trouble)
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        }
        let trouble = DrainObstacle.apiServer("list pods: InternalError 500")
        look(isKnown ? workers : [], isKnown ? nil : trouble)
        look([], trouble)
        bench.look.workerSet?.present = 2
        look(Array(workers.prefix(2)))
        let name = isKnown ? "w-2" : "1 worker"
        #expect(bench.told.contains { $0.contains("\(name) may have gone with nobody knows what") }, "\(bench.told)")
    }

    @Test(arguments: [(3, false), (30, false), (3, true), (25, true), (60, true)])
    func `a lowered worker that ends while nobody can look for long is told, unless it was told to end`(
        seconds: Int, isTold: Bool
    ) {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = isTold
        bench.pass()
        bench.pass()
        bench.now += .seconds(seconds)
        bench.look.begunAt = bench.now
        bench.look.workers.removeLast()
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.hasPrefix("Removed w-2") }, "\(bench.told)")
        let isLong = seconds > (isTold ? 30 : 10)
        #expect(bench.told.contains { $0.contains("w-2 went \(seconds) s after its last look") } == isLong)
    }

    @Test func `a worker whose container was seen to end is watched, however long its pod takes to go`() {
        var bench = MachineBench()
        bench.resume(.confirming)
        bench.look.workerSet?.present = 2
        bench.look.workers[2].isDeleting = true
        bench.pass()
        bench.pass()
        bench.look.workers[2].isRunning = false
        for look in bench.look.workers.indices { bench.look.workers[look].look = .notAsked }
        for _ in 0..<60 {
            bench.now += .seconds(1)
            bench.look.begunAt = bench.now
            bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        }
        bench.look.workers.removeLast()
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.hasPrefix("Removed w-2") } && bench.told.count == 1, "\(bench.told)")
    }

    @Test(arguments: [true, false])
    func `a lowering that was raised again is told where no look before it saw who was there`(isFirst: Bool) {
        var bench = MachineBench()
        bench.machine = DrainMachine(now: bench.now)
        bench.look.runtime?.wanted = 3
        let workers = bench.look.workers
        if !isFirst {
            (bench.look.workers, bench.look.trouble) = ([], .apiServer("list pods: no answer in time"))
            _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        }
        bench.machine.noteBefore(3)
        bench.machine.noteSeen(.init(from: 3, to: 2))
        (bench.look.workers, bench.look.trouble) = (workers, nil)
        bench.look.workers[2].isReady = true
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.contains("w-2 may have gone with nobody knows what") }, "\(bench.told)")
    }

    @Test func `the pod that went is known from the last look that saw any, though its place is taken`() {
        var bench = MachineBench()
        bench.look.runtime?.wanted = 3
        bench.pass()
        let workers = bench.look.workers
        // Where nothing is to be done nobody asks for the pods.
        bench.look.workers = []
        _ = bench.machine.handle(.looked(bench.look), at: bench.now)
        bench.look.workers = workers
        bench.look.workers[2].uid = "uid-9"
        bench.look.workerSet?.present = 2
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        #expect(bench.told.contains { $0.contains("w-2 went with nobody knows what") }, "\(bench.told)")
    }
}
