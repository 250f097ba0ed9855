/// Writes a protobuf message, field by field (protobuf encoding, "Message Structure").
public struct ProtobufWriter: Sendable {
    /// The message so far.
    public private(set) var bytes: [UInt8] = []

    /// Begins an empty message.
    public init() {}

    /// Adds an int32, int64 or enum; a negative number takes ten bytes.
    public mutating func add(_ number: Int, _ value: Int64) {
        varint(UInt64(clamping: number) << 3)
        varint(UInt64(bitPattern: value))
    }

    /// Adds a bool.
    public mutating func add(_ number: Int, _ value: Bool) {
        add(number, value ? 1 : 0 as Int64)
    }

    /// Adds a string.
    public mutating func add(_ number: Int, _ value: String) {
        add(number, Array(value.utf8))
    }

    /// Adds bytes.
    public mutating func add(_ number: Int, _ value: [UInt8]) {
        varint(UInt64(clamping: number) << 3 | 2)
        varint(UInt64(value.count))
        bytes += value
    }

    /// Adds an embedded message.
    public mutating func add(_ number: Int, _ fields: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        fields(&inner)
        add(number, inner.bytes)
    }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
}
