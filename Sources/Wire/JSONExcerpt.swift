internal import Glibc

/// Reading no more of a value than there is room for.
extension JSONValue {
    /// The text of a string, cut to at most `bytesMax` bytes of UTF-8 where it is longer, with `...` at its end.
    public func string(bytesMax: Int) -> String? {
        guard tag == Tag.string else { return nil }
        return document.withString(at: payload) { bytes in
            let end = bytes.count > bytesMax ? Self.border(in: bytes, atMost: bytesMax - 3) : bytes.count
            document.count(steps: end)
            let text = unsafe bytes.extracting(first: end).withUnsafeBufferPointer {
                unsafe String(decoding: $0, as: UTF8.self)
            }
            return end < bytes.count ? text + "..." : text
        }
    }

    /// The value as JSON for people, cut to at most `bytesMax` bytes with `...` at its end.
    public func excerpt(bytesMax: Int) -> String {
        var writer = JSONWriter()
        writer.value(self, bytesMax: bytesMax)
        guard writer.bytes.count > bytesMax else { return String(decoding: writer.bytes, as: UTF8.self) }
        let bytes = writer.bytes
        return String(decoding: bytes.prefix(Self.border(in: bytes.span, atMost: bytesMax - 3)), as: UTF8.self) + "..."
    }

    /// Whether this, which is not empty, stands anywhere in the text of a string; compares bytes.
    public func contains(_ text: StaticString) -> Bool {
        withUTF8 { bytes in
            unsafe bytes.withUnsafeBytes { bytes in
                guard var place = bytes.baseAddress else { return false }
                let first = unsafe Int32(text.utf8Start.pointee)
                let end = unsafe place + bytes.count
                while let found = unsafe memchr(place, first, end - place),
                    unsafe end - UnsafeRawPointer(found) >= text.utf8CodeUnitCount
                {
                    if unsafe memcmp(found, text.utf8Start, text.utf8CodeUnitCount) == 0 { return true }
                    unsafe place = UnsafeRawPointer(found) + 1
                }
                return false
            }
        } ?? false
    }

    /// Whether the text of a string ends with this; compares bytes.
    public func hasSuffix(_ text: StaticString) -> Bool {
        withUTF8 { bytes in
            let start = bytes.count - text.utf8CodeUnitCount
            guard start >= 0 else { return false }
            return text.withUTF8Buffer { suffix in
                suffix.indices.allSatisfy { unsafe bytes[start + $0] == suffix[$0] }
            }
        } ?? false
    }

    /// The last place at or before `limit` where no character of UTF-8 is cut in two.
    private static func border(in bytes: Span<UInt8>, atMost limit: Int) -> Int {
        var end = max(0, min(limit, bytes.count))
        while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
