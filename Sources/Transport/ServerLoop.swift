internal import Glibc
internal import Synchronization
internal import Wire

/// The connections of one event loop, and what they share.
///
/// Everything but `events` belongs to the loop's thread; `deliver` and `open` are reached from elsewhere by `execute`.
final class ServerLoop: @unchecked Sendable {
    let events: EventLoop
    let settings: ServerSettings
    let counters: ServerCounters
    let limits: ServerLimits

    /// Where bytes of the connection that has its turn lie: as received, as plaintext, and as they are sent.
    var received = [UInt8](repeating: 0, count: ServerLoop.bufferBytes)
    var decrypted = [UInt8](repeating: 0, count: ServerLoop.bufferBytes)
    var sending = [UInt8](repeating: 0, count: ServerLoop.bufferBytes)
    /// What the connection that has its turn is going to send; empty between turns.
    var output: [UInt8] = []
    var date = HTTPDate()
    /// The connection that has its turn.
    var current: UInt64?
    /// From now on connections end after what they are doing.
    private(set) var isDraining = false
    /// From now on a connection without a request is not waited for.
    private(set) var isFinishing = false

    private var connections: [UInt64: ServerConnection] = [:]
    /// How many connections there are from each address.
    private var crowds: [[UInt8]: Int] = [:]
    /// How many connections there are on which nothing was asked yet.
    private var unserved = 0
    private var lastConnection: UInt64 = 0
    private var isRelieving = false
    /// How many handshakes were gone on with in this round of the event loop.
    private var handshakesInRound = 0
    /// Connections whose turn is to end when others had theirs.
    private var turnsToEnd: [ServerConnection] = []
    private var whenEmpty: (() -> Void)?

    /// The most bytes that are read from a socket at once.
    static let bufferBytes = 64 << 10

    /// How many turns wait for each other's ends: a client that waits is woken up by a send, which costs more than to
    /// send the next answer as well, but an answer must not wait for long.
    private static let turnsAtOnce = 16

    /// How many handshakes are gone on with in a round: one costs as much as a dozen answers, and whoever has an open
    /// connection must not wait for all that begin one.
    private static let handshakesAtOnce = 4

    init(events: EventLoop, settings: ServerSettings, counters: ServerCounters, limits: ServerLimits) {
        self.limits = limits
        self.events = events
        self.settings = settings
        self.counters = counters
    }

    /// Takes over an accepted socket.
    func open(_ socket: Int32, _ peer: SocketAddress, _ listener: ListenerSettings) {
        counters.accepted.increment()
        guard makeRoom(for: peer) else {
            counters.refused.increment()
            _ = Glibc.close(socket)
            return
        }
        lastConnection += 1
        guard let connection = ServerConnection(lastConnection, socket, peer, listener, on: self) else {
            _ = Glibc.close(socket)
            return
        }
        counters.connections.increment()
        connections[lastConnection] = connection
        crowds[peer.bytes, default: 0] += 1
        unserved += 1
    }

    /// The first request came on a connection.
    func noteFirstRequest() {
        unserved -= 1
    }

    /// Closes a connection where the new one would be one too many; false if none can go.
    private func makeRoom(for peer: SocketAddress) -> Bool {
        if crowds[peer.bytes, default: 0] >= limits.connectionsPerPeer {
            return closeMostDispensable { $0.peer.address.bytes == peer.bytes }
        }
        if unserved >= limits.unservedConnections { return closeMostDispensable { $0.requests == 0 } }
        if connections.count < limits.connections { return true }
        // Whoever has just come could not ask yet, and has places that no crowd of served ones takes.
        return closeMostDispensable { $0.requests > 0 } || closeMostDispensable()
    }

    /// Closes whichever of these connections can best be done without; false if none of them can.
    @discardableResult
    func closeMostDispensable(among isMeant: (ServerConnection) -> Bool = { _ in true }) -> Bool {
        var first: (connection: ServerConnection, rank: Dispensability)?
        for connection in connections.values where isMeant(connection) {
            let crowd = crowds[connection.peer.address.bytes] ?? 0
            guard let rank = connection.dispensability(crowd: crowd) else { continue }
            if let known = first, known.rank < rank { continue }
            first = (connection, rank)
        }
        guard let first else { return false }
        counters.refused.increment()
        first.connection.close()
        return true
    }

    /// Whether one more handshake may be gone on with in this round; else its socket is found ready in the next.
    func mayShakeHands() -> Bool {
        guard handshakesInRound < Self.handshakesAtOnce else { return false }
        handshakesInRound += 1
        if handshakesInRound == 1 { events.atEndOfRound { [self] in handshakesInRound = 0 } }
        return true
    }

    /// Sees to it that no more bytes are kept than may be: of the address whose connections keep the most together, those
    /// that ask nothing go, and then whichever keeps the most loses its largest request, or goes.
    ///
    /// For the end of a turn only.
    func relieve() {
        guard limits.budget.isExceeded, !isRelieving else { return }
        isRelieving = true
        while limits.budget.isExceeded, let address = greediestAddress() {
            func isMeant(_ connection: ServerConnection) -> Bool {
                connection.accountedBytes > 0 && connection.peer.address.bytes == address
            }
            if closeMostDispensable(among: { isMeant($0) && $0.currentPhase == .idle }) { continue }
            let keeping = connections.values.lazy.filter(isMeant)
            guard let largest = keeping.max(by: { $0.accountedBytes < $1.accountedBytes }) else { break }
            counters.shed.increment()
            let before = largest.accountedBytes
            largest.turn { largest.shed() }
            if largest.accountedBytes >= before { largest.close() }
        }
        isRelieving = false
    }

    /// Whose connections keep the most; nil if none keeps anything.
    private func greediestAddress() -> [UInt8]? {
        var sums: [[UInt8]: Int] = [:]
        for connection in connections.values where connection.accountedBytes > 0 {
            sums[connection.peer.address.bytes, default: 0] += connection.accountedBytes
        }
        return sums.max { $0.value < $1.value }?.key
    }

    /// Ends the connection's turn soon: in this round of the event loop, and before its timers.
    func endLater(_ connection: ServerConnection) {
        guard !connection.hasTurnToEnd else { return }
        connection.hasTurnToEnd = true
        turnsToEnd.append(connection)
        if turnsToEnd.count == 1 { events.atEndOfRound { [self] in endTurns() } }
        if turnsToEnd.count >= Self.turnsAtOnce { endTurns() }
    }

    /// Gives a connection another turn in the next round of the event loop.
    func takeTurnLater(_ connection: UInt64) {
        events.execute { [self] in connections[connection]?.takeDueTurn() }
    }

    private func endTurns() {
        var connections: [ServerConnection] = []
        swap(&connections, &turnsToEnd)
        for connection in connections { connection.endWaitingTurn() }
        connections.removeAll(keepingCapacity: true)
        if turnsToEnd.isEmpty { swap(&connections, &turnsToEnd) }
    }

    /// Hands an answer to the request it is for, if that still waits.
    func deliver(_ response: HTTPResponse, to request: UInt64, of connection: UInt64) {
        // A handler that answers another connection's request must not do so in the middle of this one's turn.
        guard current == nil || current == connection else {
            events.execute { [self] in deliver(response, to: request, of: connection) }
            return
        }
        connections[connection]?.answer(response, to: request)
    }

    /// Forgets a connection that closed itself.
    func forget(_ connection: UInt64) {
        guard let gone = connections.removeValue(forKey: connection) else { return }
        if gone.requests == 0 { unserved -= 1 }
        let address = gone.peer.address.bytes
        let others = (crowds[address] ?? 1) - 1
        crowds[address] = others > 0 ? others : nil
        counters.connections.wrappingSubtract(1, ordering: .relaxed)
        if connections.isEmpty, let done = whenEmpty.take() { done() }
    }

    /// Says on every connection that no more requests should come on it; idle ones stay until `finish`.
    func announceShutdown() {
        isDraining = true
        for connection in connections.values { connection.announceShutdown() }
    }

    /// Ends idle connections now and the others after what they are doing, then calls `done`.
    func finish(_ done: @escaping () -> Void) {
        isDraining = true
        isFinishing = true
        whenEmpty = done
        for connection in Array(connections.values) { connection.finish() }
        if connections.isEmpty, let done = whenEmpty.take() { done() }
    }

    /// Closes whatever is still open.
    func closeAll() {
        for connection in Array(connections.values) { connection.close() }
    }
}
