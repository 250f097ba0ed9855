extension YAMLReader {
    /// A JSON text as libyaml takes it: JSON writes characters beyond 16 bits as two escapes, YAML as one of its own.
    ///
    /// Anything that does not begin with a bracket is returned as it is.
    static func joiningSurrogates(_ bytes: [UInt8]) -> [UInt8] {
        let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
        guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { return bytes }
        var result: [UInt8] = []
        var position = 0
        while let backslash = bytes[position...].firstIndex(of: UInt8(ascii: "\\")) {
            result += bytes[position..<backslash]
            if let high = escape(bytes, at: backslash), let low = escape(bytes, at: backslash + 6),
                (0xD800..<0xDC00).contains(high), (0xDC00..<0xE000).contains(low)
            {
                let scalar = 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)
                let digits = String(scalar, radix: 16)
                result += Array("\\U".utf8) + Array(repeating: UInt8(ascii: "0"), count: 8 - digits.utf8.count)
                result += Array(digits.utf8)
                position = backslash + 12
            } else {
                // Behind a backslash comes a letter that belongs to it, another backslash included.
                position = min(backslash + 2, bytes.count)
                result += bytes[backslash..<position]
            }
        }
        return result + bytes[position...]
    }

    /// The number of an escape `\uXXXX` at this place; nil if there is none.
    private static func escape(_ bytes: [UInt8], at start: Int) -> UInt32? {
        guard start <= bytes.count - 6, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        let digits = bytes[(start + 2)..<(start + 6)]
        guard digits.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}
