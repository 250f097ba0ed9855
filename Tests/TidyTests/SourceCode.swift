/// Swift source with what is no code taken out, line for line.
///
/// A scanner, not a parser: it knows comments (nested), string literals with their delimiters (`"`, `"""`, `#"`), and
/// leaves interpolations out together with the literal they are in.
struct SourceCode {
    /// Each line without comments and without the inside of literals.
    private(set) var code: [String] = [""]
    /// The line numbers, from 0, on which there is a comment.
    private(set) var commented: Set<Int> = []

    init(_ text: String) {
        let characters = Array(text)
        var index = 0
        var commentDepth = 0
        var inLineComment = false
        /// The literal we are in, as its closing delimiter.
        var closing: [Character]?

        func starts(with wanted: [Character], at position: Int) -> Bool {
            guard position + wanted.count <= characters.count else { return false }
            return (0..<wanted.count).allSatisfy { characters[position + $0] == wanted[$0] }
        }

        while index < characters.count {
            let character = characters[index]
            if character == "\n" {
                code.append("")
                inLineComment = false
                index += 1
                continue
            }
            if inLineComment || commentDepth > 0 {
                commented.insert(code.count - 1)
                if commentDepth > 0, starts(with: ["*", "/"], at: index) {
                    commentDepth -= 1
                    index += 1
                } else if commentDepth > 0, starts(with: ["/", "*"], at: index) {
                    commentDepth += 1
                    index += 1
                }
                index += 1
            } else if let end = closing {
                if starts(with: end, at: index) {
                    code[code.count - 1].append("\"")
                    closing = nil
                    index += end.count
                } else {
                    // An escaped character is never the delimiter; in a raw literal a backslash is one like any other.
                    index +=
                        character == "\\" && end.last != "#" && index + 1 < characters.count
                            && characters[index + 1] != "\n" ? 2 : 1
                }
            } else if starts(with: ["/", "/"], at: index) {
                inLineComment = true
                commented.insert(code.count - 1)
            } else if starts(with: ["/", "*"], at: index) {
                commentDepth = 1
                index += 2
            } else {
                let hashes = characters[index...].prefix { $0 == "#" }
                let quote = index + hashes.count
                if starts(with: ["\"", "\"", "\""], at: quote) {
                    closing = ["\"", "\"", "\""] + hashes
                } else if starts(with: ["\""], at: quote) {
                    closing = ["\""] + hashes
                }
                if let opened = closing {
                    code[code.count - 1].append("\"")
                    index = quote + opened.count - hashes.count
                } else {
                    code[code.count - 1].append(character)
                    index += 1
                }
            }
        }
    }

    /// The modules that are imported, each with whether the import is `internal` or `private`.
    var imports: [(line: Int, module: String, hidden: Bool)] {
        code.enumerated().compactMap { number, line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let keyword = words.firstIndex(of: "import"), keyword <= 1, keyword + 1 < words.count else {
                return nil
            }
            let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            let named = words[(keyword + 1)...].first { !kinds.contains($0) } ?? ""
            let module = named.split(separator: ".").first.map(String.init) ?? ""
            return (number + 1, module, keyword == 0 || words[0] == "internal" || words[0] == "private")
        }
    }
}
