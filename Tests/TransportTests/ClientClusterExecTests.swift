import Foundation
import Testing
import Wire

@testable import Transport

private let hasPod = ProcessInfo.processInfo.environment["SLUICE_CLUSTER_EXEC"] != nil

extension ClientOnCluster {
    /// Exec against a real kubelet, in the pod `sluice-exec` (container `main`, busybox) of the cluster at `SLUICE_CLUSTER`.
    @Suite("Client and a real kubelet", .enabled(if: hasPod), .serialized)
    struct ExecTests {
        let cluster: ClientCluster
        let client: Client

        init() throws {
            cluster = try ClientCluster()
            client = try cluster.client()
        }

        private func exec(
            _ command: String..., pod: String = "sluice-exec", timeout: Duration = .seconds(20),
            outputBytesMax: Int = 1 << 20
        ) async throws -> ClientExecResult {
            var target = "/api/v1/namespaces/default/pods/\(pod)/exec?container=main&stdout=true&stderr=true"
            for argument in command {
                target += "&command=" + (argument.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
            }
            return try await client.exec(
                target: target, headers: [], subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"], timeout: timeout,
                outputBytesMax: outputBytesMax)
        }

        @Test func `a command's output and exit status come`() async throws {
            let begin = ContinuousClock.now
            let hello = try await exec("sh", "-c", "echo out; echo err >&2; exit 3")
            print("exec took \(ContinuousClock.now - begin)")
            #expect(hello.status == .exited(code: 3))
            #expect(hello.standardOutput == Array("out\n".utf8) && hello.standardError == Array("err\n".utf8))
            let success = try await exec("true")
            #expect(success.status == .exited(code: 0) && success.standardOutput.isEmpty)
        }

        @Test func `arguments arrive as they are`() async throws {
            let odd = "a b*c\n\"'\u{e9}$HOME;&"
            let result = try await exec("printf", "%s|", odd, "-n", "")
            #expect(String(decoding: result.standardOutput, as: UTF8.self) == odd + "|-n||")
        }

        @Test func `a command that is not there is no exit status`() async throws {
            let result = try await exec("nonesuch")
            guard case .failed(_, let message) = result.status else {
                #expect(result.status != .exited(code: 0))
                return
            }
            #expect(message.contains("nonesuch"))
        }

        @Test func `much output is whole, or dropped and told`() async throws {
            let command = ["sh", "-c", "head -c 3000000 /dev/zero; head -c 100000 /dev/zero >&2"]
            let whole = try await exec(command[0], command[1], command[2], outputBytesMax: 4 << 20)
            #expect(
                whole.standardOutput.count == 3_000_000 && whole.standardError.count == 100_000 && !whole.isTruncated)
            let cut = try await exec(command[0], command[1], command[2], outputBytesMax: 50_000)
            #expect(cut.standardOutput.count == 50_000 && cut.standardError.count == 50_000 && cut.isTruncated)
            #expect(cut.status == .exited(code: 0))
        }

        @Test func `a command that hangs is given up`() async throws {
            await #expect(throws: ClientError.timeout) { try await exec("sleep", "30", timeout: .seconds(1)) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: ClientError.cancelled) { try await exec("sleep", "30") }
                }
                try await Task.sleep(for: .milliseconds(500))
                group.cancelAll()
            }
        }

        @Test func `a pod that is not there is refused`() async throws {
            do {
                _ = try await exec("true", pod: "nobody")
                Issue.record("no error")
            } catch ClientError.refused(let head, let body) {
                #expect(head.status == 404)
                #expect(String(decoding: body, as: UTF8.self).contains("NotFound"))
            }
        }

        @Test func `a server that goes in the middle is no success`() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: ClientError.self) { try await exec("sh", "-c", "echo begun; sleep 30") }
                }
                try await Task.sleep(for: .seconds(1))
                try cluster.run("kill", "kube-apiserver")
                try await group.waitForAll()
            }
            try cluster.run("start", "kube-apiserver")
        }

        @Test func `eight side by side`() async throws {
            try await withThrowingTaskGroup(of: ClientExecResult.self) { group in
                for number in 0..<8 { group.addTask { try await exec("sh", "-c", "sleep 1; exit \(number)") } }
                var codes: Set<ExecStatus> = []
                for try await result in group { codes.insert(result.status) }
                #expect(codes == Set((0..<8).map { .exited(code: $0) }))
            }
        }
    }
}
