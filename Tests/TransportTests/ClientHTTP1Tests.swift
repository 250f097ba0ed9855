import Testing
import Wire

@testable import Transport

/// A client of a loopback server on a loop of its own.
final class TestedClient: Sendable {
    let loop: EventLoop
    let client: Client

    init(
        _ port: UInt16, host: String = "127.0.0.1", tls: TLSClientConfiguration? = nil,
        _ change: (inout ClientSettings) -> Void = { _ in }
    ) throws {
        var settings = ClientSettings()
        change(&settings)
        loop = try EventLoop(name: "client")
        try loop.start()
        client = try Client(
            loop: loop, endpoint: ClientEndpoint(host: host, port: port), tls: tls, settings: settings)
    }

    deinit {
        client.close()
        loop.stop()
        loop.join()
    }

    func get(
        _ target: String = "/", timeout: Duration = .seconds(120), bodyBytesMax: Int = 1 << 20
    ) async throws -> String {
        try await send("GET", target, timeout: timeout, bodyBytesMax: bodyBytesMax)
    }

    func send(
        _ method: String, _ target: String = "/", body: String = "", timeout: Duration = .seconds(120),
        bodyBytesMax: Int = 1 << 20
    ) async throws -> String {
        let request = HTTPRequest(method: method, target: target, body: Array(body.utf8))
        let answer = try await client.send(request, timeout: timeout, bodyBytesMax: bodyBytesMax)
        return "\(answer.status) " + String(decoding: answer.body, as: UTF8.self)
    }

    func open(
        _ target: String = "/", timeout: Duration = .seconds(120), idleLimit: Duration = .seconds(120)
    ) async throws -> ClientStream {
        try await client.open(
            HTTPRequest(method: "GET", target: target), timeout: timeout, idleLimit: idleLimit)
    }
}

private func answer(_ body: String) -> String {
    "HTTP/1.1 200 OK\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// Sends five requests with deadlines of their own, cancels them soon, and counts their outcomes: either is right.
private func cancelSome(_ tested: TestedClient) async -> Int {
    await withTaskGroup(of: Int.self) { group in
        for _ in 0..<5 {
            group.addTask {
                _ = try? await tested.get(timeout: .milliseconds(.random(in: 1...20)))
                return 1
            }
        }
        if Bool.random() { await Task.yield() }
        group.cancelAll()
        return await group.reduce(0, +)
    }
}

@Suite("Client over HTTP/1.1", .timeLimit(.minutes(5)))
struct ClientHTTP1Tests {
    @Test func `requests one after the other use one connection`() async throws {
        let server = try LoopbackServer.http1 { head, connection, request in
            answer("\(head.prefix { $0 != "H" })\(connection) \(request)")
        }
        let tested = try TestedClient(server.port)
        #expect(try await tested.get("/a") == "200 GET /a 0 0")
        #expect(try await tested.send("DELETE", "/b") == "200 DELETE /b 0 1")
        #expect(server.connectionCount == 1)
    }

    @Test func `requests at the same time wait for a connection where there are not more`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer("ok") }
        let tested = try TestedClient(server.port) { $0.connectionsMax = 2 }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { try await tested.get() } }
            for try await text in group { #expect(text == "200 ok") }
        }
        #expect(server.connectionCount <= 2)
    }

    @Test func `a connection that the server closed meanwhile costs a GET nothing`() async throws {
        // Each connection answers one request and then closes without having said so.
        let server = try LoopbackServer.http1 { _, _, request in request == 0 ? answer("ok") : nil }
        let tested = try TestedClient(server.port)
        for _ in 0..<20 { #expect(try await tested.get() == "200 ok") }
    }

    @Test func `a body that is cut is no answer`() async throws {
        let server = try LoopbackServer { connection, number in
            _ = connection.readHead()
            let bodies = ["content-length: 5\r\n\r\nab", "transfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n"]
            connection.write(Array("HTTP/1.1 200 OK\r\n\(bodies[number % 2])".utf8))
        }
        let tested = try TestedClient(server.port)
        for _ in 0..<2 {
            let error = await #expect(throws: ClientError.self) { try await tested.send("POST") }
            guard case .broken? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `a body that lasts until the end is whole`() async throws {
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 200 OK\r\n\r\nall".utf8))
        }
        #expect(try await TestedClient(server.port).get() == "200 all")
    }

    @Test func `a server that does not answer is given up at the deadline`() async throws {
        let server = try LoopbackServer { connection, _ in while !connection.read().isEmpty {} }
        let tested = try TestedClient(server.port)
        await #expect(throws: ClientError.timeout) { try await tested.get(timeout: .milliseconds(50)) }
        await #expect(throws: ClientError.timeout) { try await tested.open(timeout: .milliseconds(50)) }
    }

    @Test func `an answer beyond its limit is refused`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer(String(repeating: "x", count: 1000)) }
        let tested = try TestedClient(server.port)
        await #expect(throws: ClientError.tooLarge(bytesMax: 999)) { try await tested.get(bodyBytesMax: 999) }
        #expect(try await tested.get(bodyBytesMax: 1000).utf8.count == 1004)
    }

    @Test func `a cancelled task gets its error at once, and the server the end`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            ask.yield()
            while !connection.read().isEmpty {}
            end.yield()
        }
        let tested = try TestedClient(server.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: ClientError.cancelled) { try await tested.get() } }
            for await _ in asked { break }
            group.cancelAll()
            try await group.waitForAll()
        }
        for await _ in ended { break }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.cancelAll()
            group.addTask { await #expect(throws: ClientError.cancelled) { try await tested.get() } }
            try await group.waitForAll()
        }
    }

    @Test func `a stream that nobody reads holds the server up`() async throws {
        // More than the kernel keeps for both ends of a connection.
        let total = 16 << 20
        let (stalls, stall) = AsyncStream.makeStream(of: Int.self)
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 200 OK\r\ncontent-length: \(total)\r\n\r\n".utf8))
            let written = connection.writeUntilStalled([UInt8](repeating: 1, count: total))
            stall.yield(written)
            connection.write([UInt8](repeating: 1, count: total - written))
            _ = connection.read()
        }
        let tested = try TestedClient(server.port) { $0.streamBufferBytes = 100_000 }
        let stream = try await tested.open()
        for await written in stalls {
            #expect(written < total)
            break
        }
        var sum = 0
        while let bytes = try await stream.next() {
            // One read more than the limit may have come before reading stopped.
            #expect(bytes.count <= 100_000 + 64 << 10)
            sum += bytes.count
        }
        #expect(sum == total)
    }

    @Test func `a stream without a word for too long is given up`() async throws {
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 200 OK\r\n\r\nword".utf8))
            while !connection.read().isEmpty {}
        }
        // The limit counts for the first word too, which a busy machine may be slow to bring.
        let stream = try await TestedClient(server.port).open(idleLimit: .seconds(3))
        #expect(try await stream.next() == Array("word".utf8))
        await #expect(throws: ClientError.self) { try await stream.next() }
    }

    @Test func `no server is told as unreachable`() async throws {
        var server: LoopbackServer? = try LoopbackServer { _, _ in }
        let port = try #require(server?.port)
        server = nil
        for host in ["127.0.0.1", "localhost", "::1", "name.invalid"] {
            // A resolver that does not answer is given up as well.
            let tested = try TestedClient(port, host: host) { $0.connectTimeout = .milliseconds(500) }
            let error = await #expect(throws: ClientError.self) { try await tested.get() }
            guard case .unreachable? = error else {
                Issue.record("\(host): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func `a name with several addresses reaches the one that answers`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer("ok") }
        #expect(try await TestedClient(server.port, host: "localhost").get() == "200 ok")
    }

    @Test func `a closed client refuses, and ends what is under way`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            ask.yield()
            while !connection.read().isEmpty {}
        }
        let tested = try TestedClient(server.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: ClientError.closed) { try await tested.get() } }
            for await _ in asked { break }
            tested.client.close()
            try await group.waitForAll()
        }
        await #expect(throws: ClientError.closed) { try await tested.get() }
        tested.loop.stop()
        tested.loop.join()
        await #expect(throws: ClientError.closed, "also without a loop") { try await tested.get() }
    }

    @Test func `more requests than allowed are refused at once`() async throws {
        let (asked, ask) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            ask.yield()
            while !connection.read().isEmpty {}
        }
        let tested = try TestedClient(server.port) { $0.requestsMax = 1 }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: ClientError.cancelled) { try await tested.get() } }
            for await _ in asked { break }
            await #expect(throws: ClientError.overloaded) { try await tested.get() }
            group.cancelAll()
        }
    }

    @Test func `what can't be written is refused`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer("ok") }
        let tested = try TestedClient(server.port)
        await #expect(throws: ClientError.invalidRequest) { try await tested.get("/a b") }
        #expect(try await tested.get() == "200 ok")
    }

    @Test func `whatever is cancelled when, every task gets one outcome`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer("ok") }
        let tested = try TestedClient(server.port) { $0.connectionsMax = 8 }
        let outcomes = await withTaskGroup(of: Int.self) { groups in
            for _ in 0..<40 { groups.addTask { await cancelSome(tested) } }
            return await groups.reduce(0, +)
        }
        #expect(outcomes == 200)
        #expect(try await tested.get() == "200 ok")
    }
}
