import Rules
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Kubernetes

@Suite struct `Figures of a cache` {
    let cluster = FigureCluster()
    let store: Store
    let book: FigureBook
    let key = ObjectKey(namespace: "data", name: "hbase")
    let lines = Lines()

    init() {
        store = Store()
        book = FigureBook(freshFor: .seconds(30), store: store)
    }

    final class Lines: Sendable {
        let all = Mutex<[String]>([])
        var list: [String] { all.withLock { $0 } }
    }

    func poller(_ settings: FigureSettings = FigureSettings(seed: 1)) -> FigurePoller<FigureCluster> {
        FigurePoller(cluster: cluster, store: store, settings: settings, book: book, metrics: Metrics()) {
            [lines] line in
            let reason = line.fields.first { $0.name == "reason" }?.value.string
            lines.all.withLock { $0.append(reason ?? line.message) }
        }
    }

    func told() -> CacheFigures? { book.entry(key, at: cluster.monotonicTime())?.figures }

    func say(_ page: String?) { cluster.state.withLock { $0.masters["hbase"] = page } }

    @Test(arguments: ["2.9.0", "2.9.6"])
    func `are read from what a real master said`(version: String) throws {
        var parser = JSONParser()
        let page = try FigureSamples.recorded("master-info-\(version).json")
        let reading = try #require(CacheReading(try parser.parse(Array(page.utf8))))
        #expect(reading.whole == CacheUse(totalBytes: 536_870_912, usedBytes: 40_000_000))
        #expect(reading.workers.map(\.use.usedBytes).reduce(0, +) == 40_000_000)
        #expect(Set(reading.workers.map(\.identity.host)) == ["127.0.1.2", "127.0.1.1"])
        let reads = try #require(reading.reads)
        #expect(reads.underStorageBytes == 40_000_000 && (99_000_000...100_000_000).contains(reads.remoteBytes))
        #expect(reads.localBytes == 0 && reads.domainBytes == 0)
    }

    @Test(arguments: [
        "{}", "[]", #"{"capacity":{"total":1,"used":1}}"#, #"{"capacity":{"total":-1,"used":1},"workers":[]}"#,
        #"{"capacity":{"total":"1","used":1},"workers":[]}"#,
    ])
    func `are none where what counts is missing`(page: String) throws {
        var parser = JSONParser()
        #expect(CacheReading(try parser.parse(Array(page.utf8))) == nil)
    }

    @Test func `tell each worker by its pod, and leave out what they can't place`() async throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        say(FigureSamples.page([100, 200, 300], read: 10))
        await poller().want([key])
        let figures = try #require(told())
        #expect(figures.workers.map(\.pod) == ["hbase-worker-0", "hbase-worker-1"])
        #expect(figures.workers.map(\.use.percent) == [10, 20])
        // What three hold, in the room of the two whose pods there are.
        #expect(figures.whole == CacheUse(totalBytes: 2_000, usedBytes: 600))
        #expect(
            cluster.requests.map(\.path) == [
                "/api/v1/namespaces/data/pods/http:hbase-master-0:30000/proxy/api/v1/master/info"
            ])
    }

    @Test func `are not those of a pod that was made again, whose address is another`() async throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        say(FigureSamples.page([900, 100]))
        let poller = poller()
        await poller.look(key)
        #expect(told()?.workers.map(\.use.percent) == [90, 10])
        // Its address is the kubelet's to write, and the master knows the old one for five more minutes.
        for address in ["", "10.1.1.2"] {
            let pod = FigureSamples.pod("hbase-worker-0", of: "hbase", role: "alluxio-worker", address: address)
            try FigureSamples.put(pod, .pods, into: store)
            #expect(told()?.workers.map(\.pod) == ["hbase-worker-1"])
            await poller.look(key)
            #expect(told()?.workers.map(\.pod) == ["hbase-worker-1"])
        }
        say(FigureSamples.page([900, 100, 50], silent: [25]))
        await poller.look(key)
        #expect(told()?.workers.map(\.use.percent) == [5, 10])
        // On its node's network the address stays.
        let pod = FigureSamples.pod("hbase-worker-0", of: "hbase", role: "alluxio-worker", address: "10.1.1.2")
        try FigureSamples.put(pod.replacing(#""uid":"hbase-worker-0""#, with: #""uid":"new""#), .pods, into: store)
        #expect(told()?.workers.map(\.pod) == ["hbase-worker-1"])
    }

    @Test func `are no longer told when they are older than two intervals, worker by worker`() async throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        say(FigureSamples.page([100, 200], silent: [0, 20]))
        await poller().want([key])
        #expect(told()?.workers.count == 2)
        cluster.pass(.seconds(11))
        #expect(told()?.workers.map(\.pod) == ["hbase-worker-0"])
        cluster.pass(.seconds(20))
        #expect(told() == nil)
    }

    @Test func `say how much was served by the cache between two looks`() async throws {
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        let poller = poller()
        for (read, missed, started, ratio) in [(100, 100, 1, nil), (200, 125, 1, 0.75), (300, 150, 2, nil)]
            as [(Int64, Int64, Int64, Double?)]
        {
            say(FigureSamples.page([100], read: read, missed: missed, started: started))
            await poller.want([key])
            #expect(told()?.hitRatio == ratio)
            cluster.pass(.seconds(31))
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [.zero, .microseconds(1)] as [Duration])
    func `are asked for at each interval as long as something scales the cache`(early: Duration) async throws {
        cluster.state.withLock { $0.early = early }
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        try FigureSamples.addCache("idle", workers: 1, to: store)
        try FigureSamples.addScaler(of: "hbase", to: store)
        say(FigureSamples.page([100]))
        // Five looks; with the first and the last one the worker is asked too.
        cluster.state.withLock { state in
            state.answers[`Counters of workers`.path(0)] = .success(`Counters of workers`.page(evicted: 1, bytes: 1))
            state.requestsMax = 7
        }
        let start = cluster.monotonicTime()
        try await run(until: 7)
        let asked = cluster.requests.map { $0.path.contains("hbase-master-0") }
        #expect(asked == [true, false, true, true, true, true, false], "\(cluster.requests.map(\.path))")
        #expect(cluster.requests.allSatisfy { $0.path.contains("http:hbase-") })
        let took = cluster.monotonicTime() - start
        #expect(took > .seconds(4 * 13) && took < .seconds(5 * 17), "\(took)")
    }

    /// Runs a poller until so many requests were made.
    func run(until count: Int) async throws {
        let poller = poller()
        await withTaskGroup { group in
            group.addTask { await poller.run() }
            while cluster.requests.count < count { await Task.yield() }
            group.cancelAll()
        }
    }

    @Test func `that can't be had say why, once`() async throws {
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        try FigureSamples.addScaler(of: "hbase", to: store)
        cluster.state.withLock { $0.requestsMax = 3 }
        try await run(until: 3)
        #expect(lines.list == ["hbase-master-0 can't be asked: the connection broke"])
        #expect(book.trouble(key) != nil && told() == nil)
    }

    @Test func `are held up while a drain frees, from what the last looks had`() async throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        let poller = poller()
        say(FigureSamples.page([400, 300]))
        await poller.want([key])
        try FigureSamples.setDrain("hbase", #"{"state":"Freeing"}"#, to: store)
        poller.noteChange(.init(kind: .drains, key: key, runtime: key))
        cluster.pass(.seconds(31))
        say(FigureSamples.page([400, 0]))
        await poller.want([key])
        #expect(told()?.workers.map(\.use.usedBytes) == [400, 300])
        #expect(told()?.isFloored == true && told()?.whole.percent == 35)
        try FigureSamples.setDrain("hbase", #"{"state":"CoolingDown","outcome":"Cancelled"}"#, to: store)
        poller.noteChange(.init(kind: .drains, key: key, runtime: key))
        #expect(told()?.workers.map(\.use.usedBytes) == [400, 0])
        #expect(lines.list.count == 2)
    }

    @Test func `have series for the whole and for each worker`() async throws {
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        say(FigureSamples.page([250], read: 7, missed: 3))
        await poller().want([key])
        let text = String(
            decoding: FigureSeries.render(book.entries(at: cluster.monotonicTime())) { _ in 88 }, as: UTF8.self)
        for line in [
            #"sluice_cache_used_ratio{namespace="data",runtime="hbase",worker=""} 0.25"#,
            #"sluice_cache_used_ratio{namespace="data",runtime="hbase",worker="hbase-worker-0"} 0.25"#,
            #"sluice_cache_capacity_bytes{namespace="data",runtime="hbase",worker=""} 1000"#,
            #"sluice_cache_read_bytes_total{namespace="data",runtime="hbase",source="ufs"} 3"#,
            #"sluice_cache_dataset_bytes{namespace="data",runtime="hbase"} 88"#,
            #"sluice_cache_floored{namespace="data",runtime="hbase"} 0"#,
        ] { #expect(text.split(separator: "\n").contains { $0 == line }, "\(text)") }
    }

    @Test func `of many workers have so many series and no more`() {
        var figures = CacheFigures(whole: CacheUse(totalBytes: 1, usedBytes: 1), workers: [])
        figures.workers = (0..<200).map { .init(pod: "w-\($0)", use: CacheUse(totalBytes: 1, usedBytes: 0)) }
        let entry = FigureBook.Entry(figures: figures, askedAt: .zero, askedMilliseconds: 0)
        let text = String(decoding: FigureSeries.render([(key, entry)]) { _ in nil }, as: UTF8.self)
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("sluice_cache_used_ratio{") }
        #expect(lines.count == FigureSeries.workersMax + 1)
        // A page of many caches stays one that a scraper takes.
        let all = FigureSeries.render((0..<100).map { (ObjectKey(namespace: "a", name: "\($0)"), entry) }) { _ in nil }
        let ratios = String(decoding: all, as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("sluice_cache_used_ratio{")
        }
        #expect(ratios.count == FigureSeries.workersOfAllMax + 100)
    }

    @Test func `are asked for more rarely of a cache that only costs time`() async throws {
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        try FigureSamples.addScaler(of: "hbase", to: store)
        cluster.state.withLock { state in
            state.slowness = .seconds(5)
            state.requestsMax = 4
        }
        let start = cluster.monotonicTime()
        try await run(until: 4)
        // The second time is at once.
        #expect(cluster.monotonicTime() - start > .seconds(2 * 4 * 13), "\(cluster.monotonicTime() - start)")
    }
}
