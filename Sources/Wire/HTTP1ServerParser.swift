/// Upper bounds on one HTTP/1.1 request.
public struct HTTP1Limits: Sendable, Hashable {
    /// The most bytes of request line and header fields, the empty line included; more is answered with 431.
    public var headerBytes: Int
    /// The most bytes of a body, two objects of 3 MiB and their frame; more is answered with 413, before any of it is
    /// kept if `content-length` tells.
    public var bodyBytes: Int
    /// The most bytes of chunk extensions and trailers of one body together; more is answered with 400.
    public var chunkOverheadBytes = 4 << 10

    /// Makes limits, the default ones where nothing else is said.
    public init(headerBytes: Int = 16 << 10, bodyBytes: Int = (6 << 20) + (64 << 10)) {
        self.headerBytes = headerBytes
        self.bodyBytes = bodyBytes
    }
}

/// Turns the bytes of an HTTP/1.1 connection into requests (RFC 9112): bytes in, events out, no I/O and no clock.
///
/// It is strict where two readers of the same bytes could disagree: see `HTTP1RequestHead`. However the bytes are cut,
/// the events are the same. Belongs to one thread at a time.
public struct HTTP1ServerParser: Sendable {
    /// What the bytes amount to.
    public enum Event: Sendable {
        /// The client waits for `100 Continue` before it sends the body of the request that comes next.
        case continueExpected
        /// A whole request; `keepsAlive` tells whether the connection may stay open after the answer.
        case request(HTTPRequest, keepsAlive: Bool)
    }

    /// Where in a request the connection is: each place has a deadline of its own.
    public enum Phase: Sendable, Hashable {
        /// Between requests.
        case idle
        /// A head has begun.
        case head
        /// A head is complete, its body is not.
        case body
    }

    private enum State {
        case head
        case fixedBody(left: Int)
        case chunkedBody(HTTP1ChunkedDecoder)
        case failed(HTTP1Error)
    }

    private let limits: HTTP1Limits
    private var state = State.head
    /// An incomplete head, and how much of it has been searched for its end.
    private var partialHead: [UInt8] = []
    private var searchedBytes = 0
    private var skippedEmptyLine = false
    private var request = HTTPRequest(method: "", target: "")
    private var keepsAlive = false
    private var body: [UInt8] = []
    /// What the head takes while its body is not all there.
    private var headBytes = 0

    /// Makes a parser for a new connection.
    public init(limits: HTTP1Limits = HTTP1Limits()) {
        self.limits = limits
    }

    /// Where in a request the connection is.
    public var phase: Phase {
        switch state {
        case .head, .failed: partialHead.isEmpty ? .idle : .head
        case .fixedBody, .chunkedBody: .body
        }
    }

    /// How many bytes an incomplete request takes: a body counts in full from its `content-length` on.
    public var bufferedBytes: Int {
        switch state {
        case .head, .failed: partialHead.count
        case .fixedBody(let left): headBytes + body.count + left
        case .chunkedBody: headBytes + body.capacity
        }
    }

    /// Reads up to the next event; gives how many bytes it took, which without an event is all of them.
    ///
    /// After an error the connection can't be understood any more: answer with the error's status and close. Further
    /// calls throw the same error.
    public mutating func parse(_ input: Span<UInt8>) throws(HTTP1Error) -> (consumed: Int, event: Event?) {
        if case .failed(let error) = state { throw error }
        do throws(HTTP1Error) {
            return try advance(input)
        } catch {
            state = .failed(error)
            partialHead = []
            body = []
            throw error
        }
    }

    private mutating func advance(_ input: Span<UInt8>) throws(HTTP1Error) -> (consumed: Int, event: Event?) {
        var position = 0
        while position < input.count {
            switch state {
            case .head:
                position += try takeHead(input.extracting(droppingFirst: position))
                guard case .head = state else {
                    if expectsContinue {
                        expectsContinue = false
                        return (position, .continueExpected)
                    }
                    continue
                }
                if isComplete { return (position, takeRequest()) }
            case .fixedBody(let left):
                let count = min(left, input.count - position)
                body.append(input.extracting(position..<(position + count)))
                position += count
                if count == left { return (position, takeRequest()) }
                state = .fixedBody(left: left - count)
            case .chunkedBody(var decoder):
                position += try decoder.decode(input, from: position, into: &body)
                if decoder.isDone { return (position, takeRequest()) }
                state = .chunkedBody(decoder)
            case .failed(let error):
                throw error
            }
        }
        return (position, nil)
    }

    /// Whether a head without a body has been read, and the answer to `Expect` of one with a body is due.
    private var isComplete = false
    private var expectsContinue = false

    private mutating func takeRequest() -> Event {
        var whole = HTTPRequest(method: "", target: "")
        swap(&whole, &request)
        swap(&whole.body, &body)
        state = .head
        isComplete = false
        skippedEmptyLine = false
        return .request(whole, keepsAlive: keepsAlive)
    }

    /// Takes bytes of a head, up to its end; a head that is all there is read where it lies.
    private mutating func takeHead(_ input: Span<UInt8>) throws(HTTP1Error) -> Int {
        if partialHead.isEmpty {
            switch try headEnd(input, from: 0) {
            case .complete(let end):
                try begin(HTTP1RequestHead(input.extracting(0..<end), bodyLimit: limits.bodyBytes), bytes: end)
                return end
            case .emptyLine:
                try skipEmptyLine()
                return 2
            case .incomplete:
                partialHead.append(input)
                searchedBytes = input.count
                return input.count
            }
        }
        let known = partialHead.count
        let added = min(input.count, max(0, limits.headerBytes &+ 1 &- known))
        partialHead.append(input.extracting(0..<added))
        switch try headEnd(partialHead.span, from: searchedBytes) {
        case .complete(let end):
            let head = try HTTP1RequestHead(partialHead.span.extracting(0..<end), bodyLimit: limits.bodyBytes)
            partialHead = []
            begin(head, bytes: end)
            return end - known
        case .emptyLine:
            partialHead = []
            try skipEmptyLine()
            return 2 - known
        case .incomplete:
            searchedBytes = partialHead.count
            return added
        }
    }

    private enum HeadEnd {
        case complete(Int)
        case emptyLine
        case incomplete
    }

    /// Looks for the empty line that ends a head, among the bytes that the limit allows.
    private func headEnd(_ bytes: Span<UInt8>, from start: Int) throws(HTTP1Error) -> HeadEnd {
        let allowed = bytes.extracting(0..<min(bytes.count, limits.headerBytes))
        var from = start
        while let end = HTTP1Syntax.lineFeed(in: allowed, from: from) {
            guard end > 0, allowed[end - 1] == HTTP1Syntax.carriageReturn else {
                throw HTTP1Error(400, "A line of the head does not end with CR LF.")
            }
            if end == 1 { return .emptyLine }
            if end >= 3, allowed[end - 2] == HTTP1Syntax.lineFeed { return .complete(end + 1) }
            from = end + 1
        }
        guard bytes.count < limits.headerBytes else {
            throw HTTP1Error(431, "The request's head has more than \(limits.headerBytes) bytes.")
        }
        return .incomplete
    }

    /// Passes over one empty line before a request: RFC 9112, section 2.2.
    private mutating func skipEmptyLine() throws(HTTP1Error) {
        guard !skippedEmptyLine else { throw HTTP1Error(400, "There are empty lines before the request.") }
        skippedEmptyLine = true
    }

    private mutating func begin(_ head: HTTP1RequestHead, bytes: Int) {
        request = head.request
        headBytes = bytes
        keepsAlive = head.keepsAlive
        expectsContinue = head.expectsContinue
        switch head.body {
        case .none: isComplete = true
        case .fixed(let length):
            // All of it, since it is counted: a body that grows would be there twice while it is moved.
            body.reserveCapacity(length + JSONParser.paddingBytes)
            state = .fixedBody(left: length)
        case .chunked:
            state = .chunkedBody(
                HTTP1ChunkedDecoder(bodyLimit: limits.bodyBytes, overheadLimit: limits.chunkOverheadBytes))
        }
    }
}
