import Foundation
import Kubernetes
import Wire

/// Reads YAML with PyYAML, which shares no line with libyaml or with us.
enum SecondReader {
    /// A Python that has PyYAML; nil if this machine has none.
    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first { path in
        FileManager.default.isExecutableFile(atPath: path)
            && (try? run(path, ["-c", "import yaml"], input: Data()))?.status == 0
    }

    /// What each text means; nil where it can't be read.
    static func read(_ texts: [String]) throws -> [JSON?] {
        guard let python else { throw CocoaError(.fileNoSuchFile) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/read-yaml.py").path
        let input = JSON.array(texts.map(JSON.string)).encoded()
        let (status, output) = try run(python, [script], input: Data(input))
        guard status == 0 else { throw CocoaError(.fileReadCorruptFile) }
        var parser = JSONParser()
        return try parser.parse(Array(output)).elements.map { JSON($0)["value"] }
    }

    private static func run(_ program: String, _ words: [String], input: Data) throws -> (status: Int32, output: Data) {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try input.write(to: folder.appending(path: "in"))
        _ = FileManager.default.createFile(atPath: folder.appending(path: "out").path, contents: nil)
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = words
        process.standardInput = try FileHandle(forReadingFrom: folder.appending(path: "in"))
        process.standardOutput = try FileHandle(forWritingTo: folder.appending(path: "out"))
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return (process.terminationStatus, try Data(contentsOf: folder.appending(path: "out")))
    }
}

/// Makes YAML texts of which nobody knows beforehand what they mean.
struct YAMLMaker {
    var generator: Jitter

    private mutating func pick<Element>(_ list: [Element]) -> Element {
        list[Int.random(in: list.indices, using: &generator)]
    }

    /// A plain scalar out of the pieces of numbers, times and words.
    mutating func scalar() -> String {
        let pieces = [
            "0", "1", "7", "8", "9", "12", "0x", "0b", "0o", "x", "a", "F", "_", ".", ".", "e", "E", "+", "-", "1e",
            "10943",
            "yes", "no", "y", "N", "on", "True", "null", "~", ".inf", ".nan", "2026-01-31", "T12:00:00Z", "12:30", "Gi",
            "inf", "00",
        ]
        return (0..<Int.random(in: 1...4, using: &generator)).map { _ in pick(pieces) }.joined()
    }

    /// A block of YAML, `indent` blanks to the right.
    mutating func block(depth: Int, indent: Int = 0) -> String {
        let blanks = String(repeating: " ", count: indent)
        switch Int.random(in: 0..<(depth > 0 ? 6 : 3), using: &generator) {
        case 0: return " " + leaf(indent: indent) + "\n"
        case 1: return " " + flow(depth: 2) + "\n"
        case 2: return " " + literal(indent: indent + 2)
        case 3:
            return "\n"
                + (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                    "\(blanks)-" + block(depth: depth - 1, indent: indent + 2)
                }.joined()
        default:
            return "\n"
                + (0..<Int.random(in: 1...4, using: &generator)).map { place in
                    "\(blanks)\(key(place)):" + block(depth: depth - 1, indent: indent + 2)
                }.joined()
        }
    }

    private mutating func key(_ place: Int) -> String {
        pick(["k", "a b", "\"q\\t\"", "'it''s'", "yes", "010", "x-y"]) + "\(place)"
    }

    private mutating func leaf(indent: Int) -> String {
        let next = "\n" + String(repeating: " ", count: indent + 2)
        let leaves = [
            "plain text", "plain\(next)over lines", "'single ''quoted'''", "'over\(next)\(next)lines'",
            #""double \"q\" \x41 \u00e9 \n""#, "\"folded \\\(next)  on\"", "text # remark", "http://a.b/c?d=e", "a:b",
            "- x".dropFirst(2) + "y",
            "!!str 12", "!!int \"12\"", "!!float 3", "!!binary aGVsbG8=", "!vault secret", "!!bool yes", "*none", "~",
            "@x", "a,b", "[x]y",
        ].map { String($0) }
        return Bool.random(using: &generator) ? scalar() : pick(leaves)
    }

    private mutating func flow(depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 4 : 1), using: &generator) {
        case 0: return pick(["1", "a", "'b c'", "\"d\"", "e f", "~", "0.5", "x:y", "true", "a-b", "-1"])
        case 1:
            return "["
                + (0..<Int.random(in: 0...3, using: &generator)).map { _ in flow(depth: depth - 1) }.joined(
                    separator: ", ") + "]"
        default:
            return "{"
                + (0..<Int.random(in: 0...3, using: &generator)).map { "f\($0): " + flow(depth: depth - 1) }.joined(
                    separator: ", ") + "}"
        }
    }

    private mutating func literal(indent: Int) -> String {
        let blanks = String(repeating: " ", count: indent)
        let lines = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            pick(["text", "  more", "# no remark", "a: b", "- c", "", "tail  "])
        }
        let head = pick(["|", ">", "|-", ">-", "|+", ">+"])
        let body = lines.map { $0.isEmpty ? "\n" : "\(blanks)\($0)\n" }.joined()
        // The first line says how far the block is indented: it may have no blanks of its own.
        return "\(head)\n\(blanks)first\n\(body)"
    }
}
