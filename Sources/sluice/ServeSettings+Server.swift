internal import Controller
internal import Transport
internal import Wire

extension ServeSettings {
    /// The limits of the listeners.
    var serverSettings: ServerSettings {
        var server = ServerSettings()
        server.threads = threads
        server.handshakeDeadline = handshakeTimeout
        server.headerDeadline = headerTimeout
        server.bodyDeadline = bodyTimeout
        server.idleDeadline = idleTimeout
        // The caller's own deadline, a live read included, ends an answer; this is the outer bound.
        server.answerDeadline = AdmissionSettings.answerTimeoutRange.upperBound
        server.maximumConnections = maximumConnections
        server.maximumBytesInFlight = maximumBytesInFlight
        server.requestLimits.bodyBytes = AdmissionHandler.bodyBytesMax
        return server
    }
}
