internal import Synchronization
public import Wire

/// A client of one server: many requests at a time, over HTTP/2 where the server speaks it, else over HTTP/1.1.
///
/// Any task may use it. All I/O is done on its loop's thread. Each call is bounded in time and bytes, and ends early with
/// `.cancelled` when its task is cancelled. Nothing is sent twice, but for what was surely not carried out. Close the
/// client before its loop is stopped.
public final class Client: Sendable {
    /// The server.
    public let endpoint: ClientEndpoint
    let loop: EventLoop
    let pool: ClientPool
    let settings: ClientSettings
    private let isClosed = Atomic<Bool>(false)

    /// Makes a client, which connects when it is first used; `tls` is nil for plain text, and its ALPN names are ignored.
    public init(
        loop: EventLoop, endpoint: ClientEndpoint, tls: TLSClientConfiguration?, settings: ClientSettings = .init()
    ) throws(TLSError) {
        self.loop = loop
        self.endpoint = endpoint
        self.settings = settings
        pool = ClientPool(
            loop: loop, endpoint: endpoint, settings: settings, contexts: try ClientContexts(tls))
    }

    deinit {
        close()
    }

    /// Uses other certificates for new connections; requests under way end on the old ones.
    public func use(_ tls: TLSClientConfiguration) throws(TLSError) {
        guard let contexts = try ClientContexts(tls) else { return }
        loop.execute { [pool] in pool.use(contexts) }
    }

    /// Closes all connections; calls under way end with `.closed`, and so do later ones.
    public func close() {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        loop.execute { [pool] in pool.close() }
    }

    /// Runs a job of a call on the loop, and `drop` where the client is closed: its loop may be at its end, and then
    /// nobody else would answer.
    func execute(_ job: @escaping @Sendable () -> Void, orElse drop: () -> Void) {
        loop.execute(job)
        if isClosed.load(ordering: .sequentiallyConsistent) { drop() }
    }

    /// Sends a request and waits for its whole answer, whatever its status is.
    ///
    /// It takes at most `timeout` from the call, connecting included, and at most `bodyBytesMax` bytes of body.
    public func send(
        _ request: HTTPRequest, timeout: Duration, bodyBytesMax: Int
    ) async throws(ClientError) -> HTTPResponse {
        let exchange = ClientExchange(request, body: .collected(bytesMax: bodyBytesMax), timeout: timeout)
        return try await run(exchange) { exchange async throws(ClientError) in try await exchange.response() }
    }

    /// Sends a request and waits for the head of its answer; the body comes piece by piece.
    ///
    /// The whole exchange may take `timeout`, and between two pieces no more than `idleLimit` may pass.
    public func open(
        _ request: HTTPRequest, timeout: Duration, idleLimit: Duration
    ) async throws(ClientError) -> ClientStream {
        let exchange = ClientExchange(request, body: .streamed, timeout: timeout, idleLimit: idleLimit)
        let head = try await run(exchange) { exchange async throws(ClientError) in try await exchange.head() }
        return ClientStream(head, exchange, pool)
    }

    private func run<Value: Sendable>(
        _ exchange: ClientExchange, _ body: (ClientExchange) async throws(ClientError) -> Value
    ) async throws(ClientError) -> Value {
        execute { [pool] in
            pool.start(exchange)
        } orElse: {
            exchange.finish(.failure(.closed))
        }
        return try await pool.cancelling(exchange) { exchange async throws(ClientError) in try await body(exchange) }
    }
}

/// The answer to a request, with a body that comes piece by piece; for one task at a time.
///
/// Letting go of it gives the rest of the body up.
public final class ClientStream: Sendable {
    /// Status and header fields.
    public let head: HTTPResponseHead
    private let exchange: ClientExchange
    private let pool: ClientPool

    init(_ head: HTTPResponseHead, _ exchange: ClientExchange, _ pool: ClientPool) {
        self.head = head
        self.exchange = exchange
        self.pool = pool
    }

    deinit {
        cancel()
    }

    /// Waits for more of the body and returns all that has come; nil at its end.
    ///
    /// While nobody asks, at most `ClientSettings.streamBufferBytes` are kept and the server has to wait.
    public func next() async throws(ClientError) -> [UInt8]? {
        let bytes = try await pool.cancelling(exchange) { exchange async throws(ClientError) in
            try await exchange.nextBytes()
        }
        if let bytes {
            pool.loop.execute { [exchange] in exchange.connection?.consumed(bytes.count, of: exchange) }
        }
        return bytes
    }

    /// Gives the rest of the body up; from any thread, and as often as one likes.
    public func cancel() {
        pool.cancel(exchange, .cancelled)
    }
}

extension ClientPool {
    /// Ends an exchange from any thread: its task learns of it at once, its connection soon.
    func cancel(_ exchange: ClientExchange, _ error: ClientError) {
        guard exchange.finish(.failure(error)) else { return }
        loop.execute { self.giveUp(exchange, error) }
    }

    /// Runs what waits for an exchange, and ends the exchange when the task is cancelled.
    func cancelling<Value: Sendable>(
        _ exchange: ClientExchange, _ body: (ClientExchange) async throws(ClientError) -> Value
    ) async throws(ClientError) -> Value {
        let result = await withTaskCancellationHandler {
            do throws(ClientError) {
                return Result<Value, ClientError>.success(try await body(exchange))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            self.cancel(exchange, .cancelled)
        }
        return try result.get()
    }
}

/// The two ways in which a client shakes hands.
struct ClientContexts: Sendable {
    /// Offers HTTP/2, and HTTP/1.1 to a server without it.
    let any: TLSContext
    /// Offers HTTP/1.1 only, as an upgrade needs it.
    let http1: TLSContext

    init?(_ configuration: TLSClientConfiguration?) throws(TLSError) {
        guard var configuration else { return nil }
        configuration.applicationProtocols = ["h2", "http/1.1"]
        any = try TLSContext(client: configuration)
        configuration.applicationProtocols = ["http/1.1"]
        http1 = try TLSContext(client: configuration)
    }
}
