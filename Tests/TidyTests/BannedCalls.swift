/// What the sources must not call, because it traps, hides an error, or escapes structure.
enum BannedCalls {
    /// The text as it would stand in code, and where it may stand all the same.
    private static let banned: [(text: String, allowedIn: Set<String>)] = [
        ("try!", []),
        ("as!", []),
        ("fatalError(", []),
        ("Task {", ["sluice", "Transport"]),
        ("Task.detached", ["sluice", "Transport"]),
        ("Task.sleep", ["sluice"]),
        ("print(", ["sluice"]),
        ("debugPrint(", []),
        ("Unmanaged", ["Transport", "Wire"]),
    ]
    /// What needs a comment on its line or right above it.
    private static let explained = ["try?", "@unchecked Sendable", "nonisolated(unsafe)"]
    private static let unfinished = ["TO" + "DO", "FIX" + "ME"]

    static func offences(in file: SourceFile) -> [Offence] {
        let everything = banned.map(\.text) + explained + unfinished
        guard everything.contains(where: { file.has($0) }) else { return [] }
        let source = SourceCode(file.text)
        let module = file.components.count > 2 ? file.components[1] : ""
        var offences: [Offence] = []
        for (index, line) in source.code.enumerated() {
            for (text, allowedIn) in banned where !allowedIn.contains(module) && holds(line, text) {
                offences.append(Offence(path: file.path, line: index + 1, what: text))
            }
            for text in explained where line.contains(text) && !isExplained(index, source) {
                offences.append(
                    Offence(path: file.path, line: index + 1, what: "\(text) without a comment that says why"))
            }
        }
        for (index, line) in file.lines.enumerated() {
            for text in unfinished where line.contains(text) {
                offences.append(Offence(path: file.path, line: index + 1, what: text))
            }
        }
        return offences
    }

    /// Whether the text stands there as a whole, not as the end of a longer name.
    private static func holds(_ line: String, _ text: String) -> Bool {
        var rest = line[...]
        while let found = rest.firstRange(of: text) {
            let before = found.lowerBound > line.startIndex ? line[line.index(before: found.lowerBound)] : " "
            // A case or function of that name is declared, not called.
            let isDeclared = ["case ", "func "].contains { line[..<found.lowerBound].hasSuffix($0) }
            if !before.isLetter, !before.isNumber, before != "_", before != ".", !isDeclared { return true }
            rest = line[found.upperBound...]
        }
        return false
    }

    /// A comment on the line, on the next, or above it with nothing but attributes in between.
    private static func isExplained(_ index: Int, _ source: SourceCode) -> Bool {
        if source.commented.contains(index) || source.commented.contains(index + 1) { return true }
        var above = index - 1
        while above >= 0, source.code[above].drop(while: { $0 == " " }).hasPrefix("@") { above -= 1 }
        return source.commented.contains(above)
    }
}
