internal import Controller
internal import Kubernetes
internal import Transport
internal import Wire

extension ServeSettings {
    /// Until when a client has to take its answer.
    private static let sendTimeout = Duration.seconds(10)

    /// What of the cluster is kept in memory.
    var watchedKinds: [StoredKind] {
        let isBase = roles.contains(.webhook) || roles.contains(.reconciler)
        let figures = roles.contains(.metrics) ? StoredKind.figures : []
        return (isBase ? StoredKind.base : [.runtimes, .autoscalers, .scaledObjects, .cronAutoscalers, .drains])
            + figures
    }

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
        server.sendDeadline = Self.sendTimeout
        server.maximumConnections = maximumConnections
        // A quarter, so that no one address can take all, and those behind one address still have enough.
        server.maximumConnectionsPerPeer = max(1, maximumConnections / 4)
        server.maximumBytesInFlight = maximumBytesInFlight
        server.requestLimits.bodyBytes = AdmissionHandler.bodyBytesMax
        return server
    }
}
