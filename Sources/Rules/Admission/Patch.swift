/// A value that defaulting or the hold writes into an object.
public indirect enum PatchValue: Sendable, Hashable {
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
    public var path: [String]
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
        self.value = value
        self.code = code
        self.reason = reason
    }

    /// The path as a JSON pointer (RFC 6901): `~` and `/` inside of a segment are escaped.
    public var pointer: String {
        var text = ""
        for segment in path {
            text += "/"
            guard segment.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
                text += segment
                continue
            }
            for scalar in segment.unicodeScalars {
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        return text
    }

    /// What was filled in and why, short enough to be sent as a warning.
    public var warningText: String {
        clipped("\(code.rawValue) \(path.joined(separator: ".")): \(reason)", toBytes: Finding.maximumWarningBytes)
    }
}
