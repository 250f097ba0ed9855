import Foundation

/// What a command said and how it ended.
struct Outcome: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String

    var succeeded: Bool { status == 0 }
    /// Both outputs, for a test that looks for a text.
    var text: String { output + errors }
    var description: String { "status \(status): \(output)\(errors)" }
}

/// A command of the machine: its words, its surroundings, how long it may take.
struct Command {
    var words: [String]
    var environment: [String: String] = [:]
    var input = ""
    /// The command is ended after this; its status is then 124, as coreutils' `timeout` has it.
    var limitSeconds = 30

    /// Runs it to its end.
    ///
    /// The outputs go through files, so that no full pipe can stop it.
    func run() throws -> Outcome {
        let files = try TemporaryFolder()
        defer { files.remove() }
        try Data(input.utf8).write(to: files.url("in"))
        let child = try Child(
            ["timeout", "--kill-after=5", String(limitSeconds)] + words, environment: environment,
            input: files.file("in"), output: files.file("out"), errors: files.file("err"))
        let status: Int32 =
            switch child.wait() {
            case .exited(let status): status
            case .signalled(let signal): 128 + signal
            }
        return Outcome(
            status: status, output: try files.text("out"), errors: try files.text("err"))
    }
}

/// The repository that these tests were compiled in.
enum Repository {
    static let root: URL = {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder
    }()

    static func path(_ relative: String) -> String { root.appending(path: relative).path }
}

/// A folder of its own, for whoever removes it again; it goes with this process at the latest.
struct TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = try Leftovers.base.get() + "/" + UUID().uuidString.lowercased()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func url(_ name: String) -> URL { URL(filePath: path).appending(path: name) }
    func file(_ name: String) -> String { path + "/" + name }
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: url(name)), as: UTF8.self)
    }
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// A failure of the tests' own surroundings, in words.
struct Trouble: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Waits until something is so, looking every 50 ms; throws what it last saw when the time is over.
func eventually<Value>(
    _ what: String, withinSeconds seconds: Double = 15, _ look: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + .seconds(seconds)
    var seen = "nothing"
    while true {
        do {
            if let value = try await look() { return value }
        } catch {
            seen = "\(error)"
        }
        guard ContinuousClock.now < end else { throw Trouble("not within \(seconds) s: \(what) (seen: \(seen))") }
        try await Task.sleep(for: .milliseconds(50))
    }
}

/// The same for something that only has to be true.
func eventually(
    _ what: String, withinSeconds seconds: Double = 15, _ holds: () async throws -> Bool
) async throws {
    let _: Void = try await eventually(what, withinSeconds: seconds) { try await holds() ? () : nil }
}
