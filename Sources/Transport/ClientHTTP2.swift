internal import Wire

/// A connection to a server with HTTP/2: many exchanges side by side.
///
/// A server that says nothing for `pingInterval` is pinged, and the connection is given up if nothing comes for
/// `pingTimeout` after that: so a watch without events learns of a dead server in bounded time.
final class ClientHTTP2: ClientConnection {
    private unowned let pool: ClientPool
    private let socket: ClientSocket
    private var session: HTTP2ClientSession
    private var exchanges: [Int32: ClientExchange] = [:]
    private var streams: [ObjectIdentifier: Int32] = [:]
    private var isRetired = false
    private var isLeaving = false
    private var isClosed = false
    private var lastReceived: MonotonicTime
    private var pingSent: MonotonicTime?
    private var pingTimer: TimerToken?
    private var pingCount: UInt64 = 0
    private var isActing = false
    /// How many bytes are handed to the socket before it has to catch up.
    private static let backlogMax = 256 << 10

    init(_ pool: ClientPool, _ socket: ClientSocket) throws(HTTP2ClientError) {
        let session = try HTTP2ClientSession(limits: pool.settings.http2Limits)
        self.session = session
        self.pool = pool
        self.socket = socket
        lastReceived = pool.loop.now
    }

    /// Greets the server; call it once.
    func start() {
        schedulePing()
        pump()
    }

    var acceptsRequests: Bool { !isRetired && !isClosed && session.acceptsRequests }

    func begin(_ exchange: ClientExchange) {
        do throws(HTTP2ClientError) {
            let stream = try session.submit(
                exchange.request, scheme: pool.scheme, authority: pool.endpoint.authority)
            exchanges[stream] = exchange
            streams[ObjectIdentifier(exchange)] = stream
            exchange.connection = self
        } catch {
            switch error {
            case .invalidRequest: pool.finish(exchange, .failure(.invalidRequest))
            case .notAccepting: return pool.resend(exchange, after: .broken("the server takes no more requests"))
            default: pool.finish(exchange, .failure(.broken("\(error)")))
            }
        }
        pump()
    }

    func abandon(_ exchange: ClientExchange) {
        guard let stream = streams.removeValue(forKey: ObjectIdentifier(exchange)) else { return }
        exchanges[stream] = nil
        session.reset(stream)
        pump()
        closeIfDone()
    }

    func consumed(_ byteCount: Int, of exchange: ClientExchange) {
        guard let stream = streams[ObjectIdentifier(exchange)] else { return }
        session.consume(byteCount, of: stream)
        pump()
    }

    func retire() {
        isRetired = true
        closeIfDone()
    }

    func close(_ error: ClientError) {
        guard !isClosed else { return }
        isClosed = true
        if let pingTimer { pool.loop.cancel(pingTimer) }
        socket.close()
        let lost = exchanges.values
        exchanges = [:]
        streams = [:]
        for exchange in lost { pool.finish(exchange, .failure(error)) }
        pool.ended(self)
    }

    private func closeIfDone() {
        // The last bytes bring events of their own, and with them another call.
        guard isRetired, exchanges.isEmpty, !isClosed, !isLeaving else { return }
        isLeaving = true
        session.goAway()
        var output: [UInt8] = []
        // A farewell that can't be written is left out.
        try? session.output(into: &output)
        socket.write(output)
        close(.closed)
    }

    // MARK: The socket

    func received(_ bytes: [UInt8]) {
        lastReceived = pool.loop.now
        pingSent = nil
        var failure: HTTP2ClientError?
        do throws(HTTP2ClientError) { try session.receive(bytes.span) } catch { failure = error }
        act()
        if let failure { return close(.broken("HTTP/2: \(failure)")) }
        pump()
    }

    func drained() {
        pump()
    }

    func ended(_ error: ClientError?) {
        act()
        close(error ?? .broken("\(pool.endpoint.authority): the server closed the connection"))
    }

    /// Sends what the session has to say, as far as the socket keeps up.
    private func pump() {
        while !isClosed, socket.backlog < Self.backlogMax {
            var output: [UInt8] = []
            do throws(HTTP2ClientError) {
                try session.output(into: &output)
            } catch {
                return close(.broken("HTTP/2: \(error)"))
            }
            act()
            if output.isEmpty { break }
            socket.write(output)
        }
        if !isClosed, session.isFinished { close(.broken("HTTP/2: the connection is at its end")) }
    }

    // MARK: Events

    /// Acts on what the session told, in its order: what acting brings about waits for its turn.
    private func act() {
        guard !isActing else { return }
        isActing = true
        while true {
            let events = session.takeEvents()
            if events.isEmpty { break }
            for event in events where !isClosed { act(event) }
        }
        isActing = false
        closeIfDone()
    }

    private func act(_ event: HTTP2ClientEvent) {
        switch event {
        case .head(let stream, let head):
            guard let exchange = exchanges[stream] else { return }
            pool.progress(exchange)
            exchange.received(head)
        case .data(let stream, let bytes):
            received(bytes, of: stream)
        case .end(let stream):
            guard let exchange = remove(stream) else { return }
            // The request's body may not have gone out whole; nobody wants the rest. On a stream that is over
            // this does nothing.
            session.reset(stream, code: 0)
            pool.finish(exchange, .success(()))
        case .closed(let stream, let code):
            guard let exchange = remove(stream) else { return }
            let error = ClientError.broken("HTTP/2: the server reset the stream with code \(code)")
            // REFUSED_STREAM says that nothing was done with it (RFC 9113, section 8.7).
            if code == 7, !exchange.hasHead {
                pool.resend(exchange, after: error)
            } else {
                pool.finish(exchange, .failure(error))
            }
        case .goAway:
            isRetired = true
            pool.retired(self)
        case .trailers, .pong:
            break
        }
    }

    private func received(_ bytes: [UInt8], of stream: Int32) {
        guard let exchange = exchanges[stream] else { return }
        guard pool.receive(bytes, for: exchange) else {
            abandon(exchange)
            return pool.finish(exchange, .failure(.closed))
        }
        // What is collected has a bound of its own; what is streamed is consumed when it is taken.
        if case .collected = exchange.body { session.consume(bytes.count, of: stream) }
    }

    private func remove(_ stream: Int32) -> ClientExchange? {
        guard let exchange = exchanges.removeValue(forKey: stream) else { return nil }
        streams[ObjectIdentifier(exchange)] = nil
        return exchange
    }

    // MARK: Pings

    private func schedulePing() {
        let settings = pool.settings
        let next = pingSent.map { $0.advanced(by: settings.pingTimeout) }
        pingTimer = pool.loop.schedule(at: next ?? lastReceived.advanced(by: settings.pingInterval)) { [weak self] in
            self?.pingDue()
        }
    }

    private func pingDue() {
        guard !isClosed else { return }
        let settings = pool.settings
        let now = pool.loop.now
        if let pingSent, now >= pingSent.advanced(by: settings.pingTimeout) {
            return close(.broken("\(pool.endpoint.authority): the server does not answer"))
        }
        if pingSent == nil, now >= lastReceived.advanced(by: settings.pingInterval) {
            pingSent = now
            pingCount &+= 1
            session.ping(pingCount)
            pump()
        }
        if !isClosed { schedulePing() }
    }
}
