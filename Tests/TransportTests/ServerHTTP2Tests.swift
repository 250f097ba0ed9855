import HTTP2Frames
import Testing
import Wire

@testable import Transport

/// A client that speaks HTTP/2 over a `TestClient`.
final class TestHTTP2Client {
    let client: TestClient
    private var session: HTTP2ClientSession
    private(set) var answers: [Int32: (status: Int, body: [UInt8])] = [:]
    private(set) var ended: Set<Int32> = []
    private(set) var isGoingAway = false

    init(_ server: TestServer, from source: [UInt8] = [127, 0, 0, 1]) throws {
        client = try server.connect(protocols: ["h2"], from: source)
        session = try HTTP2ClientSession()
        guard client.tls?.applicationProtocol == "h2" else { throw TLSError(.badConfiguration, "h2 was not chosen") }
        try flush()
    }

    func flush() throws {
        var bytes: [UInt8] = []
        try session.output(into: &bytes, limit: .max)
        if !bytes.isEmpty { try client.send(bytes) }
    }

    func submit(_ request: HTTPRequest) throws -> Int32 {
        let stream = try session.submit(request, scheme: "https", authority: "localhost")
        try flush()
        return stream
    }

    /// Reads once, and takes note of what came.
    func receive() throws {
        try client.receive()
        var bytes: [UInt8] = []
        swap(&bytes, &client.received)
        try session.receive(bytes.span)
        for event in session.takeEvents() {
            switch event {
            case .head(let stream, let head): answers[stream] = (head.status, [])
            case .data(let stream, let data):
                answers[stream]?.body.append(contentsOf: data)
                session.consume(data.count, of: stream)
            case .end(let stream), .closed(let stream, _): ended.insert(stream)
            case .goAway: isGoingAway = true
            case .trailers, .pong: break
            }
        }
        try flush()
    }

    func answer(_ stream: Int32) throws -> (status: Int, body: String)? {
        while !ended.contains(stream) && !client.isAtEnd { try receive() }
        return answers[stream].map { ($0.status, String(decoding: $0.body, as: UTF8.self)) }
    }

    func get(_ target: String) throws -> String? {
        try answer(submit(HTTPRequest(method: "GET", target: target)))?.body
    }
}

@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerHTTP2Tests {
    @Test func `many requests go side by side on one connection`() async throws {
        try await withServer { server in
            let client = try TestHTTP2Client(server)
            let streams = try (0..<80).map {
                try client.submit(
                    HTTPRequest(method: "POST", target: "/\($0)", body: [UInt8](repeating: 1, count: $0 * 100)))
            }
            for (number, stream) in streams.enumerated() {
                #expect(try client.answer(stream)?.body == "POST /\(number) \(number * 100)")
            }
            #expect(try client.get("/thread") == "later")
            #expect(try client.get("/large")?.utf8.count == 4 << 20)
        }
    }

    @Test func `each flood ends its connection, and nobody else's`() async throws {
        try await withServer { server in
            for (name, bytes) in Frame.floods {
                let client = try server.connect(protocols: ["h2"])
                // The server may close while we still send.
                _ = try client.send(Frame.preface + Frame.settings() + bytes)
                _ = try? client.rest()
                #expect(client.isAtEnd, "\(name)")
                waitUntil { server.server.statistics.bytesInFlight == 0 }
                #expect(server.server.statistics.bytesInFlight == 0, "\(name)")
            }
        }
    }

    @Test func `a wrong preface ends the connection`() async throws {
        try await withServer { server in
            for text in ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n"] {
                let client = try server.connect(protocols: ["h2"])
                try client.send(text)
                _ = try client.rest()
                #expect(client.isAtEnd)
            }
        }
    }

    @Test func `a body that does not come is answered with 408, and others go on`() async throws {
        try await withServer({ $0.bodyDeadline = .milliseconds(300) }) { server in
            let client = try server.connect(protocols: ["h2"])
            try client.send(Frame.preface + Frame.settings() + Frame.head(1, post: true, isLast: false))
            waitUntil { server.server.statistics.timeouts == 1 }
            #expect(server.server.statistics.requests == 0)
            let good = try TestHTTP2Client(server)
            let stalled = try good.submit(HTTPRequest(method: "GET", target: "/silence"))
            #expect(try good.get("/a") == "GET /a 0")
            #expect(good.answers[stalled] == nil)
        }
    }

    @Test func `a head that does not come to its end is the last of its connection`() async throws {
        try await withServer({ $0.bodyDeadline = .milliseconds(300) }) { server in
            let client = try server.connect(protocols: ["h2"])
            try client.send(Frame.preface + Frame.settings() + Frame.head(1, isWhole: false))
            _ = try client.rest()
            #expect(client.isAtEnd && server.server.statistics.timeouts == 1)
        }
    }

    @Test func `a handler that does not answer in time is answered for with 504`() async throws {
        try await withServer({ $0.answerDeadline = .milliseconds(200) }) { server in
            let client = try TestHTTP2Client(server)
            let stream = try client.submit(HTTPRequest(method: "GET", target: "/silence"))
            #expect(try client.answer(stream)?.status == 504)
            #expect(try client.get("/again") == "GET /again 0")
        }
    }

    @Test func `a client that opens no window for its answers is cut off`() async throws {
        try await withServer({ $0.sendDeadline = .milliseconds(300) }) { server in
            let client = try server.connect(protocols: ["h2"])
            var bytes = Frame.preface + Frame.settings([(4, 0)])
            for number in 0..<50 { bytes += Frame.head(UInt32(2 * number + 1)) }
            try client.send(bytes)
            _ = try client.rest()
            #expect(client.isAtEnd)
        }
    }

    @Test func `bodies beyond the most bytes in flight are answered with 503`() async throws {
        try await withServer({ $0.maximumBytesInFlight = 1 << 20 }) { server in
            let client = try TestHTTP2Client(server)
            let streams = try (0..<20).map { _ in
                try client.submit(HTTPRequest(method: "POST", target: "/", body: [UInt8](repeating: 1, count: 200_000)))
            }
            let statuses = try Set(streams.map { try client.answer($0)?.status })
            #expect(statuses == [200, 503] || statuses == [200], "\(statuses) \(server.server.statistics)")
            #expect(server.server.statistics.requests + server.server.statistics.shed == 20)
        }
    }

    @Test
    func `whoever asks nothing and keeps many fields makes room for large requests, the most crowded address first`()
        async throws
    {
        try await withServer({
            $0.maximumBytesInFlight = 1 << 20
            $0.maximumConnectionsPerPeer = 100
        }) { server in
            let many = (0..<90).map { HTTPField("x\($0)", "\($0)") }
            func client(from source: [UInt8]) throws -> TestHTTP2Client {
                let client = try TestHTTP2Client(server, from: source)
                let stream = try client.submit(HTTPRequest(method: "GET", target: "/", headers: many))
                #expect(try client.answer(stream)?.status == 200)
                return client
            }
            let good = try client(from: [127, 0, 0, 1])
            // Each keeps some 20 KB for fields that it may refer to again.
            let idle = try (0..<60).map { _ in try client(from: [127, 0, 0, 2]) }
            for number in 1...3 {
                let body = [UInt8](repeating: 1, count: 500_000 + number)
                let stream = try good.submit(HTTPRequest(method: "POST", target: "/", headers: [], body: body))
                #expect(try good.answer(stream)?.body == "POST / \(body.count)")
            }
            #expect(server.server.statistics.shed == 0)
            #expect(server.server.statistics.connections < 50)
            withExtendedLifetime(idle) {}
        }
    }

    @Test func `a connection that is shut down says goodbye and finishes what runs`() async throws {
        let handler = ShutdownTests.HoldingHandler()
        let server = try TestServer(handler: handler)
        let client = try TestHTTP2Client(server)
        #expect(try client.get("/") == "ok")
        let held = try client.submit(HTTPRequest(method: "GET", target: "/hold"))
        waitUntil { handler.count == 1 }
        async let done: Void = server.server.shutdown(linger: .milliseconds(50), deadline: .seconds(30))
        while !client.isGoingAway { try client.receive() }
        handler.release()
        #expect(try client.answer(held)?.body == "released")
        await done
    }
}
