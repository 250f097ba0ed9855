public import Wire

/// What a command in a container left.
public struct ClientExecResult: Sendable, Hashable {
    /// How it ended.
    public var status: ExecStatus
    /// What came on standard output, up to the limit.
    public var standardOutput: [UInt8]
    /// What came on standard error, up to the limit.
    public var standardError: [UInt8]
    /// Whether output was dropped.
    public var isTruncated: Bool
}

extension Client {
    /// Runs a command by the channel protocol over a WebSocket, on a connection of its own, and waits for its end.
    ///
    /// `target` names pod, container and argument vector; `subprotocols` are offered in this order. The whole call may
    /// take `timeout`; of each output at most `outputBytesMax` bytes are kept. A connection that ends before the server
    /// said how the command ended is `.broken`, whatever came before; an answer other than an upgrade is `.refused`.
    public func exec(
        target: String, headers: [HTTPField], subprotocols: [String], timeout: Duration, outputBytesMax: Int
    ) async throws(ClientError) -> ClientExecResult {
        var generator = SystemRandomNumberGenerator()
        let handshake = WebSocketHandshake(
            subprotocols: subprotocols, random: (generator.next(), generator.next()))
        let request = HTTPRequest(method: "GET", target: target, headers: headers + handshake.fields)
        guard let bytes = HTTP1ClientRequest.bytes(of: request, host: endpoint.authority) else { throw .invalidRequest }
        let promise = ClientPromise<ClientExecResult>()
        let channels = ExecChannels(outputBytesMax: outputBytesMax)
        execute { [pool] in
            pool.startExec(bytes, handshake, channels, timeout: timeout, promise: promise)
        } orElse: {
            promise.finish(.failure(.closed))
        }
        return try await withTaskCancellationHandler {
            await promise.value()
        } onCancel: { [loop, pool] in
            promise.finish(.failure(.cancelled))
            loop.execute { pool.cancelExec(promise) }
        }.get()
    }
}

/// One exec on its connection; on its loop's thread only.
final class ClientExec {
    private enum State {
        case upgrading
        case refused(HTTPResponseHead, body: [UInt8])
        case open
    }

    /// The most bytes of a message: servers cut output at 32 KiB.
    private static let messageBytesMax = 1 << 20
    /// The most bytes that are kept of a refusal's body.
    private static let refusalBytesMax = 64 << 10

    /// The most bytes that wait for a server that does not read what it asks for; we send nothing but pongs.
    private static let unsentBytesMax = 64 << 10

    private let pool: ClientPool
    private let socket: ClientSocket
    private let handshake: WebSocketHandshake
    let promise: ClientPromise<ClientExecResult>
    private var timer: TimerToken?
    private var state = State.upgrading
    private var parser = HTTP1ClientParser()
    private var webSocket: WebSocketClient?
    private var channels: ExecChannels
    private var isDone = false

    init(
        _ pool: ClientPool, _ socket: ClientSocket, _ handshake: WebSocketHandshake, _ channels: ExecChannels,
        _ promise: ClientPromise<ClientExecResult>
    ) {
        self.pool = pool
        self.socket = socket
        self.handshake = handshake
        self.channels = channels
        self.promise = promise
    }

    func start(_ request: [UInt8], timeout: Duration) {
        timer = pool.loop.schedule(after: timeout) { [weak self] in self?.finish(.failure(.timeout)) }
        parser.expectResponse(to: "GET", upgrade: true)
        // The callbacks keep this object alive until the socket ends.
        socket.connect(
            ClientSocket.Callbacks(
                opened: { _ in self.socket.write(request) }, received: { self.received($0) }, drained: {},
                ended: { self.ended($0) }))
    }

    /// Ends the call and the connection; what the promise has already stays.
    func finish(_ outcome: Result<ClientExecResult, ClientError>) {
        promise.finish(outcome)
        guard !isDone else { return }
        isDone = true
        if let timer { pool.loop.cancel(timer) }
        socket.close()
        pool.execEnded(self)
    }

    private func received(_ bytes: [UInt8]) {
        if case .open = state { return receivedFrames(bytes) }
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
            finish(.failure(.broken("HTTP/1.1: \(error)")))
        }
    }

    private func refuse() {
        guard case .refused(let head, let body) = state else { return }
        finish(.failure(.refused(head, body: body)))
    }

    private func upgraded(_ head: HTTPResponseHead, _ rest: [UInt8]) {
        do {
            _ = try handshake.check(head)
            webSocket = try WebSocketClient(messageBytesMax: Self.messageBytesMax) {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }
        } catch {
            return finish(.failure(.broken("WebSocket: \(error)")))
        }
        state = .open
        if !rest.isEmpty { receivedFrames(rest) }
    }

    private func receivedFrames(_ bytes: [UInt8]) {
        var failure: WebSocketError?
        do throws(WebSocketError) { try webSocket?.receive(bytes.span) } catch { failure = error }
        for event in webSocket?.takeEvents() ?? [] where !isDone {
            do throws(ExecChannelsError) {
                try channels.receive(event)
            } catch {
                return finish(.failure(.broken("exec: \(error)")))
            }
            if let status = channels.status {
                // The status comes after all output, so that there is nothing more to wait for.
                return succeed(status)
            }
            if case .closed(let code, _) = event {
                return finish(.failure(.broken("exec: closed with \(code) before the command's end was known")))
            }
        }
        guard !isDone else { return }
        if let failure { return finish(.failure(.broken("WebSocket: \(failure)"))) }
        if let output = webSocket?.takeOutput(), !output.isEmpty { socket.write(output) }
        if socket.backlog > Self.unsentBytesMax {
            finish(.failure(.broken("exec: the server sends pings and does not read the answers")))
        }
    }

    private func succeed(_ status: ExecStatus) {
        // A close frame is a courtesy: the connection is closed either way.
        try? webSocket?.close()
        if let output = webSocket?.takeOutput(), !output.isEmpty { socket.write(output) }
        let result = ClientExecResult(
            status: status, standardOutput: channels.standardOutput, standardError: channels.standardError,
            isTruncated: channels.isTruncated)
        finish(.success(result))
    }

    private func ended(_ error: ClientError?) {
        if case .refused = state { return refuse() }
        finish(.failure(error ?? .broken("exec: the connection ended before the command's end was known")))
    }
}
