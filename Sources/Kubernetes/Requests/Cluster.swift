/// All that the controller sees of an API server and of time; a real one or a simulated one.
///
/// Every call is bounded in time and bytes by its request. Cancelling the calling task ends a call with
/// `ClusterError.cancelled`. Retries are the caller's, but for those that need a new token or a new connection and were
/// surely not carried out.
public protocol Cluster: Sendable {
    /// Sends a request and returns its answer with a status of 2xx; any other status is thrown as `.status`.
    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse

    /// Sends a watch and hands over the body's bytes as they come, cut anywhere; returns when the server ends it.
    ///
    /// It throws what `send` throws, `.timeout` if nothing came for `idleLimit`, and what `receive` throws.
    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError)

    /// Runs a command in a container and waits for its end; an exit status other than 0 is a result, not an error.
    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult

    /// Connects to a port of a pod by one route.
    ///
    /// That the port does not answer may show only when the stream is used.
    func connect(to port: PodPort, by route: PodPort.Route, timeout: Duration) async throws(ClusterError)
        -> any ByteStream

    /// The time of day in milliseconds since 1970-01-01T00:00:00Z; it may jump.
    func wallClockMilliseconds() -> Int64

    /// The time since an arbitrary moment; it never goes back.
    func monotonicTime() -> Duration

    /// Waits; it throws only `.cancelled`.
    func sleep(for duration: Duration) async throws(ClusterError)
}
