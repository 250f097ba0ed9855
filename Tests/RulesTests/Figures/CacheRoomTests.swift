import Rules
import Testing

@Suite struct `The room of a cache` {
    /// Figures of workers of 100 bytes each, all of which the master lists.
    func figures(_ pods: [String], used: Int64) -> CacheFigures {
        CacheFigures(
            whole: CacheUse(totalBytes: Int64(pods.count) * 100, usedBytes: used),
            workers: pods.map { CacheFigures.Worker(pod: $0, use: CacheUse(totalBytes: 100, usedBytes: 50)) })
    }

    @Test func `has that of a pod that is ready before the master lists its worker`() {
        let told = figures(["w-0"], used: 95).withRoom(of: ["w-0", "w-1"])
        #expect(told.whole == CacheUse(totalBytes: 200, usedBytes: 95))
        #expect(told.workers.map(\.pod) == ["w-0"], "nothing is made up of the worker itself")
    }

    @Test func `has none of a worker that the master lists before its pod is ready, or after it is gone`() {
        let told = figures(["w-0", "w-1"], used: 95).withRoom(of: ["w-0"])
        #expect(told.whole == CacheUse(totalBytes: 100, usedBytes: 95))
    }

    @Test func `is what the cache says where no worker's pod is known`() {
        let before = figures(["w-0", "w-1"], used: 95)
        #expect(before.withRoom(of: []) == before)
        #expect(before.withRoom(of: ["x-0", "x-1", "x-2"]) == before)
    }

    @Test func `ends at the largest number`() {
        var huge = figures(["w-0"], used: 95)
        huge.workers[0].use.totalBytes = .max
        #expect(huge.withRoom(of: ["w-0", "w-1"]).whole.totalBytes == .max)
    }
}
