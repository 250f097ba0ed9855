/// Words that mean something to whoever wrote a file, and nothing to whoever reads it.
enum ForbiddenWords {
    /// In two halves each, so that this file does not name what it forbids.
    private static let words = [
        "work" + "tree", "sub" + "ag" + "ent", "/work" + "/", "../" + "shared", "DESIGN" + ".md", "STYLE" + ".md",
        "CONTRACT" + ".md",
        "claude" + ".ai", "Cla" + "ude", "Anthro" + "pic", "fluid" + ".md", "lessons" + ".md", "alluxio" + ".md",
    ]
    /// Sections of a plan that is not in the repository, such as its name and a number.
    private static let references = ["DESIGN" + " ", "facts" + "/"]

    static func offences(in file: SourceFile) -> [Offence] {
        var offences: [Offence] = []
        // What CI runs may look at what stands beside the checkout.
        guard file.components.first != ".ci" else { return [] }
        let everything = words + references + ["ag" + "ent", "Ag" + "ent"]
        guard everything.contains(where: { file.has($0) }) else { return [] }
        for (index, line) in file.lines.enumerated() {
            for word in words where line.contains(word) {
                offences.append(Offence(path: file.path, line: index + 1, what: word))
            }
            for reference in references where refersTo(reference, in: line) {
                offences.append(Offence(path: file.path, line: index + 1, what: reference))
            }
            if namesAgent(line) { offences.append(Offence(path: file.path, line: index + 1, what: "ag" + "ent")) }
        }
        return offences
    }

    /// The plan's name followed by a section's number, or a folder of facts.
    private static func refersTo(_ reference: String, in line: Substring) -> Bool {
        guard let found = line.firstRange(of: reference) else { return false }
        return reference.hasSuffix("/") || line[found.upperBound...].first?.isNumber == true
    }

    /// HTTP's `user-agent` is the one that may be named.
    private static func namesAgent(_ line: Substring) -> Bool {
        let word = "ag" + "ent"
        var rest = line.lowercased()[...]
        while let found = rest.firstRange(of: word) {
            let before = rest[..<found.lowerBound]
            let after = rest[found.upperBound...].first
            let isWhole = before.last.map { !$0.isLetter } ?? true && after.map { !$0.isLetter } ?? true
            if isWhole, !before.hasSuffix("user-"), !before.hasSuffix("user_"), !before.hasSuffix("user ") {
                return true
            }
            rest = rest[found.upperBound...]
        }
        return false
    }
}
