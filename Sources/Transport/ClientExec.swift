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
        let upgrade = try ClientUpgrade(
            target: target, headers: headers, subprotocols: subprotocols, host: endpoint.authority)
        let promise = ClientPromise<ClientExecResult>()
        let channels = ExecChannels(outputBytesMax: outputBytesMax)
        execute { [pool] in
            pool.startExec(upgrade, channels, timeout: timeout, promise: promise)
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
    private let pool: ClientPool
    private let socket: ClientSocket
    private let webSocket: ClientWebSocket
    let promise: ClientPromise<ClientExecResult>
    private var timer: TimerToken?
    private var channels: ExecChannels
    private var isDone = false

    init(
        _ pool: ClientPool, _ socket: ClientSocket, _ upgrade: ClientUpgrade, _ channels: ExecChannels,
        _ promise: ClientPromise<ClientExecResult>
    ) {
        self.pool = pool
        self.socket = socket
        webSocket = ClientWebSocket(upgrade, on: socket)
        self.channels = channels
        self.promise = promise
    }

    func start(timeout: Duration) {
        timer = pool.loop.schedule(after: timeout) { [weak self] in self?.finish(.failure(.timeout)) }
        // The callbacks keep this object alive until the socket ends.
        socket.connect(
            ClientSocket.Callbacks(
                opened: { _ in self.webSocket.start() }, received: { self.received($0) },
                drained: { self.webSocket.drained() }, ended: { self.ended($0) }))
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
        let (events, failure) = webSocket.receive(bytes)
        for event in events where !isDone {
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
        if let failure { return finish(.failure(failure)) }
        do throws(ClientError) { try webSocket.sendPongs() } catch { finish(.failure(error)) }
    }

    private func succeed(_ status: ExecStatus) {
        let result = ClientExecResult(
            status: status, standardOutput: channels.standardOutput, standardError: channels.standardError,
            isTruncated: channels.isTruncated)
        // First, since to say goodbye may find that the server is gone.
        promise.finish(.success(result))
        webSocket.close()
        finish(.success(result))
    }

    private func ended(_ error: ClientError?) {
        let early = ClientError.broken("exec: the connection ended before the command's end was known")
        finish(.failure(webSocket.refusal ?? error ?? early))
    }
}
