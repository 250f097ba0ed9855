import Kubernetes
import Synchronization
import Testing

@testable import Transport
@testable import Wire
@testable import sluice

private func answer(_ status: Int, _ body: String, _ fields: String = "") -> String {
    "HTTP/1.1 \(status) X\r\n\(fields)content-length: \(body.utf8.count)\r\n\r\n\(body)"
}

/// A live cluster whose API server is a script on a loopback port, over HTTP/1.1.
private final class Tested: Sendable {
    let cluster: LiveCluster
    private let client: Client
    private let loop: EventLoop

    init(_ server: LoopbackServer, basePath: String = "", tokens: LiveClusterTokens = LiveClusterTokens()) throws {
        loop = try EventLoop(name: "client")
        try loop.start()
        client = try Client(
            loop: loop, endpoint: ClientEndpoint(host: "127.0.0.1", port: server.port), tls: nil)
        cluster = LiveCluster(client: client, basePath: basePath, tokens: tokens, userAgent: "sluice/test")
    }

    deinit {
        client.close()
        loop.stop()
        loop.join()
    }

    func get(timeout: Duration = .seconds(20), responseBytesMax: Int = 1000) async throws -> APIResponse {
        try await cluster.send(
            APIRequest(.get, path: "/api", timeout: timeout, responseBytesMax: responseBytesMax))
    }
}

/// Gives these tokens one after the other, and then the last one for ever.
private func tokens(_ list: String...) -> LiveClusterTokens {
    let rest = Mutex(list[...])
    let next: @Sendable () -> String? = { rest.withLock { $0.count > 1 ? $0.removeFirst() : $0.first } }
    return LiveClusterTokens(reading: next)
}

@Suite("A live cluster", .timeLimit(.minutes(5)))
struct LiveClusterTests {
    @Test func `a request carries what the API wants to know`() async throws {
        let server = try LoopbackServer.http1 { head, _, _ in answer(200, head) }
        let tested = try Tested(server, basePath: "/prefix", tokens: LiveClusterTokens(fixed: "secret"))
        let request = APIRequest(
            .patch, path: "/api", query: [.init("dryRun", "All")], contentType: "application/merge-patch+json")
        let head = String(decoding: try await tested.cluster.send(request).body, as: UTF8.self)
        #expect(head.hasPrefix("PATCH /prefix/api?dryRun=All HTTP/1.1\r\n"))
        for field in [
            "user-agent: sluice/test", "accept: application/json", "authorization: Bearer secret",
            "content-type: application/merge-patch+json",
        ] { #expect(head.contains(field + "\r\n"), "\(field)") }
    }

    @Test func `a refusal is told with the server's own words and its delay`() async throws {
        let status =
            #"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"slow down","reason":"TooManyRequests","code":429}"#
        let server = try LoopbackServer.http1 { _, _, _ in answer(429, status, "Retry-After: 7\r\n") }
        let expected = APIStatus(
            code: 429, reason: "TooManyRequests", message: "slow down", retryAfter: .seconds(7))
        let tested = try Tested(server)
        await #expect(throws: ClusterError.status(expected)) { try await tested.get() }
        await #expect(throws: ClusterError.status(expected)) {
            try await tested.cluster.watch(APIRequest(.get, path: "/w"), idleLimit: .seconds(20)) { _ in }
        }
    }

    @Test func `a refused token is read again, and the request sent once more`() async throws {
        let server = try LoopbackServer.http1 { head, _, _ in
            answer(head.contains("Bearer new\r\n") ? 200 : 401, "")
        }
        #expect(try await Tested(server, tokens: tokens("old", "new")).get().status == 200)
        let stream = try Tested(server, tokens: tokens("old", "new"))
        try await stream.cluster.watch(APIRequest(.get, path: "/w"), idleLimit: .seconds(20)) { _ in }
        let stale = try Tested(server, tokens: tokens("old", "old"))
        await #expect(throws: ClusterError.status(APIStatus(code: 401))) { try await stale.get() }
        let none = try Tested(server)
        await #expect(throws: ClusterError.status(APIStatus(code: 401))) { try await none.get() }
    }

    @Test func `a token that can't be read any more is used further`() {
        let readings = Mutex(0)
        let tokens = LiveClusterTokens(reading: {
            readings.withLock { count in
                count += 1
                return count == 1 ? "token" : nil
            }
        })
        #expect(tokens.current() == "token")
        #expect(tokens.current() == "token")
        #expect(readings.withLock { $0 } == 1, "a token is not read for each request")
        #expect(tokens.refreshed(after: "token") == nil)
        #expect(tokens.current() == "token")
    }

    @Test func `a watch hands over what comes until the server ends it`() async throws {
        let server = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".utf8))
            for text in ["3\r\n{}\n\r\n", "2\r\n{\"\r\n", "1\r\n\n\r\n", "0\r\n\r\n"] {
                connection.write(Array(text.utf8))
            }
        }
        let tested = try Tested(server)
        var text = ""
        try await tested.cluster.watch(APIRequest(.get, path: "/w"), idleLimit: .seconds(20)) { bytes in
            text += String(decoding: bytes, as: UTF8.self)
        }
        #expect(text == "{}\n{\"\n")
    }

    @Test func `what the receiver throws ends the watch`() async throws {
        let server = try LoopbackServer.http1 { _, _, _ in answer(200, "line\n") }
        let tested = try Tested(server)
        await #expect(throws: ClusterError.unreadable("no")) {
            try await tested.cluster.watch(APIRequest(.get, path: "/w"), idleLimit: .seconds(20)) {
                _ throws(ClusterError) in throw .unreadable("no")
            }
        }
    }

    @Test func `every way to fail has its error`() async throws {
        let silent = try LoopbackServer { connection, _ in while !connection.read().isEmpty {} }
        let tested = try Tested(silent)
        await #expect(throws: ClusterError.timeout) { try await tested.get(timeout: .milliseconds(50)) }
        await #expect(throws: ClusterError.timeout) {
            try await tested.cluster.watch(APIRequest(.get, path: "/w"), idleLimit: .milliseconds(50)) { _ in }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await #expect(throws: ClusterError.cancelled) { try await tested.get() } }
            group.addTask {
                await #expect(throws: ClusterError.cancelled) { try await tested.cluster.sleep(for: .seconds(20)) }
            }
            group.cancelAll()
        }
        let talking = try LoopbackServer.http1 { _, _, _ in answer(200, "123456") }
        let long = try Tested(talking)
        await #expect(throws: ClusterError.tooLarge(bytesMax: 5)) { try await long.get(responseBytesMax: 5) }
        let breaking = try LoopbackServer { connection, _ in
            _ = connection.readHead()
            connection.write(Array("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab".utf8))
        }
        let cut = try Tested(breaking)
        let error = await #expect(throws: ClusterError.self) { try await cut.get() }
        #expect(error?.isTransient == true)
    }

    /// A server that upgrades and then sends this status of less than 125 bytes.
    private func serveExec(_ status: String) throws -> LoopbackServer {
        try LoopbackServer { connection, _ in
            guard let head = connection.readHead(), let key = head.firstMatch(of: #/sec-websocket-key: (\S+)\r\n/#),
                head.contains("Bearer new\r\n")
            else {
                connection.write(Array(answer(401, "").utf8))
                return
            }
            let accept = WebSocketHandshake.accept(for: String(key.1))
            let upgrade =
                "HTTP/1.1 101 X\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: \(accept)\r\n"
                + "sec-websocket-protocol: v4.channel.k8s.io\r\n\r\n"
            let count = status.utf8.count + 1
            let frame: [UInt8] = [0x82, UInt8(count), 3] + Array(status.utf8)
            connection.write(Array(upgrade.utf8) + [0x82, 2, 1, 0x61] + frame)
            while !connection.read().isEmpty {}
        }
    }

    private func exec(_ server: LoopbackServer, _ tokens: LiveClusterTokens) async throws -> ExecResult {
        let tested = try Tested(server, tokens: tokens)
        defer { withExtendedLifetime(tested) {} }
        return try await tested.cluster.exec(
            ExecRequest(
                namespace: "default", pod: "hbase-master-0", container: "alluxio-master",
                command: ["alluxio", "version"],
                timeout: .seconds(20)))
    }

    @Test func `an exec has its exit status, with a token that is renewed`() async throws {
        let failure =
            #"{"status":"Failure","reason":"NonZeroExitCode","details":{"causes":[{"reason":"ExitCode","message":"255"}]}}"#
        let result = try await exec(try serveExec(failure), tokens("old", "new"))
        #expect(result == ExecResult(exitCode: 255, standardOutput: Array("a".utf8)))
    }

    @Test func `an exec that could not run is no result`() async throws {
        let failure = #"{"status":"Failure","reason":"InternalError","message":"no such container"}"#
        let expected = APIStatus(code: 500, reason: "InternalError", message: "no such container")
        let server = try serveExec(failure)
        await #expect(throws: ClusterError.status(expected)) { try await exec(server, tokens("new")) }
        await #expect(throws: ClusterError.status(APIStatus(code: 401))) { try await exec(server, tokens("old")) }
    }
}
