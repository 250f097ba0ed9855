import Testing

@testable import Rules

/// What counts as freed by its own name, and lets a worker go at its deadline under `on-deadline: Auto`.
@Suite struct `Freed by name` {
    private static let files = (0..<20).map { HeldFile(path: AlluxioPath("/d/f\($0)"), bytes: 1) }

    /// Twenty files of a thousand blocks each, on the leaving worker alone: more than one call.
    private static let list = {
        var list = BlockList(workers: [7: "uid-2"], route: "directly")
        for (index, file) in files.enumerated() {
            list.take(
                file.path.text, isDurable: true, isPinned: false,
                blocks: (0..<1_000).map { (Int64(index * 1_000 + $0), 1, [7]) })
        }
        return BlockLook.read(list)
    }()

    private func isToldAsNamed(_ bench: MachineBench) -> Bool {
        bench.told.contains { $0.contains("each freed by name") }
    }

    @Test func `is nothing of a round by RPC that a person breaks off, though its folder was freed since`() throws {
        let annotations = ["sluice.dev/on-deadline": "Auto", "sluice.dev/drain-deadline": "5s"]
        var bench = MachineBench(annotations)
        bench.pass(files: 20, Self.list)
        bench.answer(try #require(bench.calls.first), .done)
        bench.look.runtime?.policy = DrainPolicy.read(annotations.merging(["sluice.dev/drain-client": "Exec"]) { $1 })
        let left = Array(Self.files.suffix(10))
        var named: Set<AlluxioPath> = []
        for _ in 0..<200 where bench.lowerings.isEmpty && !isToldAsNamed(bench) {
            bench.pass(files: 10, paths: left)
            for call in bench.calls {
                if case .free(let path, false) = call { named.insert(path) }
                bench.answer(call, .done)
            }
            bench.now += .milliseconds(500)
        }
        let isGone = isToldAsNamed(bench) || !bench.lowerings.isEmpty
        #expect(!isGone || left.allSatisfy { named.contains($0.path) })
    }

    @Test func `is nothing of a list whose calls were dropped, since the worker showed no file for a moment`() {
        var bench = MachineBench(["sluice.dev/on-deadline": "Auto", "sluice.dev/drain-deadline": "10m"])
        bench.now += .milliseconds(100)
        bench.look.begunAt = bench.now
        bench.look.blocks = Self.list
        var counters = WorkerCounters(
            usedBytes: 20_000, capacityBytes: MachineBench.configuredBytes, baselineBytes: 0, startedMilliseconds: 1)
        counters.configuredBytes = MachineBench.configuredBytes
        bench.look.workers[2].look = .read(WorkerReading(begunAt: bench.now, counters: counters, fileCount: 0))
        bench.effects = bench.machine.handle(.looked(bench.look), at: bench.now)
        for _ in 0..<2_000 where bench.lowerings.isEmpty && !isToldAsNamed(bench) {
            bench.pass(files: 20, bench.asked.blocksOf.isEmpty ? .notAsked : Self.list, paths: Self.files)
            // Readers hold every block.
            for call in bench.calls { bench.answer(call, .stillHeld) }
            bench.now += .seconds(1)
        }
        #expect(bench.lowerings.isEmpty && !isToldAsNamed(bench), "\(bench.told)")
    }
}
