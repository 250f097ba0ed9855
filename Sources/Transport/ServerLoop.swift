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

    private let maximumConnections: Int
    private var connections: [UInt64: ServerConnection] = [:]
    private var lastConnection: UInt64 = 0
    /// Connections whose turn is to end when others had theirs.
    private var turnsToEnd: [ServerConnection] = []
    private var whenEmpty: (() -> Void)?

    /// The most bytes that are read from a socket at once.
    static let bufferBytes = 64 << 10

    /// How many turns wait for each other's ends: a client that waits is woken up by a send, which costs more than to
    /// send the next answer as well, but an answer must not wait for long.
    private static let turnsAtOnce = 16

    init(events: EventLoop, settings: ServerSettings, counters: ServerCounters, maximumConnections: Int) {
        self.maximumConnections = max(1, maximumConnections)
        self.events = events
        self.settings = settings
        self.counters = counters
    }

    /// Takes over an accepted socket.
    func open(_ socket: Int32, _ peer: SocketAddress, _ listener: ListenerSettings) {
        counters.accepted.increment()
        if connections.count >= maximumConnections, !closeLongestIdle() {
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
    }

    /// Ends the connection's turn soon: in this round of the event loop, and before its timers.
    func endLater(_ connection: ServerConnection) {
        guard !connection.hasTurnToEnd else { return }
        connection.hasTurnToEnd = true
        turnsToEnd.append(connection)
        if turnsToEnd.count == 1 { events.atEndOfRound { [self] in endTurns() } }
        if turnsToEnd.count >= Self.turnsAtOnce { endTurns() }
    }

    private func endTurns() {
        var connections: [ServerConnection] = []
        swap(&connections, &turnsToEnd)
        for connection in connections { connection.endWaitingTurn() }
        connections.removeAll(keepingCapacity: true)
        if turnsToEnd.isEmpty { swap(&connections, &turnsToEnd) }
    }

    /// Makes room for a new connection; false if every connection of this loop is doing something.
    private func closeLongestIdle() -> Bool {
        let idle = connections.values.filter { $0.isIdle }
        guard let oldest = idle.min(by: { $0.idleSince < $1.idleSince }) else { return false }
        counters.refused.increment()
        oldest.close()
        return true
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
        guard connections.removeValue(forKey: connection) != nil else { return }
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
