import Synchronization
import Testing

@testable import Transport
@testable import Wire

/// What an API server answers to an upgrade, with the accept value of the key in `head`.
private func upgradeAnswer(to head: String, subprotocol: String = "v4.channel.k8s.io") throws -> String {
    let key = try #require(head.firstMatch(of: #/sec-websocket-key: (\S+)\r\n/#))
    return "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        + "sec-websocket-accept: \(WebSocketHandshake.accept(for: String(key.1)))\r\n"
        + "sec-websocket-protocol: \(subprotocol)\r\n\r\n"
}

/// A server's frame of less than 126 bytes: not masked.
private func frame(_ channel: UInt8, _ text: String) -> [UInt8] {
    [0x82, UInt8(text.utf8.count + 1), channel] + Array(text.utf8)
}

private let success = #"{"metadata":{},"status":"Success"}"#

/// A server that upgrades and then does what a script says.
private func serve(
    subprotocol: String = "v4.channel.k8s.io", _ script: @escaping @Sendable (LoopbackConnection) -> Void
) throws -> LoopbackServer {
    try LoopbackServer { connection, _ in
        guard let head = connection.readHead(), let answer = try? upgradeAnswer(to: head, subprotocol: subprotocol)
        else { return }
        connection.write(Array(answer.utf8))
        script(connection)
    }
}

@Suite("Client's exec", .timeLimit(.minutes(5)))
struct ClientExecTests {
    private func exec(
        _ server: LoopbackServer, timeout: Duration = .seconds(20), outputBytesMax: Int = 1000
    ) async throws -> ClientExecResult {
        let tested = try TestedClient(server.port)
        defer { withExtendedLifetime(tested) {} }
        return try await tested.client.exec(
            target: "/exec?command=true", headers: [.init("authorization", "Bearer x")],
            subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"], timeout: timeout, outputBytesMax: outputBytesMax)
    }

    @Test func `output and exit status come over the upgraded connection`() async throws {
        let server = try serve { connection in
            connection.write(frame(1, "") + frame(2, "") + frame(3, "") + frame(1, "out") + frame(2, "err"))
            connection.write(frame(1, "!") + frame(3, success) + [0x88, 2, 0x03, 0xE8])
            while !connection.read().isEmpty {}
        }
        let result = try await exec(server)
        #expect(result.status == .exited(code: 0) && !result.isTruncated)
        #expect(result.standardOutput == Array("out!".utf8) && result.standardError == Array("err".utf8))
    }

    @Test func `frames in the same packet as the upgrade are not lost`() async throws {
        let server = try LoopbackServer { connection, _ in
            guard let head = connection.readHead(), let answer = try? upgradeAnswer(to: head) else { return }
            connection.write(Array(answer.utf8) + frame(1, "out") + frame(3, success))
            while !connection.read().isEmpty {}
        }
        #expect(try await exec(server).standardOutput == Array("out".utf8))
    }

    @Test func `a connection that ends before the status is never a success`() async throws {
        let scripts: [[UInt8]] = [
            [], frame(1, "out"), Array(frame(3, success).dropLast()), frame(1, "a") + [0x88, 2, 0x03, 0xE8],
            frame(3, "") + [0x88, 0], frame(3, "{}"), frame(9, ""), [0x82, 0], [0xC2, 0], [0x81, 1, 0x61],
        ]
        for script in scripts {
            let server = try serve { $0.write(script) }
            let error = await #expect(throws: ClientError.self, "\(script)") { try await exec(server) }
            guard case .broken? = error else {
                Issue.record("\(script): \(String(describing: error))")
                continue
            }
        }
    }

    @Test func `a refusal is told with its status and body`() async throws {
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno".utf8))
            while !connection.read().isEmpty {}
        }
        let head = HTTPResponseHead(status: 403, headers: [.init("content-length", "2")])
        await #expect(throws: ClientError.refused(head, body: Array("no".utf8))) { try await exec(server) }
    }

    @Test func `an upgrade to something else is refused`() async throws {
        let other = try serve(subprotocol: "chat") { _ in }
        await #expect(throws: ClientError.self) { try await exec(other) }
        let wrongKey = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            let answer = (try? upgradeAnswer(to: "sec-websocket-key: AAAA\r\n")) ?? ""
            connection.write(Array(answer.utf8) + frame(3, success))
        }
        await #expect(throws: ClientError.self) { try await exec(wrongKey) }
    }

    @Test func `output beyond the limit is dropped and told`() async throws {
        let server = try serve { connection in
            for _ in 0..<100 { connection.write(frame(1, String(repeating: "x", count: 100))) }
            connection.write(frame(3, success))
            while !connection.read().isEmpty {}
        }
        let result = try await exec(server, outputBytesMax: 150)
        #expect(result.standardOutput.count == 150 && result.isTruncated && result.status == .exited(code: 0))
    }

    @Test func `a command that hangs is given up, and its connection closed`() async throws {
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let server = try serve { connection in
            connection.write(frame(1, "begun"))
            while !connection.read().isEmpty {}
            end.yield()
        }
        await #expect(throws: ClientError.timeout) { try await exec(server, timeout: .milliseconds(100)) }
        for await _ in ends { break }
    }

    @Test func `a cancelled exec ends at once, and its connection is closed`() async throws {
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let (ends, end) = AsyncStream.makeStream(of: Void.self)
        let server = try serve { connection in
            start.yield()
            while !connection.read().isEmpty {}
            end.yield()
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: ClientError.cancelled) { try await exec(server) } }
            for await _ in starts { break }
            group.cancelAll()
        }
        for await _ in ends { break }
    }

    @Test func `a server that floods with pings and reads nothing is given up`() async throws {
        let written = Atomic<Int>(0)
        let server = try serve { connection in
            let pings = [UInt8]((0..<512).flatMap { _ in [0x89, 125] + [UInt8](repeating: 7, count: 125) })
            while connection.write(pings), written.add(pings.count, ordering: .relaxed).newValue < 1 << 30 {}
        }
        let error = await #expect(throws: ClientError.self) { try await exec(server) }
        guard case .broken(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("pings"))
        // What the system's buffers take of the pongs, which are as long, bounds the pings.
        #expect(written.load(ordering: .relaxed) < 64 << 20)
    }

    @Test func `a ping of the server is answered`() async throws {
        let server = try serve { connection in
            connection.write([0x89, 1, 7])
            // A masked pong: its head, four bytes of mask, and the payload.
            guard let pong = connection.read(7), pong[0] == 0x8A, pong[6] ^ pong[2] == 7 else { return }
            connection.write(frame(3, success))
            while !connection.read().isEmpty {}
        }
        #expect(try await exec(server).status == .exited(code: 0))
    }
}
