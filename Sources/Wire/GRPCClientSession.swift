/// What a client learns from the bytes of a gRPC connection.
public enum GRPCClientEvent: Sendable, Hashable {
    /// A part of a message; with `isLast` the message is complete. Its window is given back by `consume(_:of:)`.
    case message(stream: Int32, [UInt8], isLast: Bool)
    /// A call is over; only a status that is OK says that nothing is missing.
    case ended(stream: Int32, GRPCStatus)
}

/// The client's half of gRPC over HTTP/2 in plain text, with prior knowledge: the server's bytes in, messages and the
/// bytes to send out.
///
/// Feed what arrives to `receive(_:)`, take events by `takeEvents()`, and send what `output(into:)` gives, after each
/// other call as well, until it gives nothing. There is no clock and no socket in here: a deadline is told to the server,
/// and kept by the caller. Use it from one thread at a time. A call's window is opened only for what the caller says to
/// have consumed, so that a slow reader slows its server and nothing else. It answers pings and sends none: Alluxio's
/// servers close connections that ping more often than once in 30 s.
public struct GRPCClientSession: ~Copyable {
    /// What a server may make the session keep.
    public struct Limits: Sendable {
        /// The longest message in bytes; 100 MB unless set, since servers put thousands of entries into one.
        public var messageBytesMax = 100_000_000
        /// The limits of HTTP/2.
        public var http2 = HTTP2ClientSession.Limits()

        /// The defaults.
        public init() {}
    }

    private struct Call {
        var decoder: GRPCMessageDecoder
        /// Set by the first head or trailers that say how the call ends.
        var status: GRPCStatus?
        var hasHead = false
    }

    private let authority: String
    private let limits: Limits
    private var session: HTTP2ClientSession
    private var calls: [Int32: Call] = [:]
    private var events: [GRPCClientEvent] = []

    /// Opens the client's side of a connection; `authority` is only a name for the server's logs.
    public init(authority: String, limits: Limits = Limits()) throws(HTTP2ClientError) {
        self.authority = authority
        self.limits = limits
        session = try HTTP2ClientSession(limits: limits.http2)
    }

    /// How many calls are not over.
    public var callCount: Int { calls.count }

    /// Begins a call, and returns the number of its stream.
    ///
    /// - Parameters:
    ///   - method: service and method, such as `/alluxio.grpc.block.BlockWorker/RemoveBlock`.
    ///   - metadata: header fields of the call, names in lower case.
    ///   - timeout: what the server is told of the deadline; it is rounded up to milliseconds.
    public mutating func start(
        _ method: String, metadata: [HTTPField] = [], timeout: Duration? = nil
    ) throws(HTTP2ClientError) -> Int32 {
        var headers = [HTTPField("te", "trailers"), HTTPField("content-type", "application/grpc")]
        if let timeout { headers.append(HTTPField("grpc-timeout", Self.text(timeout))) }
        let request = HTTPRequest(method: "POST", target: method, headers: headers + metadata)
        let stream = try session.submit(request, scheme: "http", authority: authority, isBodyOpen: true)
        calls[stream] = Call(decoder: GRPCMessageDecoder(messageBytesMax: limits.messageBytesMax))
        return stream
    }

    /// Sends a message of a call; after the last one the server waits for no more.
    ///
    /// A call that is over is ignored.
    public mutating func send(_ message: [UInt8], on stream: Int32, isLast: Bool) {
        session.send(GRPCMessageDecoder.encode(message), on: stream, isLast: isLast)
    }

    /// Gives a call up; it ends without another event.
    ///
    /// The server may have carried it out, or may still do so.
    public mutating func cancel(_ stream: Int32) {
        guard calls.removeValue(forKey: stream) != nil else { return }
        session.reset(stream)
    }

    /// Lets the server send as many bytes more of a call as were consumed of its messages.
    public mutating func consume(_ byteCount: Int, of stream: Int32) {
        session.consume(byteCount, of: stream)
    }

    /// Takes in what arrived; what it means is in `takeEvents()`, also when this throws.
    public mutating func receive(_ bytes: Span<UInt8>) throws(HTTP2ClientError) {
        defer { act() }
        try session.receive(bytes)
    }

    /// Appends what is to be sent, at least one frame if there is any, and no more once `limit` bytes are reached.
    public mutating func output(into output: inout [UInt8], limit: Int = 64 << 10) throws(HTTP2ClientError) {
        defer { act() }
        try session.output(into: &output, limit: limit)
    }

    /// Returns what happened since the last call, in its order.
    public mutating func takeEvents() -> [GRPCClientEvent] {
        var taken: [GRPCClientEvent] = []
        swap(&taken, &events)
        return taken
    }

    private mutating func act() {
        for event in session.takeEvents() {
            switch event {
            case .head(let stream, let head): receivedHead(head, of: stream)
            case .data(let stream, let bytes): receivedData(bytes, of: stream)
            case .trailers(let stream, let fields): calls[stream]?.status = GRPCStatus(fields)
            case .end(let stream): ended(stream)
            case .closed(let stream, let code): finish(stream, GRPCStatus(resetCode: code))
            // Calls that a server which goes away did not look at are closed as refused.
            case .goAway, .pong: break
            }
        }
    }

    private mutating func receivedHead(_ head: HTTPResponseHead, of stream: Int32) {
        guard calls[stream] != nil else { return }
        calls[stream]?.hasHead = true
        // An answer of trailers alone says in its head how the call ended.
        calls[stream]?.status = GRPCStatus(head.headers)
        let type = head.headers.first { $0.name == "content-type" }?.value ?? ""
        if head.status != 200 {
            abort(stream, GRPCStatus(httpStatus: head.status))
        } else if !type.hasPrefix("application/grpc") {
            abort(stream, GRPCStatus(code: GRPCStatus.unknown, message: "the answer is no gRPC: content-type \(type)"))
        }
    }

    private mutating func receivedData(_ bytes: [UInt8], of stream: Int32) {
        guard calls[stream] != nil else { return }
        do throws(GRPCMessageDecoder.Failure) {
            var prefixes = bytes.count
            for part in try calls[stream]?.decoder.receive(bytes) ?? [] {
                prefixes -= part.bytes.count
                events.append(.message(stream: stream, part.bytes, isLast: part.isLast))
            }
            // What stands between the messages nobody else consumes.
            session.consume(prefixes, of: stream)
        } catch {
            let text =
                switch error {
                case .compressed: "the answer is compressed"
                case .tooLong(let byteCount): "a message of \(byteCount) bytes is above the limit"
                }
            abort(stream, GRPCStatus(code: GRPCStatus.internal, message: text))
        }
    }

    private mutating func ended(_ stream: Int32) {
        guard let call = calls[stream] else { return }
        // The server may not have taken the whole request; on a stream that is over this does nothing.
        session.reset(stream, code: 0)
        guard let status = call.status else {
            return finish(stream, GRPCStatus(code: GRPCStatus.internal, message: "the answer has no grpc-status"))
        }
        let isCut = status.isOK && call.decoder.isWithinMessage
        finish(stream, isCut ? GRPCStatus(code: GRPCStatus.internal, message: "the answer is cut") : status)
    }

    private mutating func abort(_ stream: Int32, _ status: GRPCStatus) {
        session.reset(stream)
        finish(stream, status)
    }

    private mutating func finish(_ stream: Int32, _ status: GRPCStatus) {
        guard calls.removeValue(forKey: stream) != nil else { return }
        events.append(.ended(stream: stream, status))
    }

    /// A duration as `grpc-timeout` has it: at most eight digits and a unit.
    private static func text(_ timeout: Duration) -> String {
        let (seconds, attoseconds) = timeout.components
        let milliseconds = seconds.multipliedReportingOverflow(by: 1_000)
        let total = milliseconds.partialValue + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        guard !milliseconds.overflow, total < 100_000_000 else { return "\(min(max(seconds, 0), 99_999_999))S" }
        return "\(max(total, 0))m"
    }
}

extension GRPCStatus {
    /// The status of a call whose stream was reset (gRPC over HTTP/2, "Errors").
    init(resetCode: UInt32) {
        let code =
            switch resetCode {
            case 7: Self.unavailable
            case 8: Self.cancelled
            case 11: Self.resourceExhausted
            case 12: Self.permissionDenied
            default: Self.internal
            }
        self.init(code: code, message: "the server reset the stream with code \(resetCode)")
    }

    /// The status of a call that was answered without gRPC (gRPC, "HTTP to gRPC status code mapping").
    init(httpStatus: Int) {
        let code =
            switch httpStatus {
            case 400: Self.internal
            case 401: Self.unauthenticated
            case 403: Self.permissionDenied
            case 404: Self.unimplemented
            case 429, 502, 503, 504: Self.unavailable
            default: Self.unknown
            }
        self.init(code: code, message: "HTTP status \(httpStatus)")
    }
}
