import Testing

/// However many caches accept what they are asked and never answer, the others have their turn at each interval.
@Suite struct `Beside silent caches` {
    private static let count = 500

    @Test(arguments: [(0, count), (450, 0), (450, 450)] as [(Int, Int)])
    func `those that answer are known within a minute, and stay so`(masters: Int, workers: Int) throws {
        let caches = try SimCaches(Self.count)
        defer { caches.end() }
        caches.silentMasters = Set(caches.names.prefix(masters))
        caches.silentWorkers = Set(caches.names.prefix(workers))
        let answering = Array(caches.names.dropFirst(masters))
        caches.run(seconds: 60)
        #expect(caches.fresh(answering) == answering.count)
        #expect(caches.leastFresh(answering, during: 60) == answering.count)
        let counted = caches.countedAt.values.filter { $0 > caches.monotonicTime() - .seconds(90) }
        #expect(counted.count == Self.count - max(masters, workers))
    }

    @Test func `those that answer are known soon after most fall silent at once, and these when they answer again`()
        throws
    {
        let caches = try SimCaches(Self.count)
        defer { caches.end() }
        caches.run(seconds: 40)
        #expect(caches.fresh(caches.names) == Self.count)
        caches.silentMasters = Set(caches.names.prefix(450))
        let answering = Array(caches.names.dropFirst(450))
        caches.run(seconds: 30)
        #expect(caches.leastFresh(answering, during: 60) == answering.count)
        caches.silentMasters = []
        caches.run(seconds: 90)
        #expect(caches.fresh(caches.names) == Self.count)
    }

    @Test func `those that answer late stay known`() throws {
        let caches = try SimCaches(200)
        defer { caches.end() }
        caches.silentMasters = Set(caches.names.prefix(100))
        let late = Array(caches.names[100..<120])
        for name in late { caches.latencies[name] = .seconds(1) }
        caches.run(seconds: 120)
        #expect(caches.leastFresh(Array(caches.names.dropFirst(100)), during: 120) == 100)
    }

    @Test func `one query for all of them finds those that answer`() throws {
        let caches = try SimCaches(40, isScaled: false)
        defer { caches.end() }
        caches.silentMasters = Set(caches.names.prefix(36))
        caches.run(seconds: 1)
        caches.wantAll()
        caches.run(seconds: 6)
        #expect(caches.fresh(caches.names) == 4)
        #expect(caches.leastFresh(Array(caches.names.suffix(4)), during: 60) == 4)
    }
}
