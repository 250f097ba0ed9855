import Testing
import Wire

/// A frame as a server sends it: not masked.
func serverFrame(_ opcode: UInt8, _ payload: [UInt8], final: Bool = true) -> [UInt8] {
    let count = payload.count
    var bytes: [UInt8] = [opcode | (final ? 0x80 : 0)]
    if count < 126 {
        bytes.append(UInt8(count))
    } else if count < 65536 {
        bytes += [126, UInt8(count >> 8), UInt8(count & 255)]
    } else {
        bytes += [127, 0, 0, 0, 0, UInt8(count >> 24 & 255), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255)]
        bytes.append(UInt8(count & 255))
    }
    return bytes + payload
}

@Suite("WebSocket handshake")
struct WebSocketHandshakeTests {
    /// The key of RFC 6455, section 1.3, is the base64 of the bytes "the sample nonce".
    private static let handshake = WebSocketHandshake(
        subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"],
        random: (0x706D_6173_2065_6874, 0x6563_6E6F_6E20_656C))
    private static let good = [
        "upgrade": "WebSocket", "connection": "Upgrade", "sec-websocket-accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "sec-websocket-protocol": "v4.channel.k8s.io",
    ]

    private func head(_ fields: [String: String], status: Int = 101) -> HTTPResponseHead {
        HTTPResponseHead(status: status, headers: fields.map { HTTPField($0.key, $0.value) })
    }

    @Test func `the fields offer every subprotocol`() {
        let fields = Self.handshake.fields
        #expect(fields.contains(HTTPField("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")))
        #expect(fields.contains(HTTPField("sec-websocket-protocol", "v5.channel.k8s.io, v4.channel.k8s.io")))
        #expect(fields.contains(HTTPField("sec-websocket-version", "13")))
    }

    @Test func `the example of RFC 6455 is accepted`() throws {
        #expect(try Self.handshake.check(head(Self.good)) == "v4.channel.k8s.io")
    }

    static let bad: [(String, String?, WebSocketHandshakeError)] = [
        ("upgrade", nil, .notAnUpgrade), ("upgrade", "h2c", .notAnUpgrade), ("connection", "close", .notAnUpgrade),
        ("sec-websocket-accept", nil, .wrongAccept),
        ("sec-websocket-accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xO0=", .wrongAccept),
        ("sec-websocket-extensions", "permessage-deflate", .unexpectedExtension),
        ("sec-websocket-protocol", nil, .wrongSubprotocol), ("sec-websocket-protocol", "chat", .wrongSubprotocol),
    ]

    @Test(arguments: bad.indices) func `anything else is refused`(index: Int) {
        var fields = Self.good
        fields[Self.bad[index].0] = Self.bad[index].1
        #expect(throws: Self.bad[index].2) { try Self.handshake.check(head(fields)) }
    }

    @Test func `a status that is no switch is told`() {
        #expect(throws: WebSocketHandshakeError.refused(status: 403)) {
            try Self.handshake.check(head(Self.good, status: 403))
        }
    }
}

@Suite("WebSocket client")
struct WebSocketClientTests {
    /// A client whose mask is known.
    private final class Peer {
        var socket: WebSocketClient

        init(messageBytesMax: Int = 1 << 20) throws {
            let socket = try WebSocketClient(messageBytesMax: messageBytesMax) { 0x0403_0201 }
            self.socket = socket
        }

        func feed(_ bytes: [UInt8], size: Int = .max) throws -> [WebSocketEvent] {
            var start = 0
            while start < bytes.count {
                let end = size < bytes.count - start ? start + size : bytes.count
                try socket.receive(Array(bytes[start..<end]).span)
                start = end
            }
            return socket.takeEvents()
        }

        /// The frames that were sent, as opcode and unmasked payload; none is longer than 125 bytes here.
        func sent() -> [(opcode: UInt8, payload: [UInt8])] {
            var rest = socket.takeOutput()[...]
            var frames: [(opcode: UInt8, payload: [UInt8])] = []
            while rest.count >= 6 {
                let head = Array(rest.prefix(6))
                let count = Int(head[1] & 0x7F)
                #expect(head[1] & 0x80 != 0, "a client's frames are masked")
                let payload = rest.dropFirst(6).prefix(count).enumerated().map { $1 ^ head[2 + $0 % 4] }
                frames.append((head[0] & 0x0F, payload))
                rest = rest.dropFirst(6 + count)
            }
            return frames
        }
    }

    @Test func `messages arrive whole however they are cut`() throws {
        let long = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let bytes =
            serverFrame(2, []) + serverFrame(2, [1, 2, 3]) + serverFrame(2, [4], final: false) + serverFrame(9, [7])
            + serverFrame(0, [5], final: false) + serverFrame(0, [6]) + serverFrame(1, Array("hé".utf8))
            + serverFrame(2, Array(long.prefix(300))) + serverFrame(2, long)
        for size in [1, 2, 3, 7, 100, 5000, .max] {
            let peer = try Peer()
            let events = try peer.feed(bytes, size: size)
            let expected: [WebSocketEvent] = [
                .binary([]), .binary([1, 2, 3]), .binary([4, 5, 6]), .text(Array("hé".utf8)),
                .binary(Array(long.prefix(300))), .binary(long),
            ]
            #expect(events == expected, "\(size) bytes at a time")
            let pongs = peer.sent()
            #expect(pongs.map(\.opcode) == [10] && pongs.first?.payload == [7])
        }
    }

    @Test func `what we send is masked`() throws {
        let peer = try Peer()
        try peer.socket.send([1, 1, 1, 1, 1])
        #expect(peer.socket.takeOutput() == [0x82, 0x85, 1, 2, 3, 4, 0, 3, 2, 5, 0])
        try peer.socket.ping([9])
        let sent = peer.sent()
        #expect(sent.first?.opcode == 9 && sent.first?.payload == [9])
        #expect(try peer.feed(serverFrame(10, [9])) == [.pong([9])])
    }

    @Test func `a close is told with its code and answered`() throws {
        let peer = try Peer()
        #expect(
            try peer.feed(serverFrame(2, [1]) + serverFrame(8, [0x03, 0xE8, 0x62, 0x79])) == [
                .binary([1]), .closed(code: 1000, reason: Array("by".utf8)),
            ])
        #expect(peer.sent().map(\.opcode) == [8])
        let silent = try Peer()
        #expect(try silent.feed(serverFrame(8, [])) == [.closed(code: 1005, reason: [])])
    }

    @Test func `our close is answered by the server's`() throws {
        let peer = try Peer()
        try peer.socket.close()
        #expect(peer.sent().first?.payload == [0x03, 0xE8])
        #expect(try peer.feed(serverFrame(8, [0x03, 0xE8])) == [.closed(code: 1000, reason: [])])
    }

    static let violations: [(String, [UInt8], UInt16)] = [
        ("a message beyond the limit", serverFrame(2, [UInt8](repeating: 0, count: 1001)), 1009),
        (
            "fragments beyond the limit",
            serverFrame(2, [UInt8](repeating: 0, count: 600), final: false)
                + serverFrame(0, [UInt8](repeating: 0, count: 600)), 1009
        ),
        ("a reserved bit", [0xC2, 0x00], 1002), ("a reserved opcode", [0x83, 0x00], 1002),
        ("a continuation of nothing", serverFrame(0, [1]), 1002), ("a fragmented ping", [0x09, 0x00], 1002),
        ("a long ping", serverFrame(9, [UInt8](repeating: 0, count: 126)), 1002),
        ("text that is no UTF-8", serverFrame(1, [0xFF]), 1007),
        ("an endless length", [0x82, 127, 0xFF, 255, 255, 255, 255, 255, 255, 255], 1002),
    ]

    @Test(arguments: violations.indices) func `a server that breaks the rules is told so`(index: Int) throws {
        let (name, bytes, code) = Self.violations[index]
        for size in [1, Int.max] {
            let peer = try Peer(messageBytesMax: 1000)
            #expect(throws: WebSocketError.violation(code: code), "\(name)") {
                try peer.feed(serverFrame(2, [1]) + bytes, size: size)
            }
            #expect(peer.socket.takeEvents() == [.binary([1])], "what came before is kept")
        }
    }

    @Test func `random bytes never trap`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let peer = try Peer(messageBytesMax: 1000)
            let bytes = (0..<40).map { _ in UInt8.random(in: 0...255, using: &generator) }
            do throws(WebSocketError) { try peer.socket.receive(bytes.span) } catch { continue }
        }
    }
}

@Suite("Exec channels")
struct ExecChannelsTests {
    private static let success = #"{"metadata":{},"status":"Success"}"#
    /// As a kubelet 1.20 sends it.
    private static let failure =
        #"{"metadata":{},"status":"Failure","message":"command terminated with non-zero exit code: exit status 3","#
        + #""reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"3"}]}}"#
    private static let notFound =
        #"{"metadata":{},"status":"Failure","message":"exec: \"x\": not found","reason":"InternalError","code":500}"#

    private func message(_ channel: UInt8, _ text: String) -> WebSocketEvent { .binary([channel] + Array(text.utf8)) }

    @Test func `output is kept apart and the exit status is read`() throws {
        var channels = ExecChannels(outputBytesMax: 100)
        for event in [
            message(1, ""), message(2, ""), message(3, ""), message(1, "a"), message(2, "b"), message(1, "c"),
        ] {
            try channels.receive(event)
        }
        #expect(channels.status == nil, "an empty message on channel 3 is no end")
        try channels.receive(message(3, Self.success))
        try channels.receive(.closed(code: 1000, reason: []))
        #expect(channels.standardOutput == Array("ac".utf8) && channels.standardError == Array("b".utf8))
        #expect(channels.status == .exited(code: 0) && !channels.isTruncated)
    }

    static let statuses: [(String, ExecStatus)] = [
        (failure, .exited(code: 3)), (notFound, .failed(reason: "InternalError", message: #"exec: "x": not found"#)),
        (#"{"status":"Failure"}"#, .failed(reason: "", message: "")),
        (#"{"status":"Failure","reason":"NonZeroExitCode"}"#, .failed(reason: "NonZeroExitCode", message: "")),
    ]

    @Test(arguments: statuses.indices) func `a failure is told`(index: Int) throws {
        var channels = ExecChannels(outputBytesMax: 100)
        try channels.receive(message(3, Self.statuses[index].0))
        #expect(channels.status == Self.statuses[index].1)
    }

    @Test func `output beyond the limit is dropped and told`() throws {
        var channels = ExecChannels(outputBytesMax: 4)
        try channels.receive(message(1, "abcd"))
        #expect(!channels.isTruncated)
        try channels.receive(message(1, "e"))
        try channels.receive(message(2, "12345"))
        #expect(channels.standardOutput == Array("abcd".utf8) && channels.standardError == Array("1234".utf8))
        #expect(channels.isTruncated)
    }

    @Test func `what the protocol does not know is an error`() throws {
        let badCode = Self.failure.replacing(#""message":"3""#, with: #""message":"three""#)
        let zeroCode = Self.failure.replacing(#""message":"3""#, with: #""message":"0""#)
        let cases: [(WebSocketEvent, ExecChannelsError)] = [
            (.text([1]), .textMessage), (.binary([]), .emptyMessage), (message(9, ""), .unexpectedChannel(9)),
            (message(0, "a"), .unexpectedChannel(0)), (message(3, "{"), .unreadableStatus),
            (message(3, #"{"status":"Maybe"}"#), .unreadableStatus), (message(3, badCode), .unreadableStatus),
            (message(3, zeroCode), .unreadableStatus), (message(3, "[]"), .unreadableStatus),
            (message(3, "\"\(String(repeating: "x", count: ExecChannels.statusBytesMax))\""), .unreadableStatus),
        ]
        for (event, error) in cases {
            var channels = ExecChannels(outputBytesMax: 100)
            #expect(throws: error, "\(event)") { try channels.receive(event) }
            #expect(channels.status == nil)
        }
        var channels = ExecChannels(outputBytesMax: 100)
        try channels.receive(message(3, Self.success))
        #expect(throws: ExecChannelsError.messageAfterStatus) { try channels.receive(message(3, Self.success)) }
    }
}
