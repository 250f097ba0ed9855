import HTTP2Frames
import Synchronization
import Testing
import Wire

@testable import Transport

/// Each limit of `ServerSettings`, met by a client over a real socket; afterwards the server serves on.
@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerLimitTests {
    @Test func `a handshake that never ends is ended`() async throws {
        try await withServer({ $0.handshakeDeadline = .seconds(1) }) { server in
            let silent = try TestClient(port: server.tlsPort, tls: nil)
            #expect(try silent.rest() == "")
            let slow = try TestClient(port: server.tlsPort, tls: nil)
            slow.sendRaw([22, 3, 1, 2, 0, 1])
            #expect(try slow.rest() == "")
            #expect(server.server.statistics.failedHandshakes == 2)
            #expect(server.server.statistics.timeouts == 2)
        }
    }

    @Test func `a head that does not come is answered with 408`() async throws {
        try await withServer({ $0.headerDeadline = .milliseconds(100) }) { server in
            let client = try server.connect()
            #expect(try client.get("/good") != nil)
            try client.send("GET / HTTP/1.1\r\nHo")
            #expect(try client.response()?.status == 408)
            #expect(try client.rest() == "")
        }
    }

    @Test func `a body that does not come is answered with 408`() async throws {
        try await withServer({ $0.bodyDeadline = .milliseconds(100) }) { server in
            let client = try server.connect()
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
            let response = try client.response()
            #expect(response?.status == 408 && response?.head.contains("connection: close") == true)
            #expect(try client.rest() == "")
        }
    }

    @Test func `a body that comes a byte at a time has no more time than another`() async throws {
        try await withServer({ $0.bodyDeadline = .milliseconds(200) }) { server in
            let client = try server.connect()
            try client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            for _ in 0..<1_000_000 where !(try client.send("a")) { break }
            #expect(server.server.statistics.timeouts == 1)
        }
    }

    @Test func `what the server itself refuses is refused in the handler's words`() async throws {
        var settings = ServerSettings()
        settings.answerDeadline = .milliseconds(50)
        settings.requestLimits = HTTP1Limits(bodyBytes: 10)
        let server = try TestServer(settings, handler: WordyHandler())
        for (request, status) in [
            ("GET /silence HTTP/1.1\r\nHost: x\r\n\r\n", 504),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", 413), ("x\r\n\r\n", 400),
        ] {
            let client = try server.connect()
            try client.send(request)
            let answer = try client.response()
            #expect(answer?.status == status && answer?.body == "in my words: \(status)")
        }
        let client = try TestHTTP2Client(server)
        let late = try client.submit(HTTPRequest(method: "GET", target: "/silence"))
        let large = try client.submit(HTTPRequest(method: "POST", target: "/", body: [UInt8](repeating: 1, count: 11)))
        #expect(try client.answer(late)?.body == "in my words: 504")
        #expect(try client.answer(large)?.body == "in my words: 413")
        await server.stop()
    }

    @Test func `a handler can tell whether its answer is still awaited`() async throws {
        let handler = KeepingHandler()
        let server = try TestServer(handler: handler)
        let begin = Frame.preface + Frame.settings() + Frame.head(1)
        for end in [Frame.reset(1), nil] {
            let client = try server.connect(protocols: ["h2"])
            try client.send(begin)
            waitUntil { handler.last.withLock { $0?.isAwaited == true } }
            #expect(handler.last.withLock { $0?.isAwaited } == true)
            if let end { try client.send(end) } else { client.endSending() }
            waitUntil { handler.last.withLock { $0?.isAwaited == false } }
            #expect(handler.last.withLock { $0?.isAwaited } == false)
            handler.last.withLock { $0 = nil }
        }
        let client = try server.connect()
        try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        waitUntil { handler.last.withLock { $0 != nil } }
        let responder = try #require(handler.last.withLock { $0 })
        #expect(responder.isAwaited)
        responder.respond(HTTPResponse(status: 200, body: Array("here".utf8)))
        #expect(try client.response()?.body == "here")
        #expect(!responder.isAwaited)
        await server.stop()
    }

    @Test func `a handler that does not answer in time is answered for with 504`() async throws {
        try await withServer({ $0.answerDeadline = .milliseconds(100) }) { server in
            let client = try server.connect()
            try client.send("GET /silence HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response()?.status == 504)
            #expect(try client.get("/again") == "GET /again 0")
        }
    }

    @Test func `an idle connection is closed after its time, a busy one is not`() async throws {
        try await withServer({ $0.idleDeadline = .milliseconds(200) }) { server in
            let client = try server.connect()
            let start = MonotonicTime.current()
            while MonotonicTime.current().since(start) < .milliseconds(500) {
                guard try client.get() == "GET / 0" else { break }
            }
            #expect(!client.isAtEnd)
            #expect(try client.rest() == "")
            #expect(!client.wasReset)
        }
    }

    @Test func `a client that does not read its answer is cut off`() async throws {
        try await withServer({ $0.sendDeadline = .milliseconds(200) }) { server in
            let client = try server.connect()
            for _ in 0..<20 { try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
            // Only so that the server meets its deadline before we begin to read.
            let waiting = try server.connect()
            while server.server.statistics.timeouts == 0 { _ = try waiting.get() }
            #expect(try client.rest().utf8.count < 12 << 20)
        }
    }

    @Test func `a client that reads slowly gets its answers whole`() async throws {
        try await withServer { server in
            let client = try server.connect()
            for _ in 0..<3 { try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
            for _ in 0..<3 { #expect(try client.response()?.body.utf8.count == 4 << 20) }
        }
    }

    @Test func `a body beyond the limit is refused before it is sent, and told so even if it is sent`() async throws {
        try await withServer { server in
            let told = try server.connect()
            try told.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 6356993\r\n\r\n")
            #expect(try told.response()?.status == 413)
            let sent = try server.connect()
            try sent.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n\r\n")
            try sent.send([UInt8](repeating: 1, count: 9_000_000))
            #expect(try sent.response()?.status == 413)
            let chunked = try server.connect()
            try chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n610001\r\n")
            #expect(try chunked.response()?.status == 413)
            let most = try server.connect()
            try most.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6356992\r\n\r\n")
            try most.send([UInt8](repeating: 1, count: 6_356_992))
            #expect(try most.response()?.body == "POST / 6356992")
        }
    }

    @Test func `a head beyond the limit is answered with 431`() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send("GET / HTTP/1.1\r\nHost: x\r\nA: \(String(repeating: "b", count: 20_000))\r\n\r\n")
            #expect(try client.response()?.status == 431)
        }
    }

    @Test func `beyond the most connections the longest idle one makes room, and without one the new one goes`()
        async throws
    {
        try await withServer({
            $0.maximumPlainConnections = 2
            $0.answerDeadline = .seconds(1)
        }) { server in
            let first = try server.connect(plain: true)
            #expect(try first.get() != nil)
            let second = try server.connect(plain: true)
            #expect(try second.get() != nil)
            #expect(try first.get() != nil)
            let third = try server.connect(plain: true)
            #expect(try third.get() != nil)
            // The second had been idle for longer than the first.
            #expect(try second.rest() == "")
            try first.send("GET /silence HTTP/1.1\r\nHost: x\r\n\r\n")
            try third.send("GET /silence HTTP/1.1\r\nHost: x\r\n\r\n")
            waitUntil { server.server.statistics.requests >= 6 }
            let fourth = try server.connect(plain: true)
            #expect(try fourth.rest() == "")
            // The two are still there.
            #expect(!first.isAtEnd && !third.isAtEnd)
            #expect(server.server.statistics.refused == 2)
        }
    }
}

/// Refuses in its own words, and answers nothing.
private struct WordyHandler: RequestHandler {
    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {}

    func refusal(_ status: Int, _ reason: String) -> HTTPResponse {
        HTTPResponse(status: status, body: Array("in my words: \(status)".utf8))
    }
}

/// Keeps the responder of its last request.
private final class KeepingHandler: RequestHandler {
    let last = Mutex<Responder?>(nil)

    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        last.withLock { $0 = responder }
    }
}
