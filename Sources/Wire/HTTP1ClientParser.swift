/// The status line and header fields of a response.
public struct HTTPResponseHead: Sendable, Hashable {
    /// The status code, 100 to 599.
    public var status: Int
    /// The header fields in their order, names in lower case; none of HTTP/2's pseudo fields.
    public var headers: [HTTPField]

    /// Makes a head.
    public init(status: Int, headers: [HTTPField] = []) {
        self.status = status
        self.headers = headers
    }

    /// Returns the first field of that lower-case name, or nil.
    public func firstValue(of name: String) -> String? {
        headers.first { $0.name == name }?.value
    }
}

/// What a client learns from the bytes of an HTTP/1.1 connection.
public enum HTTP1ClientEvent: Sendable, Hashable {
    /// The final head of a response; interim ones (1xx) are passed over in silence.
    case head(HTTPResponseHead)
    /// A part of the body, decoded from its transfer coding, never empty.
    case body([UInt8])
    /// The response is complete.
    case end
    /// The server switched protocols: the head of the 101, and the bytes behind it, which speak the new protocol.
    case upgraded(HTTPResponseHead, rest: [UInt8])
}

/// Why the bytes of an HTTP/1.1 server were refused; the connection is of no use afterwards.
public enum HTTP1ClientError: Error, Sendable, Hashable {
    /// Not `HTTP/1.0` or `HTTP/1.1`, or no status code of three digits.
    case malformedStatusLine
    /// A bare CR or LF, a fold, a bad name or a control character in a value (RFC 9112, section 5).
    case malformedHeader
    /// Contradictory or unknown framing: two lengths, a length and a transfer coding, a coding other than `chunked`.
    case ambiguousFraming
    /// A chunk that is not framed as RFC 9112, section 7.1, says.
    case malformedChunk
    /// The head or the trailers are longer, or have more fields, than the limits allow.
    case headTooLarge
    /// More interim responses than the limits allow.
    case tooManyInterimResponses
    /// A 101 that nobody asked for.
    case unexpectedUpgrade
    /// Bytes where no response is awaited.
    case unexpectedBytes
    /// The connection ended inside a response.
    case truncated
}

/// The client's half of HTTP/1.1: the bytes of responses in, events out (RFC 9112), strict and bounded.
///
/// Announce every response with `expectResponse(to:upgrade:)`, feed what arrives to `receive(_:)`, and the connection's
/// end to `receiveEnd()`. After an error the parser must not be fed again. Bodies are not bounded here: they are
/// handed on as they come, and whoever keeps them bounds them.
public struct HTTP1ClientParser: Sendable {
    /// What a server may make the parser keep.
    public struct Limits: Sendable {
        /// The most bytes of a head, and of a body's trailers; 64 KiB unless set.
        public var headBytes: Int
        /// The most fields in a head, and in trailers; 256 unless set.
        public var fieldCount: Int
        /// The most interim responses before a final one; 8 unless set.
        public var interimResponses: Int
        /// The most bytes in the line that states a chunk's size, extensions included; 256 unless set.
        public var chunkLineBytes: Int

        /// Makes limits.
        public init(
            headBytes: Int = 65536, fieldCount: Int = 256, interimResponses: Int = 8, chunkLineBytes: Int = 256
        ) {
            self.headBytes = headBytes
            self.fieldCount = fieldCount
            self.interimResponses = interimResponses
            self.chunkLineBytes = chunkLineBytes
        }
    }

    enum State: Sendable {
        case idle
        case statusLine
        case fields(HTTPResponseHead)
        case fixedBody(remaining: Int)
        case untilClose
        case chunkSize
        case chunkData(remaining: Int)
        case chunkDataEnd
        case trailers(count: Int)
        case upgraded
    }

    let limits: Limits
    var state = State.idle
    /// The line that is being gathered, without its CRLF.
    var line: [UInt8] = []
    /// Bytes of the head or the trailers so far.
    var headBytes = 0
    var interimResponses = 0
    var method = ""
    var upgradeExpected = false
    var reusable = true

    /// Makes a parser for a fresh connection.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether the connection may carry another request once the response is complete.
    public var mayBeReused: Bool {
        if case .idle = state { reusable } else { false }
    }

    /// Announces that a request with `method` was sent, and whether it asked to switch protocols.
    ///
    /// Call it once for each request, after the response before it is complete.
    public mutating func expectResponse(to method: String, upgrade: Bool = false) {
        self.method = method
        upgradeExpected = upgrade
        interimResponses = 0
        begin(.statusLine)
    }

    /// Takes in what arrived, and returns what it means.
    public mutating func receive(_ bytes: Span<UInt8>) throws(HTTP1ClientError) -> [HTTP1ClientEvent] {
        var events: [HTTP1ClientEvent] = []
        var position = 0
        while position < bytes.count {
            switch state {
            case .idle:
                throw .unexpectedBytes
            case .upgraded:
                throw .unexpectedBytes
            case .fixedBody(let remaining):
                let count = min(remaining, bytes.count - position)
                events.append(.body(copy(bytes, position, count)))
                position += count
                if count == remaining { finish(&events) } else { state = .fixedBody(remaining: remaining - count) }
            case .chunkData(let remaining):
                let count = min(remaining, bytes.count - position)
                events.append(.body(copy(bytes, position, count)))
                position += count
                state = count == remaining ? .chunkDataEnd : .chunkData(remaining: remaining - count)
            case .untilClose:
                events.append(.body(copy(bytes, position, bytes.count - position)))
                position = bytes.count
            case .statusLine, .fields, .chunkSize, .chunkDataEnd, .trailers:
                guard try gatherLine(bytes, &position) else { continue }
                try lineComplete(&events)
                if case .upgraded = state {
                    let rest = copy(bytes, position, bytes.count - position)
                    position = bytes.count
                    if case .head(let head)? = events.popLast() { events.append(.upgraded(head, rest: rest)) }
                }
            }
        }
        return events
    }

    /// Takes in the end of the connection: the end of a body that lasts until then, else an error inside a response.
    public mutating func receiveEnd() throws(HTTP1ClientError) -> [HTTP1ClientEvent] {
        reusable = false
        switch state {
        case .idle, .upgraded:
            return []
        case .untilClose:
            state = .idle
            return [.end]
        default:
            throw .truncated
        }
    }

    mutating func begin(_ next: State) {
        state = next
        line.removeAll(keepingCapacity: true)
        headBytes = 0
    }

    mutating func finish(_ events: inout [HTTP1ClientEvent]) {
        events.append(.end)
        begin(.idle)
    }

    private func copy(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> [UInt8] {
        [UInt8](capacity: count) { out in
            for index in start..<start + count { out.append(bytes[index]) }
        }
    }
}
