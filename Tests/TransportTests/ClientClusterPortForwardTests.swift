import Foundation
import Testing
import Wire

@testable import Transport

private let hasPod = ProcessInfo.processInfo.environment["SLUICE_CLUSTER_EXEC"] != nil

extension ClientOnCluster {
    /// Port-forward through a real API server and kubelet to the pod `sluice-exec`, in which a program of busybox gives
    /// back what it gets.
    @Suite("Client, a real kubelet and a pod's ports", .enabled(if: hasPod), .serialized)
    struct PortForwardTests {
        let cluster: ClientCluster
        let client: Client

        init() throws {
            cluster = try ClientCluster()
            client = try cluster.client()
        }

        private func open(_ port: UInt16, pod: String = "sluice-exec") async throws -> ClientByteStream {
            try await client.portForward(
                target: "/api/v1/namespaces/default/pods/\(pod)/portforward?ports=\(port)", headers: [],
                timeout: .seconds(20))
        }

        /// Runs a server of the pod's own while the body runs; it listens on the loopback device alone.
        private func withEcho(_ port: UInt16, _ body: () async throws -> Void) async throws {
            let target = "/api/v1/namespaces/default/pods/sluice-exec/exec?container=main&stdout=true&stderr=true"
            let words = ["nc", "-ll", "-p", "\(port)", "-e", "cat"].map { "&command=\($0)" }.joined()
            let server = Task { [client] in
                // It ends with the task, and how does not matter.
                _ = try? await client.exec(
                    target: target + words, headers: [], subprotocols: ["v4.channel.k8s.io"], timeout: .seconds(60),
                    outputBytesMax: 1_000)
            }
            defer { server.cancel() }
            try await body()
        }

        /// What comes back of some bytes; nil if nobody listens yet.
        private func echo(_ bytes: [UInt8], on port: UInt16) async throws -> [UInt8]? {
            var back: [UInt8] = []
            do {
                let stream = try await open(port)
                // The program writes as much as it reads, and waits where nobody takes it.
                for start in stride(from: 0, to: bytes.count, by: 100_000) {
                    let part = bytes[start...].prefix(100_000)
                    try await stream.send(Array(part))
                    while back.count < start + part.count {
                        guard let more = try await stream.receive(timeout: .seconds(20)), !more.isEmpty else {
                            return back
                        }
                        back += more
                    }
                }
            } catch ClientError.broken {
                return nil
            }
            return back
        }

        /// The same, once somebody listens.
        private func echoOnceThere(_ bytes: [UInt8], on port: UInt16) async throws -> [UInt8]? {
            for _ in 0..<100 {
                if let back = try await echo(bytes, on: port) { return back }
                try await Task.sleep(for: .milliseconds(100))
            }
            return nil
        }

        @Test func `bytes go to a pod's port and come back, however many`() async throws {
            try await withEcho(7001) {
                let few = try await echoOnceThere([1, 2, 3], on: 7001)
                #expect(few == [1, 2, 3])
                let many = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
                let back = try await echo(many, on: 7001)
                #expect(back == many)
            }
        }

        @Test func `two streams to one port are two connections`() async throws {
            try await withEcho(7002) {
                _ = try await echoOnceThere([0], on: 7002)
                let first = try await open(7002)
                let second = try await open(7002)
                var back: [[UInt8]?] = []
                for (stream, byte) in [(second, 2), (first, 1), (second, 4)] as [(ClientByteStream, UInt8)] {
                    try await stream.send([byte])
                    back.append(try await stream.receive(timeout: .seconds(20)))
                }
                second.close()
                try await first.send([3])
                back.append(try await first.receive(timeout: .seconds(20)))
                back.append(try await first.receive(timeout: .milliseconds(100)))
                #expect(back == [[2], [1], [4], [3], nil])
            }
        }

        @Test func `a port at which nobody listens ends with the node's words`() async throws {
            do {
                let stream = try await open(7999)
                while let bytes = try await stream.receive(timeout: .seconds(20)) { #expect(bytes.isEmpty) }
                Issue.record("no error")
            } catch ClientError.broken(let words) {
                #expect(words.contains("7999"), "\(words)")
            }
        }

        @Test func `a pod that is not there is refused`() async throws {
            do {
                _ = try await open(7001, pod: "nobody")
                Issue.record("no error")
            } catch ClientError.refused(let head, _) {
                #expect(head.status == 404)
            }
        }
    }
}
