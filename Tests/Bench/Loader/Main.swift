import Foundation
import Transport
import Wire

/// Fills a chosen worker of Alluxio, thousands of files a second, for `Tests/Alluxio/scale`.
///
/// `alluxio-loader metadata MASTER:PORT` makes the master know every file of its under storage, and prints how many.
/// `alluxio-loader load MASTER:PORT WORKER:PORT UNDER-STORAGE` has the worker cache each of them, and prints how many.
@main
enum Main {
    static func main() async {
        let words = Array(CommandLine.arguments.dropFirst())
        do {
            let loop = try EventLoop(name: "loader")
            try loop.start()
            switch (words.first, words.count) {
            case ("metadata", 2): print(try await loadMetadata(Connection(loop, words[1])))
            case ("load", 4):
                print(try await load(Connection(loop, words[1]), Connection(loop, words[2]), storage: words[3]))
            default: throw Failure(description: "usage: metadata MASTER:PORT | load MASTER:PORT WORKER:PORT UNDER-STORAGE")
            }
        } catch {
            FileHandle.standardError.write(Data("alluxio-loader: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func loadMetadata(_ master: Connection) async throws -> Int {
        try await list(master) { options in
            options.add(2, 1 as Int64)
            options.add(5, true)
        } each: { _ in }
        var count = 0
        try await list(master, known) { _ in count += 1 }
        return count
    }

    private static func load(_ master: Connection, _ worker: Connection, storage: String) async throws -> Int {
        var files: [File] = []
        try await list(master, known) { files.append($0) }
        for start in stride(from: 0, to: files.count, by: 500) {
            var request = ProtobufWriter()
            for file in files[start...].prefix(500) {
                request.add(1) { block in
                    block.add(1, file.block)
                    block.add(2, file.bytes)
                    block.add(3, storage + file.path)
                    block.add(4, 0 as Int64)
                    block.add(5, 1 as Int64)
                }
            }
            var answer: [UInt8] = []
            try await worker.call("block.BlockWorker/Load", request, timeout: .seconds(300)) { part, _ in answer += part }
            var reader = ProtobufReader(answer)
            while let (number, _) = try reader.next() {
                if number == 1 { throw Failure(description: "a block of \(files[start].path) or after it was not loaded") }
            }
        }
        return files.count
    }

    /// What the master knows, without a look at the under storage.
    private static func known(_ options: inout ProtobufWriter) { options.add(2, 0 as Int64) }

    private static func list(
        _ master: Connection, _ special: (inout ProtobufWriter) -> Void, each: (File) -> Void
    ) async throws {
        var request = ProtobufWriter()
        request.add(1, "/")
        request.add(2) { options in
            special(&options)
            options.add(3) { $0.add(1, -1 as Int64) }
            options.add(4, true)
        }
        var records = ProtobufRecords(field: 1, recordBytesMax: 1 << 20)
        try await master.call("file.FileSystemMasterClientService/ListStatus", request, timeout: .seconds(3_600)) { part, _ in
            try records.receive(part) { (reader) throws(ProtobufError) in
                if let file = try File(reader) { each(file) }
            }
        }
    }
}

/// A file of one block, as the master lists it; folders and empty files are none.
struct File {
    var path = ""
    var bytes: Int64 = 0
    var block: Int64 = 0

    init?(_ reader: ProtobufReader) throws(ProtobufError) {
        var reader = reader
        while let (number, value) = try reader.next() {
            switch number {
            case 3: path = reader.text(value) ?? ""
            case 5: bytes = value.int64 ?? 0
            case 13: block = value.int64 ?? 0
            default: break
            }
        }
        if block == 0 || bytes == 0 { return nil }
    }
}
