internal import Wire

/// The HTTP/1.1 half of a connection: one request after the other, each answered before the next is looked at.
final class HTTP1Exchange {
    private unowned let connection: ServerConnection
    private var parser: HTTP1ServerParser
    /// The request that waits for its handler's answer.
    private var pending: Pending?
    /// Bytes that came behind a request that is not answered yet; at most what one turn reads.
    private var backlog: [UInt8] = []

    private struct Pending {
        let number: UInt64
        let keepsAlive: Bool
        let isHead: Bool
        let wait = RequestWait()
        /// What is kept of the request.
        var bytes: Int
    }

    init(_ connection: ServerConnection) {
        self.connection = connection
        parser = HTTP1ServerParser(limits: connection.loop.limits.requests)
    }

    var isAnswering: Bool { pending != nil }
    var hasBacklog: Bool { !backlog.isEmpty }
    var phase: HTTP1ServerParser.Phase { parser.phase }
    var isIdle: Bool { pending == nil && backlog.isEmpty && parser.phase == .idle }
    var keptBytes: Int { parser.bufferedBytes + backlog.count + (pending?.bytes ?? 0) }

    /// Takes plaintext; what comes behind an unanswered request waits.
    func receive(_ bytes: Span<UInt8>) {
        var position = 0
        while position < bytes.count && !connection.closesAfterSending {
            guard pending == nil, connection.hasRoom() else {
                let rest = bytes.extracting(droppingFirst: position)
                unsafe rest.withUnsafeBufferPointer { unsafe backlog.append(contentsOf: $0) }
                return
            }
            do throws(HTTP1Error) {
                let (consumed, event) = try parser.parse(bytes.extracting(droppingFirst: position))
                position += consumed
                switch event {
                case .continueExpected: connection.loop.output.append(contentsOf: HTTP1ResponseWriter.continueBytes)
                case .request(let request, let keepsAlive): dispatch(request, keepsAlive)
                case nil: break
                }
            } catch {
                connection.loop.counters.badRequests.increment()
                refuse(error.status, error.reason)
            }
        }
    }

    /// Goes on with what waited.
    func resume() {
        var bytes: [UInt8] = []
        swap(&bytes, &backlog)
        receive(bytes.span)
    }

    private func dispatch(_ request: HTTPRequest, _ keepsAlive: Bool) {
        connection.noteRequest()
        let number = UInt64(connection.requests)
        let loop = connection.loop
        let pending = Pending(
            number: number, keepsAlive: keepsAlive && !connection.peerHasEnded, isHead: request.method == "HEAD",
            bytes: request.body.count)
        self.pending = pending
        if let refusal = connection.refusal {
            answer(connection.handler.refusal(403, refusal), to: number)
            return
        }
        loop.counters.requests.increment()
        connection.handler.handle(
            request, on: RequestContext(receivedAt: loop.events.now, peer: connection.peer),
            respond: Responder(loop: loop, connection: connection.id, request: number, wait: pending.wait))
        self.pending?.bytes = Responder.keptBytes
    }

    /// Writes the answer to the request that waits; late answers to others are dropped.
    func answer(_ response: HTTPResponse, to number: UInt64) {
        guard let pending, pending.number == number else { return }
        self.pending = nil
        let loop = connection.loop
        let keepsAlive = pending.keepsAlive && !loop.isDraining && !connection.peerHasEnded
        HTTP1ResponseWriter.write(
            response, keepsAlive: keepsAlive, isHead: pending.isHead, date: loop.date.text(now: loop.events.now),
            into: &loop.output)
        if !keepsAlive { end() }
    }

    /// Answers what is no request, or too much, and ends the connection.
    private func refuse(_ status: Int, _ reason: String) {
        let loop = connection.loop
        HTTP1ResponseWriter.write(
            connection.handler.refusal(status, reason), keepsAlive: false,
            date: loop.date.text(now: loop.events.now), into: &loop.output)
        end()
    }

    private func end() {
        backlog = []
        parser = HTTP1ServerParser(limits: connection.loop.limits.requests)
        connection.closeAfterSending()
    }

    /// The client will send no more, but may still wait for an answer.
    func peerEnded() {
        if pending != nil || !backlog.isEmpty { return }
        if parser.phase != .idle {
            connection.loop.counters.badRequests.increment()
            refuse(400, "The request ended before it was complete.")
        } else {
            connection.closeAfterSending()
        }
    }

    /// A deadline has come.
    func expire(_ phase: ServerConnection.Phase) {
        if phase == .answer, let pending {
            answer(connection.handler.refusal(504, "There was no answer in time. Try again."), to: pending.number)
            return
        }
        refuse(408, "The request took too long to arrive.")
    }

    /// Refuses the request that is coming, since the server keeps too much; false if none is coming.
    func shed() -> Bool {
        guard pending == nil, parser.phase != .idle, !connection.closesAfterSending else { return false }
        refuse(503, "Too many requests are under way. Try again later.")
        return true
    }
}

extension HTTPResponse {
    /// An answer of the transport itself: plain text that says what is wrong.
    static func refusal(_ status: Int, _ reason: String) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: [HTTPField("content-type", "text/plain; charset=utf-8")],
            body: Array((reason + "\n").utf8))
    }
}
