import Rules
import Testing

@Suite struct `While a drain frees, what is in use` {
    /// Figures of workers of 100 bytes each.
    func figures(_ used: [String: Int64]) -> CacheFigures {
        let workers = used.sorted { $0.key < $1.key }.map {
            CacheFigures.Worker(pod: $0.key, use: CacheUse(totalBytes: 100, usedBytes: $0.value))
        }
        var figures = CacheFigures(
            whole: workers.map(\.use).reduce(CacheUse(totalBytes: 0, usedBytes: 0), +), workers: workers)
        figures.hitRatio = 0.5
        return figures
    }

    func used(_ figures: CacheFigures) -> [String: Int64] {
        Dictionary(uniqueKeysWithValues: figures.workers.map { ($0.pod, $0.use.usedBytes) })
    }

    @Test func `stays what it was, where it was, as long as the pods are there`() {
        let before = figures(["w-0": 40, "w-1": 30, "w-2": 20])
        let floor = DrainFloor(before: [(.zero, before)], at: .seconds(9))
        let told = floor.applied(to: figures(["w-0": 40, "w-1": 30, "w-2": 0]))
        #expect(used(told) == ["w-0": 40, "w-1": 30, "w-2": 20])
        #expect(told.whole == CacheUse(totalBytes: 300, usedBytes: 90) && told.isFloored)
        #expect(told.hitRatio == nil)
    }

    @Test func `is spread over those that stay once the pods are gone`() {
        let floor = DrainFloor(before: [(.zero, figures(["w-0": 40, "w-1": 30, "w-2": 20]))], at: .seconds(9))
        let told = floor.applied(to: figures(["w-0": 40, "w-1": 30]))
        #expect(used(told) == ["w-0": 50, "w-1": 40])
        #expect(told.whole == CacheUse(totalBytes: 200, usedBytes: 90) && told.isFloored)
    }

    @Test func `passes a rise at once, and does not count twice what moves`() {
        let floor = DrainFloor(before: [(.zero, figures(["w-0": 40, "w-1": 30, "w-2": 20]))], at: .seconds(9))
        let risen = floor.applied(to: figures(["w-0": 90, "w-1": 80, "w-2": 0]))
        #expect(used(risen) == ["w-0": 90, "w-1": 80, "w-2": 0] && !risen.isFloored)
        let moved = floor.applied(to: figures(["w-0": 50, "w-1": 35, "w-2": 0]))
        #expect(moved.whole.usedBytes == 90 && used(moved)["w-2"] == 5)
    }

    @Test func `is what the last look had that is surely from before`() {
        let full = figures(["w-0": 40, "w-1": 20])
        let emptier = figures(["w-0": 40, "w-1": 3])
        func used(_ looks: [(Duration, CacheFigures)], at second: Int) -> Int64 {
            DrainFloor(before: looks, at: .seconds(second)).usedBytes
        }
        let looks: [(Duration, CacheFigures)] = [(.seconds(0), full), (.seconds(15), emptier)]
        #expect(used(looks, at: 16) == 60 && used(looks, at: 17) == 43)
        // Without such a look the fullest counts.
        #expect(used([(.seconds(15), emptier), (.seconds(16), full)], at: 16) == 60)
    }

    @Test func `is told as it is without an earlier look, or ten minutes after the drain was blocked`() {
        let now = figures(["w-0": 40])
        var told = DrainFloor(before: [], at: .zero).applied(to: now)
        told.hitRatio = now.hitRatio
        #expect(told == now)
        var floor = DrainFloor(before: [(.zero, now)], at: .seconds(9))
        #expect(floor.holds(at: .seconds(100_000)))
        floor.blockedSince = .seconds(1_000)
        #expect(floor.holds(at: .seconds(1_599)) && !floor.holds(at: .seconds(1_600)))
    }

    @Test func `holds from the first free to the end of the cool-down, but not after a cancel`() {
        func isFreeing(_ state: String, _ outcome: String = "") -> Bool {
            DrainView(state: state, outcome: outcome, isBlocked: false).isFreeing
        }
        for state in ["Freeing", "Settling", "Decommissioning", "Removing", "Confirming"] { #expect(isFreeing(state)) }
        for state in ["Idle", "Checking", "", "Whatever"] { #expect(!isFreeing(state)) }
        #expect(isFreeing("CoolingDown", "Removed") && !isFreeing("CoolingDown", "Cancelled"))
    }
}
