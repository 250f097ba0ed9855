import Foundation

/// Writes copies of sources in which chosen places are broken, each only if its number is chosen at run time.
///
/// `mutate SOURCES OUTPUT COUNT SEED EXCLUDED FOLDER|FILE...`: the copies go to OUTPUT, the list of mutants to
/// OUTPUT/mutants.tsv; EXCLUDED is a file of lines `file:line` that are left alone, because they did not compile.
@main enum Mutate {
    static func main() throws {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.count > 5, let count = Int(words[2]), let seed = UInt64(words[3]) else {
            FileHandle.standardError.write(Data("usage: mutate SOURCES OUTPUT COUNT SEED EXCLUDED PATH...\n".utf8))
            exit(2)
        }
        let root = URL(filePath: words[0])
        let output = URL(filePath: words[1])
        // A list that is not there excludes nothing.
        let excluded = ((try? String(contentsOfFile: words[4], encoding: .utf8)) ?? "").split(separator: "\n")
            .compactMap {
                entry -> (file: Substring, line: Int)? in
                let parts = entry.split(separator: ":")
                return parts.count == 2 ? Int(parts[1]).map { (parts[0], $0) } : nil
            }
        var sources: [(path: String, text: String)] = []
        for path in words[5...] {
            for file in try files(below: path, root) {
                sources.append((file, try String(contentsOf: root.appending(path: file), encoding: .utf8)))
            }
        }
        let cases = EnumCases(sources.map(\.text))
        let all = sources.flatMap { Mutator(file: $0.path, source: $0.text, cases: cases).mutants }
        // The compiler often complains a few lines further down, where a value is missed.
        let usable = all.filter { mutant in
            !excluded.contains { $0.file == mutant.file && ($0.line - 8...$0.line).contains(mutant.line + 1) }
        }
        let chosen = draw(usable, count, seed)
        try write(chosen, sources, output)
        print("\(all.count) places, \(chosen.count) mutants")
    }

    private static func files(below path: String, _ root: URL) throws -> [String] {
        guard !path.hasSuffix(".swift") else { return [path] }
        let found = try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: path).path)
        return found.filter { $0.hasSuffix(".swift") }.sorted().map { "\(path)/\($0)" }
    }

    /// Draws mutants, so that each rule has its turn, and at most one a line.
    private static func draw(_ all: [Mutant], _ count: Int, _ seed: UInt64) -> [Mutant] {
        var state = seed
        func random() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state >> 33
        }
        var rules: [String: [Mutant]] = [:]
        for mutant in all { rules[mutant.rule, default: []].append(mutant) }
        var taken: Set<String> = []
        var chosen: [Mutant] = []
        let names = rules.keys.sorted()
        while chosen.count < count, rules.values.contains(where: { !$0.isEmpty }) {
            for name in names where chosen.count < count {
                guard let left = rules[name], !left.isEmpty else { continue }
                let place = Int(random() % UInt64(left.count))
                let mutant = left[place]
                rules[name]?.remove(at: place)
                if taken.insert("\(mutant.file):\(mutant.line)").inserted { chosen.append(mutant) }
            }
        }
        return chosen.sorted { ($0.file, $0.line) < ($1.file, $1.line) }
    }

    private static func write(_ chosen: [Mutant], _ sources: [(path: String, text: String)], _ output: URL) throws {
        var table = ""
        var numbered: [String: [Int: (number: Int, mutant: Mutant)]] = [:]
        for (place, mutant) in chosen.enumerated() {
            numbered[mutant.file, default: [:]][mutant.line] = (place + 1, mutant)
        }
        for source in sources {
            var lines: [String] = []
            for (number, line) in scan(source.text).enumerated() {
                let before = String(decoding: line.text, as: UTF8.self)
                guard let entry = numbered[source.path]?[number] else {
                    lines.append(before)
                    continue
                }
                let after = entry.mutant.applied(number: entry.number, to: line.text)
                lines.append(after)
                let shown = before.drop { $0 == " " }
                table += "\(entry.number)\t\(entry.mutant.rule)\t\(source.path)\t\(number + 1)\t\(shown)\n"
            }
            let place = output.appending(path: source.path)
            try FileManager.default.createDirectory(
                at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
            try lines.joined(separator: "\n").write(to: place, atomically: true, encoding: .utf8)
        }
        try table.write(to: output.appending(path: "mutants.tsv"), atomically: true, encoding: .utf8)
    }
}
