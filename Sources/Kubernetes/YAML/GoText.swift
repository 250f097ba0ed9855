/// Text that came as bytes, as Go's readers have it.
enum GoText {
    /// U+FFFD, which stands for what is no character.
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    /// The bytes as kubectl reads a file: each one that belongs to no character of UTF-8 becomes U+FFFD.
    ///
    /// With the places where that happened, the first of each line, from 1.
    static func repaired(_ bytes: [UInt8]) -> (bytes: [UInt8], places: [(line: Int, column: Int)]) {
        guard String(validating: bytes, as: UTF8.self) == nil else { return (bytes, []) }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var places: [(line: Int, column: Int)] = []
        var line = 1
        var lineStart = 0
        var position = 0
        while position < bytes.count {
            if let length = characterLength(bytes[position...]) {
                output += bytes[position..<position + length]
                position += length
                if bytes[position - 1] == 0x0A {
                    line += 1
                    lineStart = position
                }
            } else {
                if places.last?.line != line { places.append((line, position - lineStart + 1)) }
                output += replacement
                position += 1
            }
        }
        return (output, places)
    }

    /// How many bytes the first character has; nil if there is none (RFC 3629, section 4).
    private static func characterLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.first else { return nil }
        let second: ClosedRange<UInt8>
        let length: Int
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        let rest = bytes.prefix(length).dropFirst()
        guard rest.count == length - 1, rest.first.map(second.contains) == true,
            rest.allSatisfy({ (0x80...0xBF).contains($0) })
        else { return nil }
        return length
    }

    /// A JSON string, in its quotes, with `\ufffd` for each escape that is half of a character, as Go reads it; nil if
    /// there is none.
    static func withoutHalves(_ string: ArraySlice<UInt8>) -> [UInt8]? {
        guard string.contains(UInt8(ascii: "\\")) else { return nil }
        var output: [UInt8] = []
        var position = string.startIndex
        var isChanged = false
        while position < string.endIndex {
            guard string[position] == UInt8(ascii: "\\") else {
                output.append(string[position])
                position += 1
                continue
            }
            guard let unit = escapedUnit(string[position...]) else {
                output += string[position...].prefix(2)
                position += string[position...].prefix(2).count
                continue
            }
            let pair = escapedUnit(string[(position + 6)...])
            if (0xD800...0xDBFF).contains(unit), let pair, (0xDC00...0xDFFF).contains(pair) {
                output += string[position..<position + 12]
                position += 12
            } else if (0xD800...0xDFFF).contains(unit) {
                output += Array("\\ufffd".utf8)
                isChanged = true
                position += 6
            } else {
                output += string[position..<position + 6]
                position += 6
            }
        }
        return isChanged ? output : nil
    }

    /// The number of an escape `\uXXXX` that begins here.
    private static func escapedUnit(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        let escape = bytes.prefix(6)
        guard escape.count == 6, escape.starts(with: "\\u".utf8) else { return nil }
        let digits = escape.dropFirst(2)
        guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
        return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
