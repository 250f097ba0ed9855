import HTTP2Frames
import Testing
import Wire

@testable import Transport

/// The bytes that clients can make a server keep; what is counted is what `ServerStatistics` tells.
@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerMemoryTests {
    private func head(_ length: Int) -> String { "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n" }

    @Test func `the limits that nobody has to set`() {
        let settings = ServerSettings()
        #expect(settings.requestLimits.bodyBytes == (6 << 20) + (64 << 10))
        #expect(settings.maximumBytesInFlight == 16 << 20 && settings.maximumConnections == 1024)
        #expect(settings.plainRequestLimits.bodyBytes <= 8 << 10 && settings.maximumPlainBytesInFlight <= 4 << 20)
    }

    @Test func `a body counts in full from its content-length on, and no more once it is refused`() async throws {
        try await withServer { server in
            let client = try server.connect()
            try client.send(head(6_000_000))
            waitUntil { server.server.statistics.bytesInFlight >= 6_000_000 }
            #expect(server.server.statistics.bytesInFlight >= 6_000_000)
            client.endSending()
            #expect(try client.response()?.status == 400)
        }
    }

    @Test func `beyond the most bytes in flight the largest request is refused, and small ones never`() async throws {
        try await withServer({ $0.maximumBytesInFlight = 1 << 20 }) { server in
            let large = try server.connect()
            try large.send(head(600_000))
            waitUntil { server.server.statistics.bytesInFlight >= 600_000 }
            let small = try server.connect()
            try small.send(head(500_000))
            #expect(try large.response()?.status == 503)
            for _ in 0..<20 { #expect(try server.connect().get("/") == "GET / 0") }
            try small.send([UInt8](repeating: 1, count: 500_000))
            #expect(try small.response()?.body == "POST / 500000")
            #expect(server.server.statistics.shed == 1)
        }
    }

    @Test func `an answer that nobody reads counts, and whoever keeps the most of them goes`() async throws {
        let limit = 2 << 20
        try await withServer({ $0.maximumBytesInFlight = limit }) { server in
            let clients = try (0..<12).map { _ in try server.connect() }
            for client in clients {
                for _ in 0..<10 { try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
            }
            waitUntil { server.server.statistics.shed >= 1 && server.server.statistics.bytesInFlight <= limit }
            #expect(server.server.statistics.shed >= 1 && server.server.statistics.bytesInFlight <= limit)
            #expect(try server.connect().get("/small") == "GET /small 0")
        }
    }

    @Test func `a plain client's answers count as well, and on a budget of their own`() async throws {
        try await withServer({ $0.maximumPlainBytesInFlight = 1 << 20 }) { server in
            let clients = try (0..<4).map { _ in try server.connect(plain: true) }
            for client in clients {
                for _ in 0..<4 { try client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n") }
            }
            waitUntil { server.server.statistics.shed >= 1 }
            #expect(server.server.statistics.shed >= 1 && server.server.statistics.bytesInFlight <= 1 << 20)
            #expect(try server.connect(plain: true).get("/healthz") == "GET /healthz 0")
        }
    }

    @Test func `a plain listener takes small bodies only`() async throws {
        try await withServer { server in
            let client = try server.connect(plain: true)
            try client.send(head((4 << 10) + 1))
            #expect(try client.response()?.status == 413)
            #expect(server.server.statistics.bytesInFlight == 0)
        }
    }

    @Test func `streams that never end are refused, and their connection goes if they go on`() async throws {
        let limit = 2 << 20
        try await withServer({ $0.maximumBytesInFlight = limit }) { server in
            let client = try server.connect(protocols: ["h2"])
            var bytes = Frame.preface + Frame.settings([(4, 0)])
            for number in 0..<100 { bytes += Frame.head(UInt32(2 * number + 1), post: true, isLast: false) }
            try client.send(bytes)
            // No more than the window that the server opened, and nothing of its answers is read.
            let piece = [UInt8](repeating: 1, count: 16_000)
            var most = 0
            for round in 0..<100 {
                let stream = UInt32(2 * (round % 100) + 1)
                guard try client.send(Frame.data(stream, piece) + Frame.data(stream, piece)) else { break }
                most = max(most, server.server.statistics.bytesInFlight)
            }
            waitUntil { server.server.statistics.bytesInFlight <= limit }
            #expect(most <= limit + (256 << 10) && server.server.statistics.bytesInFlight <= limit)
        }
    }

    @Test func `a request that waits for its answer counts with its facts and not with its body`() async throws {
        try await withServer({ $0.answerDeadline = .seconds(10) }) { server in
            let http1 = try server.connect()
            try http1.send("POST /silence HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
            try http1.send([UInt8](repeating: 1, count: 1_000_000))
            let http2 = try TestHTTP2Client(server)
            _ = try http2.submit(
                HTTPRequest(method: "POST", target: "/silence", body: [UInt8](repeating: 1, count: 60_000)))
            waitUntil { server.server.statistics.requests == 2 }
            waitUntil { server.server.statistics.bytesInFlight < 3 * Responder.keptBytes }
            let kept = server.server.statistics.bytesInFlight
            #expect(kept >= 2 * Responder.keptBytes && kept < 3 * Responder.keptBytes, "\(kept)")
        }
    }
}
