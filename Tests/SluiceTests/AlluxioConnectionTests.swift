import Foundation
import Kubernetes
import Testing
import Transport
import Wire

@testable import Controller
@testable import sluice

/// Where a real Alluxio listens, such as `127.0.0.1`; its ports are the defaults, its workers on one machine.
private let address = ProcessInfo.processInfo.environment["ALLUXIO_ADDRESS"]

@Suite("A real Alluxio's RPC", .enabled(if: address != nil), .serialized, .timeLimit(.minutes(2)))
struct AlluxioConnectionTests {
    private func connect(_ loop: EventLoop, _ host: String, _ port: UInt16) async throws -> AlluxioConnection {
        let stream = try await ClientByteStream.connect(
            loop: loop, endpoint: ClientEndpoint(host: host, port: port), timeout: .seconds(10))
        return try await AlluxioConnection(
            over: LiveByteStream(stream: stream), authority: "\(host):\(port)",
            channelID: UUID().uuidString.lowercased()
        ) { .nanoseconds(MonotonicTime.current().nanoseconds) }
    }

    private func files(_ master: AlluxioConnection) async throws -> [AlluxioFileStatus] {
        var records = ProtobufRecords(field: 1, recordBytesMax: 1 << 20)
        var files: [AlluxioFileStatus] = []
        try await master.call(
            AlluxioMethod.listStatus, AlluxioMessage.listStatus("/"), timeout: .seconds(30)
        ) { (part, isLast) throws(ProtobufError) in
            try records.receive(part) { (reader) throws(ProtobufError) in
                let file = try AlluxioFileStatus(reader)
                if !file.isFolder { files.append(file) }
            }
        }
        #expect(!records.isWithinField)
        return files
    }

    @Test func `one worker's blocks go, and those of the others stay`() async throws {
        let loop = try EventLoop(name: "alluxio")
        try loop.start()
        defer {
            loop.stop()
            loop.join()
        }
        let master = try await connect(loop, try #require(address), 19998)
        var workers: [AlluxioWorkerStatus] = []
        try await master.call(AlluxioMethod.workerInfoList, [], timeout: .seconds(10)) {
            (part, _) throws(ProtobufError) in
            var reader = ProtobufReader(part)
            while let field = try reader.next() {
                if field.number == 1, let worker = reader.message(field.value) {
                    workers.append(try AlluxioWorkerStatus(worker))
                }
            }
        }
        let leaving = try #require(workers.first)
        #expect(workers.count > 1 && workers.allSatisfy { $0.rpcPort > 0 && !$0.host.isEmpty && $0.capacityBytes > 0 })
        let before = try await files(master)
        let blocks = before.filter(\.isPersisted).flatMap(\.blocks).filter { $0.workers.contains(leaving.id) }
        let others = before.flatMap(\.blocks).flatMap(\.workers).count { $0 != leaving.id }
        #expect(!blocks.isEmpty)
        let worker = try await connect(loop, leaving.host, UInt16(clamping: leaving.rpcPort))
        var rest = blocks[...]
        var removed = 0
        let clock = ContinuousClock()
        let time = try await clock.measure {
            try await worker.callEach(
                AlluxioMethod.removeBlock, timeout: .seconds(60),
                next: { () throws(AlluxioCallError) in rest.popFirst().map { AlluxioMessage.removeBlock($0.id) } },
                ended: { request, status in
                    #expect(status == .ok && AlluxioMessage.blockID(ofRemoval: request) != nil)
                    removed += 1
                })
        }
        #expect(removed == blocks.count)
        print("\(before.count) files; removed \(removed) blocks in \(time)")
        // The master hears of it by the worker's next heartbeat.
        var after: [AlluxioFileStatus] = []
        for _ in 0..<50 {
            after = try await files(master)
            if !after.contains(where: { $0.blocks.contains { $0.workers.contains(leaving.id) } }) { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(after.flatMap(\.blocks).flatMap(\.workers).count { $0 != leaving.id } == others)
        #expect(!after.contains { $0.blocks.contains { $0.workers.contains(leaving.id) } })
        await #expect(throws: AlluxioCallError.self) {
            try await master.call("/alluxio.grpc.Nothing/None", [], timeout: .seconds(10)) {
                (_, _) throws(ProtobufError) in
            }
        }
    }
}
