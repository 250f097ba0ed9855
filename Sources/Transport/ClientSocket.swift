internal import Glibc
internal import Wire

/// A connection that we open: name, TCP and TLS; then plain bytes in both directions.
///
/// Belongs to its loop's thread: create it there, call it there, and it calls back there. `ended` is called at most once,
/// and nothing after it; after `close()` nothing is called.
final class ClientSocket: @unchecked Sendable {
    /// What the owner is told; all of them are dropped at the end.
    struct Callbacks {
        /// The connection stands; the ALPN name if one was agreed on.
        var opened: (String?) -> Void
        /// Bytes came.
        var received: ([UInt8]) -> Void
        /// All output was handed to the system.
        var drained: () -> Void
        /// The connection could not be made, broke, or (nil) was closed by the peer in order.
        var ended: (ClientError?) -> Void
    }

    private enum State {
        case idle
        case resolving
        case connecting([ClientAddress])
        case handshaking
        case open
        case closed
    }

    /// How many bytes wait to be taken by the system.
    var backlog: Int { outbox.count - outboxStart }

    private let loop: EventLoop
    private let endpoint: ClientEndpoint
    private let settings: ClientSettings
    private let tls: TLSConnection?
    private var callbacks: Callbacks?
    private var state = State.idle
    private var descriptor: Int32 = -1
    private var registration: Registration?
    private var interest: Readiness = []
    private var connectTimer: TimerToken?
    private var addressTimer: TimerToken?
    private var outbox: [UInt8] = []
    private var outboxStart = 0
    private var isPaused = false
    /// Why the last address was of no use.
    private var lastFailure = "no address"

    /// Makes a connection that is not opened yet; `context` is nil for plain text.
    init(
        loop: EventLoop, endpoint: ClientEndpoint, settings: ClientSettings, context: TLSContext?
    ) throws(TLSError) {
        self.loop = loop
        self.endpoint = endpoint
        self.settings = settings
        if let context {
            tls = try TLSConnection(context: context, serverName: endpoint.serverName ?? endpoint.host)
        } else {
            tls = nil
        }
    }

    deinit {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
    }

    /// Begins to connect; call it once.
    func connect(_ callbacks: Callbacks) {
        self.callbacks = callbacks
        state = .resolving
        connectTimer = loop.schedule(after: settings.connectTimeout) { [weak self] in
            guard let self else { return }
            end(.unreachable("\(endpoint.authority): no connection within \(settings.connectTimeout)"))
        }
        let loop = loop
        ClientResolver.resolve(endpoint.host, port: endpoint.port) { [self] result in
            loop.execute { self.resolved(result) }
        }
    }

    /// Hands bytes to the peer, as soon as it takes them; only after `opened`.
    func write(_ bytes: [UInt8]) {
        guard case .open = state else { return }
        if let tls {
            do throws(TLSError) {
                try tls.send(bytes.span)
            } catch {
                return end(.broken("\(endpoint.authority): \(error)"))
            }
            outbox += tls.takeOutput()
        } else {
            outbox += bytes
        }
        flush()
    }

    /// Stops or goes on reading: what the peer sends then waits in the system's buffers, and at the peer.
    func pauseReading(_ pause: Bool) {
        guard isPaused != pause else { return }
        isPaused = pause
        updateInterest()
    }

    /// Closes; what was not taken by the system yet is lost.
    func close() {
        if case .open = state, let tls {
            tls.close()
            outbox += tls.takeOutput()
            callbacks = nil
            flush()
        }
        tearDown()
    }

    // MARK: Connecting

    private func resolved(_ result: Result<[ClientAddress], ClientError>) {
        guard case .resolving = state else { return }
        switch result {
        case .failure(let error): end(error)
        case .success(let addresses): tryNext(addresses)
        }
    }

    private func tryNext(_ addresses: [ClientAddress]) {
        closeDescriptor()
        guard let address = addresses.first else { return end(.unreachable("\(endpoint.authority): \(lastFailure)")) }
        let rest = Array(addresses.dropFirst())
        state = .connecting(rest)
        do throws(SystemError) {
            descriptor = try ClientSystem.connect(address)
            registration = try loop.register(descriptor, interest: .write) { [weak self] in self?.ready($0) }
            interest = .write
        } catch {
            lastFailure = error.description
            return tryNext(rest)
        }
        addressTimer = loop.schedule(after: settings.addressTimeout) { [weak self] in
            guard let self else { return }
            lastFailure = "no answer"
            tryNext(rest)
        }
    }

    private func connected() {
        if let addressTimer { loop.cancel(addressTimer) }
        addressTimer = nil
        interest = []
        guard let tls else { return opened(nil) }
        state = .handshaking
        do throws(TLSError) {
            try tls.startHandshake()
        } catch {
            return end(.unreachable("\(endpoint.authority): \(error)"))
        }
        outbox += tls.takeOutput()
        flush()
    }

    private func opened(_ name: String?) {
        if let connectTimer { loop.cancel(connectTimer) }
        connectTimer = nil
        state = .open
        updateInterest()
        callbacks?.opened(name)
    }

    // MARK: Reading and writing

    private func ready(_ readiness: Readiness) {
        switch state {
        case .idle, .resolving, .closed:
            return
        case .connecting(let rest):
            if let error = ClientSystem.pendingError(descriptor) {
                lastFailure = error.description
                return tryNext(rest)
            }
            connected()
        case .handshaking, .open:
            if readiness.contains(.write) { flush() }
            if readiness.contains(.read) || readiness.contains(.hangup) { read() }
        }
    }

    private func read() {
        // A few reads at a time, so that one connection does not hold up the loop's others.
        for _ in 0..<4 {
            if isPaused { return }
            let bytes: [UInt8]
            switch ClientSystem.read(descriptor) {
            case .nothing: return
            case .failed(let error): return end(broken(error.description))
            case .end: return end(handshakeDone ? nil : broken("closed by the server during the TLS handshake"))
            case .bytes(let read): bytes = read
            }
            guard let tls else {
                callbacks?.received(bytes)
                continue
            }
            var plain: [UInt8] = []
            var failure: TLSError?
            do throws(TLSError) { try tls.receive(bytes.span, appendingTo: &plain) } catch { failure = error }
            outbox += tls.takeOutput()
            flush()
            if case .handshaking = state, tls.state == .open { opened(tls.applicationProtocol) }
            if !plain.isEmpty { callbacks?.received(plain) }
            if let failure { return end(broken(failure.description)) }
            if tls.state == .peerClosed { return end(nil) }
        }
    }

    private var handshakeDone: Bool { if case .open = state { true } else { false } }

    private func broken(_ reason: String) -> ClientError {
        let text = "\(endpoint.authority): \(reason)"
        return handshakeDone ? .broken(text) : .unreachable(text)
    }

    private func flush() {
        guard descriptor >= 0 else { return }
        let hadOutput = backlog > 0
        while backlog > 0 {
            switch ClientSystem.write(descriptor, outbox[outboxStart...]) {
            case .failure(let error):
                outbox = []
                outboxStart = 0
                return end(broken(error.description))
            case .success(let count):
                outboxStart += count
                if count == 0 {
                    // What was sent is dropped once it is worth the copy.
                    if outboxStart > 256 << 10 {
                        outbox.removeFirst(outboxStart)
                        outboxStart = 0
                    }
                    return updateInterest()
                }
            }
        }
        outbox.removeAll(keepingCapacity: outbox.count <= 64 << 10)
        outboxStart = 0
        updateInterest()
        if hadOutput, case .open = state { callbacks?.drained() }
    }

    private func updateInterest() {
        guard let registration else { return }
        var wanted: Readiness = isPaused ? [] : .read
        if backlog > 0 { wanted.insert(.write) }
        guard wanted != interest else { return }
        interest = wanted
        loop.modify(registration, interest: wanted)
    }

    // MARK: The end

    private func end(_ error: ClientError?) {
        guard let callbacks else { return tearDown() }
        tearDown()
        callbacks.ended(error)
    }

    private func tearDown() {
        state = .closed
        callbacks = nil
        for timer in [connectTimer, addressTimer] { if let timer { loop.cancel(timer) } }
        connectTimer = nil
        addressTimer = nil
        closeDescriptor()
        outbox = []
        outboxStart = 0
    }

    private func closeDescriptor() {
        if let addressTimer { loop.cancel(addressTimer) }
        addressTimer = nil
        if let registration { loop.deregister(registration) }
        registration = nil
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }
}
