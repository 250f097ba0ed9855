internal import Wire

/// What carries a byte stream: a connection, or a WebSocket on one; on its loop's thread only.
final class ClientByteCarrier: @unchecked Sendable {
    private enum State {
        case connecting
        case upgrading
        case open
        case closed
    }

    private let loop: EventLoop
    private var socket: ClientSocket?
    private let upgrade: ClientUpgrade?
    private let shared: ClientByteStreamState
    private var state = State.connecting
    private var webSocket: ClientWebSocket?
    private var channels = PortChannels()
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
        webSocket = upgrade.map { ClientWebSocket($0, on: socket) }
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
        if let webSocket {
            do throws(ClientError) { try webSocket.send(PortChannels.message(bytes)) } catch {
                return end(.failure(error))
            }
        } else {
            socket?.write(bytes)
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
        guard let webSocket else { return opened() }
        state = .upgrading
        webSocket.start()
    }

    private func opened() {
        if let openTimer { loop.cancel(openTimer) }
        openTimer = nil
        state = .open
        shared.opened()
    }

    private func received(_ bytes: [UInt8]) {
        guard let webSocket else { return keep(bytes[...]) }
        let (events, failure) = webSocket.receive(bytes)
        if case .upgrading = state, webSocket.isOpen { opened() }
        for event in events {
            do throws(PortChannelsError) {
                keep(try channels.receive(event))
            } catch .refused(let words) {
                return end(.failure(.broken(words)))
            } catch {
                return end(.failure(.broken("port-forward: \(error)")))
            }
            if case .closed = event { return end(.success(())) }
        }
        if let failure { return end(.failure(failure)) }
        do throws(ClientError) { try webSocket.sendPongs() } catch { end(.failure(error)) }
    }

    private func keep(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        shared.received(bytes)
        if shared.waitingBytes >= ClientByteStream.bufferBytes { socket?.pauseReading(true) }
    }

    private func drained() {
        webSocket?.drained()
        reportBacklog()
    }

    private func reportBacklog() {
        shared.sent(backlog: socket?.backlog ?? 0)
    }

    // MARK: The end

    private func ended(_ error: ClientError?) {
        if let refusal = webSocket?.refusal { return end(.failure(refusal)) }
        let isOpen = if case .open = state { true } else { false }
        end(
            error.map { .failure($0) }
                ?? (isOpen ? .success(()) : .failure(.broken("the server closed the connection"))))
    }

    private func end(_ outcome: Result<Void, ClientError>) {
        shared.finish(outcome)
        if case .closed = state { return }
        if case .open = state { webSocket?.close() }
        state = .closed
        for timer in [openTimer, wakeTimer] { if let timer { loop.cancel(timer) } }
        openTimer = nil
        wakeTimer = nil
        socket?.close()
    }
}
