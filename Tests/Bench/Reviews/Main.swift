import Foundation
import WorstCases

/// Writes the reviews that cost most, for `Tests/Bench/worst-cases`.
///
/// `worst-case-reviews` lists their names and paths; `worst-case-reviews NAME BYTES` writes one of about so many bytes.
@main
enum Main {
    static func main() {
        let words = CommandLine.arguments.dropFirst()
        guard let name = words.first, let bytes = words.dropFirst().first.flatMap({ Int($0) }) else {
            let lines = WorstCase.all.map { "\($0.name) \($0.path)\n" }
            FileHandle.standardOutput.write(Data(lines.joined().utf8))
            return
        }
        guard let found = WorstCase.all.first(where: { $0.name == name }) else { exit(2) }
        FileHandle.standardOutput.write(Data(found.body(bytes: bytes)))
    }
}
