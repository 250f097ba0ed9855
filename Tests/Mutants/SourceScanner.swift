/// One line of Swift as the mutator sees it: what is code, and what is comment or literal.
struct CodeLine {
    /// The line as it stands.
    var text: [UInt8]
    /// For each byte whether it is code.
    var isCode: [Bool]

    /// The code alone, with blanks in the place of everything else.
    var code: String {
        var bytes = text
        for place in bytes.indices where !isCode[place] { bytes[place] = UInt8(ascii: " ") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Tells code from comments and literals, line for line; it knows no more of Swift than that.
func scan(_ source: String) -> [CodeLine] {
    var lines: [CodeLine] = []
    var depth = 0
    var isInBlock = false
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
        let bytes = Array(line.utf8)
        var isCode = [Bool](repeating: true, count: bytes.count)
        var isInText = false
        var place = 0
        func starts(_ wanted: String) -> Bool { bytes[place...].starts(with: wanted.utf8) }
        while place < bytes.count {
            if depth > 0 {
                isCode[place] = false
                if starts("*/") { depth -= 1 }
                place += 1
            } else if isInBlock {
                isCode[place] = false
                if starts("\"\"\"") { isInBlock = false }
                place += 1
            } else if isInText {
                isCode[place] = false
                if bytes[place] == UInt8(ascii: "\\"), place + 1 < bytes.count {
                    isCode[place + 1] = false
                    place += 1
                } else if bytes[place] == UInt8(ascii: "\"") {
                    isInText = false
                }
                place += 1
            } else if starts("//") {
                for rest in place..<bytes.count { isCode[rest] = false }
                place = bytes.count
            } else if starts("/*") {
                depth += 1
            } else if starts("\"\"\"") {
                for offset in 0..<3 { isCode[place + offset] = false }
                isInBlock = true
                place += 3
            } else {
                if bytes[place] == UInt8(ascii: "\"") {
                    isCode[place] = false
                    isInText = true
                }
                place += 1
            }
        }
        lines.append(CodeLine(text: bytes, isCode: isCode))
    }
    return lines
}
