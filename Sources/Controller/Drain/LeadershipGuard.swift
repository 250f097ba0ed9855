public import Kubernetes
internal import Synchronization

/// Whether this process may write as the leader, by the monotonic clock.
public final class Leadership: Sendable {
    private let until: Mutex<Duration?> = Mutex(nil)

    /// Makes one that does not lead.
    public init() {}

    /// Whether it leads at this time.
    public func isHeld(at time: Duration) -> Bool {
        until.withLock { $0.map { time < $0 } ?? false }
    }

    func hold(until time: Duration?) {
        until.withLock { $0 = time }
    }
}

/// A cluster that refuses writes and commands as soon as the lease may be someone else's.
public struct LeadingCluster<Base: Cluster>: Cluster {
    private let base: Base
    private let leadership: Leadership

    /// Makes one.
    public init(_ base: Base, leadership: Leadership) {
        self.base = base
        self.leadership = leadership
    }

    private func check() throws(ClusterError) {
        guard leadership.isHeld(at: base.monotonicTime()) else {
            // Nothing failed: whoever does not lead is not to tell anybody so.
            throw .cancelled
        }
    }

    /// Sends a request; anything but a read needs the lease.
    public func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        if request.method != .get {
            try check()
        }
        return try await base.send(request)
    }

    /// Watches, lease or not.
    public func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        try await base.watch(request, idleLimit: idleLimit, receive: receive)
    }

    /// Runs a command; that needs the lease.
    public func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult {
        try check()
        return try await base.exec(request)
    }

    /// Connects; whatever is sent needs the lease.
    public func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream {
        try check()
        let stream = try await base.connect(to: port, by: route, timeout: timeout)
        return LeadingByteStream(base: stream) { () throws(ClusterError) in try check() }
    }

    /// The time of day.
    public func wallClockMilliseconds() -> Int64 { base.wallClockMilliseconds() }
    /// The monotonic time.
    public func monotonicTime() -> Duration { base.monotonicTime() }
    /// Waits.
    public func sleep(for duration: Duration) async throws(ClusterError) { try await base.sleep(for: duration) }
}

/// A stream that sends nothing more once the lease may be someone else's.
private struct LeadingByteStream: ByteStream {
    let base: any ByteStream
    let check: @Sendable () throws(ClusterError) -> Void

    func send(_ bytes: [UInt8]) async throws(ClusterError) {
        try check()
        try await base.send(bytes)
    }

    func receive(timeout: Duration) async throws(ClusterError) -> [UInt8]? { try await base.receive(timeout: timeout) }

    func close() { base.close() }
}
