import Testing
import Wire

/// A session, the frames that it sent so far, and what it told.
private final class Peer {
    var session: HTTP2ClientSession
    var sent: [HTTP2Frame] = []

    init(limits: HTTP2ClientSession.Limits = .init()) throws {
        session = try HTTP2ClientSession(limits: limits)
        var bytes: [UInt8] = []
        try session.output(into: &bytes)
        let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
        try #require(bytes.starts(with: preface))
        sent = HTTP2Frame.parse(bytes.dropFirst(preface.count))
    }

    func get(_ target: String = "/api") throws -> UInt32 {
        let request = HTTPRequest(method: "GET", target: target, headers: [.init("accept", "application/json")])
        let stream = try session.submit(request, scheme: "https", authority: "localhost:6443")
        try flush()
        return UInt32(stream)
    }

    /// Feeds frames, `size` bytes at a time, and returns what they meant.
    func feed(_ frames: [HTTP2Frame], size: Int = .max) throws -> [HTTP2ClientEvent] {
        let bytes = frames.flatMap(\.bytes)
        var events: [HTTP2ClientEvent] = []
        var start = 0
        while start < bytes.count {
            let end = size < bytes.count - start ? start + size : bytes.count
            try session.receive(Array(bytes[start..<end]).span)
            events += session.takeEvents()
            start = end
        }
        try flush()
        return events + session.takeEvents()
    }

    func flush() throws {
        var bytes: [UInt8] = []
        try session.output(into: &bytes, limit: .max)
        sent += HTTP2Frame.parse(bytes)
    }

    /// The sum of the windows that were opened on a stream, 0 being the connection.
    func opened(_ stream: UInt32) -> Int {
        sent.filter { $0.kind == .windowUpdate && $0.stream == stream }.reduce(0) { $0 + Int($1.number) }
    }
}

private let ok = [(":status", "200"), ("content-type", "application/json")]
/// The server has seen our settings: from here on our windows count.
private let acknowledgement = HTTP2Frame(kind: .settings, flags: HTTP2Frame.acknowledgement)
private let okHead = HTTPResponseHead(status: 200, headers: [.init("content-type", "application/json")])

@Suite("HTTP/2 client session")
struct HTTP2ClientSessionTests {
    @Test func `a response reads the same however it is cut`() throws {
        let frames: [HTTP2Frame] = [
            .settings, .head(1, [(":status", "103"), ("link", "x")]), .head(1, ok), .data(1, [1, 2]), .data(1, [3]),
            .head(1, [("grpc-status", "0")], flags: HTTP2Frame.endHeaders | HTTP2Frame.endStream),
        ]
        for size in 1...40 {
            let peer = try Peer()
            let stream = try peer.get()
            #expect(stream == 1)
            #expect(peer.sent.last?.kind == .headers)
            #expect(peer.sent.last?.flags == HTTP2Frame.endHeaders | HTTP2Frame.endStream)
            var body: [UInt8] = []
            let others = try peer.feed(frames, size: size).filter {
                guard case .data(1, let bytes) = $0 else { return true }
                body += bytes
                return false
            }
            let trailers = HTTP2ClientEvent.trailers(stream: 1, [.init("grpc-status", "0")])
            let all: [HTTP2ClientEvent] = [
                .head(stream: 1, okHead), trailers, .end(stream: 1), .closed(stream: 1, code: 0),
            ]
            #expect(others == all, "\(size)")
            #expect(body == [1, 2, 3], "\(size) bytes at a time")
        }
    }

    @Test func `a request's body waits for the server's window and arrives whole`() throws {
        let peer = try Peer()
        let body = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        _ = try peer.session.submit(
            HTTPRequest(method: "PATCH", target: "/", body: body), scheme: "http", authority: "a")
        _ = try peer.feed([.settings])
        func sentBody(_ frames: [HTTP2Frame]) -> [UInt8] { frames.filter { $0.kind == .data }.flatMap(\.payload) }
        #expect(sentBody(peer.sent).count == 65535)
        for stream: UInt32 in [0, 1] {
            let increment = HTTP2Frame.bigEndian(100_000)
            _ = try peer.feed([HTTP2Frame(kind: .windowUpdate, stream: stream, payload: increment)])
        }
        #expect(sentBody(peer.sent) == body)
        #expect(peer.sent.last?.flags == HTTP2Frame.endStream)
    }

    @Test func `a body that is open goes out piece by piece, and ends when told`() throws {
        let peer = try Peer()
        let stream = try peer.session.submit(
            HTTPRequest(method: "POST", target: "/"), scheme: "http", authority: "a", isBodyOpen: true)
        _ = try peer.feed([.settings])
        #expect(peer.sent.last { $0.kind == .headers }?.flags == HTTP2Frame.endHeaders)
        func data() -> [HTTP2Frame] { peer.sent.filter { $0.kind == .data } }
        for piece: [UInt8] in [[1, 2], [3]] {
            peer.session.send(piece, on: stream, isLast: false)
            try peer.flush()
            #expect(data().last == .data(1, piece))
        }
        peer.session.send([4], on: stream, isLast: true)
        peer.session.send([5], on: stream, isLast: true)
        try peer.flush()
        #expect(data().map(\.payload) == [[1, 2], [3], [4]], "nothing after the last")
        #expect(data().last?.flags == HTTP2Frame.endStream)
    }

    @Test func `a stream's window opens by what is consumed, the connection's at once`() throws {
        let peer = try Peer(limits: .init(streamWindowBytes: 100_000, connectionWindowBytes: 200_000))
        _ = try peer.get()
        _ = try peer.feed([.settings, acknowledgement, .head(1, ok)])
        let start = peer.opened(0)
        _ = try peer.feed((0..<10).map { _ in .data(1, [UInt8](repeating: 7, count: 10_000)) })
        #expect(peer.opened(1) == 0)
        #expect(peer.opened(0) - start >= 90_000)
        peer.session.consume(60_000, of: 1)
        try peer.flush()
        #expect(peer.opened(1) == 60_000)
        let over = try peer.feed((0..<7).map { _ in .data(1, [UInt8](repeating: 7, count: 10_000)) })
        #expect(over.last == .closed(stream: 1, code: 3), "FLOW_CONTROL_ERROR beyond the window")
    }

    @Test func `a watch that is consumed never stalls`() throws {
        let peer = try Peer(limits: .init(streamWindowBytes: 65_535, connectionWindowBytes: 65_535))
        _ = try peer.get()
        _ = try peer.feed([.settings, .head(1, ok)])
        var credit = 65_535
        var seen = 0
        for _ in 0..<500 {
            try #require(credit >= 16_000)
            for event in try peer.feed([.data(1, [UInt8](repeating: 1, count: 16_000))]) {
                guard case .data(1, let bytes) = event else { continue }
                seen += bytes.count
                peer.session.consume(bytes.count, of: 1)
            }
            try peer.flush()
            credit = 65_535 + min(peer.opened(1), peer.opened(0)) - seen
        }
        #expect(seen == 500 * 16_000)
    }

    @Test func `a head beyond the limits costs its stream, not the connection`() throws {
        let peer = try Peer(limits: .init(headBytes: 1000, fieldCount: 5))
        for (name, fields) in [
            ("bytes", ok + [("x", String(repeating: "y", count: 1000))]),
            ("fields", ok + (0..<9).map { ("x\($0)", "") }),
        ] {
            let stream = try peer.get()
            let events = try peer.feed([.settings, .head(stream, fields)])
            #expect(events == [.closed(stream: Int32(stream), code: 2)], "\(name)")
        }
        let stream = try peer.get()
        #expect(try peer.feed([.head(stream, ok)]) == [.head(stream: Int32(stream), okHead)])
    }

    @Test func `after a GOAWAY what was not looked at is refused, and the rest is finished`() throws {
        let peer = try Peer()
        _ = try peer.get()
        _ = try peer.get()
        let payload = HTTP2Frame.bigEndian(1) + HTTP2Frame.bigEndian(0)
        let events = try peer.feed([.settings, HTTP2Frame(kind: .goAway, payload: payload)])
        #expect(events.contains(.goAway(lastStream: 1, code: 0)))
        #expect(events.contains(.closed(stream: 3, code: 7)), "REFUSED_STREAM")
        let before = (accepts: peer.session.acceptsRequests, isFinished: peer.session.isFinished)
        #expect(!before.accepts && !before.isFinished)
        #expect(throws: HTTP2ClientError.notAccepting) { try peer.get() }
        #expect(try peer.feed([.head(1, ok), .data(1, [1], end: true)]).contains(.end(stream: 1)))
        let isFinished = peer.session.isFinished
        #expect(isFinished)
    }

    @Test func `a reset is no end`() throws {
        let peer = try Peer()
        _ = try peer.get()
        let reset = HTTP2Frame(kind: .reset, stream: 1, payload: HTTP2Frame.bigEndian(2))
        let events = try peer.feed([.settings, .head(1, ok), .data(1, [1]), reset])
        #expect(events == [.head(stream: 1, okHead), .data(stream: 1, [1]), .closed(stream: 1, code: 2)])
    }

    @Test func `a body that is shorter than it says is no end`() throws {
        let peer = try Peer()
        _ = try peer.get()
        let events = try peer.feed([.settings, .head(1, ok + [("content-length", "3")]), .data(1, [1], end: true)])
        #expect(events.last == .closed(stream: 1, code: 1) && !events.contains(.end(stream: 1)), "PROTOCOL_ERROR")
    }

    @Test func `we give up a stream by a reset`() throws {
        let peer = try Peer()
        let stream = try peer.get()
        _ = try peer.feed([.settings, .head(stream, ok)])
        peer.session.reset(Int32(stream))
        try peer.flush()
        #expect(peer.sent.last == HTTP2Frame(kind: .reset, stream: 1, payload: [0, 0, 0, 8]))
        #expect(peer.session.takeEvents() == [.closed(stream: 1, code: 8)])
        #expect(try peer.feed([.data(stream, [1, 2, 3])]).isEmpty)
    }

    @Test func `what comes for streams that were given up does not use up the connection's window`() throws {
        let peer = try Peer(limits: .init(streamWindowBytes: 65_535, connectionWindowBytes: 65_535))
        _ = try peer.feed([.settings, acknowledgement])
        var received = 0
        for round in 0..<50 {
            let stream = try peer.get()
            // Padded: one byte says how many zeros follow the data, and both count as well.
            let padding = [UInt8](repeating: 0, count: 100)
            let padded = HTTP2Frame(
                kind: .data, flags: 8, stream: stream, payload: [100] + [UInt8](repeating: 1, count: 9_000) + padding)
            _ = try peer.feed([.head(stream, ok), padded])
            peer.session.reset(Int32(stream))
            try peer.flush()
            _ = try peer.feed([.data(stream, [UInt8](repeating: 1, count: 9_000))])
            received += 18_101
            #expect(received - peer.opened(0) < 65_535, "round \(round)")
        }
    }

    @Test func `a ping is answered by its payload`() throws {
        let peer = try Peer()
        _ = try peer.feed([.settings])
        peer.session.ping(0x0102_0304_0506_0708)
        try peer.flush()
        #expect(peer.sent.last == HTTP2Frame(kind: .ping, payload: [1, 2, 3, 4, 5, 6, 7, 8]))
        let answer = HTTP2Frame(kind: .ping, flags: HTTP2Frame.acknowledgement, payload: [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(try peer.feed([answer]) == [.pong(0x0102_0304_0506_0708)])
    }

    @Test func `floods and garbage end the connection`() throws {
        let ping = HTTP2Frame(kind: .ping, payload: [0, 0, 0, 0, 0, 0, 0, 0])
        let push = HTTP2Frame(kind: .push, flags: HTTP2Frame.endHeaders, stream: 1, payload: [0, 0, 0, 2, 0x88])
        var headers = HTTP2Frame.head(1, ok, flags: 0)
        headers.payload += [UInt8](repeating: 0x82, count: 10)
        let continuation = HTTP2Frame(kind: .continuation, stream: 1, payload: [])
        let cases: [(String, [HTTP2Frame])] = [
            ("pings", [HTTP2Frame](repeating: ping, count: 2000)),
            ("settings", [HTTP2Frame](repeating: .settings, count: 2000)),
            ("continuations", [headers] + [HTTP2Frame](repeating: continuation, count: 2000)),
            ("a push", [acknowledgement, push]), ("a head of nobody", [.head(9, ok)]),
        ]
        for (name, frames) in cases {
            let peer = try Peer()
            _ = try peer.get()
            let bytes = ([HTTP2Frame.settings] + frames).flatMap(\.bytes)
            var ended = false
            do {
                try peer.session.receive(bytes.span)
                try peer.flush()
                ended = peer.session.isFinished || peer.sent.last?.kind == .goAway
            } catch { ended = true }
            #expect(ended, "\(name)")
        }
        let peer = try Peer()
        try peer.session.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
        try peer.flush()
        let isFinished = peer.session.isFinished
        #expect(isFinished, "a server without HTTP/2")
    }

    @Test func `random bytes behind the settings never trap`() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let peer = try Peer()
            _ = try peer.get()
            var bytes = HTTP2Frame.settings.bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let kind = HTTP2Frame.Kind(rawValue: .random(in: 0...9, using: &generator)) ?? .data
                let payload = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                let frame = HTTP2Frame(
                    kind: kind, flags: .random(in: 0...255, using: &generator),
                    stream: .random(in: 0...3, using: &generator), payload: payload)
                bytes += frame.bytes
            }
            do throws(HTTP2ClientError) { try peer.session.receive(bytes.span) } catch { continue }
            _ = peer.session.takeEvents()
        }
    }

    @Test func `what HTTP/2 forbids is not sent`() throws {
        let peer = try Peer()
        let bad = [
            HTTPRequest(method: "GET", target: "/", headers: [.init("connection", "close")]),
            HTTPRequest(method: "GET", target: "/", headers: [.init("transfer-encoding", "chunked")]),
            HTTPRequest(method: "GET", target: "/", headers: [.init("a", "b\r\nc: d")]),
            HTTPRequest(method: "GET", target: "/", headers: [.init(":path", "/x")]),
            HTTPRequest(method: "GET", target: "/a b"), HTTPRequest(method: "", target: "/"),
        ]
        for request in bad {
            #expect(throws: HTTP2ClientError.invalidRequest, "\(request)") {
                try peer.session.submit(request, scheme: "https", authority: "a")
            }
        }
    }
}
