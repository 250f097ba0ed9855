/// What a protobuf field holds (protobuf encoding, "Message Structure").
public enum ProtobufValue: Sendable, Hashable {
    /// An int32, int64, uint32, uint64, bool or enum; negative numbers are two's complement of 64 bits.
    case varint(UInt64)
    /// A fixed64, sfixed64 or double, as its bits.
    case fixed64(UInt64)
    /// A fixed32, sfixed32 or float, as its bits.
    case fixed32(UInt32)
    /// A string, bytes or an embedded message: where its bytes stand in the reader's own.
    case bytes(Range<Int>)
}

/// Why bytes are no protobuf message.
public enum ProtobufError: Error, Sendable, Hashable {
    /// The message ends within a field.
    case truncated
    /// A number of more than 64 bits, the field number 0, or one above 2^29 - 1.
    case invalidNumber
    /// An entry is longer than the limit.
    case tooLong
    /// A wire type that we do not read: groups, which nobody writes any more, and those that do not exist.
    case unknownWireType(UInt8)
}

/// Reads the fields of one protobuf message in their order, by number; what the caller does not know it passes over.
///
/// Nothing is copied and nothing recurses: an embedded message is a range, which the caller reads with a reader of its
/// own if it wants it. So a message costs time linear in its bytes, and its depth is the caller's.
public struct ProtobufReader: Sendable {
    /// All bytes, of which the message is a part.
    public let bytes: [UInt8]
    private var position: Int
    private let end: Int

    /// Reads a message that is all of these bytes.
    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = 0
        end = bytes.count
    }

    /// Reads the message that stands in a part of these bytes; a range beyond them is cut.
    public init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        let range = range.clamped(to: bytes.indices)
        position = range.lowerBound
        end = range.upperBound
    }

    /// How many bytes of the message were not read yet.
    var remainingByteCount: Int { end - position }

    /// The next field, or nil at the message's end.
    public mutating func next() throws(ProtobufError) -> (number: Int, value: ProtobufValue)? {
        guard position < end else { return nil }
        let key = try varint()
        let number = Int(truncatingIfNeeded: key >> 3)
        guard number > 0, key >> 3 < 1 << 29 else { throw .invalidNumber }
        switch UInt8(truncatingIfNeeded: key & 7) {
        case 0: return (number, .varint(try varint()))
        case 1: return (number, .fixed64(try fixed(byteCount: 8)))
        case 2:
            let count = try varint()
            guard count <= UInt64(end - position) else { throw .truncated }
            let start = position
            position += Int(count)
            return (number, .bytes(start..<position))
        case 5: return (number, .fixed32(UInt32(truncatingIfNeeded: try fixed(byteCount: 4))))
        case let type: throw .unknownWireType(type)
        }
    }

    private mutating func varint() throws(ProtobufError) -> UInt64 {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            position += 1
            // The tenth byte holds the last of 64 bits.
            guard shift < 63 || (shift == 63 && byte <= 1) else { throw .invalidNumber }
            result |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return result }
            shift += 7
        }
        throw .truncated
    }

    private mutating func fixed(byteCount: Int) throws(ProtobufError) -> UInt64 {
        guard end - position >= byteCount else { throw .truncated }
        var result: UInt64 = 0
        for offset in 0..<byteCount { result |= UInt64(bytes[position + offset]) << UInt64(8 * offset) }
        position += byteCount
        return result
    }
}

extension ProtobufReader {
    /// The text of a field of this message; ill-formed UTF-8 is replaced.
    public func text(_ value: ProtobufValue) -> String? {
        guard case .bytes(let range) = value else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// A reader of an embedded message of this one.
    public func message(_ value: ProtobufValue) -> ProtobufReader? {
        guard case .bytes(let range) = value else { return nil }
        return ProtobufReader(bytes, range)
    }
}

extension ProtobufValue {
    /// The number as an int64 or an int32.
    public var int64: Int64? { if case .varint(let number) = self { Int64(bitPattern: number) } else { nil } }

    /// The number as a bool.
    public var bool: Bool? { if case .varint(let number) = self { number != 0 } else { nil } }
}
