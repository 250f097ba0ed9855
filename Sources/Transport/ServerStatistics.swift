internal import Synchronization

/// What a server has done so far and holds now, for metrics.
public struct ServerStatistics: Sendable, Hashable {
    /// Connections that are open.
    public var connections = 0
    /// Bytes of requests and answers that are kept.
    public var bytesInFlight = 0
    /// Connections that were accepted.
    public var accepted = 0
    /// Connections that were closed or not taken because there were too many.
    public var refused = 0
    /// Handshakes that failed or took too long.
    public var failedHandshakes = 0
    /// Requests that were handed to a handler.
    public var requests = 0
    /// Requests that broke the protocol or a limit of size.
    public var badRequests = 0
    /// Requests that were answered with 503, and connections that were closed, because too many bytes were in flight.
    public var shed = 0
    /// Connections that were ended by a deadline, other than the idle one.
    public var timeouts = 0
}

/// The counters of a server, shared by its loops.
final class ServerCounters: Sendable {
    let connections = Atomic<Int>(0)
    let accepted = Atomic<Int>(0)
    let refused = Atomic<Int>(0)
    let failedHandshakes = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let badRequests = Atomic<Int>(0)
    let shed = Atomic<Int>(0)
    let timeouts = Atomic<Int>(0)

    func snapshot(bytesInFlight: Int) -> ServerStatistics {
        ServerStatistics(
            connections: connections.load(ordering: .relaxed), bytesInFlight: bytesInFlight,
            accepted: accepted.load(ordering: .relaxed), refused: refused.load(ordering: .relaxed),
            failedHandshakes: failedHandshakes.load(ordering: .relaxed), requests: requests.load(ordering: .relaxed),
            badRequests: badRequests.load(ordering: .relaxed), shed: shed.load(ordering: .relaxed),
            timeouts: timeouts.load(ordering: .relaxed))
    }
}

extension Atomic<Int> {
    /// Adds one; the order against other memory does not matter to a counter.
    borrowing func increment() {
        wrappingAdd(1, ordering: .relaxed)
    }
}
