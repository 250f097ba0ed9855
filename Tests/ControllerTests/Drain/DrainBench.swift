import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

/// The driver on the small cluster: passes, calls and time, until nothing is left to do.
struct DrainBench {
    let cluster: FakeCluster
    var settings = ReconcilerSettings()
    let metrics = Metrics()
    let lines = LogLines()
    var session = DrainDriver<FakeCluster>.Session(key: ObjectKey(namespace: "data", name: "hbase"))
    private var answers: [DrainDriver<FakeCluster>.Answer] = []

    init(_ cluster: FakeCluster) { self.cluster = cluster }

    init(workers: Int, wanted: Int, annotations: [String: String] = [:]) {
        self.init(FakeCluster(workers: workers, wanted: wanted, annotations: annotations))
    }

    /// Passes and time; returns the virtual milliseconds that it took.
    @discardableResult
    mutating func settle(
        limit: Int = 400, seconds: Int64 = 100_000, until isDone: (DrainBench) -> Bool = { _ in false }
    ) async -> Int64 {
        let lines = lines
        let driver = DrainDriver(cluster: cluster, settings: settings, metrics: metrics) { lines.note($0) }
        let start = cluster.wallClockMilliseconds()
        for _ in 0..<limit {
            let outcome = await driver.pass(&session, answers: answers)
            answers = []
            for call in outcome.calls {
                let began = cluster.monotonicTime()
                let answer = await driver.cache.execute(call, on: session.target)
                answers.append(.init(call: call, answer: answer, took: cluster.monotonicTime() - began))
            }
            if isDone(self) || (outcome.again == nil && answers.isEmpty) { break }
            if cluster.wallClockMilliseconds() - start > seconds * 1000 { break }
            if answers.isEmpty { cluster.advance(max(outcome.again ?? .zero, .milliseconds(10))) }
        }
        return cluster.wallClockMilliseconds() - start
    }

    /// Forgets everything that is in memory, as a new process would.
    mutating func restart() {
        session = .init(key: session.target.key)
        answers = []
    }

    static func files(_ names: String...) -> [FakeCluster.File] { names.map { FakeCluster.File(path: $0) } }
}

/// The lines of a log, for tests that count them.
final class LogLines: Sendable {
    private let lines: Mutex<[LogRecord]> = Mutex([])
    func note(_ record: LogRecord) { lines.withLock { $0.append(record) } }
    var count: Int { lines.withLock { $0.count } }
}
