import Rules
import Wire

@testable import Controller
@testable import Kubernetes
@testable import Simulation

/// Many scaled caches under the poller that ships, in virtual time; some of their masters and workers accept what they are asked
/// and never answer.
final class SimCaches: @unchecked Sendable {
    // One thread runs it; what runs on its executor runs on that thread too.
    static let workers = 3
    let names: [String]
    private let executor = SimExecutor(seed: 1)
    private var timeline = SimTimeline()
    private let store = Store()
    private let book: FigureBook
    private let settings = FigureSettings(seed: 1)
    private let isScaled: Bool
    private var poller: FigurePoller<SimCaches>?
    private var tasks: [Task<Void, Never>] = []
    /// The caches whose masters never answer, and those whose workers do not.
    var silentMasters: Set<String> = []
    var silentWorkers: Set<String> = []
    /// How long those take that answer, by name; 20 ms where nothing is said.
    var latencies: [String: Duration] = [:]
    /// When the workers of each cache answered last.
    private(set) var countedAt: [String: Duration] = [:]

    init(_ count: Int, isScaled: Bool = true) throws {
        names = (0..<count).map { "cache-\($0)" }.sorted()
        self.isScaled = isScaled
        book = FigureBook(freshFor: settings.freshFor, store: store)
        for kind in StoredKind.base + StoredKind.figures {
            store.beginList(kind)
            store.endList(kind)
        }
        for name in names {
            try put(Self.pod(name, "master", 0), .pods)
            for worker in 0..<Self.workers { try put(Self.pod(name, "worker", worker), .pods) }
            guard isScaled else { continue }
            try put(
                [
                    "metadata": ["name": .string(name), "namespace": "data", "uid": "u", "resourceVersion": "1"],
                    "spec": [
                        "scaleTargetRef": [
                            "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": .string(name),
                        ]
                    ],
                ], .autoscalers)
        }
    }

    private func put(_ object: JSON, _ kind: StoredKind) throws {
        var parser = JSONParser()
        guard let object = try StoredObject(try parser.parse(object.encoded()), kind: kind) else { return }
        store.update(object, kind: kind)
    }

    private static func pod(_ runtime: String, _ role: String, _ number: Int) -> JSON {
        let name = "\(runtime)-\(role)-\(number)"
        return [
            "metadata": [
                "name": .string(name), "namespace": "data", "uid": .string(name), "resourceVersion": "1",
                "labels": ["app": "alluxio", "release": .string(runtime), "role": .string("alluxio-\(role)")],
            ],
            "spec": [
                "containers": [
                    ["name": .string("alluxio-\(role)"), "ports": [["name": "web", "containerPort": 30_000]]]
                ]
            ],
            "status": [
                "phase": "Running", "hostIP": "10.0.0.1", "podIP": .string("10.1.1.\(number)"),
                "conditions": [["type": "Ready", "status": "True"]],
            ],
        ]
    }

    /// Those of these caches whose figures may be told now.
    func fresh(_ names: some Sequence<String>) -> Int {
        names.count { book.entry(ObjectKey(namespace: "data", name: $0), at: monotonicTime()) != nil }
    }

    /// Lets time pass, and looks every three seconds at how few of these caches were fresh.
    func leastFresh(_ names: [String], during seconds: Int) -> Int {
        (0..<seconds / 3).reduce(names.count) { least, _ in
            run(seconds: 3)
            return min(least, fresh(names))
        }
    }

    /// Lets time pass; the first time the poller begins.
    func run(seconds: Int) {
        if poller == nil { begin() }
        let end = timeline.now + .seconds(Int64(seconds))
        while true {
            if executor.runOne() { continue }
            guard let next = timeline.next, next <= end else { return timeline.idle(until: end) }
            timeline.take()?()
        }
    }

    private func begin() {
        let poller = FigurePoller(cluster: self, store: store, settings: settings, book: book, metrics: Metrics()) {
            _ in
        }
        self.poller = poller
        tasks.append(Task(executorPreference: executor) { await poller.run() })
    }

    /// Asks for the figures of all caches at once, as a query with a star does.
    func wantAll() {
        guard let poller else { return }
        let keys = names.map { ObjectKey(namespace: "data", name: $0) }
        tasks.append(Task(executorPreference: executor) { await poller.want(keys) })
    }

    /// Ends the poller, so that nothing is left behind.
    func end() {
        for task in tasks { task.cancel() }
        while executor.runOne() {}
        timeline = SimTimeline()
    }

    /// What every master answers, and every worker.
    private static let answers: (master: [UInt8], worker: [UInt8]) = {
        let workers = (0..<SimCaches.workers).map { worker -> JSON in
            [
                "capacityBytes": 1_000, "usedBytes": 100, "lastContactSec": 0,
                "address": ["host": "10.0.0.1", "containerHost": .string("10.1.1.\(worker)"), "webPort": 30_000],
            ]
        }
        let master: JSON = [
            "capacity": ["total": 3_000, "used": 300], "workers": .array(workers), "startTimeMs": 1,
        ]
        let worker: JSON = ["operationMetrics": ["BlocksEvicted": ["count": 1]]]
        return (master.encoded(), worker.encoded())
    }()
}

extension SimCaches: RequestOnlyCluster {
    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        guard !Task.isCancelled else { throw .cancelled }
        let isMaster = request.path.hasSuffix("/api/v1/master/info")
        let pod = request.path.split(separator: ":").dropFirst().first ?? ""
        let name = pod.split(separator: "-").prefix(2).joined(separator: "-")
        let isSilent = (isMaster ? silentMasters : silentWorkers).contains(name)
        let latency = latencies[name] ?? .milliseconds(20)
        let answers = !isSilent && latency <= request.timeout
        guard await wait(answers ? latency : request.timeout) else { throw .cancelled }
        guard answers else { throw .timeout }
        if !isMaster { countedAt[name] = monotonicTime() }
        return APIResponse(status: 200, body: isMaster ? Self.answers.master : Self.answers.worker)
    }

    private func wait(_ duration: Duration) async -> Bool {
        let waiter = SimWaiter<Bool>()
        timeline.add(at: timeline.now + Int64(microseconds: duration)) { waiter.resume(true) }
        return await waiter.wait(ifCancelled: false)
    }

    func sleep(for duration: Duration) async throws(ClusterError) {
        guard !Task.isCancelled, await wait(duration) else { throw .cancelled }
    }

    func wallClockMilliseconds() -> Int64 { 1_795_000_000_000 + timeline.now / 1_000 }
    func monotonicTime() -> Duration { .microseconds(timeline.now) }
}
