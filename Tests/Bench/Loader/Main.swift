import Foundation
import Transport
import Wire

/// Makes a master of Alluxio know every file of its under storage, and prints the ids of their blocks, for
/// `Tests/Alluxio/scale`: `alluxio-loader MASTER:PORT`.
@main
enum Main {
    static func main() async {
        do {
            guard let address = CommandLine.arguments.dropFirst().first else {
                throw Failure(description: "no MASTER:PORT")
            }
            let loop = try EventLoop(name: "loader")
            try loop.start()
            let master = try await Connection(loop, address)
            // Everything is looked up once, and answered with nothing.
            try await list(master) { options in
                options.add(2, 1 as Int64)
                options.add(5, true)
            } each: { _ in
            }
            var lines = ""
            try await list(master) {
                $0.add(2, 0 as Int64)
            } each: { block in
                lines += "\(block)\n"
                if lines.utf8.count > 1 << 16 {
                    FileHandle.standardOutput.write(Data(lines.utf8))
                    lines = ""
                }
            }
            FileHandle.standardOutput.write(Data(lines.utf8))
        } catch {
            FileHandle.standardError.write(Data("alluxio-loader: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func list(
        _ master: Connection, _ special: (inout ProtobufWriter) -> Void, each: (Int64) -> Void
    ) async throws {
        var request = ProtobufWriter()
        request.add(1, "/")
        request.add(2) { options in
            special(&options)
            options.add(3) { $0.add(1, -1 as Int64) }
            options.add(4, true)
        }
        var records = ProtobufRecords(field: 1, recordBytesMax: 1 << 20)
        try await master.call("file.FileSystemMasterClientService/ListStatus", request, timeout: .seconds(3_600)) {
            part, _ in
            try records.receive(part) { (reader) throws(ProtobufError) in
                var reader = reader
                while let (number, value) = try reader.next() {
                    if number == 13, let block = value.int64 { each(block) }
                }
            }
        }
    }
}
