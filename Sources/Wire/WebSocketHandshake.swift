internal import COpenSSL

/// Why a server's answer to an upgrade is no WebSocket handshake (RFC 6455, section 4.1).
public enum WebSocketHandshakeError: Error, Sendable, Hashable {
    /// The server answered with this status instead of switching protocols.
    case refused(status: Int)
    /// `Upgrade` or `Connection` do not say that this is a WebSocket now.
    case notAnUpgrade
    /// `Sec-WebSocket-Accept` is not what the key asks for.
    case wrongAccept
    /// An extension that nobody offered.
    case unexpectedExtension
    /// No subprotocol, or none of those offered.
    case wrongSubprotocol
}

/// The client's opening handshake of a WebSocket over HTTP/1.1 (RFC 6455, section 4).
public struct WebSocketHandshake: Sendable {
    /// What is offered, in the order of preference.
    public let subprotocols: [String]
    private let key: String

    /// Makes a handshake from 128 random bits, which have to be fresh for each connection.
    public init(subprotocols: [String], random: (UInt64, UInt64)) {
        self.subprotocols = subprotocols
        var nonce: [UInt8] = []
        for half in [random.0, random.1] {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                nonce.append(UInt8(truncatingIfNeeded: half >> shift))
            }
        }
        key = Base64.encode(nonce)
    }

    /// The fields that make a GET an upgrade.
    public var fields: [HTTPField] {
        [
            HTTPField("connection", "Upgrade"), HTTPField("upgrade", "websocket"),
            HTTPField("sec-websocket-version", "13"), HTTPField("sec-websocket-key", key),
            HTTPField("sec-websocket-protocol", subprotocols.joined(separator: ", ")),
        ]
    }

    /// Checks the server's answer, and returns the subprotocol that it chose.
    public func check(_ head: HTTPResponseHead) throws(WebSocketHandshakeError) -> String {
        guard head.status == 101 else { throw .refused(status: head.status) }
        guard head.firstValue(of: "upgrade")?.lowercased() == "websocket",
            head.firstValue(of: "connection")?.lowercased() == "upgrade"
        else { throw .notAnUpgrade }
        guard head.firstValue(of: "sec-websocket-accept") == Self.accept(for: key) else { throw .wrongAccept }
        guard head.firstValue(of: "sec-websocket-extensions") == nil else { throw .unexpectedExtension }
        guard let chosen = head.firstValue(of: "sec-websocket-protocol"), subprotocols.contains(chosen) else {
            throw .wrongSubprotocol
        }
        return chosen
    }

    /// What a server has to make of a key: proof that it speaks WebSocket, not of anything else.
    static func accept(for key: String) -> String {
        let text = Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        var count: UInt32 = 0
        let done = unsafe EVP_Digest(text, text.count, &digest, &count, EVP_sha1(), nil)
        return done == 1 && count == 20 ? Base64.encode(digest) : ""
    }
}
