import Foundation
import Synchronization

/// One line of Sluice's log.
struct LogLine {
    let json: JSON
    var message: String { json["message"].string ?? "" }
    subscript(field: String) -> JSON { json[field] }
}

/// The built binary, running beside these tests and ended with them, whatever ends them.
final class SluiceProcess: Sendable {
    /// SLUICE_BINARY, or the debug build of this repository.
    static let binary =
        ProcessInfo.processInfo.environment["SLUICE_BINARY"].map { URL(filePath: $0).path }
        ?? Repository.path(".build/debug/sluice")

    let port: Int
    let health: Int
    let host: String
    private let logFile: String
    private let child: Child

    /// Starts `sluice serve` with these options beside the listeners and the log, and returns at once.
    init(
        host: String = "127.0.0.1", folder: TemporaryFolder, name: String = "sluice", ports: (Int, Int)? = nil,
        _ options: [String]
    ) throws {
        self.host = host
        (port, health) = ports ?? (Self.freePort(), Self.freePort())
        logFile = folder.file("\(name).log")
        if !FileManager.default.fileExists(atPath: logFile) { try Data().write(to: URL(filePath: logFile)) }
        let me = String(ProcessInfo.processInfo.processIdentifier)
        child = try Child(
            [
                "Tests/Cluster/leash", me, Self.binary, "serve", "--listen", "\(host):\(port)", "--metrics",
                "127.0.0.1:\(health)", "--log-format", "json",
            ] + options, environment: ["SWIFT_BACKTRACE": "enable=no"], input: "/dev/null", output: logFile,
            errors: logFile)
    }

    deinit { kill(SIGKILL) }

    var identifier: Int32 { child.identifier }
    var isRunning: Bool { child.end == nil }
    var url: String { "https://\(host):\(port)" }

    func kill(_ signal: Int32) { child.kill(signal) }

    /// Waits until it says that it is ready; throws with its log if it ends before.
    func waitUntilReady(withinSeconds seconds: Double = 30) async throws {
        do {
            try await eventually("Sluice is ready", withinSeconds: seconds) {
                guard isRunning else { return true }
                return try health("/readyz").status == 200
            }
        } catch {
            throw Trouble("\(error)\n\(try rawLog().suffix(4000))")
        }
        guard isRunning else { throw Trouble("Sluice has ended:\n\(try rawLog().suffix(4000))") }
    }

    /// Waits for its end, and says with which status; -1 for a signal.
    func waitUntilEnded(withinSeconds seconds: Double = 30) async throws -> Int32 {
        let end: Child.End = try await eventually("Sluice ends", withinSeconds: seconds) { child.end }
        return if case .exited(let status) = end { status } else { -1 }
    }

    /// Asks the plain-text listener: `/healthz`, `/readyz`, `/metrics`.
    func health(_ path: String) throws -> Answer {
        let files = try TemporaryFolder()
        defer { files.remove() }
        let asked = try Command(words: [
            "curl", "--silent", "--noproxy", "*", "--max-time", "5", "--dump-header", files.file("head"),
            "http://127.0.0.1:\(health)\(path)",
        ]).run()
        guard asked.succeeded else { throw Trouble("\(path): curl ended with \(asked.status)") }
        return Answer(head: try files.text("head"), body: asked.output)
    }

    /// A figure by its name and labels as they are printed; nil if there is none.
    func metric(_ name: String) throws -> Double? {
        try health("/metrics").body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Double($0.dropFirst(name.count + 1)) }
    }

    func rawLog() throws -> String { String(decoding: try Data(contentsOf: URL(filePath: logFile)), as: UTF8.self) }

    /// The log from a number of bytes on; `logEnd` is the number to remember.
    func log(from start: Int = 0) throws -> [LogLine] {
        let data = try Data(contentsOf: URL(filePath: logFile)).dropFirst(start)
        return try data.split(separator: UInt8(ascii: "\n")).map {
            LogLine(json: try JSON(text: String(decoding: $0, as: UTF8.self)))
        }
    }
    var logEnd: Int { (try? Data(contentsOf: URL(filePath: logFile)).count) ?? 0 }

    /// A port that nobody listens on, below those that the kernel gives out, never the same twice.
    static func freePort() -> Int {
        while true {
            let port = 10000 + (nextPort.wrappingAdd(1, ordering: .relaxed).newValue % 7000)
            if !isTaken(port) { return port }
        }
    }
    private static let nextPort = Atomic(Int.random(in: 0..<7000))

    private static func isTaken(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var reuse: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) != 0
            }
        }
    }
}
