internal import Wire

extension ServerConnection {
    /// What the connection is doing now.
    var currentPhase: Phase {
        if isLingering { return .linger }
        if isBlocked { return .send }
        switch exchange {
        case .undecided: return .handshake
        case .ended: return .linger
        case .http1(let http):
            if http.isAnswering || http.hasBacklog { return .answer }
            switch http.phase {
            case .idle: return .idle
            case .head: return .head
            case .body: return .body
            }
        case .http2(let http): return http.isIdle ? .idle : .streams
        }
    }

    /// Sets the deadline anew if the connection does something else, or the same for another request.
    ///
    /// The timer is touched only if the new deadline is earlier than the timer: for a connection that is busy, all
    /// this costs is a comparison.
    func updateDeadline() {
        let now = loop.events.now
        let current = currentPhase
        if current == .streams, case .http2(let http) = exchange {
            if phase != current { phaseSince = now }
            phase = current
            deadline = http.nextDeadline
        } else if current != phase || requests != phaseRequests {
            phase = current
            phaseRequests = requests
            phaseSince = now
            deadline = now.advanced(by: allowance(current))
            if current == .idle { idleSince = now }
        } else {
            return
        }
        arm()
    }

    /// Counts the time of the current phase from now, by what is allowed now.
    func restartDeadline() {
        deadline = loop.events.now.advanced(by: allowance(phase))
        arm()
    }

    private func allowance(_ phase: Phase) -> Duration {
        let settings = loop.settings
        return switch phase {
        case .handshake: settings.handshakeDeadline
        case .idle: loop.isFinishing ? settings.lingerDeadline : settings.idleDeadline
        case .head: settings.headerDeadline
        case .body: settings.bodyDeadline
        case .answer, .streams: settings.answerDeadline
        case .send: settings.sendDeadline
        case .linger: settings.lingerDeadline
        }
    }

    /// Makes sure that the timer comes up at the deadline or before.
    func arm() {
        if let timer {
            if timer.moment <= deadline { return }
            loop.events.cancel(timer.token)
        }
        let moment = deadline
        let token = loop.events.schedule(at: moment) { [weak self] in
            guard let self else { return }
            timer = nil
            if deadline <= loop.events.now { turn { expire() } }
            if !isClosed && timer == nil { arm() }
        }
        timer = (token, moment)
    }

    /// The deadline has come.
    private func expire() {
        if phase != .idle && phase != .linger { loop.counters.timeouts.increment() }
        switch phase {
        case .handshake:
            loop.counters.failedHandshakes.increment()
            close()
        case .send, .linger:
            close()
        case .idle:
            if case .http2(let http) = exchange { http.goAway() }
            closeAfterSending()
        case .head, .body, .answer:
            if case .http1(let http) = exchange { http.expire(phase) }
        case .streams:
            if case .http2(let http) = exchange { http.expire() }
        }
    }
}
