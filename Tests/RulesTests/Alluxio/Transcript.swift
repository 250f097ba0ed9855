import Foundation
import Rules

/// The calls of a recorded session with a real Alluxio: `$` the call, `1|` standard output, `2|` standard error, `rc=` the end.
struct Transcript {
    struct Call {
        var command: String
        var output: CommandOutput
    }

    let calls: [Call]

    init(_ name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: folder.appendingPathComponent("Fixtures/alluxio/\(name)"), encoding: .utf8)
        var calls: [Call] = []
        var command: String?
        var out: [String] = []
        var err: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("$ ") {
                command = String(line.dropFirst(2))
                out = []
                err = []
            } else if line.hasPrefix("1| ") {
                out.append(String(line.dropFirst(3)))
            } else if line.hasPrefix("2| ") {
                err.append(String(line.dropFirst(3)))
            } else if line.hasPrefix("rc="), let words = command {
                let status = Int(line.dropFirst(3).prefix { $0.isNumber }) ?? -1
                let output = CommandOutput(
                    exit: status, out.map { $0 + "\n" }.joined(), standardError: err.map { $0 + "\n" }.joined())
                calls.append(Call(command: words, output: output))
                command = nil
            }
        }
        self.calls = calls
    }
}
