import Kubernetes
import Synchronization
import Wire

/// A small cluster in memory: one runtime, its worker set and pods, an Alluxio with files, and time that only tests move.
///
/// It answers in the shapes of a real API server and of Alluxio 2.9, and knows no more than the reconciler asks for.
final class FakeCluster: Cluster {
    struct File {
        var path: String
        var isPersisted = true
        var isPinned = false
        var replicationMin: Int64 = 0
        var bytes: Int64 = 100
    }

    struct State {
        var milliseconds: Int64 = 1_795_000_000_000
        var objects: [String: JSON] = [:]
        var version = 1
        /// Whether the cluster has the definition of our drains.
        var hasDrains = true
        /// How long each worker takes for an answer.
        var delays: [String: Duration] = [:]
        /// Workers whose lists and counters move with each answer.
        var moving: Set<String> = []
        /// What a worker reserves on each of two tiers, and what its configuration says of it.
        var reserved: Int64?
        var capacity: [String: Int64] = [:]
        /// What ends every call of the client, if anything does.
        var exitCode: Int32?
        /// Whether Kubernetes takes the pods above the count.
        var takesPods = true
        /// What each worker holds, by pod, and when what was freed goes.
        var held: [String: [File]] = [:]
        var leaving: [String: [String: Int64]] = [:]
        var events: [(reason: String, message: String)] = []
        var requests: [APIRequest] = []
        var commands: [[String]] = []
        /// The blocks that were removed by RPC.
        var removed: [Int64] = []
        /// How many operations each worker says to be busy with.
        var operations: Int64 = 0
        /// How often a block was asked for that a reader holds.
        var askedLocked = 0
        /// The hosts whose workers were taken out of service by RPC, and by which requests.
        var takenOut: [(host: String, request: [UInt8])] = []
        var isHeldByWebhook = false
        /// Answers the next requests or commands of this kind by an error, before or after they were carried out.
        var faults: [Fault] = []
        var alluxioVersion = "2.9.0"
        var unreadable: Set<String> = []
        var uploading: [String: Int64] = [:]
        /// What happens while a command runs.
        var whileRunning: (@Sendable ([String]) async -> Void)?
    }

    struct Fault {
        var part: String
        var isAfter: Bool
        var error: ClusterError
    }

    let state: Mutex<State>
    /// What goes wrong at the RPC ports; nil while they are closed.
    let rpc = Mutex<FakeRPC.Faults?>(nil)
    static let namespace = "data"
    static let runtimePath = "/apis/data.fluid.io/v1alpha1/namespaces/data/alluxioruntimes/hbase"
    static let setPath = "/apis/apps/v1/namespaces/data/statefulsets/hbase-worker"
    static let daemonPath = "/apis/apps/v1/namespaces/data/daemonsets/hbase-worker"
    static let podsPath = "/api/v1/namespaces/data/pods"
    static let nodesPath = "/api/v1/nodes"
    static let drainPath = "/apis/sluice.dev/v1alpha1/namespaces/data/workerdrains/hbase"

    init(workers: Int, wanted: Int, annotations: [String: String] = [:]) {
        var initial = State()
        initial.objects[Self.runtimePath] = FakeObjects.runtime(wanted: wanted, present: workers, annotations)
        initial.objects[Self.setPath] = FakeObjects.set(replicas: workers)
        initial.objects["\(Self.podsPath)/hbase-master-0"] = FakeObjects.pod(
            "hbase-master-0", role: "master", address: "10.1.0.1")
        for ordinal in 0..<workers {
            let name = "hbase-worker-\(ordinal)"
            initial.objects["\(Self.podsPath)/\(name)"] = FakeObjects.pod(
                name, role: "worker", address: "10.1.1.\(ordinal)")
            initial.held[name] = []
        }
        state = Mutex(initial)
    }

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        if let delay = state.withLock({ state in
            state.delays.first { request.path.contains("http:\($0.key):") }?.value
        }) {
            try await sleep(for: delay)
        }
        let answer: Result<APIResponse, ClusterError> = state.withLock { state in
            state.requests.append(request)
            if !state.hasDrains, request.path.contains("/workerdrains") { return FakeServer.status(404) }
            let fault = state.faults.firstIndex { request.target.contains($0.part) }.map { state.faults.remove(at: $0) }
            if let fault, !fault.isAfter {
                return .failure(fault.error)
            }
            let answer = FakeServer.answer(request, &state)
            return fault.map { .failure($0.error) } ?? answer
        }
        return try answer.get()
    }

    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        throw .transport("not watched here")
    }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult {
        let whileRunning = state.withLock { $0.whileRunning }
        let answer: Result<ExecResult, ClusterError> = state.withLock { state in
            state.commands.append(request.command)
            let fault = state.faults.firstIndex { request.command.contains($0.part) }.map {
                state.faults.remove(at: $0)
            }
            if let fault, !fault.isAfter {
                return .failure(fault.error)
            }
            let result = FakeAlluxio.run(request.command, &state)
            return fault.map { .failure($0.error) } ?? .success(result)
        }
        await whileRunning?(request.command)
        return try answer.get()
    }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream {
        guard let faults = rpc.withLock({ $0 }), !faults.isClosed.contains(route) else {
            throw .transport("nothing listens there")
        }
        return FakeRPC(self, pod: port.pod)
    }

    /// Opens the RPC ports, with these faults.
    func listen(_ faults: FakeRPC.Faults) { rpc.withLock { $0 = faults } }

    func wallClockMilliseconds() -> Int64 { state.withLock { $0.milliseconds } }
    func monotonicTime() -> Duration { .milliseconds(state.withLock { $0.milliseconds }) }

    func sleep(for duration: Duration) async throws(ClusterError) {
        if Task.isCancelled { throw .cancelled }
        do {
            try await Task.sleep(for: .milliseconds(1))
        } catch {
            throw .cancelled
        }
        advance(duration)
    }

    /// Lets time pass: freed blocks go, and the StatefulSet's controller does its work.
    func advance(_ duration: Duration) {
        state.withLock { state in
            state.milliseconds +=
                duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
            let now = state.milliseconds
            for (pod, paths) in state.leaving {
                let gone = Set(paths.filter { $0.value <= now }.keys)
                state.held[pod]?.removeAll { gone.contains($0.path) }
                state.leaving[pod] = paths.filter { $0.value > now }
            }
            let spec = state.objects[Self.setPath]?["spec"]
            let start = spec?["ordinals"]?["start"]?.int64 ?? 0
            let replicas = (spec?["replicas"]?.int64).map { $0 + start }
            for (path, pod) in state.objects where path.contains("/pods/hbase-worker-") && state.takesPods {
                let ordinal = path.split(separator: "-").last.flatMap { Int64($0) } ?? 0
                if replicas.map({ ordinal >= $0 }) ?? !FakeObjects.isPlaced(pod, state) {
                    state.objects[path] = nil
                }
            }
        }
    }

    /// The drain's object.
    var drain: JSON? { state.withLock { $0.objects[Self.drainPath] } }
    /// How far the drain is, as its object says.
    var drainState: String { drain?["status"]?["state"]?.string ?? "" }
    /// Why it does not go on, as its object says.
    var blocked: String { drain?["status"]?["blocked"]?["reason"]?.string ?? "" }

    /// What an annotation of the worker set says.
    func annotation(_ name: String) -> String? {
        state.withLock { $0.objects[Self.setPath]?["metadata"]?["annotations"]?[name]?.string }
    }

    var replicas: Int64? { state.withLock { $0.objects[Self.setPath]?["spec"]?["replicas"]?.int64 } }

    func want(_ count: Int64) {
        state.withLock { $0.objects[Self.runtimePath]?["spec"]?["replicas"] = .integer(count) }
    }

    func fill(_ pod: String, _ files: [File]) {
        state.withLock { $0.held[pod] = files }
    }

    func held(_ pod: String) -> [String] {
        state.withLock { ($0.held[pod] ?? []).map(\.path) }
    }

    var reasons: [String] { state.withLock { $0.events.map(\.reason) } }
    var frees: [[String]] { state.withLock { $0.commands.filter { $0.contains("free") } } }
}
