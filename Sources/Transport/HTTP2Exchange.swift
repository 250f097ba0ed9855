internal import Wire

/// The HTTP/2 half of a connection: many requests at a time, each under deadlines of its own.
final class HTTP2Exchange {
    private unowned let connection: ServerConnection
    private var session: HTTP2ServerSession
    private var streams: [Int32: Stream] = [:]
    /// No later than the earliest deadline of a stream.
    private(set) var nextDeadline = MonotonicTime(nanoseconds: .max)

    private enum Step {
        case receiving
        case answering
        case sending
    }

    private struct Stream {
        var step: Step
        var deadline: MonotonicTime
        var isHead = false
        /// There as long as it is the handler's turn.
        var wait: RequestWait?
    }

    /// Gives nil if there is no memory for a session.
    init?(_ connection: ServerConnection) {
        let settings = connection.loop.settings
        // There is only that one reason, and the connection ends by it.
        guard let made = try? HTTP2ServerSession(requestLimits: connection.loop.limits.requests, limits: settings.http2)
        else {
            return nil
        }
        self.connection = connection
        session = made
        if connection.loop.isDraining { session.announceShutdown() }
    }

    var isIdle: Bool { streams.isEmpty }
    var isAnswering: Bool { streams.values.contains { $0.step == .answering } }
    var isFinished: Bool { session.isFinished }
    var keptBytes: Int { session.bufferedBytes }

    /// Takes plaintext and answers what it asks for.
    func receive(_ bytes: Span<UInt8>) {
        do throws(HTTP2ServerError) {
            try session.receive(bytes, second: connection.loop.events.now.nanoseconds / 1_000_000_000)
        } catch {
            connection.loop.counters.badRequests.increment()
            takeEvents()
            connection.closeAfterSending()
            return
        }
        takeEvents()
    }

    private func takeEvents() {
        for event in session.takeEvents() {
            switch event {
            case .opened(let id): track(id, .receiving, connection.loop.settings.bodyDeadline)
            case .closed(let id):
                streams[id] = nil
                // A table keeps the room of its fullest moment, and there may be a thousand connections.
                if streams.capacity > 8 * max(1, streams.count) {
                    streams = Dictionary(uniqueKeysWithValues: streams.lazy.map { ($0.key, $0.value) })
                }
            case .rejected(let id, let error):
                connection.loop.counters.badRequests.increment()
                refuse(id, error.status, error.reason)
            case .request(let id, let request): dispatch(request, id)
            }
        }
    }

    private func track(_ id: Int32, _ step: Step, _ allowance: Duration) {
        let deadline = connection.loop.events.now.advanced(by: allowance)
        streams[id] = Stream(step: step, deadline: deadline, isHead: streams[id]?.isHead ?? false)
        if deadline < nextDeadline || streams.count == 1 { nextDeadline = deadline }
    }

    private func dispatch(_ request: HTTPRequest, _ id: Int32) {
        connection.noteRequest()
        let loop = connection.loop
        track(id, .answering, loop.settings.answerDeadline)
        let wait = RequestWait()
        streams[id]?.isHead = request.method == "HEAD"
        streams[id]?.wait = wait
        if let refusal = connection.refusal {
            refuse(id, 403, refusal)
            return
        }
        loop.counters.requests.increment()
        connection.handler.handle(
            request, on: RequestContext(receivedAt: loop.events.now, peer: connection.peer),
            respond: Responder(loop: loop, connection: connection.id, request: UInt64(id), wait: wait))
        session.keep(Responder.keptBytes, of: id)
    }

    /// Writes the answer to a request that waits; late answers are dropped.
    func answer(_ response: HTTPResponse, to request: UInt64) {
        guard let id = Int32(exactly: request), streams[id]?.step == .answering else { return }
        write(response, to: id)
    }

    private func refuse(_ id: Int32, _ status: Int, _ reason: String) {
        write(connection.handler.refusal(status, reason), to: id)
    }

    private func write(_ response: HTTPResponse, to id: Int32) {
        guard let stream = streams[id] else { return }
        let loop = connection.loop
        track(id, .sending, loop.settings.sendDeadline)
        session.respond(response, to: id, isHead: stream.isHead, date: loop.date.text(now: loop.events.now))
    }

    /// Moves frames into the turn's output, a limited piece at a time.
    func writeOutput() {
        do throws(HTTP2ServerError) {
            try session.output(into: &connection.loop.output, limit: ServerLoop.bufferBytes)
        } catch {
            connection.closeAfterSending()
        }
        takeEvents()
    }

    /// Ends the streams whose deadline has come.
    func expire() {
        let now = connection.loop.events.now
        for (id, stream) in streams where stream.deadline <= now {
            switch stream.step {
            case .receiving:
                refuse(id, 408, "The request took too long to arrive.")
                // What has come of a head is kept until its end, and whoever never ends it can ask nothing else.
                if session.hasUnfinishedHead { connection.closeAfterSending() }
            case .answering: refuse(id, 504, "There was no answer in time. Try again.")
            case .sending:
                // Whoever opens no window for our answers holds our memory: no more of this connection.
                connection.close()
                return
            }
        }
        nextDeadline = streams.values.map(\.deadline).min() ?? MonotonicTime(nanoseconds: .max)
    }

    /// Refuses the largest of the requests that are coming, since the server keeps too much; false if none is coming.
    func shed() -> Bool {
        guard !connection.closesAfterSending, let largest = session.largestIncomplete, streams[largest] != nil else {
            return false
        }
        refuse(largest, 503, "Too many requests are under way. Try again later.")
        return true
    }

    /// Says that no new requests should come.
    func announceShutdown() {
        session.announceShutdown()
    }

    /// Takes no new requests; the connection ends when those under way are answered.
    func goAway() {
        session.goAway()
    }
}
