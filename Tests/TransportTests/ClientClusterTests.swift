import Foundation
import Testing
import Wire

@testable import Transport

/// A cluster that runs already (`Tests/Cluster/cluster up DIR`) and may be written to: `SLUICE_CLUSTER` is its folder.
struct ClientCluster {
    static let folder = ProcessInfo.processInfo.environment["SLUICE_CLUSTER"]

    let loop: EventLoop
    let endpoint: ClientEndpoint
    let folder: String

    init() throws {
        folder = try #require(Self.folder)
        let environment = String(decoding: try Self.file(folder + "/env"), as: UTF8.self)
        let server = try #require(environment.firstMatch(of: #/KUBERNETES_SERVER=https://([0-9.]+):([0-9]+)/#))
        endpoint = ClientEndpoint(host: String(server.1), port: try #require(UInt16(server.2)))
        loop = try EventLoop(name: "client")
        try loop.start()
    }

    private static func file(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    func client(withCertificate: Bool = true, settings: ClientSettings = .init()) throws -> Client {
        var tls = TLSClientConfiguration(trust: .authorities(pem: try Self.file(folder + "/pki/ca.crt")))
        if withCertificate {
            tls.certificateChainPEM = try Self.file(folder + "/pki/admin.crt")
            tls.privateKeyPEM = try Self.file(folder + "/pki/admin.key")
        }
        return try Client(loop: loop, endpoint: endpoint, tls: tls, settings: settings)
    }

    func run(_ command: String, _ server: String) throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = tests.appendingPathComponent("Cluster/cluster")
        process.arguments = [command, folder, server]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(command) \(server)")
    }
}

/// The client on a real cluster: run by hand, or where the variable is set; one after the other, since they stop servers.
@Suite(.serialized) enum ClientOnCluster {}

extension ClientOnCluster {
    @Suite("Client and a real API server", .enabled(if: ClientCluster.folder != nil), .serialized)
    struct ServerTests {
        let cluster: ClientCluster

        init() throws {
            cluster = try ClientCluster()
        }

        private func get(_ target: String, _ headers: [HTTPField] = []) -> HTTPRequest {
            HTTPRequest(method: "GET", target: target, headers: headers)
        }

        private let configMaps = "/api/v1/namespaces/default/configmaps"

        @Test func `lists, creates, patches and deletes`() async throws {
            let client = try cluster.client()
            let list = try await client.send(get("/api/v1/namespaces"), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(list.status == 200)
            #expect(String(decoding: list.body, as: UTF8.self).contains("\"NamespaceList\""))
            let filler = String(repeating: "x", count: 600_000)
            let object =
                #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sluice-client"},"data":{"a":"\#(filler)"}}"#
            let json = [HTTPField("content-type", "application/json")]
            let created = try await client.send(
                HTTPRequest(method: "POST", target: configMaps, headers: json, body: Array(object.utf8)),
                timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(created.status == 201, "a body beyond the first window goes out whole")
            let merge = [HTTPField("content-type", "application/merge-patch+json")]
            let patched = try await client.send(
                HTTPRequest(
                    method: "PATCH", target: configMaps + "/sluice-client", headers: merge,
                    body: Array(#"{"data":{"a":"b"}}"#.utf8)), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(patched.status == 200)
            let deleted = try await client.send(
                HTTPRequest(method: "DELETE", target: configMaps + "/sluice-client"), timeout: .seconds(10),
                bodyBytesMax: 1 << 20)
            #expect(deleted.status == 200)
            let missing = try await client.send(
                get(configMaps + "/sluice-client"), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(missing.status == 404)
            client.close()
        }

        @Test func `a bad token is answered by 401`() async throws {
            let client = try cluster.client(withCertificate: false)
            let bad = [HTTPField("authorization", "Bearer nonsense")]
            let answer = try await client.send(get("/api/v1/pods", bad), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(answer.status == 401)
            client.close()
        }

        @Test func `an answer beyond its limit costs only itself`() async throws {
            let client = try cluster.client()
            await #expect(throws: ClientError.tooLarge(bytesMax: 100)) {
                try await client.send(get("/api/v1/namespaces"), timeout: .seconds(10), bodyBytesMax: 100)
            }
            let version = try await client.send(get("/version"), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(version.status == 200)
            client.close()
        }

        @Test func `a hundred requests at once go over one connection`() async throws {
            let client = try cluster.client()
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await client.send(
                            get("/api/v1/namespaces/default"), timeout: .seconds(20), bodyBytesMax: 1 << 20
                        )
                        .status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            client.close()
        }

        /// Begins a watch of config maps; returns it with the first piece of its body, which is there at once.
        private func watch(_ client: Client) async throws -> ClientStream {
            let target = configMaps + "?watch=true&allowWatchBookmarks=true&timeoutSeconds=60"
            let stream = try await client.open(get(target), timeout: .seconds(90), idleLimit: .seconds(90))
            #expect(stream.head.status == 200)
            return stream
        }

        @Test func `many watches and requests share a connection, and see events at once`() async throws {
            let client = try cluster.client()
            var streams: [ClientStream] = []
            for _ in 0..<30 { streams.append(try await watch(client)) }
            let object = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sluice-watch"}}"#
            let json = [HTTPField("content-type", "application/json")]
            let begin = ContinuousClock.now
            _ = try await client.send(
                HTTPRequest(method: "POST", target: configMaps, headers: json, body: Array(object.utf8)),
                timeout: .seconds(10), bodyBytesMax: 1 << 20)
            for stream in streams {
                var text = ""
                while !text.contains("\"sluice-watch\"") {
                    let bytes = try #require(await stream.next())
                    text += String(decoding: bytes, as: UTF8.self)
                }
            }
            print("30 watches saw the event after \(ContinuousClock.now - begin)")
            _ = try await client.send(
                HTTPRequest(method: "DELETE", target: configMaps + "/sluice-watch"), timeout: .seconds(10),
                bodyBytesMax: 1 << 20)
            client.close()
            for stream in streams {
                await #expect(throws: ClientError.self) { while try await stream.next() != nil {} }
            }
        }

        @Test func `a cancelled task lets go of its watch, and the others go on`() async throws {
            let client = try cluster.client()
            let other = try await watch(client)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let stream = try await watch(client)
                    await #expect(throws: ClientError.cancelled) { while try await stream.next() != nil {} }
                }
                try await Task.sleep(for: .milliseconds(300))
                group.cancelAll()
            }
            let version = try await client.send(get("/version"), timeout: .seconds(10), bodyBytesMax: 1 << 20)
            #expect(version.status == 200)
            other.cancel()
            client.close()
        }

        @Test func `a watch ends with the API server, and requests succeed again after it`() async throws {
            let client = try cluster.client()
            let stream = try await watch(client)
            try cluster.run("restart", "kube-apiserver")
            var end: (any Error)?
            do { while try await stream.next() != nil {} } catch { end = error }
            print("the watch ended with \(end.map { "\($0)" } ?? "its end")")
            var status = 0
            for _ in 0..<60 where status != 200 {
                do {
                    status = try await client.send(get("/readyz"), timeout: .seconds(5), bodyBytesMax: 1 << 20).status
                } catch { print("\(error)") }
                if status != 200 { try await Task.sleep(for: .milliseconds(500)) }
            }
            #expect(status == 200)
            client.close()
        }

        @Test func `a server that is frozen is noticed by pings`() async throws {
            var settings = ClientSettings()
            settings.pingInterval = .seconds(1)
            settings.pingTimeout = .seconds(1)
            let client = try cluster.client(settings: settings)
            let stream = try await watch(client)
            // Silence is no death: the watch lives through several pings.
            try await Task.sleep(for: .seconds(3))
            try cluster.run("pause", "kube-apiserver")
            let begin = ContinuousClock.now
            await #expect(throws: ClientError.self) { while try await stream.next() != nil {} }
            print("noticed after \(ContinuousClock.now - begin)")
            try cluster.run("resume", "kube-apiserver")
            client.close()
        }
    }
}
