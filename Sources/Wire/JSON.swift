/// A JSON value as a tree, for what is built, changed or written: patches, manifests, requests.
public enum JSON: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A number that is not whole or does not fit 64 bits; never NaN or infinite, which are written as `null`.
    case double(Double)
    /// A string.
    case string(String)
    /// An array.
    case array([JSON])
    /// An object: its members in their order, no name twice.
    case object([Member])

    /// One member of an object.
    public struct Member: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The value.
        public var value: JSON

        /// Makes a member.
        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// Copies a parsed value; of equal keys the last one counts, in the place of the first.
    public init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .bool: self = .bool(value.bool ?? false)
        case .integer: self = value.int64.map(JSON.integer) ?? .double(value.double ?? 0)
        case .double: self = .double(value.double ?? 0)
        case .string: self = .string(value.string ?? "")
        case .array: self = .array(value.elements.map { JSON($0) })
        case .object:
            self = .object(Self.unique(value.members.map { Member($0.name, JSON($0.value)) }))
        }
    }

    /// Leaves one member of each name: the last value, in the place of the first.
    private static func unique(_ members: [Member]) -> [Member] {
        var places: [String: Int] = [:]
        var result: [Member] = []
        result.reserveCapacity(members.count)
        for member in members {
            if let place = places.updateValue(result.count, forKey: member.name) {
                places[member.name] = place
                result[place] = member
            } else {
                result.append(member)
            }
        }
        return result
    }

    /// The member of an object with this name; setting nil removes it, setting a new name appends it.
    ///
    /// Reading from anything but an object gives nil; setting a member of anything but an object does nothing.
    public subscript(_ name: String) -> JSON? {
        get {
            guard case .object(let members) = self else { return nil }
            return members.last { $0.name == name }?.value
        }
        set {
            guard case .object(var members) = self else { return }
            self = .null
            if let place = members.lastIndex(where: { $0.name == name }) {
                if let newValue { members[place].value = newValue } else { members.remove(at: place) }
            } else if let newValue {
                members.append(Member(name, newValue))
            }
            self = .object(members)
        }
    }

    /// The element of an array at this index, if there is one.
    public subscript(_ index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    /// The text of a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The number, if it is whole.
    public var int64: Int64? { if case .integer(let number) = self { number } else { nil } }

    /// Any number.
    public var double: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }

    /// The truth value.
    public var bool: Bool? { if case .bool(let truth) = self { truth } else { nil } }

    /// The elements of an array; empty for anything else.
    public var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }

    /// The members of an object; empty for anything else.
    public var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// Whether the value is `null`.
    public var isNull: Bool { self == .null }

    /// Whether two values mean the same: members in any order, and 1 the same as 1.0.
    public func isEquivalent(to other: JSON) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.isEquivalent(to: $1) }
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            let members = Dictionary(right.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            return left.allSatisfy { member in members[member.name]?.isEquivalent(to: member.value) ?? false }
        case (.integer, .double), (.double, .integer):
            return self.double == other.double
        default:
            return self == other
        }
    }
}

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByFloatLiteral
{
    /// Makes an object; of equal names the last one counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Self.unique(elements.map { Member($0.0, $0.1) }))
    }
    /// Makes an array.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// Makes a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Makes a whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Makes a truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// Makes `null`.
    public init(nilLiteral: ()) { self = .null }
    /// Makes a number with a fraction.
    public init(floatLiteral value: Double) { self = .double(value) }
}
