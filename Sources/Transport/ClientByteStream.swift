internal import Synchronization
public import Wire

/// A stream of bytes to a port, in both directions, for one task at a time; letting go of it closes it.
///
/// It is a TCP connection of its own, or the same inside a WebSocket of the API server's port-forward. What the other side
/// sends waits there while nobody receives it: at most `bufferBytes` are kept here.
public final class ClientByteStream: Sendable {
    /// How many bytes are kept that nobody has received yet, before reading stops.
    static let bufferBytes = 1 << 20
    /// How many bytes may wait to be sent before `send` waits.
    static let backlogBytes = 256 << 10

    private let loop: EventLoop
    private let shared: ClientByteStreamState
    private let carrier: ClientByteCarrier

    private init(loop: EventLoop, shared: ClientByteStreamState, carrier: ClientByteCarrier) {
        self.loop = loop
        self.shared = shared
        self.carrier = carrier
    }

    deinit {
        close()
    }

    /// Connects to a port in plain TCP.
    public static func connect(
        loop: EventLoop, endpoint: ClientEndpoint, timeout: Duration
    ) async throws(ClientError) -> ClientByteStream {
        try await open(loop: loop, endpoint: endpoint, context: { nil }, upgrade: nil, timeout: timeout)
    }

    /// `context` is asked for on the loop's thread.
    static func open(
        loop: EventLoop, endpoint: ClientEndpoint, context: @escaping @Sendable () -> TLSContext?,
        upgrade: ClientUpgrade?, timeout: Duration
    ) async throws(ClientError) -> ClientByteStream {
        let shared = ClientByteStreamState()
        let carrier = ClientByteCarrier(loop: loop, upgrade: upgrade, shared: shared)
        let stream = ClientByteStream(loop: loop, shared: shared, carrier: carrier)
        loop.execute { carrier.start(endpoint, context(), timeout: timeout) }
        try await stream.wait { $0.isOpen }
        return stream
    }

    /// Sends bytes; returns when most of what was sent so far is with the system.
    public func send(_ bytes: [UInt8]) async throws(ClientError) {
        shared.queue(bytes.count)
        loop.execute { [carrier] in carrier.send(bytes) }
        try await wait { $0.backlog <= Self.backlogBytes }
    }

    /// Waits for bytes and returns all that have come: nil if none came within `timeout`, none at all at the stream's end.
    public func receive(timeout: Duration) async throws(ClientError) -> [UInt8]? {
        let wake = shared.wakeToken()
        loop.execute { [carrier] in carrier.wake(wake, after: timeout) }
        try await wait { !$0.bytes.isEmpty || $0.isEnded || $0.lastWake >= wake }
        let (bytes, isEnded) = shared.take()
        loop.execute { [carrier] in carrier.received() }
        return bytes.isEmpty && !isEnded ? nil : bytes
    }

    /// Closes it; from any thread, and as often as one likes.
    public func close() {
        shared.finish(.failure(.closed))
        loop.execute { [carrier] in carrier.close() }
    }

    private func wait(until isSatisfied: @escaping @Sendable (ClientByteStreamState.Content) -> Bool)
        async throws(ClientError)
    {
        let result = await withTaskCancellationHandler {
            await shared.wait(until: isSatisfied)
        } onCancel: {
            shared.finish(.failure(.cancelled))
            loop.execute { [carrier] in carrier.close() }
        }
        try result.get()
    }
}

extension Client {
    /// Connects to a port of another server in plain TCP, on this client's loop.
    public func connect(to endpoint: ClientEndpoint, timeout: Duration) async throws(ClientError) -> ClientByteStream {
        try await ClientByteStream.connect(loop: loop, endpoint: endpoint, timeout: timeout)
    }

    /// Opens a stream to one port of a pod through the API server.
    ///
    /// `target` is path and query of the pod's `portforward`. An answer other than an upgrade is `.refused`. Whether the
    /// port can be reached shows only later: the stream then ends with `.broken` and the node's words.
    public func portForward(
        target: String, headers: [HTTPField], timeout: Duration
    ) async throws(ClientError) -> ClientByteStream {
        let upgrade = try ClientUpgrade(
            target: target, headers: headers, subprotocols: [PortChannels.subprotocol], host: endpoint.authority)
        return try await ClientByteStream.open(
            loop: loop, endpoint: endpoint, context: { [pool] in pool.contexts?.http1 },
            upgrade: upgrade, timeout: timeout)
    }
}
