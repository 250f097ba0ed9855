import Testing
import Wire

/// A client's session against frames made by hand.
private final class Peer {
    var session: GRPCClientSession
    var sent: [HTTP2Frame] = []

    init(messageBytesMax: Int = 1_000_000) throws {
        var limits = GRPCClientSession.Limits()
        limits.messageBytesMax = messageBytesMax
        session = try GRPCClientSession(authority: "10.0.0.1:19998", limits: limits)
        var bytes: [UInt8] = []
        try session.output(into: &bytes)
        sent = HTTP2Frame.parse(bytes.dropFirst(24))
    }

    func call(_ message: [UInt8] = [1, 2, 3], timeout: Duration? = nil, isLast: Bool = true) throws -> UInt32 {
        let stream = try session.start("/a.B/C", metadata: [.init("channel-id", "x")], timeout: timeout)
        session.send(message, on: stream, isLast: isLast)
        try flush()
        return UInt32(stream)
    }

    func feed(_ frames: [HTTP2Frame], size: Int = .max) throws -> [GRPCClientEvent] {
        let bytes = frames.flatMap(\.bytes)
        var start = 0
        while start < bytes.count {
            let end = size < bytes.count - start ? start + size : bytes.count
            try session.receive(Array(bytes[start..<end]).span)
            start = end
        }
        try flush()
        return session.takeEvents()
    }

    func flush() throws {
        var bytes: [UInt8] = []
        try session.output(into: &bytes, limit: .max)
        sent += HTTP2Frame.parse(bytes)
    }
}

private let ok = [(":status", "200"), ("content-type", "application/grpc")]
private let endOfStream = HTTP2Frame.endHeaders | HTTP2Frame.endStream
private func trailers(_ stream: UInt32, _ fields: [(String, String)]) -> HTTP2Frame {
    .head(stream, fields, flags: endOfStream)
}
private func message(_ bytes: [UInt8]) -> [UInt8] {
    [0] + HTTP2Frame.bigEndian(UInt32(bytes.count)) + bytes
}

@Suite("gRPC client session")
struct GRPCClientSessionTests {
    @Test func `a call sends its message and reads messages however they are cut`() throws {
        let body = message([7, 8, 9]) + message([]) + message([UInt8](repeating: 5, count: 300))
        for size in 1...40 {
            let peer = try Peer()
            #expect(try peer.call(timeout: .milliseconds(70_000)) == 1)
            #expect(peer.sent.last == .data(1, message([1, 2, 3]), end: true))
            var messages: [[UInt8]] = [[]]
            var end: GRPCStatus?
            let frames: [HTTP2Frame] = [
                .settings, .head(1, ok), .data(1, Array(body.prefix(7))), .data(1, Array(body.dropFirst(7))),
                trailers(1, [("grpc-status", "0")]),
            ]
            for event in try peer.feed(frames, size: size) {
                switch event {
                case .message(1, let bytes, let isLast):
                    messages[messages.count - 1] += bytes
                    if isLast { messages.append([]) }
                case .ended(1, let status): end = status
                case .message, .ended: Issue.record("unexpected \(event)")
                }
            }
            #expect(messages == [[7, 8, 9], [], [UInt8](repeating: 5, count: 300), []], "\(size)")
            #expect(end == .ok, "\(size)")
            #expect(peer.session.callCount == 0)
        }
    }

    @Test func `a call that ends with nothing but trailers says why, decoded`() throws {
        let peer = try Peer()
        _ = try peer.call()
        let events = try peer.feed([
            .settings,
            trailers(1, ok + [("grpc-status", "2"), ("grpc-message", "Cannot free file /a%20%C3%A4%zz%")]),
        ])
        #expect(events == [.ended(stream: 1, GRPCStatus(code: 2, message: "Cannot free file /a ä%zz%"))])
    }

    @Test(
        arguments: [
            ("no status", [.head(1, ok), .data(1, message([1]), end: true)], GRPCStatus.internal),
            (
                "cut message", [.head(1, ok), .data(1, [0, 0, 0]), trailers(1, [("grpc-status", "0")])],
                GRPCStatus.internal
            ),
            ("status that is no number", [.head(1, ok), trailers(1, [("grpc-status", "x")])], GRPCStatus.internal),
            ("compressed", [.head(1, ok), .data(1, [1, 0, 0, 0, 1, 9])], GRPCStatus.internal),
            ("too long", [.head(1, ok), .data(1, [0, 127, 0, 0, 0])], GRPCStatus.internal),
            ("a proxy's page", [.head(1, [(":status", "503")]), .data(1, [60], end: true)], GRPCStatus.unavailable),
            ("no gRPC", [.head(1, [(":status", "200"), ("content-type", "text/html")])], GRPCStatus.unknown),
            (
                "refused stream", [HTTP2Frame(kind: .reset, stream: 1, payload: [0, 0, 0, 7])], GRPCStatus.unavailable
            ),
            (
                "deadline at the server", [HTTP2Frame(kind: .reset, stream: 1, payload: [0, 0, 0, 8])],
                GRPCStatus.cancelled
            ),
        ] as [(String, [HTTP2Frame], Int)])
    func `an answer that is not whole is never OK`(_ what: String, _ frames: [HTTP2Frame], _ code: Int) throws {
        let peer = try Peer()
        _ = try peer.call()
        let events = try peer.feed([.settings] + frames)
        guard case .ended(1, let status)? = events.last else { return #expect(Bool(false), "\(what): \(events)") }
        #expect(status.code == code, "\(what): \(status)")
        #expect(try peer.feed([]) == [], "\(what): it ends once")
    }

    @Test func `a stream that stays open outlives other calls`() throws {
        let peer = try Peer()
        let authentication = try peer.call(isLast: false)
        let events = try peer.feed([.settings, .head(authentication, ok), .data(authentication, message([8, 1]))])
        #expect(events == [.message(stream: 1, [8, 1], isLast: true)])
        let other = try peer.call()
        let answers = try peer.feed([
            .head(other, ok), .data(other, message([])), trailers(other, [("grpc-status", "0")]),
        ])
        #expect(answers == [.message(stream: 3, [], isLast: true), .ended(stream: 3, .ok)])
        #expect(peer.session.callCount == 1)
        let sent = peer.sent.filter { $0.stream == authentication && $0.kind != .windowUpdate }
        #expect(sent.allSatisfy { $0.flags & HTTP2Frame.endStream == 0 && $0.kind != .reset })
    }

    @Test func `a call that is given up is reset, and its late answer is nobody's`() throws {
        let peer = try Peer()
        let stream = try peer.call()
        peer.session.cancel(Int32(stream))
        try peer.flush()
        #expect(peer.sent.last == HTTP2Frame(kind: .reset, stream: stream, payload: [0, 0, 0, 8]))
        #expect(try peer.feed([.settings, .head(stream, ok), trailers(stream, [("grpc-status", "0")])]) == [])
    }

    @Test func `pings are answered, none is sent, and who goes away refuses the calls that it did not look at`() throws
    {
        let peer = try Peer()
        let streams = [try peer.call(), try peer.call()]
        let farewell = HTTP2Frame(
            kind: .goAway, payload: HTTP2Frame.bigEndian(streams[0]) + HTTP2Frame.bigEndian(11))
        let events = try peer.feed([.settings, HTTP2Frame(kind: .ping, payload: [UInt8](1...8)), farewell])
        let pings = peer.sent.filter { $0.kind == .ping }
        #expect(pings == [HTTP2Frame(kind: .ping, flags: HTTP2Frame.acknowledgement, payload: [UInt8](1...8))])
        guard case .ended(3, let status)? = events.last, events.count == 1 else {
            return #expect(Bool(false), "\(events)")
        }
        #expect(status.code == GRPCStatus.unavailable)
        #expect(peer.session.callCount == 1)
    }

    @Test func `a list of many small messages never fills the window`() throws {
        let peer = try Peer()
        let stream = try peer.call()
        _ = try peer.feed([
            .settings, HTTP2Frame(kind: .settings, flags: HTTP2Frame.acknowledgement), .head(stream, ok),
        ])
        // Two thirds of what comes are the prefixes of messages.
        for _ in 0..<40 {
            let many = Array(repeatElement(message([1, 2]), count: 2_000).joined())
            for event in try peer.feed([.data(stream, many)]) {
                if case .message(let stream, let part, _) = event { peer.session.consume(part.count, of: stream) }
            }
        }
        try peer.flush()
        let opened = peer.sent.filter { $0.kind == .windowUpdate && $0.stream == stream }.reduce(0) {
            $0 + Int($1.number)
        }
        #expect(opened > 40 * 14_000 - (256 << 10))
    }

    @Test func `random bytes never trap`() throws {
        var generator = Seeded(state: 11)
        for _ in 0..<2_000 {
            let peer = try Peer(messageBytesMax: 100)
            _ = try peer.call()
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            // Half of them as a body, so that they get as far as the decoder.
            _ = try? peer.feed([.settings, .head(1, ok), .data(1, bytes)])
            _ = try? peer.session.receive(bytes.span)
        }
    }
}
