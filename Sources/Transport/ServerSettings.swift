public import Wire

/// Every limit of a server; each is there for one kind of client that would otherwise cost us without bound.
public struct ServerSettings: Sendable {
    /// How many loops, and so threads, serve TLS connections.
    public var threads = 1

    /// Until when a TLS handshake has to be complete, from the moment of the connection.
    public var handshakeDeadline = Duration.seconds(10)
    /// Until when a request's head has to be there, from its first byte.
    public var headerDeadline = Duration.seconds(10)
    /// Until when a request's body has to be there, from the end of its head.
    public var bodyDeadline = Duration.seconds(30)
    /// Until when the handler has to answer, from the end of the request; then the client gets 504.
    public var answerDeadline = Duration.seconds(30)
    /// Until when an answer has to be taken by the client, from the moment that it does not take more.
    public var sendDeadline = Duration.seconds(30)
    /// How long a connection may have no request; longer than an API server keeps one, so that it closes first.
    public var idleDeadline = Duration.seconds(120)
    /// How long a connection that we end is read on, so that the client sees the answer and not a reset.
    public var lingerDeadline = Duration.seconds(2)

    /// The most bytes of a request's head, and of its body; beyond them 431 and 413.
    public var requestLimits = HTTP1Limits()
    /// The most TLS connections at a time, shared out to the loops; beyond it one goes by the order of `Dispensability`.
    public var maximumConnections = 1024
    /// The most TLS connections from one address at a time, likewise.
    public var maximumConnectionsPerPeer = 256
    /// The most TLS connections at a time on which nothing was asked yet; beyond it the oldest of them goes.
    ///
    /// At most half of all count, and of plain connections it is half.
    public var maximumUnservedConnections = 256
    /// The most bytes of requests and answers that TLS connections keep at a time: a request's body in full from its
    /// `content-length` on, and what clients have not taken of their answers, encrypted or not.
    ///
    /// Beyond it whichever connection keeps the most is refused its largest request with 503, or is closed: so one
    /// that keeps less than its share is never refused anything.
    public var maximumBytesInFlight = 16 << 20

    /// The same for plain listeners, where only small questions are asked: a flood of either kind leaves the other
    /// alone.
    public var plainRequestLimits = HTTP1Limits(headerBytes: 8 << 10, bodyBytes: 4 << 10)
    /// The most plain connections at a time.
    public var maximumPlainConnections = 256
    /// The most plain connections from one address at a time.
    public var maximumPlainConnectionsPerPeer = 192
    /// The most bytes of requests and answers that plain connections keep at a time.
    public var maximumPlainBytesInFlight = 4 << 20

    /// What HTTP/2 clients may do.
    public var http2 = HTTP2ServerLimits()

    /// Makes the default settings.
    public init() {}
}

/// An address that is listened on, and what is done there.
public struct ListenerSettings: Sendable {
    /// Address and port, such as `127.0.0.1:9443` or `[::]:9443`; port 0 takes any free one.
    public var address: String
    /// The certificates to serve TLS with (HTTP/2 and HTTP/1.1); nil for plain HTTP/1.1.
    public var certificates: CertificateStore?
    /// Who answers the requests.
    public var handler: any RequestHandler

    /// Makes a listener's settings.
    public init(address: String, certificates: CertificateStore? = nil, handler: any RequestHandler) {
        self.address = address
        self.certificates = certificates
        self.handler = handler
    }
}
