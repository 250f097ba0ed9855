import Synchronization
import Testing
import Wire

@testable import Transport

@Suite(.threaded, .timeLimit(.minutes(2)))
struct ShutdownTests {
    /// Keeps the responders of the requests for `/hold`, and answers all others.
    final class HoldingHandler: RequestHandler {
        private let held = Mutex<[Responder]>([])

        func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
            if request.target == "/hold" {
                held.withLock { $0.append(responder) }
            } else {
                responder.respond(HTTPResponse(status: 200, body: Array("ok".utf8)))
            }
        }

        var count: Int { held.withLock { $0.count } }

        func release() {
            for responder in held.withLock({ $0 }) {
                responder.respond(HTTPResponse(status: 200, body: Array("released".utf8)))
            }
        }
    }

    @Test func `what runs is finished, what is idle is closed, and nothing new is taken`() async throws {
        let handler = HoldingHandler()
        let server = try TestServer(handler: handler)
        let idle = try server.connect()
        #expect(try idle.get() == "ok")
        let busy = try server.connect()
        try busy.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        waitUntil { handler.count > 0 }
        async let done: Void = server.server.shutdown(linger: .zero, deadline: .seconds(30))
        #expect(try idle.rest() == "")
        #expect(!idle.wasReset)
        #expect(throws: (any Error).self) { try server.connect() }
        handler.release()
        let response = try busy.response()
        #expect(response?.body == "released" && response?.head.contains("connection: close") == true)
        #expect(try busy.rest() == "")
        await done
    }

    @Test func `for the linger time connections are taken, and answers ask to go elsewhere`() async throws {
        let server = try TestServer(handler: HoldingHandler())
        let old = try server.connect()
        #expect(try old.get() == "ok")
        async let done: Void = server.server.shutdown(linger: .seconds(1), deadline: .seconds(30))
        var asked = false
        while !asked {
            try old.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            asked = try old.response()?.head.contains("connection: close") == true
        }
        #expect(try server.connect().get() == "ok")
        #expect(try old.rest() == "")
        await done
        #expect(throws: (any Error).self) { try server.connect() }
    }

    @Test func `what does not end by the deadline is cut`() async throws {
        let handler = HoldingHandler()
        let server = try TestServer(handler: handler)
        let busy = try server.connect()
        try busy.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n")
        waitUntil { handler.count > 0 }
        await server.server.shutdown(linger: .zero, deadline: .milliseconds(100))
        #expect(try busy.rest() == "")
        handler.release()
    }

    /// Asks for ever, on a new connection whenever it is told to; ends when nobody listens any more.
    private final class Load: Sendable {
        let server: TestServer
        let answered = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        let ended = Atomic<Int>(0)

        init(_ server: TestServer) {
            self.server = server
        }

        func run() {
            while let client = try? server.connect() {
                while true {
                    guard (try? client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")) == true,
                        let response = try? client.response()
                    else {
                        failed.add(1, ordering: .relaxed)
                        break
                    }
                    answered.add(1, ordering: .relaxed)
                    if response.head.contains("connection: close") { break }
                }
            }
            ended.add(1, ordering: .relaxed)
        }
    }

    @Test func `requests under load all get an answer while the server goes away`() async throws {
        let server = try TestServer(ServerSettings.threads(2))
        let load = Load(server)
        for _ in 0..<4 { DetachedWork.run { load.run() } }
        waitUntil { load.answered.load(ordering: .relaxed) >= 200 }
        await server.server.shutdown(linger: .milliseconds(300), deadline: .seconds(10))
        waitUntil { load.ended.load(ordering: .relaxed) == 4 }
        #expect(load.failed.load(ordering: .relaxed) == 0)
        #expect(server.server.statistics.connections == 0)
    }
}

extension ServerSettings {
    static func threads(_ count: Int) -> ServerSettings {
        var settings = ServerSettings()
        settings.threads = count
        return settings
    }
}
