internal import Glibc

/// One value in a parsed JSON text: a place on its tape, cheap to copy, valid for as long as it is held.
///
/// Nothing here throws or traps for what a text may hold: a question that does not fit the value is answered with nil.
public struct JSONValue: Sendable {
    /// What a value is.
    public enum Kind: Sendable, Hashable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool
        /// A number written without fraction or exponent.
        case integer
        /// A number written with fraction or exponent.
        case double
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    let document: JSONDocument
    /// The index of the value's first tape word.
    let index: Int

    /// What the value is.
    public var kind: Kind {
        switch tag {
        case Tag.object: .object
        case Tag.array: .array
        case Tag.string: .string
        case Tag.int64, Tag.uint64: .integer
        case Tag.double: .double
        case Tag.true, Tag.false: .bool
        default: .null
        }
    }

    /// Whether the value is `null`.
    public var isNull: Bool { tag == Tag.null }

    /// The truth value, of `true` and `false` only.
    public var bool: Bool? {
        switch tag {
        case Tag.true: true
        case Tag.false: false
        default: nil
        }
    }

    /// The number, if it was written as an integer and fits.
    public var int64: Int64? {
        tag == Tag.int64 ? Int64(bitPattern: document.word(index + 1)) : nil
    }

    /// The number, if it was written as an integer that fits 32 bits, as Kubernetes' `int32` fields want it.
    public var int32: Int32? { int64.flatMap(Int32.init(exactly:)) }

    /// Any number, rounded where it must be.
    public var double: Double? {
        switch tag {
        case Tag.int64: Double(Int64(bitPattern: document.word(index + 1)))
        case Tag.uint64: Double(document.word(index + 1))
        case Tag.double: Double(bitPattern: document.word(index + 1))
        default: nil
        }
    }

    /// The text of a string.
    public var string: String? {
        string(bytesMax: .max)
    }

    /// The bytes of a string's text, in UTF-8, for as long as `body` runs; nil if it is no string.
    public func withUTF8<Result>(_ body: (Span<UInt8>) -> Result) -> Result? {
        guard tag == Tag.string else { return nil }
        return document.withString(at: payload) { bytes in
            document.count(steps: bytes.count)
            return body(bytes)
        }
    }

    /// Whether the value is a string of exactly this text; allocates nothing.
    public func isString(_ text: StaticString) -> Bool {
        guard tag == Tag.string else { return false }
        return document.holds(text, at: payload)
    }

    /// The length of a string in bytes of UTF-8; nil if it is none.
    public var utf8Count: Int? {
        tag == Tag.string ? document.withString(at: payload) { $0.count } : nil
    }

    /// Whether two strings are the same, byte by byte.
    public func isSameString(as other: JSONValue) -> Bool {
        guard tag == Tag.string, other.tag == Tag.string else { return false }
        return other.document.withString(at: other.payload) { document.holds($0, at: payload) }
    }

    /// Whether two values are the same, members in any order, and the last of equal keys counting.
    public func isEqual(to other: JSONValue) -> Bool { JSON(self).isEquivalent(to: JSON(other)) }

    /// The first letter of the tape word, which says what it is (simdjson's doc/tape.md).
    @inline(__always)
    var tag: UInt8 { UInt8(truncatingIfNeeded: document.word(index) >> 56) }

    /// The lower 56 bits of the tape word.
    @inline(__always)
    var payload: Int { Int(truncatingIfNeeded: document.word(index) & 0x00FF_FFFF_FFFF_FFFF) }

    /// simdjson's type letters.
    enum Tag {
        static let object = UInt8(ascii: "{")
        static let array = UInt8(ascii: "[")
        static let string = UInt8(ascii: "\"")
        static let int64 = UInt8(ascii: "l")
        static let uint64 = UInt8(ascii: "u")
        static let double = UInt8(ascii: "d")
        static let `true` = UInt8(ascii: "t")
        static let `false` = UInt8(ascii: "f")
        static let null = UInt8(ascii: "n")
    }
}

extension JSONDocument {
    /// The index behind the value that begins at `index`.
    @inline(__always)
    func end(ofValueAt index: Int) -> Int {
        let word = word(index)
        switch UInt8(truncatingIfNeeded: word >> 56) {
        // The lower half of an opening word is the index behind the closing one.
        case JSONValue.Tag.object, JSONValue.Tag.array: return Int(UInt32(truncatingIfNeeded: word))
        case JSONValue.Tag.int64, JSONValue.Tag.uint64, JSONValue.Tag.double: return index + 2
        default: return index + 1
        }
    }

    /// The payload of the word at `index`: for a string, where it is in the string buffer.
    @inline(__always)
    func payload(at index: Int) -> Int { Int(truncatingIfNeeded: word(index) & 0x00FF_FFFF_FFFF_FFFF) }

    /// Whether the string at `offset` has exactly these bytes.
    @inline(__always)
    func holds(_ text: Span<UInt8>, at offset: Int) -> Bool {
        withString(at: offset) { bytes in
            guard bytes.count == text.count else { return false }
            count(steps: bytes.count)
            return unsafe bytes.withUnsafeBufferPointer { left in
                unsafe text.withUnsafeBufferPointer { right in
                    guard let left = left.baseAddress, let right = right.baseAddress else { return true }
                    return unsafe memcmp(left, right, bytes.count) == 0
                }
            }
        }
    }

    /// Whether the string at `offset` is exactly this text.
    @inline(__always)
    func holds(_ text: StaticString, at offset: Int) -> Bool {
        withString(at: offset) { bytes in
            guard bytes.count == text.utf8CodeUnitCount else { return false }
            return text.withUTF8Buffer { other in
                for position in bytes.indices where unsafe bytes[position] != other[position] {
                    return false
                }
                return true
            }
        }
    }
}
