internal import Glibc

/// A message that breaks HTTP/1.1, and the status to answer it with before the connection is closed.
public struct HTTP1Error: Error, Sendable, Hashable {
    /// The status: 400, 413, 417, 431, 501 or 505.
    public let status: Int
    /// One sentence for the answer's body: what is wrong and what to do.
    public let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// The bytes that HTTP/1.1 is made of (RFC 9110, section 5.6; RFC 9112).
enum HTTP1Syntax {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")

    /// The `tchar` of RFC 9110 among the bytes 0 to 63 and 64 to 127, a bit each.
    private static let tokensBelow64: UInt64 = 0x03FF_6CFA_0000_0000
    private static let tokensFrom64: UInt64 = 0x57FF_FFFF_C7FF_FFFE

    /// Whether a byte may be in a method or a field's name.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<64: tokensBelow64 >> UInt64(byte) & 1 == 1
        case 64..<128: tokensFrom64 >> UInt64(byte &- 64) & 1 == 1
        default: false
        }
    }

    /// Whether a byte may be in a field's value: visible, blank, tab, or above ASCII.
    @inline(__always)
    static func isValue(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
    }

    @inline(__always)
    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09
    }

    /// The value of a hexadecimal digit.
    static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte &- UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte &- UInt8(ascii: "A")) + 10
        default: nil
        }
    }

    /// Where the first line feed is, not before `start`.
    static func lineFeed(in bytes: Span<UInt8>, from start: Int) -> Int? {
        guard start < bytes.count else { return nil }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress,
                let found = unsafe memchr(base + start, Int32(lineFeed), buffer.count - start)
            else { return nil }
            return unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
        }
    }
}

extension Span where Element == UInt8 {
    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    func string(_ range: Range<Int>) -> String {
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes as text with ASCII capitals made small.
    func lowercasedString(_ range: Range<Int>) -> String {
        unsafe String(unsafeUninitializedCapacity: range.count) { target in
            var count = 0
            for index in range {
                let byte = self[index]
                let isCapital = byte &- UInt8(ascii: "A") < 26
                unsafe target[count] = isCapital ? byte | 0x20 : byte
                count += 1
            }
            return count
        }
    }

    /// Whether the bytes are this text, ASCII capitals and small letters being equal.
    func equals(_ range: Range<Int>, ignoringCase text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            let byte = self[range.lowerBound + offset]
            let isCapital = byte &- UInt8(ascii: "A") < 26
            if unsafe (isCapital ? byte | 0x20 : byte) != text.utf8Start[offset] { return false }
        }
        return true
    }

    /// Without blanks at both ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, HTTP1Syntax.isBlank(self[start]) { start += 1 }
        while end > start, HTTP1Syntax.isBlank(self[end - 1]) { end -= 1 }
        return start..<end
    }
}

extension [UInt8] {
    /// Appends the bytes of a span, as one copy.
    mutating func append(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
    }
}
