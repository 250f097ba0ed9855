internal import Wire

/// Reads a JSON text (RFC 8259) with the line and column of each value; what a scalar means is left to `JSONParser`.
struct LocatedJSON: ~Copyable {
    private let bytes: [UInt8]
    private let firstLine: Int
    private var position = 0
    private var line: Int
    private var lineStart = 0
    private var parser = JSONParser()
    private var warnings: [YAMLError] = []
    /// How many more values may come.
    private(set) var budget: Int

    init(_ bytes: [UInt8], firstLine: Int, budget: Int) {
        self.bytes = bytes
        self.firstLine = firstLine
        self.budget = budget
        line = firstLine
    }

    mutating func document() throws(YAMLError) -> YAMLDocument {
        let root = try value(depth: 1)
        skipSpace()
        guard position == bytes.count else { throw error("one JSON value is expected, then the next") }
        return YAMLDocument(root: root, warnings: warnings)
    }

    private mutating func value(depth: Int) throws(YAMLError) -> YAMLNode {
        skipSpace()
        guard depth <= YAMLReader.depthMax else { throw error("nested deeper than \(YAMLReader.depthMax) levels") }
        budget -= 1
        guard budget >= 0 else { throw error("more than \(YAMLReader.nodesMax) values") }
        let place = (line: line, column: position - lineStart + 1)
        let content: YAMLNode.Content
        switch peek {
        case UInt8(ascii: "{"): content = try object(depth: depth)
        case UInt8(ascii: "["): content = try array(depth: depth)
        default: content = .scalar(try scalar())
        }
        return YAMLNode(content: content, line: place.line, column: place.column)
    }

    private mutating func object(depth: Int) throws(YAMLError) -> YAMLNode.Content {
        var members = YAMLMembers()
        position += 1
        if skip(to: "}") { return .object([]) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a name in double quotes is expected") }
            let place = (line: line, column: position - lineStart + 1)
            guard case .string(let name) = try scalar() else { throw error("a name in double quotes is expected") }
            guard skip(to: ":") else { throw error("a colon is expected behind \"\(name)\"") }
            let value = try value(depth: depth + 1)
            let member = YAMLNode.Member(name: name, line: place.line, value: value)
            if let before = members.set(member) {
                warnings.append(.repeated(name, before: before, line: place.line, column: place.column))
            }
            if skip(to: "}") { return .object(members.list) }
            guard skip(to: ",") else { throw error("a comma or } is expected") }
        }
    }

    private mutating func array(depth: Int) throws(YAMLError) -> YAMLNode.Content {
        var elements: [YAMLNode] = []
        position += 1
        if skip(to: "]") { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            if skip(to: "]") { return .array(elements) }
            guard skip(to: ",") else { throw error("a comma or ] is expected") }
        }
    }

    private mutating func scalar() throws(YAMLError) -> JSON {
        guard position < bytes.count else { throw error("the text ends in the middle of a value") }
        let end = endOfScalar
        guard end > position else { throw error("a value is expected") }
        let place = (line: line, column: position - lineStart + 1)
        do {
            let value = JSON(try parser.parse(text(bytes[position..<end], place)))
            position = end
            // On its way through Go a number without a fraction becomes an integer.
            if case .double(let number) = value { return .number(number) }
            return value
        } catch {
            // What is too large for 64 bits is no whole number any more.
            guard let number = GoFloat.number(bytes[position..<end]) else { throw self.error("no JSON value") }
            position = end
            return .number(number)
        }
    }

    /// A scalar for the parser, which takes no half of a character.
    private mutating func text(_ scalar: ArraySlice<UInt8>, _ place: (line: Int, column: Int)) -> [UInt8] {
        guard scalar.first == UInt8(ascii: "\""), let text = GoText.withoutHalves(scalar) else { return Array(scalar) }
        warnings.append(
            YAMLError(
                line: place.line, column: place.column,
                message: "half of a character is escaped here: kubectl puts U+FFFD in its place"))
        return text
    }

    private var endOfScalar: Int {
        guard peek == UInt8(ascii: "\"") else {
            return bytes[position...].firstIndex { ",:]}[{\" \t\r\n".utf8.contains($0) } ?? bytes.count
        }
        var end = position + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(end + 1, bytes.count)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
            position += 1
            if byte == 0x0A {
                line += 1
                lineStart = position
            }
        }
    }

    /// Skips white space and this character behind it; false if something else is there.
    private mutating func skip(to character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func error(_ message: String) -> YAMLError {
        let hint = firstLine == 1 ? "not readable as JSON, which a file that begins with { has to be: " : ""
        return YAMLError(line: line, column: position - lineStart + 1, message: hint + message)
    }
}
