import Foundation
import Kubernetes
import Synchronization
import Wire

@testable import Controller
@testable import Simulation

/// A cluster of caches that only answers what is asked for figures; its time passes only by sleeping.
final class FigureCluster: RequestOnlyCluster {
    struct State {
        var time = Duration.seconds(1_000)
        var requests: [APIRequest] = []
        /// What the master of each runtime answers; nothing is a connection that broke.
        var masters: [String: String] = [:]
        /// What the API server answers on other paths.
        var answers: [String: Result<String, ClusterError>] = [:]
        /// How many requests come before the task that runs is cancelled; nil for no end.
        var requestsMax: Int?
        /// How much sooner a sleeper wakes than it was to, as where a clock rounds.
        var early = Duration.zero
        /// How long whoever asks waits for an answer that does not come.
        var slowness = Duration.zero
        /// The path on which nothing is answered until `release`, and who waits there.
        var heldPath: String?
        var held: [CheckedContinuation<Void, Never>] = []
    }

    let state = Mutex(State())

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        let (answer, isOver) = state.withLock { state -> (Result<String, ClusterError>?, Bool) in
            state.requests.append(request)
            let isOver = state.requestsMax.map { state.requests.count > $0 } ?? false
            if let answer = state.answers[request.path] { return (answer, isOver) }
            let runtime = state.masters.keys.first { request.path.contains("http:\($0)-master-0:") }
            return (runtime.flatMap { state.masters[$0] }.map { .success($0) }, isOver)
        }
        if isOver { throw .cancelled }
        await withCheckedContinuation { waiter in
            let isHeld = state.withLock { state in
                if request.path == state.heldPath { state.held.append(waiter) }
                return request.path == state.heldPath
            }
            if !isHeld { waiter.resume() }
        }
        guard let answer else {
            state.withLock { $0.time += $0.slowness }
            throw .transport("the connection broke")
        }
        return APIResponse(status: 200, body: Array(try answer.get().utf8))
    }

    func wallClockMilliseconds() -> Int64 { 1_795_000_000_000 }
    func monotonicTime() -> Duration { state.withLock { $0.time } }

    func sleep(for duration: Duration) async throws(ClusterError) {
        await Task.yield()
        let isOver = state.withLock { state in
            state.time += duration > state.early ? duration - state.early : duration
            return state.requestsMax.map { state.requests.count >= $0 } ?? false
        }
        // Whoever waits for the end looks at the requests.
        if isOver || Task.isCancelled {
            try? await ContinuousClock().sleep(for: .seconds(3_600))
            throw .cancelled
        }
    }

    /// Answers what was held, and holds nothing any more.
    func release() {
        let held = state.withLock { state in
            state.heldPath = nil
            defer { state.held = [] }
            return state.held
        }
        for waiter in held { waiter.resume() }
    }

    static let accessReviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

    /// A cache of two workers, behind an API server that shows these certificates and allows everything.
    func addCache(to store: Store, behind samples: FrontProxySamples) throws {
        try FigureSamples.addCache("hbase", workers: 2, to: store)
        let map = samples.configMap()
        state.withLock { state in
            state.masters["hbase"] = FigureSamples.page([170, 201])
            state.answers[FrontProxy.request.path] = .success(map)
            state.answers[Self.accessReviews] = .success(#"{"status":{"allowed":true}}"#)
        }
    }

    var requests: [APIRequest] { state.withLock { $0.requests } }
    func pass(_ duration: Duration) { state.withLock { $0.time += duration } }
}

/// What a recorded or made-up master says, and the objects around it.
enum FigureSamples {
    static func recorded(_ name: String) throws -> String {
        var folder = URL(filePath: #filePath)
        for _ in 0..<2 { folder.deleteLastPathComponent() }
        return String(decoding: try Data(contentsOf: folder.appending(path: "Fixtures/\(name)")), as: UTF8.self)
    }

    /// A page with workers in the pod network on one node, each of 1,000 bytes or of `quota`.
    static func page(
        _ used: [Int64], quota: Int64 = 1_000, silent: [Int64] = [], read: Int64 = 0, missed: Int64 = 0,
        started: Int64 = 1
    ) -> String {
        let workers = used.enumerated().map { index, bytes in
            let seconds = silent.indices.contains(index) ? silent[index] : 0
            return
                #"{"capacityBytes":\#(quota),"usedBytes":\#(bytes),"lastContactSec":\#(seconds),"address":{"host":"10.0.0.1","#
                + #""containerHost":"10.1.1.\#(index)","webPort":30000}}"#
        }
        return #"{"capacity":{"total":\#(Int64(used.count) * quota),"used":\#(used.reduce(0, +))},"#
            + #""workers":[\#(workers.joined(separator: ","))],"startTimeMs":\#(started),"#
            + #""metrics":{"Cluster.BytesReadRemote":\#(read),"Cluster.BytesReadUfsAll":\#(missed)}}"#
    }

    static func pod(_ name: String, of runtime: String, role: String, address: String, isReady: Bool = true) -> String {
        #"{"metadata":{"name":"\#(name)","namespace":"data","uid":"\#(name)","resourceVersion":"1","labels":{"app":"alluxio","#
            + #""release":"\#(runtime)","role":"\#(role)"}},"spec":{"containers":[{"name":"\#(role)","ports":[{"name":"web","#
            + #""containerPort":30000}]}]},"status":{"phase":"Running","hostIP":"10.0.0.1","podIP":"\#(address)","#
            + #""conditions":[{"type":"Ready","status":"\#(isReady ? "True" : "False")"}]}}"#
    }

    static func put(_ text: String, _ kind: StoredKind, into store: Store) throws {
        var parser = JSONParser()
        guard let object = try StoredObject(try parser.parse(Array(text.utf8)), kind: kind) else { return }
        store.update(object, kind: kind)
    }

    static func addCache(_ name: String, workers: Int, to store: Store) throws {
        for kind in StoredKind.allCases where !store.isSynced(kind) { store.clear(kind) }
        try put(
            #"{"metadata":{"name":"\#(name)","namespace":"data","labels":{"team":"a"}},"spec":{}}"#, .runtimes,
            into: store)
        try put(
            #"{"metadata":{"name":"\#(name)","namespace":"data"},"status":{"ufsTotal":"84.29MiB"}}"#, .datasets,
            into: store)
        try put(pod("\(name)-master-0", of: name, role: "alluxio-master", address: "10.0.0.1"), .pods, into: store)
        for index in 0..<workers {
            try put(
                pod("\(name)-worker-\(index)", of: name, role: "alluxio-worker", address: "10.1.1.\(index)"), .pods,
                into: store)
        }
    }

    static func addScaler(of name: String, to store: Store) throws {
        try put(
            #"{"metadata":{"name":"\#(name)","namespace":"data","uid":"u","resourceVersion":"1"},"spec":{"scaleTargetRef":"#
                + #"{"apiVersion":"data.fluid.io/v1alpha1","kind":"AlluxioRuntime","name":"\#(name)"}}}"#, .autoscalers,
            into: store)
    }

    static func setDrain(_ name: String, _ status: String, to store: Store) throws {
        try put(#"{"metadata":{"name":"\#(name)","namespace":"data"},"status":\#(status)}"#, .drains, into: store)
    }
}
