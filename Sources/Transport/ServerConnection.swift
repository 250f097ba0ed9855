internal import Glibc
internal import Wire

/// One accepted connection: its socket, TLS, the protocol it speaks, and the deadline it is under.
///
/// Everything happens in turns on the loop's thread. A turn reads once, lets the protocol act, and encrypts what that
/// wrote into `loop.output`, which is empty between turns. The turn ends by sending that and by setting what is waited
/// for next; for a turn that the socket began this comes after the turns of other ready sockets.
final class ServerConnection {
    /// What a connection is doing; each has a deadline of its own.
    enum Phase: Hashable {
        case handshake
        case idle
        case head
        case body
        case answer
        case streams
        case send
        case linger
    }

    enum Exchange {
        case undecided
        case http1(HTTP1Exchange)
        case http2(HTTP2Exchange)
        /// Nothing is said any more, and nothing listened to.
        case ended
    }

    let id: UInt64
    let loop: ServerLoop
    let handler: any RequestHandler
    private(set) var peer: Peer
    /// Why this client is not served at all, once the handshake told who it is.
    private(set) var refusal: String?

    let socket: Int32
    let tls: TLSConnection?
    private let certificates: CertificateStore?
    private(set) var exchange = Exchange.undecided
    var registration: Registration?
    private var interest = Readiness.read
    /// What the socket did not take yet.
    var unsent: [UInt8] = []
    var closesAfterSending = false
    var isLingering = false
    var peerHasEnded = false
    var isClosed = false
    /// How many requests were answered since others had their turn.
    private var requestsInTurn = 0
    private var isTurnDue = false
    /// The most of them: whoever sends thousands at once must not keep the others waiting.
    private static let requestsAtOnce = 4
    /// Whether a turn's end waits for other connections' turns.
    var hasTurnToEnd = false
    var accountedBytes = 0

    let openedAt: MonotonicTime
    var phase: Phase
    var phaseSince: MonotonicTime
    /// Requests so far when the phase began: the same phase of another request has a deadline of its own.
    var phaseRequests = 0
    var deadline: MonotonicTime
    var timer: (token: TimerToken, moment: MonotonicTime)?
    /// How many requests have come.
    private(set) var requests = 0
    /// When the connection had nothing to do any more.
    var idleSince: MonotonicTime

    /// Takes the socket over; nil if it can't be served, and then it stays the caller's.
    init?(
        _ id: UInt64, _ socket: Int32, _ address: SocketAddress, _ listener: ListenerSettings, on loop: ServerLoop
    ) {
        self.id = id
        self.socket = socket
        self.loop = loop
        handler = listener.handler
        certificates = listener.certificates
        peer = Peer(address: address, isTLS: listener.certificates != nil)
        let now = loop.events.now
        idleSince = now
        openedAt = now
        phaseSince = now
        if let certificates = listener.certificates {
            // No memory for another connection is no reason to end those that there are.
            guard let made = try? TLSConnection(context: certificates.context) else { return nil }
            tls = made
            phase = .handshake
            deadline = now.advanced(by: loop.settings.handshakeDeadline)
        } else {
            tls = nil
            phase = .idle
            deadline = now.advanced(by: loop.settings.idleDeadline)
        }
        // epoll refuses only when the machine is out of memory or watches.
        guard let made = try? loop.events.register(socket, interest: .read, handler: { [unowned self] in ready($0) })
        else { return nil }
        registration = made
        if tls == nil { exchange = .http1(HTTP1Exchange(self)) }
        arm()
    }

    /// Whether the connection waits for a request.
    var isIdle: Bool { phase == .idle && !isLingering && !hasTurnToEnd }

    /// Whether a handler owes it an answer.
    var isAnswering: Bool {
        switch exchange {
        case .undecided, .ended: false
        case .http1(let http): http.isAnswering
        case .http2(let http): http.isAnswering
        }
    }

    /// Counts a request.
    func noteRequest() {
        requests += 1
        requestsInTurn += 1
        if requests == 1 { loop.noteFirstRequest() }
    }

    // MARK: Turns

    private func ready(_ readiness: Readiness) {
        guard !isClosed else { return }
        if case .undecided = exchange, !loop.mayShakeHands() { return }
        loop.current = id
        requestsInTurn = 0
        if !unsent.isEmpty && readiness.contains(.write) { sendUnsent() }
        if readiness.contains(.read) && interest.contains(.read) {
            readOnce()
        } else if readiness.contains(.hangup) {
            close()
        }
        account()
        handOver()
        loop.current = nil
        loop.relieve()
        loop.endLater(self)
    }

    /// Runs a piece of work, sends what it wrote, and sets what is waited for next.
    func turn(_ work: () -> Void) {
        guard !isClosed else { return }
        loop.current = id
        work()
        endTurn()
        loop.current = nil
        loop.relieve()
    }

    /// Ends a turn that waited for others to have theirs.
    func endWaitingTurn() {
        hasTurnToEnd = false
        turn {}
    }

    private func endTurn() {
        flush()
        // Answers that were held up by a full socket go on as soon as there is room.
        while !isClosed, !isBlocked, case .http1(let http) = exchange, http.hasBacklog, !http.isAnswering {
            guard requestsInTurn < Self.requestsAtOnce else {
                takeAnotherTurn()
                break
            }
            http.resume()
            flush()
        }
        if isClosed { return }
        if case .http2(let http) = exchange, http.isFinished { closesAfterSending = true }
        if closesAfterSending && !isBlocked && !isLingering { beginLinger() }
        if isClosed { return }
        account()
        var wanted: Readiness = isBlocked ? .write : []
        if !isReadingPaused { wanted.insert(.read) }
        if wanted != interest, let registration {
            interest = wanted
            loop.events.modify(registration, interest: wanted)
        }
        updateDeadline()
    }

    /// Goes on when others had their turn.
    private func takeAnotherTurn() {
        guard !isTurnDue else { return }
        isTurnDue = true
        loop.takeTurnLater(id)
    }

    /// The turn that was asked for.
    func takeDueTurn() {
        isTurnDue = false
        requestsInTurn = 0
        turn {}
    }

    var isBlocked: Bool { !unsent.isEmpty }

    private var isReadingPaused: Bool {
        if peerHasEnded { return true }
        if isLingering { return false }
        if closesAfterSending || isBlocked { return true }
        if case .http1(let http) = exchange { return http.isAnswering || http.hasBacklog }
        return false
    }

    /// Whether the protocol may write another answer now; sends what there is first.
    func hasRoom() -> Bool {
        if loop.output.count > ServerLoop.bufferBytes { flush() }
        return !isClosed && !isBlocked && !closesAfterSending && requestsInTurn < Self.requestsAtOnce
    }

    // MARK: Reading

    func readOnce() {
        let count = unsafe loop.received.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        if count < 0 {
            if errno != EAGAIN && errno != EINTR { close() }
            return
        }
        if isLingering {
            // What comes after the end is read so that the client sees our answer, and dropped.
            if count == 0 { close() }
            return
        }
        if count == 0 {
            peerHasEnded = true
            peerEnded()
            return
        }
        // The loop's buffers are taken out for as long as something looks into them.
        var received: [UInt8] = []
        swap(&received, &loop.received)
        defer { swap(&received, &loop.received) }
        guard let tls else {
            consume(received.span.extracting(0..<count))
            return
        }
        do throws(TLSError) {
            try tls.receive(received.span.extracting(0..<count))
            if case .undecided = exchange, tls.state == .open { handshakeDone(tls) }
            try decrypt(tls)
        } catch {
            failTLS(error)
            return
        }
        if tls.state == .peerClosed && !isClosed {
            peerHasEnded = true
            peerEnded()
        }
    }

    private func decrypt(_ tls: TLSConnection) throws(TLSError) {
        var decrypted: [UInt8] = []
        swap(&decrypted, &loop.decrypted)
        defer { swap(&decrypted, &loop.decrypted) }
        while !isClosed {
            var buffer = decrypted.mutableSpan
            let count = try tls.read(into: &buffer)
            if count == 0 { return }
            consume(decrypted.span.extracting(0..<count))
        }
    }

    private func consume(_ bytes: Span<UInt8>) {
        switch exchange {
        case .undecided, .ended: break
        case .http1(let http): http.receive(bytes)
        case .http2(let http): http.receive(bytes)
        }
    }

    private func handshakeDone(_ tls: TLSConnection) {
        if let certificates, certificates.files.judgesClientsByRequest {
            peer.clientChain = tls.clientChain
            (peer.clientNames, peer.isKnown) = certificates.judge(peer.clientChain)
        } else if let files = certificates?.files, files.clientAuthorities != nil {
            peer.clientNames = tls.peerCertificate?.names ?? []
            if !files.clientNames.isEmpty && !peer.clientNames.contains(where: { files.clientNames.contains($0) }) {
                refusal = "The client certificate is for \(peer.clientNames), none of which is allowed here."
            }
        }
        guard tls.applicationProtocol == "h2" else {
            exchange = .http1(HTTP1Exchange(self))
            return
        }
        guard let http = HTTP2Exchange(self) else { return close() }
        exchange = .http2(http)
    }

    private func failTLS(_ error: TLSError) {
        if case .undecided = exchange {
            loop.counters.failedHandshakes.increment()
        } else {
            loop.counters.badRequests.increment()
        }
        if error.reasons.contains("http request") {
            let response = HTTPResponse.refusal(400, "This port speaks HTTPS, and the request came in plain HTTP.")
            var bytes: [UInt8] = []
            HTTP1ResponseWriter.write(response, keepsAlive: false, into: &bytes)
            send(bytes.span)
        } else {
            // The alert that says why.
            flush()
        }
        close()
    }

    private func peerEnded() {
        switch exchange {
        case .undecided, .http2, .ended: close()
        case .http1(let http): http.peerEnded()
        }
    }

    // MARK: Answers

    /// Takes an answer from a handler, in the middle of its own turn or later.
    func answer(_ response: HTTPResponse, to request: UInt64) {
        if loop.current == id {
            write(response, to: request)
        } else {
            turn { write(response, to: request) }
        }
    }

    private func write(_ response: HTTPResponse, to request: UInt64) {
        switch exchange {
        case .undecided, .ended: break
        case .http1(let http): http.answer(response, to: request)
        case .http2(let http): http.answer(response, to: request)
        }
    }

    /// Gives back what the protocol keeps: it has said its last word.
    func endExchange() {
        exchange = .ended
    }

    /// Ends the connection once what was written is sent.
    func closeAfterSending() {
        closesAfterSending = true
    }
}
