internal import Wire

/// A client's connections and the exchanges that wait for one; on its loop's thread only.
final class ClientPool: @unchecked Sendable {
    let loop: EventLoop
    let endpoint: ClientEndpoint
    let settings: ClientSettings
    /// `https` or `http`.
    let scheme: String
    /// For TLS connections; nil for plain text.
    var contexts: ClientContexts?

    private var waiting: [ClientExchange] = []
    private var underWay = 0
    /// Bytes of answers that are being collected.
    private var collectedBytes = 0
    private var dials: [ObjectIdentifier: ClientSocket] = [:]
    private var connections: [ObjectIdentifier: any ClientConnection] = [:]
    /// The server was seen to speak no HTTP/2, so that every exchange needs a connection.
    private var needsManyConnections: Bool
    private var execs: [ObjectIdentifier: ClientExec] = [:]
    private var isClosed = false

    init(loop: EventLoop, endpoint: ClientEndpoint, settings: ClientSettings, contexts: ClientContexts?) {
        self.loop = loop
        self.endpoint = endpoint
        self.settings = settings
        self.contexts = contexts
        scheme = contexts == nil ? "http" : "https"
        needsManyConnections = contexts == nil && !settings.assumesHTTP2
    }

    // MARK: Exchanges

    /// Begins an exchange, or fails it at once.
    func start(_ exchange: ClientExchange) {
        guard !exchange.isFinished else { return }
        guard !isClosed else {
            exchange.finish(.failure(.closed))
            return
        }
        guard underWay < settings.requestsMax else {
            exchange.finish(.failure(.overloaded))
            return
        }
        underWay += 1
        exchange.timer = loop.schedule(after: exchange.timeout) { [weak self, weak exchange] in
            if let exchange { self?.giveUp(exchange, .timeout) }
        }
        exchange.lastProgress = loop.now
        scheduleIdle(exchange)
        waiting.append(exchange)
        dispatch()
    }

    /// Ends an exchange from our side.
    func giveUp(_ exchange: ClientExchange, _ error: ClientError) {
        waiting.removeAll { $0 === exchange }
        let connection = exchange.connection
        finish(exchange, .failure(error))
        connection?.abandon(exchange)
        dispatch()
    }

    /// Ends an exchange that its connection has let go of; an outcome that was there before stays.
    func finish(_ exchange: ClientExchange, _ outcome: Result<Void, ClientError>) {
        exchange.finish(outcome)
        exchange.connection = nil
        // The timer is there from the start to the first end.
        guard let timer = exchange.timer.take() else { return }
        underWay -= 1
        collectedBytes -= exchange.collectedBytes
        exchange.collectedBytes = 0
        loop.cancel(timer)
        if let idle = exchange.idleTimer.take() { loop.cancel(idle) }
    }

    /// Sends an exchange again that was surely not carried out, if not too often.
    func resend(_ exchange: ClientExchange, after error: ClientError) {
        guard exchange.resends < settings.resendsMax, !exchange.isFinished, !isClosed else {
            return finish(exchange, .failure(error))
        }
        exchange.resends += 1
        exchange.connection = nil
        waiting.append(exchange)
        // Later, since a connection is in the middle of something.
        loop.schedule(after: .zero) { [weak self] in self?.dispatch() }
    }

    /// Takes a part of an answer's body; false, with the outcome set, where it is too long, or all answers together.
    func receive(_ bytes: [UInt8], for exchange: ClientExchange) -> Bool {
        progress(exchange)
        if case .collected = exchange.body {
            exchange.collectedBytes += bytes.count
            collectedBytes += bytes.count
            guard collectedBytes <= settings.collectedBytesMax else {
                exchange.finish(.failure(.overloaded))
                return false
            }
        }
        return exchange.received(bytes)
    }

    /// Notes that something came for an exchange.
    func progress(_ exchange: ClientExchange) {
        exchange.lastProgress = loop.now
    }

    private func scheduleIdle(_ exchange: ClientExchange) {
        guard let limit = exchange.idleLimit, let last = exchange.lastProgress else { return }
        exchange.idleTimer = loop.schedule(at: last.advanced(by: limit)) { [weak self, weak exchange] in
            guard let self, let exchange, !exchange.isFinished else { return }
            // Bytes that nobody takes are no silence of the server.
            if exchange.waitingBytes > 0 { exchange.lastProgress = loop.now }
            if let last = exchange.lastProgress, loop.now >= last.advanced(by: limit) {
                giveUp(exchange, .idle)
            } else {
                scheduleIdle(exchange)
            }
        }
    }

    // MARK: Connections

    /// Gives waiting exchanges to connections, and opens those that are missing.
    func dispatch() {
        waiting.removeAll { $0.isFinished }
        while !waiting.isEmpty, let connection = connections.values.first(where: { $0.acceptsRequests }) {
            connection.begin(waiting.removeFirst())
        }
        guard !waiting.isEmpty, !isClosed else { return }
        let room = max(0, settings.connectionsMax - connections.count - dials.count)
        let wanted = needsManyConnections ? min(waiting.count - dials.count, room) : 1 - dials.count
        for _ in 0..<max(0, wanted) { dial() }
    }

    private func dial() {
        let socket: ClientSocket
        do throws(TLSError) {
            socket = try ClientSocket(loop: loop, endpoint: endpoint, settings: settings, context: contexts?.any)
        } catch {
            return failWaiting(.unreachable("\(endpoint.authority): \(error)"))
        }
        let id = ObjectIdentifier(socket)
        dials[id] = socket
        var connection: (any ClientConnection & ClientSocketUser)?
        var hasReceived = false
        socket.connect(
            ClientSocket.Callbacks(
                opened: { [unowned self] name in
                    guard let socket = dials.removeValue(forKey: id), let made = make(socket, name) else { return }
                    // It has to be known before it does anything: what it writes first may fail at once.
                    connection = made
                    connections[ObjectIdentifier(made)] = made
                    made.start()
                    dispatch()
                },
                received: { bytes in
                    hasReceived = true
                    connection?.received(bytes)
                },
                drained: { connection?.drained() },
                ended: { [unowned self] error in
                    dials[id] = nil
                    connection?.ended(error)
                    // A server that says nothing before it closes would do so again.
                    guard !hasReceived, dials.isEmpty else { return dispatch() }
                    failWaiting(.unreachable(error?.description ?? "\(endpoint.authority): the server closed"))
                }))
    }

    private func make(_ socket: ClientSocket, _ name: String?) -> (any ClientConnection & ClientSocketUser)? {
        needsManyConnections = !(name == "h2" || settings.assumesHTTP2)
        if needsManyConnections { return ClientHTTP1(self, socket) }
        do throws(HTTP2ClientError) {
            return try ClientHTTP2(self, socket)
        } catch {
            socket.close()
            failWaiting(.unreachable("HTTP/2: \(error)"))
            return nil
        }
    }

    private func failWaiting(_ error: ClientError) {
        let lost = waiting
        waiting = []
        for exchange in lost { finish(exchange, .failure(error)) }
    }

    /// Notes that a connection takes no more requests.
    func retired(_ connection: any ClientConnection) {
        loop.schedule(after: .zero) { [weak self] in self?.dispatch() }
    }

    /// Forgets a connection that closed itself.
    func ended(_ connection: any ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
        loop.schedule(after: .zero) { [weak self] in self?.dispatch() }
    }

    // MARK: Execs

    /// Begins an exec on a connection of its own, or fails it at once.
    func startExec(
        _ upgrade: ClientUpgrade, _ channels: ExecChannels, timeout: Duration, promise: ClientPromise<ClientExecResult>
    ) {
        guard !promise.isFinished else { return }
        guard !isClosed, execs.count < settings.execsMax else {
            promise.finish(.failure(isClosed ? .closed : .overloaded))
            return
        }
        let socket: ClientSocket
        do throws(TLSError) {
            socket = try ClientSocket(loop: loop, endpoint: endpoint, settings: settings, context: contexts?.http1)
        } catch {
            promise.finish(.failure(.unreachable("\(endpoint.authority): \(error)")))
            return
        }
        let exec = ClientExec(self, socket, upgrade, channels, promise)
        execs[ObjectIdentifier(exec)] = exec
        exec.start(timeout: timeout)
    }

    /// Ends the exec with this promise, if it is still there.
    func cancelExec(_ promise: ClientPromise<ClientExecResult>) {
        execs.values.first { $0.promise === promise }?.finish(.failure(.cancelled))
    }

    /// Forgets an exec that ended.
    func execEnded(_ exec: ClientExec) {
        execs[ObjectIdentifier(exec)] = nil
    }

    /// Uses other certificates from now on; what is under way ends on its old connection.
    func use(_ contexts: ClientContexts) {
        self.contexts = contexts
        for connection in connections.values { connection.retire() }
    }

    /// Closes everything; exchanges that are under way fail.
    func close() {
        isClosed = true
        failWaiting(.closed)
        for socket in dials.values { socket.close() }
        dials = [:]
        for connection in connections.values { connection.close(.closed) }
        for exec in execs.values { exec.finish(.failure(.closed)) }
    }
}

/// Who is behind a socket.
protocol ClientSocketUser {
    func start()
    func received(_ bytes: [UInt8])
    func drained()
    func ended(_ error: ClientError?)
}

extension ClientHTTP2: ClientSocketUser {}

extension ClientHTTP1: ClientSocketUser {}
