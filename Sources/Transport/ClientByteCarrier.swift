internal import Wire

/// How a byte stream's connection becomes a WebSocket.
struct ClientUpgrade: Sendable {
    /// The request, whole.
    var request: [UInt8]
    var handshake: WebSocketHandshake
}

/// What carries a byte stream: a connection, or a WebSocket on one; on its loop's thread only.
final class ClientByteCarrier: @unchecked Sendable {
    private enum State {
        case connecting
        case upgrading
        case refused(HTTPResponseHead, body: [UInt8])
        case open
        case closed
    }

    /// The most bytes of a message: the API server copies 32 KiB at a time.
    private static let messageBytesMax = 1 << 20
    /// The most bytes that are kept of a refusal's body.
    private static let refusalBytesMax = 64 << 10
    /// The most bytes of pongs that wait for a server that does not read what it asks for.
    private static let pongBytesMax = 64 << 10

    private let loop: EventLoop
    private var socket: ClientSocket?
    private let upgrade: ClientUpgrade?
    private let shared: ClientByteStreamState
    private var state = State.connecting
    private var parser = HTTP1ClientParser()
    private var webSocket: WebSocketClient?
    private var channels = PortChannels()
    /// Bytes of pongs since the system had taken all that was sent.
    private var pongBytes = 0
    private var openTimer: TimerToken?
    private var wakeTimer: TimerToken?

    init(loop: EventLoop, upgrade: ClientUpgrade?, shared: ClientByteStreamState) {
        self.loop = loop
        self.upgrade = upgrade
        self.shared = shared
    }

    /// Begins to connect; call it once.
    func start(_ endpoint: ClientEndpoint, _ context: TLSContext?, timeout: Duration) {
        guard case .connecting = state else { return }
        var settings = ClientSettings()
        settings.connectTimeout = timeout
        let socket: ClientSocket
        do throws(TLSError) {
            socket = try ClientSocket(loop: loop, endpoint: endpoint, settings: settings, context: context)
        } catch {
            return end(.failure(.unreachable("\(endpoint.authority): \(error)")))
        }
        self.socket = socket
        openTimer = loop.schedule(after: timeout) { [weak self] in self?.end(.failure(.timeout)) }
        socket.connect(
            ClientSocket.Callbacks(
                opened: { [weak self] _ in self?.connected() },
                received: { [weak self] in self?.received($0) },
                drained: { [weak self] in self?.drained() },
                ended: { [weak self] in self?.ended($0) }))
    }

    func send(_ bytes: [UInt8]) {
        guard case .open = state else { return }
        if upgrade == nil {
            socket?.write(bytes)
        } else {
            do throws(WebSocketError) {
                try webSocket?.send(PortChannels.message(bytes))
            } catch {
                return end(.failure(.broken("WebSocket: \(error)")))
            }
            writeFrames()
        }
        reportBacklog()
    }

    /// Goes on reading once there is room.
    func received() {
        if shared.waitingBytes < ClientByteStream.bufferBytes { socket?.pauseReading(false) }
    }

    func wake(_ token: UInt64, after timeout: Duration) {
        if let wakeTimer { loop.cancel(wakeTimer) }
        wakeTimer = loop.schedule(after: timeout) { [weak self] in self?.shared.wake(token) }
    }

    func close() {
        end(.failure(.closed))
    }

    // MARK: The socket

    private func connected() {
        guard let upgrade else { return opened() }
        state = .upgrading
        parser.expectResponse(to: "GET", upgrade: true)
        socket?.write(upgrade.request)
    }

    private func opened() {
        if let openTimer { loop.cancel(openTimer) }
        openTimer = nil
        state = .open
        shared.opened()
    }

    private func received(_ bytes: [UInt8]) {
        switch state {
        case .connecting, .closed: return
        case .upgrading, .refused: receivedAnswer(bytes)
        case .open where upgrade == nil: keep(bytes[...])
        case .open: receivedFrames(bytes)
        }
    }

    private func receivedAnswer(_ bytes: [UInt8]) {
        do throws(HTTP1ClientError) {
            for event in try parser.receive(bytes.span) {
                switch event {
                case .upgraded(let head, let rest): upgraded(head, rest)
                case .head(let head): state = .refused(head, body: [])
                case .body(let more):
                    guard case .refused(let head, var body) = state else { continue }
                    body += more.prefix(Self.refusalBytesMax - body.count)
                    state = .refused(head, body: body)
                    if body.count == Self.refusalBytesMax { refuse() }
                case .end: refuse()
                }
            }
        } catch {
            end(.failure(.broken("HTTP/1.1: \(error)")))
        }
    }

    private func refuse() {
        guard case .refused(let head, let body) = state else { return }
        end(.failure(.refused(head, body: body)))
    }

    private func upgraded(_ head: HTTPResponseHead, _ rest: [UInt8]) {
        do {
            _ = try upgrade?.handshake.check(head)
            webSocket = try WebSocketClient(messageBytesMax: Self.messageBytesMax) {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }
        } catch {
            return end(.failure(.broken("WebSocket: \(error)")))
        }
        opened()
        if !rest.isEmpty { receivedFrames(rest) }
    }

    private func receivedFrames(_ bytes: [UInt8]) {
        var failure: WebSocketError?
        do throws(WebSocketError) { try webSocket?.receive(bytes.span) } catch { failure = error }
        for event in webSocket?.takeEvents() ?? [] {
            do throws(PortChannelsError) {
                keep(try channels.receive(event))
            } catch .refused(let words) {
                return end(.failure(.broken(words)))
            } catch {
                return end(.failure(.broken("port-forward: \(error)")))
            }
            if case .closed = event { return end(.success(())) }
        }
        if let failure { return end(.failure(.broken("WebSocket: \(failure)"))) }
        let pongs = webSocket?.takeOutput() ?? []
        guard !pongs.isEmpty else { return }
        socket?.write(pongs)
        pongBytes = socket?.backlog == 0 ? 0 : pongBytes + pongs.count
        if pongBytes > Self.pongBytesMax {
            end(.failure(.broken("port-forward: the server sends pings and does not read the answers")))
        }
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        shared.received(bytes)
        if shared.waitingBytes >= ClientByteStream.bufferBytes { socket?.pauseReading(true) }
    }

    private func writeFrames() {
        if let output = webSocket?.takeOutput(), !output.isEmpty { socket?.write(output) }
    }

    private func drained() {
        pongBytes = 0
        reportBacklog()
    }

    private func reportBacklog() {
        shared.sent(backlog: socket?.backlog ?? 0)
    }

    // MARK: The end

    private func ended(_ error: ClientError?) {
        if case .refused = state { return refuse() }
        let isOpen = if case .open = state { true } else { false }
        end(
            error.map { .failure($0) }
                ?? (isOpen ? .success(()) : .failure(.broken("the server closed the connection"))))
    }

    private func end(_ outcome: Result<Void, ClientError>) {
        shared.finish(outcome)
        if case .closed = state { return }
        if case .open = state, upgrade != nil {
            // A close frame is a courtesy: the connection is closed either way.
            try? webSocket?.close()
            writeFrames()
        }
        state = .closed
        for timer in [openTimer, wakeTimer] { if let timer { loop.cancel(timer) } }
        openTimer = nil
        wakeTimer = nil
        socket?.close()
    }
}
