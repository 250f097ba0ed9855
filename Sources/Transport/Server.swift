internal import Synchronization

/// Listens, and answers requests over HTTP/1.1 and HTTP/2, with TLS or without.
///
/// TLS listeners are served by `ServerSettings.threads` loops, and connections handed to them in turn; plain ones, which
/// are for health and metrics, by a loop of their own. All functions may be called from any thread.
public final class Server: Sendable {
    private let settings: ServerSettings
    private let counters = ServerCounters()
    private let budget: ByteBudget
    private let sideBudget: ByteBudget
    private let listeners: [Listening]
    private let loops: [ServerLoop]
    private let sideLoop: ServerLoop
    private let watchers = Mutex<[Watching]>([])

    /// A listener and the settings it was made from.
    private struct Listening: Sendable {
        let settings: ListenerSettings
        let listener: ServerListener
    }

    /// Keeps a watcher, which only its loop touches.
    private struct Watching: @unchecked Sendable {
        let watcher: CertificateWatcher
    }

    /// Opens the listeners' sockets; nothing is accepted before `start`.
    public init(settings: ServerSettings, listeners: [ListenerSettings]) throws(SystemError) {
        self.settings = settings
        let counters = counters
        let threads = max(1, settings.threads)
        let budget = ByteBudget(limit: settings.maximumBytesInFlight)
        let sideBudget = ByteBudget(limit: settings.maximumPlainBytesInFlight)
        func makeLoop(_ name: String, _ limits: ServerLimits) throws(SystemError) -> ServerLoop {
            ServerLoop(events: try EventLoop(name: name), settings: settings, counters: counters, limits: limits)
        }
        let unserved = min(settings.maximumUnservedConnections, settings.maximumConnections / 2)
        let limits = ServerLimits(
            requests: settings.requestLimits, connections: max(1, settings.maximumConnections / threads),
            connectionsPerPeer: max(1, settings.maximumConnectionsPerPeer / threads),
            unservedConnections: max(1, unserved / threads), budget: budget)
        var loops: [ServerLoop] = []
        for number in 0..<threads { loops.append(try makeLoop("server-\(number)", limits)) }
        let sideLoop = try makeLoop(
            "server-side",
            ServerLimits(
                requests: settings.plainRequestLimits, connections: max(1, settings.maximumPlainConnections),
                connectionsPerPeer: max(1, settings.maximumPlainConnectionsPerPeer),
                unservedConnections: max(1, settings.maximumPlainConnections / 2), budget: sideBudget))
        let turn = ConnectionTurn(loops: loops)
        var listening: [Listening] = []
        for listener in listeners {
            guard let address = SocketAddress(listener.address) else {
                throw SystemError("listen on '\(listener.address)', which is no address and port", number: 22)
            }
            let isSide = listener.certificates == nil
            let acceptor = isSide ? sideLoop : loops[0]
            let made = try ServerListener(
                address, loop: acceptor.events,
                accepted: { socket, peer in
                    let loop = isSide ? sideLoop : turn.next()
                    if loop === acceptor {
                        loop.open(socket, peer, listener)
                    } else {
                        loop.events.execute { loop.open(socket, peer, listener) }
                    }
                },
                makeRoom: {
                    if acceptor.closeMostDispensable() { return true }
                    // The descriptors are with the other loops' connections.
                    for loop in loops + [sideLoop] where loop !== acceptor {
                        loop.events.execute { _ = loop.closeMostDispensable() }
                    }
                    return false
                })
            listening.append(Listening(settings: listener, listener: made))
        }
        self.budget = budget
        self.sideBudget = sideBudget
        self.loops = loops
        self.sideLoop = sideLoop
        self.listeners = listening
    }

    /// Starts the loops and accepts connections; certificates are watched from now on.
    ///
    /// `certificateInterval` is how often files are looked at even if no change was told.
    public func start(certificateInterval: Duration = .seconds(30)) throws(SystemError) {
        for loop in loops { try loop.events.start() }
        try sideLoop.events.start()
        let side = sideLoop.events
        for listening in listeners {
            let listener = listening.listener
            listener.loop.execute { listener.start() }
            guard let store = listening.settings.certificates else { continue }
            side.execute { [self] in
                let watcher = CertificateWatcher(store: store, loop: side, interval: certificateInterval)
                watchers.withLock { $0.append(Watching(watcher: watcher)) }
            }
        }
    }

    /// The addresses that are listened on, in the order of the listeners; port 0 is replaced by the real one.
    public var addresses: [String] { listeners.map(\.listener.address.description) }

    /// What was done so far and is held now.
    public var statistics: ServerStatistics {
        counters.snapshot(bytesInFlight: budget.bytes + sideBudget.bytes)
    }

    /// The loop that serves plain listeners: for timers and work that should not delay requests over TLS.
    public var sideEvents: EventLoop { sideLoop.events }

    /// Ends the server without failing a request, and returns when its threads have ended; call it once.
    ///
    /// For `linger` connections are still accepted and served, while each answer asks its client to go elsewhere; that
    /// is the time for load balancers to notice that we are not ready. Then no more are accepted, idle connections end,
    /// busy ones end after their answer, and after `deadline` the rest is cut.
    public func shutdown(linger: Duration, deadline: Duration) async {
        let all = loops + [sideLoop]
        for loop in loops { loop.events.execute { loop.announceShutdown() } }
        await sleep(linger)
        for listening in listeners {
            let listener = listening.listener
            // What was accepted last is handed on before the loops are told to finish.
            await withCheckedContinuation { continuation in
                listener.loop.execute {
                    listener.stop()
                    continuation.resume()
                }
            }
        }
        sideLoop.events.execute { [sideLoop] in
            sideLoop.events.schedule(after: deadline) {
                for loop in all { loop.events.execute { loop.closeAll() } }
            }
        }
        for loop in all {
            await withCheckedContinuation { continuation in
                loop.events.execute { loop.finish { continuation.resume() } }
            }
        }
        for watching in watchers.withLock({ $0 }) { sideLoop.events.execute { watching.watcher.stop() } }
        for loop in all { loop.events.stop() }
        for loop in all { loop.events.join() }
    }

    /// Waits on the side loop's clock.
    private func sleep(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            sideLoop.events.execute { [sideLoop] in
                sideLoop.events.schedule(after: duration) { continuation.resume() }
            }
        }
    }
}

/// Gives the loops their connections in turn.
private final class ConnectionTurn: Sendable {
    private let loops: [ServerLoop]
    private let count = Atomic<Int>(0)

    init(loops: [ServerLoop]) {
        self.loops = loops
    }

    func next() -> ServerLoop {
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return loops[Int(UInt(bitPattern: number) % UInt(loops.count))]
    }
}
