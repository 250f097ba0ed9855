import Testing
import Wire

@testable import Transport

/// A server that speaks HTTP/2 on plain text, by a script.
private func serve(
    _ script: @escaping @Sendable (_ peer: LoopbackHTTP2, _ connection: Int) -> Void
) throws -> LoopbackServer {
    try LoopbackServer { connection, number in
        if let peer = LoopbackHTTP2(connection) { script(peer, number) }
    }
}

private func connect(
    _ server: LoopbackServer, _ change: (inout ClientSettings) -> Void = { _ in }
) throws -> TestedClient {
    try TestedClient(server.port) {
        $0.assumesHTTP2 = true
        change(&$0)
    }
}

@Suite("Client over HTTP/2", .timeLimit(.minutes(5)))
struct ClientHTTP2Tests {
    @Test func `many requests share a connection, and answers may come in any order`() async throws {
        let server = try serve { peer, _ in
            var streams: [UInt32] = []
            while streams.count < 10, let head = peer.next(.headers) { streams.append(head.stream) }
            for stream in streams.reversed() { peer.send(.head(stream, LoopbackHTTP2.ok)) }
            for stream in streams { peer.send(.data(stream, Array("\(stream)".utf8), end: true)) }
            _ = peer.next(.reset)
        }
        let tested = try connect(server)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 { group.addTask { try await tested.get() } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == Set(stride(from: 1, to: 20, by: 2).map { "200 \($0)" }))
        #expect(server.connectionCount == 1)
    }

    @Test func `a body goes out as the server's windows open`() async throws {
        let body = String(repeating: "0123456789", count: 30_000)
        let server = try serve { peer, _ in
            guard let head = peer.next(.headers) else { return }
            var count = 0
            while let frame = peer.next() {
                guard frame.kind == .data else { continue }
                count += frame.payload.count
                if frame.flags & HTTP2Frame.endStream != 0 { break }
                let increment = HTTP2Frame.bigEndian(UInt32(max(1, frame.payload.count)))
                for stream in [0, head.stream] {
                    peer.send(HTTP2Frame(kind: .windowUpdate, stream: stream, payload: increment))
                }
            }
            peer.answer(head.stream, "\(count)")
            _ = peer.next()
        }
        #expect(try await connect(server).send("PATCH", body: body) == "200 300000")
    }

    @Test func `after a GOAWAY new requests take a new connection, and old ones are finished`() async throws {
        let server = try serve { peer, number in
            guard let first = peer.next(.headers) else { return }
            guard number == 0 else {
                peer.answer(first.stream, "new")
                _ = peer.next()
                return
            }
            guard let second = peer.next(.headers) else { return }
            // The second request was not looked at: it is sent again elsewhere.
            peer.send(
                .head(first.stream, LoopbackHTTP2.ok),
                HTTP2Frame(kind: .goAway, payload: HTTP2Frame.bigEndian(first.stream) + HTTP2Frame.bigEndian(0)))
            _ = second
            peer.send(.data(first.stream, Array("old".utf8), end: true))
            _ = peer.next()
        }
        let tested = try connect(server)
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<2 { group.addTask { try await tested.send("POST") } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(answers == ["200 old", "200 new"])
        #expect(server.connectionCount == 2)
    }

    @Test func `a refused stream is sent again, but not for ever`() async throws {
        let refuse = { @Sendable (peer: LoopbackHTTP2, stream: UInt32) in
            _ = peer.send(HTTP2Frame(kind: .reset, stream: stream, payload: HTTP2Frame.bigEndian(7)))
        }
        let server = try serve { peer, _ in
            var count = 0
            while let head = peer.next(.headers) {
                count += 1
                if count == 3 { peer.answer(head.stream, "third") } else { refuse(peer, head.stream) }
            }
        }
        let tested = try connect(server)
        #expect(try await tested.send("POST") == "200 third")
        await #expect(throws: ClientError.self) { try await tested.send("POST") }
    }

    @Test func `a reset stream is broken, and the others go on`() async throws {
        let server = try serve { peer, _ in
            while let head = peer.next(.headers) {
                guard head.stream == 1 else {
                    peer.answer(head.stream, "ok")
                    continue
                }
                peer.send(.head(1, LoopbackHTTP2.ok), .data(1, Array("half".utf8)))
                peer.send(HTTP2Frame(kind: .reset, stream: 1, payload: HTTP2Frame.bigEndian(2)))
            }
        }
        let tested = try connect(server)
        let error = await #expect(throws: ClientError.self) { try await tested.get() }
        guard case .broken? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await tested.get() == "200 ok")
        #expect(server.connectionCount == 1)
    }

    @Test func `a server that is silent but answers pings is alive, and else it is dead`() async throws {
        let server = try serve { peer, number in
            guard let head = peer.next(.headers) else { return }
            peer.send(.head(head.stream, LoopbackHTTP2.ok))
            for _ in 0..<3 {
                guard let ping = peer.next(.ping) else { return }
                peer.send(
                    HTTP2Frame(kind: .ping, flags: HTTP2Frame.acknowledgement, payload: ping.payload))
            }
            peer.send(.data(head.stream, Array("alive".utf8)))
            while peer.next() != nil {}
        }
        let tested = try connect(server) {
            $0.pingInterval = .milliseconds(20)
            $0.pingTimeout = .milliseconds(200)
        }
        let stream = try await tested.open()
        #expect(try await stream.next() == Array("alive".utf8))
        let error = await #expect(throws: ClientError.self) { try await stream.next() }
        #expect(error?.description.contains("does not answer") == true)
    }

    @Test func `a cancelled stream is reset, and the connection stays`() async throws {
        let (resets, reset) = AsyncStream.makeStream(of: HTTP2Frame.self)
        let server = try serve { peer, _ in
            guard let head = peer.next(.headers) else { return }
            peer.send(.head(head.stream, LoopbackHTTP2.ok))
            if let frame = peer.next(.reset) { reset.yield(frame) }
            while let head = peer.next(.headers) { peer.answer(head.stream, "ok") }
        }
        let tested = try connect(server)
        var stream: ClientStream? = try await tested.open()
        #expect(stream?.head.status == 200)
        stream = nil
        for await frame in resets {
            #expect(frame == HTTP2Frame(kind: .reset, stream: 1, payload: HTTP2Frame.bigEndian(8)), "CANCEL")
            break
        }
        #expect(try await tested.get() == "200 ok")
        #expect(server.connectionCount == 1)
    }

    /// Sends `total` bytes on a stream as its window of 64,000 bytes allows; `pause` runs when that is used up first.
    private static func send(_ total: Int, _ stream: UInt32, _ peer: LoopbackHTTP2, _ pause: () -> Void) {
        let piece = [UInt8](repeating: 7, count: 16_000)
        var window = 64_000
        var sent = 0
        func sendWindow() {
            while window >= piece.count, sent < total {
                peer.send(.data(stream, piece))
                window -= piece.count
                sent += piece.count
            }
        }
        sendWindow()
        pause()
        while sent < total, let head = peer.connection.read(9) {
            let payload = peer.connection.read(Int(head[2]) + Int(head[1]) << 8) ?? []
            guard let frame = HTTP2Frame.parse(head + payload).first else { return }
            if frame.kind == .windowUpdate, frame.stream == stream { window += Int(frame.number) }
            sendWindow()
        }
        peer.send(.data(stream, [], end: true))
        _ = peer.connection.read()
    }

    @Test func `a stream that nobody reads holds up only itself`() async throws {
        let server = try serve { peer, _ in
            guard let watch = peer.next(.headers) else { return }
            peer.send(.head(watch.stream, LoopbackHTTP2.ok))
            Self.send(2_000_000, watch.stream, peer) {
                if let other = peer.next(.headers) { peer.answer(other.stream, "ok") }
            }
        }
        let tested = try connect(server) { $0.streamBufferBytes = 64_000 }
        let stream = try await tested.open()
        #expect(try await tested.get() == "200 ok", "while the watch is full")
        var sum = 0
        while let bytes = try await stream.next() {
            #expect(bytes.count <= 64_000)
            sum += bytes.count
        }
        #expect(sum == 2_000_000)
    }

    @Test func `an answer that is longer than its window comes whole`() async throws {
        let server = try serve { peer, _ in
            guard let head = peer.next(.headers) else { return }
            peer.send(.head(head.stream, LoopbackHTTP2.ok))
            Self.send(1_600_000, head.stream, peer) {}
        }
        let tested = try connect(server) { $0.streamBufferBytes = 64_000 }
        #expect(try await tested.get(bodyBytesMax: 1_600_000).utf8.count == 1_600_004)
    }

    @Test func `an answer that is too long costs only itself`() async throws {
        let server = try serve { peer, _ in
            while let head = peer.next(.headers) { peer.answer(head.stream, String(repeating: "x", count: 1000)) }
        }
        let tested = try connect(server)
        await #expect(throws: ClientError.tooLarge(bytesMax: 999)) { try await tested.get(bodyBytesMax: 999) }
        #expect(try await tested.get(bodyBytesMax: 1000).utf8.count == 1004)
        #expect(server.connectionCount == 1)
    }

    @Test func `an answer before the request's body is through is an answer`() async throws {
        let server = try serve { peer, _ in
            while let head = peer.next(.headers) { peer.answer(head.stream, "enough") }
        }
        let tested = try connect(server)
        let body = String(repeating: "x", count: 1_000_000)
        #expect(try await tested.send("POST", body: body) == "200 enough")
        #expect(try await tested.get() == "200 enough")
    }

    @Test func `a server that breaks HTTP 2 fails what is under way, and is connected to anew`() async throws {
        let server = try serve { peer, number in
            guard let head = peer.next(.headers) else { return }
            if number == 0 {
                peer.connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            } else {
                peer.answer(head.stream, "ok")
            }
            while peer.next() != nil {}
        }
        let tested = try connect(server)
        await #expect(throws: ClientError.self) { try await tested.get() }
        #expect(try await tested.get() == "200 ok")
    }
}
