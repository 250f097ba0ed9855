/// Takes the embedded messages of one repeated field out of a message that comes in parts.
///
/// A list of a hundred thousand entries is one message of tens of megabytes: so it is read entry by entry, and only the
/// entry that has not come whole is kept. Other fields of the list are passed over.
public struct ProtobufRecords: Sendable {
    private let field: Int
    private let recordBytesMax: Int
    private var rest: [UInt8] = []

    /// Reads the field of this number; an entry, or another field, longer than `recordBytesMax` is an error.
    public init(field: Int, recordBytesMax: Int) {
        self.field = field
        self.recordBytesMax = recordBytesMax
    }

    /// Whether the bytes so far end in the middle of a field.
    public var isWithinField: Bool { !rest.isEmpty }

    /// How many bytes of it are kept.
    var keptByteCount: Int { rest.count }

    /// Takes in a part and hands over the entries that have come whole.
    public mutating func receive(
        _ part: [UInt8], _ body: (ProtobufReader) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        let bytes = joined(part)
        var start = 0
        while start < bytes.count, let end = try fieldEnd(bytes, start) {
            var reader = ProtobufReader(bytes, start..<end)
            if let (number, value) = try reader.next(), number == field, let record = reader.message(value) {
                try body(record)
            }
            start = end
        }
        rest = start == 0 ? bytes : Array(bytes[start...])
    }

    /// What is kept and what has come, in one; nothing is copied but the part, however many parts an entry has.
    private mutating func joined(_ part: [UInt8]) -> [UInt8] {
        guard !rest.isEmpty else { return part }
        var bytes: [UInt8] = []
        swap(&bytes, &rest)
        bytes += part
        return bytes
    }

    /// Where the field that begins here ends; nil if it has not come whole.
    private func fieldEnd(_ bytes: [UInt8], _ start: Int) throws(ProtobufError) -> Int? {
        // A key and a length have at most ten bytes each.
        guard let (key, valueStart) = try Self.varint(bytes, start) else { return nil }
        let end: Int
        switch key & 7 {
        case 0:
            guard let (_, next) = try Self.varint(bytes, valueStart) else { return nil }
            end = next
        case 1: end = valueStart + 8
        case 5: end = valueStart + 4
        case 2:
            guard let (count, next) = try Self.varint(bytes, valueStart) else { return nil }
            guard count <= UInt64(clamping: recordBytesMax) else { throw .tooLong }
            end = next + Int(count)
        default: throw .unknownWireType(UInt8(truncatingIfNeeded: key & 7))
        }
        return end <= bytes.count ? end : nil
    }

    private static func varint(_ bytes: [UInt8], _ start: Int) throws(ProtobufError) -> (UInt64, Int)? {
        var result: UInt64 = 0
        for offset in 0..<10 {
            guard start + offset < bytes.count else { return nil }
            let byte = bytes[start + offset]
            guard offset < 9 || byte <= 1 else { break }
            result |= UInt64(byte & 0x7F) << UInt64(7 * offset)
            if byte < 0x80 { return (result, start + offset + 1) }
        }
        throw .invalidNumber
    }
}
