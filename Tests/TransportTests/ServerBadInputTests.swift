import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

/// Clients that do not keep to the protocol; each gets its answer and the server serves on.
@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerBadInputTests {
    /// Counts the requests for `/`, says how many there were, and stands still when it is told to, with its loop.
    private final class Counter: RequestHandler {
        private let count = Atomic(0)
        let stands = Atomic(false)

        func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
            switch request.target {
            case "/stand":
                stands.store(true, ordering: .sequentiallyConsistent)
                while stands.load(ordering: .sequentiallyConsistent) { usleep(1_000) }
            case "/": count.add(1, ordering: .relaxed)
            default: break
            }
            responder.respond(HTTPResponse(status: 200, body: Array("\(count.load(ordering: .relaxed))".utf8)))
        }
    }

    @Test func `whoever sends thousands of requests at once keeps nobody waiting`() async throws {
        let counter = Counter()
        let server = try TestServer(handler: counter)
        let (many, other, standing) = (try server.connect(), try server.connect(), try server.connect())
        for client in [many, other] { #expect(try client.get("/count") == "0") }
        try standing.send("GET /stand HTTP/1.1\r\nHost: x\r\n\r\n")
        waitUntil { counter.stands.load(ordering: .sequentiallyConsistent) }
        // All of it has come when the loop goes on.
        try many.send(String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 2_000))
        try other.send("GET /count HTTP/1.1\r\nHost: x\r\n\r\n")
        counter.stands.store(false, ordering: .sequentiallyConsistent)
        // Answered among the first of them, and not behind the last.
        #expect(Int(try other.response()?.body ?? "").map { $0 < 100 } == true)
        for number in 1...2_000 { #expect(try many.response()?.body == "\(number)") }
        await server.stop()
    }

    @Test func `a client that has sent all it wants still gets its answer`() async throws {
        try await withServer { server in
            for plain in [false, true] {
                let client = try server.connect(plain: plain)
                try client.send("GET /thread HTTP/1.1\r\nHost: x\r\n\r\n")
                client.endSending()
                #expect(try client.response()?.body == "later")
                #expect(try client.rest() == "")
            }
        }
    }

    @Test func `a request that ends in its middle is answered with 400`() async throws {
        try await withServer { server in
            for text in ["GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab"] {
                let client = try server.connect()
                try client.send(text)
                client.endSending()
                #expect(try client.response()?.status == 400)
            }
        }
    }

    @Test func `plain HTTP on the TLS port is told so`() async throws {
        try await withServer { server in
            let client = try TestClient(port: server.tlsPort, tls: nil)
            client.sendRaw(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            let response = try client.response()
            #expect(response?.status == 400 && response?.body.contains("HTTPS") == true)
        }
    }

    @Test func `garbage in place of a handshake, of a record or of a request ends the connection`() async throws {
        var random = SystemRandomNumberGenerator()
        try await withServer { server in
            for length in [1, 10, 1_000, 100_000] {
                let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                let handshake = try TestClient(port: server.tlsPort, tls: nil)
                handshake.sendRaw(bytes)
                handshake.endSending()
                _ = try handshake.rest()
                let record = try server.connect()
                record.sendRaw([23, 3, 3, 0, 100] + bytes)
                record.endSending()
                // What comes is an alert, or nothing at all.
                _ = try? record.rest()
                let request = try server.connect()
                try request.send(bytes + [10])
                request.endSending()
                #expect(try request.response()?.status == 400 || length > 1_000)
            }
        }
    }

    @Test func `requests that could be smuggled are refused and end the connection`() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(
                "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try client.response()?.status == 400)
            #expect(try client.rest() == "")
            #expect(server.server.statistics.requests == 0)
        }
    }

    @Test func `a client that waits for 100-continue gets it, and HEAD, 1.0 and close are honoured`() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send("POST /e HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try client.response()?.status == 100)
            try client.send("ab")
            #expect(try client.response()?.body == "POST /e 2")
            try client.send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try client.response()?.head.contains("connection: close") == true)
            #expect(try client.rest() == "")
            let old = try server.connect()
            try old.send("HEAD /h HTTP/1.0\r\n\r\n")
            let text = try old.rest()
            #expect(text.contains("content-length: 9\r\n") && text.hasSuffix("connection: close\r\n\r\n"))
        }
    }

    @Test func `clients that come and go at every moment leave nothing behind`() async throws {
        try await withServer { server in
            let request = Array("POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello".utf8)
            for cut in stride(from: 0, through: request.count, by: 7) {
                for plain in [true, false] {
                    let client = try server.connect(plain: plain)
                    try client.send(Array(request[..<cut]))
                    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
                    // Closing then resets the connection.
                    unsafe setsockopt(
                        client.socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
                }
            }
        }
    }

    @Test func `an answer to a connection that has gone is dropped`() async throws {
        try await withServer { server in
            for _ in 0..<50 {
                let client = try server.connect()
                try client.send("GET /thread HTTP/1.1\r\nHost: x\r\n\r\n")
            }
            waitUntil { server.server.statistics.requests >= 50 }
        }
    }
}
