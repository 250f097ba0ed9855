import Rules
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Kubernetes

/// What each worker says of itself.
@Suite struct `Counters of workers` {
    private let cluster = FigureCluster()
    private let store = Store()
    private let key = ObjectKey(namespace: "data", name: "hbase")

    private static func read(_ text: String) throws -> WorkerTraffic? {
        var parser = JSONParser()
        return WorkerTraffic(try parser.parse(Array(text.utf8)))
    }

    static func path(_ worker: Int) -> String {
        "/api/v1/namespaces/data/pods/http:hbase-worker-\(worker):30000/proxy/api/v1/worker/webui_metrics"
    }

    static func page(evicted: Int64, bytes: Int64) -> String {
        #"{"operationMetrics":{"BlocksEvicted.10.1.1":{"count":\#(evicted)},"BytesReadPerUfs.UFS:a.User:":{"count":\#(bytes)}}}"#
    }

    /// Runs a poller until this is so.
    private func run(_ book: FigureBook, until isDone: () -> Bool) async {
        let poller = FigurePoller(
            cluster: cluster, store: store, settings: FigureSettings(seed: 1), book: book, metrics: Metrics()
        ) { _ in }
        await withTaskGroup { group in
            group.addTask { await poller.run() }
            while !isDone() { await Task.yield() }
            group.cancelAll()
        }
    }

    @Test func `are read from what a real worker said, and those of several mounts are added up`() throws {
        let recorded = try FigureSamples.recorded("worker-metrics-2.9.0.json")
        #expect(try Self.read(recorded) == WorkerTraffic(evictedBlocks: 0, underStorageBytes: 1_700_000))
        let made =
            #"{"operationMetrics":{"BlocksEvicted":{"count":7},"BlocksEvictedBefore.a":{"count":100},"#
            + #""BytesReadPerUfs.UFS:%2Fa.User:x.h":{"count":5},"BytesReadPerUfs.UFS:%2Fb.User:.h":{"count":6},"#
            + #""BytesReadPerUfs.bad":{"count":-1},"BytesReadPerUfs.worse":{"count":"9"}}}"#
        #expect(try Self.read(made) == WorkerTraffic(evictedBlocks: 7, underStorageBytes: 11))
        let huge =
            #"{"operationMetrics":{"BlocksEvicted.a":{"count":9223372036854775807},"BlocksEvicted.b":{"count":1}}}"#
        #expect(try Self.read(huge)?.evictedBlocks == .max)
        for nothing in ["{}", "[]", #"{"operationMetrics":[]}"#] { #expect(try Self.read(nothing) == nil) }
    }

    @Test(.timeLimit(.minutes(1))) func `are told of those that answered last`() async throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        try FigureSamples.addScaler(of: "hbase", to: store)
        let book = FigureBook(freshFor: .seconds(30), store: store)
        cluster.state.withLock { state in
            state.masters["hbase"] = FigureSamples.page([1, 2])
            state.answers[Self.path(0)] = .success(Self.page(evicted: 3, bytes: 4))
            state.answers[Self.path(1)] = .failure(.timeout)
        }
        func series() -> [Substring] {
            let text = FigureSeries.render(book.entries(at: cluster.monotonicTime())) { _ in nil }
            return String(decoding: text, as: UTF8.self).split(separator: "\n").filter {
                $0.hasPrefix("sluice_cache_evicted_blocks_total{")
                    || $0.hasPrefix("sluice_cache_worker_ufs_bytes_total{")
            }
        }
        let labels = #"{namespace="data",runtime="hbase",worker="hbase-worker-0"}"#
        await run(book) { !series().isEmpty }
        #expect(
            series() == [
                "sluice_cache_evicted_blocks_total\(labels) 3", "sluice_cache_worker_ufs_bytes_total\(labels) 4",
            ])
        // The next time nobody does.
        cluster.state.withLock { $0.answers = [:] }
        await run(book) { series().isEmpty }
        #expect(series() == [] && book.entry(key, at: cluster.monotonicTime()) != nil)
    }

    /// A cache of a thousand workers, none of which answers, costs no more than a few requests.
    @Test func `of many silent workers are given up soon`() async throws {
        try FigureSamples.addCache("hbase", workers: 100, to: store)
        let reader = FigureReader(cluster: cluster)
        #expect(await reader.counters(of: store.pods(of: key), within: .seconds(2)).isEmpty)
        #expect(cluster.requests.count <= 16)
    }

    @Test func `of many workers are asked for so many and no more`() async throws {
        try FigureSamples.addCache("hbase", workers: 100, to: store)
        cluster.state.withLock { state in
            for worker in 0..<100 { state.answers[Self.path(worker)] = .success(Self.page(evicted: 1, bytes: 1)) }
        }
        let reader = FigureReader(cluster: cluster)
        #expect(await reader.counters(of: store.pods(of: key), within: .seconds(2)).count == FigureSeries.workersMax)
        #expect(cluster.requests.count == FigureSeries.workersMax)
    }
}
