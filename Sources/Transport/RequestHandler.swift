public import Wire

/// Answers the requests of a listener.
public protocol RequestHandler: Sendable {
    /// Answers a request through `responder`, normally before it returns.
    ///
    /// Called on the thread of the loop that owns the connection, so it must not block; calls for other connections
    /// run on other threads at the same time. A responder may be kept and used later from any thread; beyond the
    /// answer deadline the client has got 504 and the late answer is dropped. Of a request that is answered later only
    /// small facts may be kept: from the return on it is counted with `Responder.keptBytes`, its body is gone.
    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder)

    /// The answer where the server itself refuses a request, before the handler got it or since the handler is late.
    ///
    /// Without an implementation it is plain text.
    func refusal(_ status: Int, _ reason: String) -> HTTPResponse
}

extension RequestHandler {
    /// Plain text that says what is wrong.
    public func refusal(_ status: Int, _ reason: String) -> HTTPResponse { .refusal(status, reason) }
}

/// Who sent a request, and when.
public struct RequestContext: Sendable {
    /// When the whole request was there, on the monotonic clock of `EventLoop.now`.
    public let receivedAt: MonotonicTime
    let peer: Peer

    /// The client's address and port as text, such as `10.0.0.1:40000`.
    public var peerAddress: String { peer.address.description }

    /// The common and alternative names of the client's certificate; empty if none was asked for.
    public var clientNames: [String] { peer.clientNames }

    /// The certificates that the client showed, in DER, its own first; only where it need not show any
    /// (`CertificateFiles.judgesClientsByRequest`), and then not judged yet.
    public var clientChain: [[UInt8]] { peer.clientChain }

    /// Whether the client is one that the certificate files ask for; true where they ask for none.
    public var isKnownClient: Bool { peer.isKnown }

    /// Whether the request came over TLS.
    public var isTLS: Bool { peer.isTLS }
}

/// What all requests of a connection have in common.
struct Peer: Sendable {
    let address: SocketAddress
    let isTLS: Bool
    var clientNames: [String] = []
    /// What the client showed, where it need not show anything.
    var clientChain: [[UInt8]] = []
    /// False where `--client-ca` and its like ask for more than the client showed.
    var isKnown = true
}

/// Takes the answer to one request, once, from any thread.
public struct Responder: Sendable {
    let loop: ServerLoop
    let connection: UInt64
    let request: UInt64
    /// The request's, for as long as it waits.
    weak let wait: RequestWait?

    /// Whether the answer still goes anywhere: false once the request was answered or is overdue, and where the client is
    /// known to have gone, so that work on the answer can end.
    ///
    /// May be asked from any thread. Of an HTTP/1.1 client nobody knows before its connection breaks.
    public var isAwaited: Bool { wait != nil }

    /// What a request that waits for a late answer is counted with, in bytes.
    public static let keptBytes = 16 << 10

    /// Sends the answer; nothing happens if it was answered before, is overdue, or the client has gone.
    public func respond(_ response: HTTPResponse) {
        guard loop.events.isCurrent else {
            loop.events.execute { [self] in loop.deliver(response, to: request, of: connection) }
            return
        }
        loop.deliver(response, to: request, of: connection)
    }
}

/// That a request waits for its answer: held by its connection for so long, and by nobody else.
final class RequestWait: Sendable {}

/// A handler made of a function.
public struct ClosureHandler: RequestHandler {
    private let function: @Sendable (HTTPRequest, RequestContext, Responder) -> Void

    /// Makes a handler that calls `function` as `handle` is called.
    public init(_ function: @escaping @Sendable (HTTPRequest, RequestContext, Responder) -> Void) {
        self.function = function
    }

    /// Calls the function.
    public func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        function(request, context, responder)
    }
}
