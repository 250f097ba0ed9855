internal import Wire

/// A connection to a server without HTTP/2: one exchange at a time.
final class ClientHTTP1: ClientConnection {
    private unowned let pool: ClientPool
    private let socket: ClientSocket
    private var parser = HTTP1ClientParser()
    private var exchange: ClientExchange?
    private var exchangeCount = 0
    private var isRetired = false
    private var isClosed = false
    private var keepAliveTimer: TimerToken?

    init(_ pool: ClientPool, _ socket: ClientSocket) {
        self.pool = pool
        self.socket = socket
    }

    func start() { keepAlive() }

    func drained() {}

    var acceptsRequests: Bool { exchange == nil && !isRetired && !isClosed }

    func begin(_ exchange: ClientExchange) {
        guard let bytes = HTTP1ClientRequest.bytes(of: exchange.request, host: pool.endpoint.authority) else {
            return pool.finish(exchange, .failure(.invalidRequest))
        }
        if let keepAliveTimer { pool.loop.cancel(keepAliveTimer) }
        self.exchange = exchange
        exchangeCount += 1
        exchange.connection = self
        parser.expectResponse(to: exchange.request.method)
        socket.write(bytes)
    }

    func abandon(_ exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        self.exchange = nil
        close(.cancelled)
    }

    func consumed(_ byteCount: Int, of exchange: ClientExchange) {
        guard self.exchange === exchange else { return }
        // More may have come since those bytes were taken; then their taker goes on reading.
        if !isFull(exchange) { socket.pauseReading(false) }
    }

    func retire() {
        isRetired = true
        if exchange == nil { close(.closed) }
    }

    func close(_ error: ClientError) {
        guard !isClosed else { return }
        isClosed = true
        if let keepAliveTimer { pool.loop.cancel(keepAliveTimer) }
        socket.close()
        if let exchange = exchange.take() {
            // A server may close a connection that it kept alive just when we use it again (RFC 9112, section 9.3.1).
            if exchangeCount > 1, exchange.request.method == "GET", !exchange.hasHead, case .broken = error {
                pool.resend(exchange, after: error)
            } else {
                pool.finish(exchange, .failure(error))
            }
        }
        pool.ended(self)
    }

    private func keepAlive() {
        keepAliveTimer = pool.loop.schedule(after: pool.settings.keepAlive) { [weak self] in self?.close(.closed) }
    }

    func received(_ bytes: [UInt8]) {
        do throws(HTTP1ClientError) {
            try act(parser.receive(bytes.span))
        } catch {
            close(.broken("HTTP/1.1: \(error)"))
        }
    }

    func ended(_ error: ClientError?) {
        if error == nil {
            // An error here means that the answer is cut, which the close below says.
            if let events = try? parser.receiveEnd() { act(events) }
        }
        close(error ?? .broken("\(pool.endpoint.authority): the server closed the connection"))
    }

    private func act(_ events: [HTTP1ClientEvent]) {
        for event in events {
            guard let exchange, !isClosed else { return }
            switch event {
            case .head(let head):
                pool.progress(exchange)
                exchange.received(head)
            case .body(let bytes):
                guard pool.receive(bytes, for: exchange) else {
                    pool.finish(exchange, .failure(.closed))
                    return abandon(exchange)
                }
                if isFull(exchange) { socket.pauseReading(true) }
            case .end:
                self.exchange = nil
                socket.pauseReading(false)
                pool.finish(exchange, .success(()))
                if parser.mayBeReused && !isRetired { idle() } else { close(.closed) }
            case .upgraded:
                close(.broken("HTTP/1.1: an upgrade that nobody asked for"))
            }
        }
    }

    private func isFull(_ exchange: ClientExchange) -> Bool {
        guard case .streamed = exchange.body else { return false }
        return exchange.waitingBytes > Int(pool.settings.streamBufferBytes)
    }

    private func idle() {
        keepAlive()
        pool.dispatch()
    }
}
