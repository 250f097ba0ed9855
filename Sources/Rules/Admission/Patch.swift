/// A value that defaulting or the hold writes into an object.
public enum PatchValue: Sendable, Hashable {
    case string(String)
    case integer(Int64)
    case bool(Bool)
    /// Members in the order in which they are written.
    case object([Member])
    case array([PatchValue])

    /// One named value of an object.
    public struct Member: Sendable, Hashable {
        /// The member's name.
        public var key: String
        /// The member's value.
        public var value: PatchValue

        /// Makes a member from its two parts.
        public init(_ key: String, _ value: PatchValue) {
            self.key = key
            self.value = value
        }
    }
}

/// One change to an object, in the terms of JSON patch (RFC 6902).
///
/// The patches of a verdict are applied in their order; a parent that is missing comes first, as an empty object.
public struct Patch: Sendable, Hashable {
    /// How a value gets there.
    public enum Operation: String, Sendable, Hashable {
        /// The member is absent (or null): put it there.
        case add
        /// The member is there, with a value that nobody wrote, or that is held back.
        case replace
    }

    /// How the value gets there.
    public var operation: Operation
    /// The path, unescaped: `["metadata", "annotations", "sluice.dev/min-replicas"]`.
    public let path: [String]
    /// The path as a JSON pointer (RFC 6901): `~` and `/` inside of a segment are escaped.
    public let pointer: String
    /// What is written.
    public var value: PatchValue
    /// The rule that wants it.
    public var code: RuleCode
    /// Why, for people; one line.
    public var reason: String

    /// Makes a patch from its parts.
    public init(_ operation: Operation, _ path: [String], _ value: PatchValue, code: RuleCode, reason: String) {
        self.operation = operation
        self.path = path
        pointer = Self.pointer(to: path)
        self.value = value
        self.code = code
        self.reason = reason
    }

    private static func pointer(to path: [String]) -> String {
        var pointer: [UInt8] = []
        pointer.reserveCapacity(64)
        for segment in path {
            pointer.append(UInt8(ascii: "/"))
            for byte in segment.utf8 {
                switch byte {
                case UInt8(ascii: "~"): pointer += [UInt8(ascii: "~"), UInt8(ascii: "0")]
                case UInt8(ascii: "/"): pointer += [UInt8(ascii: "~"), UInt8(ascii: "1")]
                default: pointer.append(byte)
                }
            }
        }
        return String(decoding: pointer, as: UTF8.self)
    }

    /// What was filled in and why, short enough to be sent as a warning.
    public var warningText: String {
        var text = code.rawValue
        for (index, segment) in path.enumerated() {
            text += index == 0 ? " " : "."
            text += segment
        }
        text += ": "
        text += reason
        return clipped(text, toBytes: Finding.maximumWarningBytes)
    }
}
