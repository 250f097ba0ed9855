import Kubernetes
import Synchronization
import Testing
import Wire

/// A cluster that answers from a script, one step for each call, and whose time passes only by sleeping.
final class ScriptedCluster: Cluster {
    enum Step: Sendable {
        /// The answer to a request.
        case answer(Result<String, ClusterError>)
        /// What a watch brings, chunk by chunk, and how it ends; nil for the server's own end.
        case watch([String], ClusterError?)
    }

    struct State {
        var steps: [Step]
        var calls: [String] = []
        var time: Duration = .zero
        /// The test's task that waits for the script's end.
        var waiter: CheckedContinuation<Void, Never>?
        var isOver = false
    }

    let state: Mutex<State>

    init(_ steps: [Step]) { state = Mutex(State(steps: steps)) }

    var calls: [String] { state.withLock { $0.calls } }

    /// Returns when the script is used up and one more call came.
    func over() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if !state.isOver { state.waiter = continuation }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    private func next(_ call: String) async throws(ClusterError) -> Step {
        let step: Step? = state.withLock { state in
            guard !state.steps.isEmpty else { return nil }
            state.calls.append(call)
            return state.steps.removeFirst()
        }
        if let step { return step }
        let waiter = state.withLock { state in
            state.isOver = true
            return state.waiter.take()
        }
        waiter?.resume()
        // Nothing more comes: wait to be cancelled.
        try? await ContinuousClock().sleep(for: .seconds(3600))
        throw .cancelled
    }

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        guard case .answer(let result) = try await next("\(request.method.rawValue) \(request.target)") else {
            Issue.record("a watch was expected, not \(request.target)")
            throw .cancelled
        }
        return APIResponse(status: 200, body: Array(try result.get().utf8))
    }

    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        let version = request.query.first { $0.name == "resourceVersion" }?.value ?? ""
        guard case .watch(let chunks, let end) = try await next("WATCH \(request.path) \(version)") else {
            Issue.record("a request was expected, not a watch")
            throw .cancelled
        }
        for chunk in chunks { try receive(Array(chunk.utf8)) }
        if let end { throw end }
    }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult { throw .transport("no exec") }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream { throw .transport("no port") }

    func wallClockMilliseconds() -> Int64 { 0 }

    func monotonicTime() -> Duration { state.withLock { $0.time } }

    func sleep(for duration: Duration) async throws(ClusterError) {
        state.withLock { state in
            state.time += duration
            state.calls.append("SLEEP")
        }
    }
}

/// Calls that must be told from each other only by their path.
func status(_ code: Int, _ reason: String = "") -> ClusterError { .status(APIStatus(code: code, reason: reason)) }
