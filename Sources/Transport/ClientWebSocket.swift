internal import Wire

/// A request to turn a connection into a WebSocket.
struct ClientUpgrade: Sendable {
    /// The request, whole.
    let request: [UInt8]
    /// What the server's answer has to fit.
    let handshake: WebSocketHandshake

    /// Throws `.invalidRequest` for what HTTP can't say.
    init(
        target: String, headers: [HTTPField], subprotocols: [String], host: String
    ) throws(ClientError) {
        var generator = SystemRandomNumberGenerator()
        handshake = WebSocketHandshake(subprotocols: subprotocols, random: (generator.next(), generator.next()))
        let get = HTTPRequest(method: "GET", target: target, headers: headers + handshake.fields)
        guard let bytes = HTTP1ClientRequest.bytes(of: get, host: host) else { throw .invalidRequest }
        request = bytes
    }
}

/// A WebSocket on a connection of its own, from the request for it on; on its loop's thread only.
final class ClientWebSocket {
    private enum State {
        case upgrading
        case refused(HTTPResponseHead, body: [UInt8])
        case open
    }

    /// The most bytes of a message: servers cut what they copy at 32 KiB.
    private static let messageBytesMax = 1 << 20
    /// The most bytes that are kept of a refusal's body.
    private static let refusalBytesMax = 64 << 10
    /// The most bytes of pongs that wait for a server that does not read what it asks for.
    private static let pongBytesMax = 64 << 10

    private let socket: ClientSocket
    private let upgrade: ClientUpgrade
    private var state = State.upgrading
    private var parser = HTTP1ClientParser()
    private var frames: WebSocketClient?
    /// Bytes of pongs since the system had taken all that was sent.
    private var pongBytes = 0

    /// Makes a WebSocket that nobody has asked for yet.
    init(_ upgrade: ClientUpgrade, on socket: ClientSocket) {
        self.upgrade = upgrade
        self.socket = socket
    }

    /// Asks for it; call it once, when the socket stands.
    func start() {
        parser.expectResponse(to: "GET", upgrade: true)
        socket.write(upgrade.request)
    }

    /// Whether the server switched protocols.
    var isOpen: Bool { if case .open = state { true } else { false } }

    /// The server's refusal, as far as it has come.
    var refusal: ClientError? {
        if case .refused(let head, let body) = state { .refused(head, body: body) } else { nil }
    }

    /// Takes what the server sent: the messages in it, and after these why there will be no more.
    func receive(_ bytes: [UInt8]) -> (events: [WebSocketEvent], failure: ClientError?) {
        if case .open = state { return receiveFrames(bytes) }
        do throws(HTTP1ClientError) {
            for event in try parser.receive(bytes.span) {
                switch event {
                case .upgraded(let head, let rest): return open(head, rest)
                case .head(let head): state = .refused(head, body: [])
                case .body(let more):
                    guard case .refused(let head, var body) = state else { continue }
                    body += more.prefix(Self.refusalBytesMax - body.count)
                    state = .refused(head, body: body)
                    if body.count == Self.refusalBytesMax { return ([], refusal) }
                case .end: return ([], refusal)
                }
            }
        } catch {
            return ([], .broken("HTTP/1.1: \(error)"))
        }
        return ([], nil)
    }

    private func open(_ head: HTTPResponseHead, _ rest: [UInt8]) -> (events: [WebSocketEvent], failure: ClientError?) {
        do {
            _ = try upgrade.handshake.check(head)
            frames = try WebSocketClient(messageBytesMax: Self.messageBytesMax) {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }
        } catch {
            return ([], .broken("WebSocket: \(error)"))
        }
        state = .open
        return rest.isEmpty ? ([], nil) : receiveFrames(rest)
    }

    private func receiveFrames(_ bytes: [UInt8]) -> (events: [WebSocketEvent], failure: ClientError?) {
        var failure: ClientError?
        do throws(WebSocketError) {
            try frames?.receive(bytes.span)
        } catch {
            failure = .broken("WebSocket: \(error)")
        }
        return (frames?.takeEvents() ?? [], failure)
    }

    /// Answers the pings that came; call it once what came with them is taken, since a write may find the end.
    func sendPongs() throws(ClientError) {
        let count = writeFrames()
        guard count > 0 else { return }
        pongBytes = socket.backlog == 0 ? 0 : pongBytes + count
        if pongBytes > Self.pongBytesMax {
            throw .broken("WebSocket: the server sends pings and does not read the answers")
        }
    }

    /// Sends a binary message.
    func send(_ message: [UInt8]) throws(ClientError) {
        do throws(WebSocketError) { try frames?.send(message) } catch { throw .broken("WebSocket: \(error)") }
        writeFrames()
    }

    /// Says that it ends: a courtesy, since the connection is closed either way.
    func close() {
        // What can't be said any more needs not be.
        try? frames?.close()
        writeFrames()
    }

    /// The system has taken all that was sent.
    func drained() {
        pongBytes = 0
    }

    /// Hands frames that are due to the socket, and says how many bytes.
    @discardableResult
    private func writeFrames() -> Int {
        guard let output = frames?.takeOutput(), !output.isEmpty else { return 0 }
        socket.write(output)
        return output.count
    }
}
