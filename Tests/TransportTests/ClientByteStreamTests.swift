import Testing

@testable import Transport
@testable import Wire

/// Upgrades, and then says what a node says of a port: on each channel its number first.
private func forward(_ script: @escaping @Sendable (LoopbackConnection) -> Void) throws -> LoopbackServer {
    try LoopbackServer { connection, _ in
        guard let head = connection.readHead(), let key = head.firstMatch(of: #/sec-websocket-key: (\S+)\r\n/#) else {
            return
        }
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
            + "sec-websocket-accept: \(WebSocketHandshake.accept(for: String(key.1)))\r\n"
            + "sec-websocket-protocol: v4.channel.k8s.io\r\n\r\n"
        connection.write(Array(answer.utf8))
        connection.write(frame(0, [0x1E, 0x4E]) + frame(1, [0x1E, 0x4E]))
        script(connection)
    }
}

/// A server's frame of less than 65,536 bytes: not masked.
private func frame(_ channel: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    let count = bytes.count + 1
    let length: [UInt8] = count < 126 ? [UInt8(count)] : [126, UInt8(count >> 8), UInt8(count & 255)]
    return [0x82] + length + [channel] + bytes
}

/// Opens a stream, uses it, and closes client and loop afterwards.
private func withStream<Value: Sendable>(
    to port: UInt16, forwarded: Bool, _ body: (ClientByteStream) async throws -> Value
) async throws -> Value {
    let tested = try TestedClient(port)
    defer { withExtendedLifetime(tested) {} }
    let stream: ClientByteStream
    if forwarded {
        stream = try await tested.client.portForward(
            target: "/portforward?ports=19998", headers: [], timeout: .seconds(20))
    } else {
        stream = try await ClientByteStream.connect(
            loop: tested.loop, endpoint: ClientEndpoint(host: "127.0.0.1", port: port), timeout: .seconds(20))
    }
    return try await body(stream)
}

/// All bytes up to the end.
private func rest(of stream: ClientByteStream) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let more = try await stream.receive(timeout: .seconds(20)), !more.isEmpty { bytes += more }
    return bytes
}

@Suite("Client's byte stream", .timeLimit(.minutes(5)))
struct ClientByteStreamTests {
    private let megabytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    @Test func `bytes go both ways over plain TCP, however many`() async throws {
        let count = megabytes.count
        let server = try LoopbackServer { connection, _ in
            guard let bytes = connection.read(count) else { return }
            connection.write(bytes)
        }
        let echoed = try await withStream(to: server.port, forwarded: false) { stream in
            try await stream.send(megabytes)
            return try await rest(of: stream)
        }
        #expect(echoed == megabytes)
    }

    @Test func `bytes go both ways inside the API server's port-forward`() async throws {
        let server = try forward { connection in
            // Our frames are masked: a header of 14 bytes or less, then the channel.
            var count = 0
            while count < 100_000 {
                let more = connection.read().count
                if more == 0 { return }
                count += more
            }
            for start in stride(from: 0, to: 300_000, by: 30_000) {
                connection.write(frame(0, (start..<start + 30_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }))
            }
            connection.write([0x88, 2, 0x03, 0xE8])
            while !connection.read().isEmpty {}
        }
        let received = try await withStream(to: server.port, forwarded: true) { stream in
            try await stream.send(Array(megabytes.prefix(100_000)))
            return try await rest(of: stream)
        }
        #expect(received == Array(megabytes.prefix(300_000)))
    }

    @Test func `silence is not the end`() async throws {
        let server = try LoopbackServer { connection, _ in
            guard connection.read() == [1] else { return }
            connection.write([2])
        }
        try await withStream(to: server.port, forwarded: false) { stream in
            #expect(try await stream.receive(timeout: .milliseconds(20)) == nil)
            try await stream.send([1])
            #expect(try await stream.receive(timeout: .seconds(20)) == [2])
            #expect(try await stream.receive(timeout: .seconds(20)) == [])
            #expect(try await stream.receive(timeout: .seconds(20)) == [], "and stays at its end")
        }
    }

    @Test func `a port that nobody listens on is told in the node's words`() async throws {
        let server = try forward { connection in
            connection.write(frame(1, Array("connect: connection refused".utf8)) + [0x88, 2, 0x03, 0xE8])
            while !connection.read().isEmpty {}
        }
        await #expect(throws: ClientError.broken("connect: connection refused")) {
            try await withStream(to: server.port, forwarded: true) { try await rest(of: $0) }
        }
    }

    @Test func `a server that floods with pings and reads nothing is given up`() async throws {
        let server = try forward { connection in
            let pings = [UInt8]((0..<512).flatMap { _ in [0x89, 125] + [UInt8](repeating: 7, count: 125) })
            for _ in 0..<16_384 where !connection.write(pings) { break }
        }
        let error = await #expect(throws: ClientError.self) {
            try await withStream(to: server.port, forwarded: true) { try await rest(of: $0) }
        }
        #expect(error?.description.contains("pings") == true)
    }

    @Test func `a refusal is told with its status and body`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in "HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno" }
        let head = HTTPResponseHead(status: 403, headers: [.init("content-length", "2")])
        await #expect(throws: ClientError.refused(head, body: Array("no".utf8))) {
            try await withStream(to: server.port, forwarded: true) { _ in }
        }
    }

    @Test func `who does not read makes the other side wait`() async throws {
        let (writes, wrote) = AsyncStream.makeStream(of: Int.self)
        let chunk = [UInt8](repeating: 9, count: 1 << 16)
        let server = try LoopbackServer { connection, _ in
            for _ in 0..<400 {
                connection.write(chunk)
                wrote.yield(chunk.count)
            }
            wrote.finish()
        }
        try await withStream(to: server.port, forwarded: false) { stream in
            var received = 0
            var sent = 0
            while let more = try await stream.receive(timeout: .seconds(20)), !more.isEmpty {
                // What is kept here is bounded, whatever the system keeps.
                #expect(more.count <= ClientByteStream.bufferBytes + 4 * chunk.count)
                received += more.count
            }
            for await count in writes { sent += count }
            #expect(received == sent && sent == 400 * chunk.count)
        }
    }

    @Test func `a cancelled task lets go at once`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let server = try LoopbackServer { connection, _ in
            while !connection.read().isEmpty {}
            end.yield()
        }
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await #expect(throws: ClientError.cancelled) {
                    try await withStream(to: server.port, forwarded: false) { stream in
                        start.yield()
                        _ = try await stream.receive(timeout: .seconds(60))
                    }
                }
            }
            for await _ in starts { break }
            group.cancelAll()
        }
        for await _ in ends { break }
    }
}
