internal import CLinux
internal import Glibc
internal import Wire

extension ServerConnection {
    /// Sends what was written in this turn, as far as the socket takes it.
    func flush() {
        while !isClosed {
            if case .http2(let http) = exchange, !isBlocked { http.writeOutput() }
            let hadOutput = !loop.output.isEmpty
            handOver()
            if let tls { sendPending(tls) }
            // HTTP/2 hands its output out in pieces.
            guard hadOutput, !isBlocked, case .http2 = exchange else { return }
        }
    }

    /// Takes the turn's output to TLS, or to the socket.
    func handOver() {
        guard !loop.output.isEmpty else { return }
        if isClosed { return loop.output.removeAll() }
        var output: [UInt8] = []
        swap(&output, &loop.output)
        if let tls {
            do throws(TLSError) { try tls.send(output.span) } catch { close() }
        } else if isBlocked {
            unsent.append(contentsOf: output)
        } else {
            send(output.span)
        }
        // Large answers are rare; their memory is given back.
        output.removeAll(keepingCapacity: output.capacity <= 4 * ServerLoop.bufferBytes)
        swap(&output, &loop.output)
    }

    /// Sends ciphertext that TLS has ready.
    private func sendPending(_ tls: TLSConnection) {
        guard tls.pendingOutputBytes > 0 else { return }
        var sending: [UInt8] = []
        swap(&sending, &loop.sending)
        defer { swap(&sending, &loop.sending) }
        while !isClosed && !isBlocked {
            var buffer = sending.mutableSpan
            let count = tls.takeOutput(into: &buffer)
            if count == 0 { return }
            send(sending.span.extracting(0..<count))
        }
    }

    /// Sends bytes, and keeps what the socket does not take.
    func send(_ bytes: Span<UInt8>) {
        let sent = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent < 0 && errno != EAGAIN && errno != EINTR { return close() }
        let taken = max(0, sent)
        if taken == bytes.count { return }
        unsafe bytes.extracting(droppingFirst: taken).withUnsafeBufferPointer { unsafe unsent.append(contentsOf: $0) }
    }

    /// Goes on where the socket took no more.
    func sendUnsent() {
        var rest: [UInt8] = []
        swap(&rest, &unsent)
        send(rest.span)
    }

    /// Says goodbye and reads on for a while, so that the client sees the answer and not a reset.
    func beginLinger() {
        if let tls {
            tls.close()
            flush()
            if isClosed { return }
        }
        isLingering = true
        endExchange()
        guard !peerHasEnded else { return close() }
        _ = shutdown(socket, Int32(SHUT_WR))
    }

    /// Closes the socket at once; the connection is no more.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        if let timer { loop.events.cancel(timer.token) }
        if let registration { loop.events.deregister(registration) }
        _ = Glibc.close(socket)
        account()
        loop.forget(id)
    }

    // MARK: Shutdown

    /// Says on HTTP/2 that no more requests should come; on HTTP/1.1 the next answer says so.
    func announceShutdown() {
        turn {
            if case .http2(let http) = exchange { http.announceShutdown() }
        }
    }

    /// Ends the connection after what it is doing, which may be nothing.
    func finish() {
        turn {
            switch exchange {
            case .undecided, .ended: break
            case .http2(let http): http.goAway()
            case .http1:
                guard isIdle else { return }
                // A request that has arrived is served; only then there is nothing to do.
                readOnce()
                if isClosed || !isStillIdle { return }
                if requests > 0 { return closeAfterSending() }
                // Who has just connected is about to ask, and has not been told to go elsewhere.
                restartDeadline()
            }
        }
    }

    private var isStillIdle: Bool {
        if case .http1(let http) = exchange { return http.isIdle }
        return false
    }

    // MARK: Bytes in flight

    /// Tells the server how many bytes this connection keeps.
    func account() {
        let kept = isClosed ? 0 : keptBytes
        guard kept != accountedBytes else { return }
        loop.limits.budget.add(kept - accountedBytes)
        accountedBytes = kept
    }

    /// Bytes of requests, of answers, and of what the socket did not take.
    private var keptBytes: Int {
        let waiting = unsent.count + (tls?.pendingOutputBytes ?? 0)
        return switch exchange {
        case .undecided, .ended: waiting
        case .http1(let http): waiting + http.keptBytes
        case .http2(let http): waiting + http.keptBytes
        }
    }

    /// The server keeps too much, and this connection the most of it: a request that is still coming is refused, else
    /// the connection ends.
    func shed() {
        let isRefused =
            switch exchange {
            case .undecided, .ended: false
            case .http1(let http): http.shed()
            case .http2(let http): http.shed()
            }
        if !isRefused { close() }
    }
}
