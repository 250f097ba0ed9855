public import Wire

/// Writes JSON trees as YAML in kubectl's manner: block style, lists at their name's column.
public enum YAMLWriter {
    /// The value as a YAML document, with a line end.
    public static func encode(_ value: JSON) -> String {
        var output = ""
        write(value, indent: 0, isInline: false, to: &output)
        return output
    }

    /// Writes a value; `isInline` says that the cursor stands behind a name or a dash.
    private static func write(_ value: JSON, indent: Int, isInline: Bool, to output: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            for (place, member) in members.enumerated() {
                if place > 0 || !isInline { output += spaces(indent) }
                output += scalar(member.name) + ":"
                writeMember(member.value, indent: indent, to: &output)
            }
        case .array(let elements) where !elements.isEmpty:
            for (place, element) in elements.enumerated() {
                if place > 0 || !isInline { output += spaces(indent) }
                output += "- "
                write(element, indent: indent + 2, isInline: true, to: &output)
            }
        case .string(let text) where isBlock(text):
            output += block(text, indent: max(indent, 2))
        default:
            output += plain(value) + "\n"
        }
    }

    private static func writeMember(_ value: JSON, indent: Int, to output: inout String) {
        switch value {
        case .object(let members) where !members.isEmpty:
            output += "\n"
            write(value, indent: indent + 2, isInline: false, to: &output)
        case .array(let elements) where !elements.isEmpty:
            output += "\n"
            write(value, indent: indent, isInline: false, to: &output)
        case .string(let text) where isBlock(text):
            output += " " + block(text, indent: indent + 2)
        default:
            output += " " + plain(value) + "\n"
        }
    }

    private static func plain(_ value: JSON) -> String {
        switch value {
        case .string(let text): scalar(text)
        default: String(decoding: value.encoded(), as: UTF8.self)
        }
    }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    /// Whether a text reads best as a literal block: several printable lines, none of which YAML would change.
    private static func isBlock(_ text: String) -> Bool {
        guard text.utf8.dropLast().contains(0x0A), text.utf8.first != 0x20, text.utf8.first != 0x0A else {
            return false
        }
        guard text.unicodeScalars.allSatisfy({ $0 == "\n" || isPrintable($0) }) else { return false }
        return text.split(separator: "\n", omittingEmptySubsequences: false).allSatisfy { $0.utf8.last != 0x20 }
    }

    private static func block(_ text: String, indent: Int) -> String {
        var body = text[...]
        var ends = 0
        while body.utf8.last == 0x0A {
            body = body.dropLast()
            ends += 1
        }
        // Without a mark a block ends in one line end; `-` means none, `+` all that are there.
        var output = ends == 0 ? "|-\n" : ends == 1 ? "|\n" : "|+\n"
        for line in body.split(separator: "\n", omittingEmptySubsequences: false) {
            output += line.isEmpty ? "\n" : spaces(indent) + line + "\n"
        }
        return output + String(repeating: "\n", count: max(0, ends - 1))
    }

    /// A string as a scalar: plain if it then reads as the same string, else in double quotes, whose escapes are JSON's.
    static func scalar(_ text: String) -> String {
        guard !isPlainSafe(text) else { return text }
        // What JSON leaves as it is but YAML may not hold needs an escape of YAML's own.
        var output = ""
        for scalar in String(decoding: JSON.string(text).encoded(), as: UTF8.self).unicodeScalars {
            if isPrintable(scalar) {
                output.unicodeScalars.append(scalar)
            } else {
                let digits = String(scalar.value, radix: 16)
                output += "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
            }
        }
        return output
    }

    private static func isPlainSafe(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        guard YAMLScalar.plain(text) == .string(text), text != "<<", text != "=" else { return false }
        guard !"-?:,[]{}#&*!|>'\"%@` ".unicodeScalars.contains(first), last != " ", last != ":" else { return false }
        // Byte by byte: a blank and an accent behind it are one character, of which YAML knows nothing.
        let bytes = Array(text.utf8)
        guard !bytes.starts(with: "---".utf8), !bytes.starts(with: "...".utf8) else { return false }
        for (byte, next) in zip(bytes, bytes.dropFirst()) {
            let isMark = byte == UInt8(ascii: ":") && next == UInt8(ascii: " ")
            let isRemark = byte == UInt8(ascii: " ") && next == UInt8(ascii: "#")
            guard !isMark, !isRemark else { return false }
        }
        return text.unicodeScalars.allSatisfy(isPrintable)
    }

    /// Whether a character may stand as it is (YAML 1.1, section 5.1); line ends of any kind may not, nor what is invisible
    /// or turns the direction of writing.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0xAD, 0x061C, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF: false
        case 0x20...0x7E, 0xA0...0x2027, 0x202A...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
        default: false
        }
    }
}
