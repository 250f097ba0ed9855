/// Swift source with what is no code taken out, line for line.
///
/// A scanner, not a parser: it knows comments (nested), string literals with their delimiters (`"`, `"""`, `#"`), and
/// leaves interpolations out together with the literal they are in.
struct SourceCode {
    /// Each line without comments and without the inside of literals.
    private(set) var code: [String] = []
    /// The line numbers, from 0, on which there is a comment.
    private(set) var commented: Set<Int> = []

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let newline = UInt8(ascii: "\n")
        let quote = UInt8(ascii: "\"")
        let hash = UInt8(ascii: "#")
        let slash = UInt8(ascii: "/")
        let star = UInt8(ascii: "*")
        var index = 0
        var commentDepth = 0
        var inLineComment = false
        /// The literal we are in, as its closing delimiter.
        var closing: [UInt8]?
        var line: [UInt8] = []

        func starts(with wanted: [UInt8], at position: Int) -> Bool {
            bytes[min(position, bytes.count)...].starts(with: wanted)
        }
        func finishLine() {
            code.append(String(decoding: line, as: UTF8.self))
            line = []
        }

        while index < bytes.count {
            let byte = bytes[index]
            if byte == newline {
                finishLine()
                inLineComment = false
                index += 1
            } else if inLineComment || commentDepth > 0 {
                commented.insert(code.count)
                if commentDepth > 0, starts(with: [star, slash], at: index) {
                    commentDepth -= 1
                    index += 1
                } else if commentDepth > 0, starts(with: [slash, star], at: index) {
                    commentDepth += 1
                    index += 1
                }
                index += 1
            } else if let end = closing {
                if byte == end[0], starts(with: end, at: index) {
                    line.append(quote)
                    closing = nil
                    index += end.count
                } else {
                    // An escaped character is never the delimiter; in a raw literal a backslash is one like any other.
                    let isEscape = byte == UInt8(ascii: "\\") && end.last != hash
                    index += isEscape && index + 1 < bytes.count && bytes[index + 1] != newline ? 2 : 1
                }
            } else if byte == slash, starts(with: [slash, slash], at: index) {
                inLineComment = true
                commented.insert(code.count)
            } else if byte == slash, starts(with: [slash, star], at: index) {
                commentDepth = 1
                index += 2
            } else {
                let hashes = byte == hash ? Array(bytes[index...].prefix { $0 == hash }) : []
                let opening = index + hashes.count
                if starts(with: [quote, quote, quote], at: opening) {
                    closing = [quote, quote, quote] + hashes
                } else if starts(with: [quote], at: opening) {
                    closing = [quote] + hashes
                }
                line.append(closing == nil ? byte : quote)
                index = closing.map { opening + $0.count - hashes.count } ?? index + 1
            }
        }
        finishLine()
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
