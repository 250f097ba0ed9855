/// Cuts a stream into documents as kubectl does, before any of them is looked at.
///
/// A stream whose first character is `{` is a row of JSON texts; any other is YAML, cut at the lines that begin with `---`.
enum YAMLStream {
    /// One document, unread.
    struct Part {
        enum Content {
            case yaml([UInt8])
            case json([UInt8])
            case unreadable(YAMLError)
        }

        /// The line where it begins, from 1.
        var line: Int
        var content: Content
        /// What is in it that was no text.
        var warnings: [YAMLError] = []
    }

    static func parts(_ stream: [UInt8]) -> [Part] {
        let (bytes, places) = GoText.repaired(utf8(stream))
        let first = bytes.first { !isSpace($0) }
        var parts = first == UInt8(ascii: "{") ? texts(bytes) : documents(bytes)
        var index = 0
        for place in places {
            while index + 1 < parts.count, parts[index + 1].line <= place.line { index += 1 }
            guard parts.indices.contains(index), parts[index].warnings.count < warningsMax else { continue }
            parts[index].warnings.append(
                YAMLError(
                    line: place.line, column: place.column,
                    message: "this line is no UTF-8: kubectl puts U+FFFD in the place of each such byte"))
        }
        return parts
    }

    /// The most lines of a document that are told for not being text.
    private static let warningsMax = 5

    /// The bytes without a byte order mark; UTF-16 is told by its own.
    private static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { place in
            let pair = (UInt16(bytes[place]), UInt16(bytes[place + 1]))
            return isLittle ? pair.1 << 8 | pair.0 : pair.0 << 8 | pair.1
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    /// The documents of a YAML stream; each line gets one plain line end, the last one as well.
    private static func documents(_ bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var text: [UInt8] = []
        var start = 1
        func finish(_ line: Int) {
            if !text.isEmpty { parts.append(Part(line: start, content: .yaml(text))) }
            text = []
            start = line
        }
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        for (index, line) in lines.enumerated() {
            let content = line.last == 0x0D ? line.dropLast() : line
            if content.starts(with: "---".utf8) {
                finish(index + 2)
                let rest = content.dropFirst(3).drop(while: isSpace)
                if let mark = rest.first, mark != UInt8(ascii: "#") {
                    let error = YAMLError(
                        line: index + 1, column: 4,
                        message: "only a comment may stand behind --- : kubectl refuses anything else")
                    parts.append(Part(line: index + 1, content: .unreadable(error)))
                }
            } else {
                text += content
                text.append(0x0A)
            }
        }
        finish(lines.count + 1)
        return parts
    }

    /// The texts of a JSON stream: values one behind the other, with white space between them or without.
    private static func texts(_ bytes: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var line = 1
        var position = 0
        while true {
            while position < bytes.count, isSpace(bytes[position]) {
                if bytes[position] == 0x0A { line += 1 }
                position += 1
            }
            guard position < bytes.count else { return parts }
            let end = endOfText(bytes, from: position)
            parts.append(Part(line: line, content: .json(Array(bytes[position..<end]))))
            line += bytes[position..<end].count { $0 == 0x0A }
            position = end
        }
    }

    /// Where the value that begins here ends: at its last bracket, or with the line if it is none that has brackets.
    private static func endOfText(_ bytes: [UInt8], from start: Int) -> Int {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for position in start..<bytes.count {
            let byte = bytes[position]
            if isEscaped {
                isEscaped = false
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
                isInString = byte != UInt8(ascii: "\"")
            } else {
                switch byte {
                case UInt8(ascii: "\""): isInString = true
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
                default: break
                }
                if depth <= 0, byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") { return position + 1 }
                if depth == 0, byte == 0x0A { return position }
            }
        }
        return bytes.count
    }
}
