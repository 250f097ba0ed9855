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
        output.reserveCapacity(output.count + (bytes.count + 2) / 3 * 4)
        var position = 0
        while position < bytes.count {
            let available = min(3, bytes.count - position)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < available ? UInt32(bytes[position + offset]) : 0)
            }
            for digit in 0..<4 {
                output.append(digit <= available ? letter(UInt8(group >> (18 - 6 * UInt32(digit)) & 63)) : 0x3D)
            }
            position += 3
        }
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

    private static func letter(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
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
