/// Base64 with padding (RFC 4648, section 4), and its alphabet for URLs (section 5).
public enum Base64 {
    /// Encodes bytes, with padding.
    public static func encode(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        encode(bytes.span, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Appends the encoding of `bytes`, with padding.
    public static func encode(_ bytes: Span<UInt8>, into output: inout [UInt8]) {
        let start = output.count
        // Room for all of it, filled with padding.
        output.append(contentsOf: repeatElement(UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4))
        var target = output.mutableSpan
        var place = start
        var position = 0
        while position + 3 <= bytes.count {
            let group =
                UInt32(bytes[position]) << 16 | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2])
            for digit in 0..<4 { target[place + digit] = letter(group, digit) }
            place += 4
            position += 3
        }
        let rest = bytes.count - position
        guard rest > 0 else { return }
        let group = UInt32(bytes[position]) << 16 | (rest == 2 ? UInt32(bytes[position + 1]) << 8 : 0)
        for digit in 0...rest { target[place + digit] = letter(group, digit) }
    }

    /// The letter of one of the four digits of a group of 24 bits.
    private static func letter(_ group: UInt32, _ digit: Int) -> UInt8 {
        letter(UInt8(truncatingIfNeeded: group >> (18 - 6 * UInt32(digit)) & 63))
    }

    /// Decodes Base64 of either alphabet; padding may be missing, and blanks and line ends are skipped.
    ///
    /// Nil if anything else is in it, or if what is left over is no whole byte.
    public static func decode(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text.utf8 {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: continue
            case UInt8(ascii: "="): padding += 1
            default:
                guard padding == 0, let value = value(of: byte) else { return nil }
                group = group << 6 | value
                digits += 1
                if digits == 4 {
                    output.append(contentsOf: [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)])
                    group = 0
                    digits = 0
                }
            }
        }
        guard padding == 0 || digits + padding == 4 else { return nil }
        switch digits {
        case 0: return padding == 0 ? output : nil
        case 2: output.append(UInt8(group >> 4 & 255))
        case 3: output.append(contentsOf: [UInt8(group >> 10 & 255), UInt8(group >> 2 & 255)])
        default: return nil
        }
        return output
    }

    /// The letter of six bits: the ranges A-Z, a-z, 0-9, `+` and `/` by their distance, without branches.
    private static func letter(_ value: UInt8) -> UInt8 {
        var letter = value &+ UInt8(ascii: "A")
        letter &+= value > 25 ? 6 : 0
        letter &-= value > 51 ? 75 : 0
        letter &-= value > 61 ? 15 : 0
        letter &+= value > 62 ? 3 : 0
        return letter
    }

    private static func value(of letter: UInt8) -> UInt32? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
