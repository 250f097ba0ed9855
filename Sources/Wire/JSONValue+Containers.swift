extension JSONValue {
    /// The number of members of an object or elements of an array, equal keys counted each; 0 for anything else.
    public var count: Int {
        switch kind {
        case .object: members.reduce(0) { total, _ in total + 1 }
        case .array: elements.reduce(0) { total, _ in total + 1 }
        default: 0
        }
    }

    /// The member of an object with this name, the last one if there are several, as Go reads it; allocates nothing.
    ///
    /// Nil if there is none, and if the value is no object. Names are compared byte by byte, case included.
    public subscript(_ name: StaticString) -> JSONValue? {
        guard tag == Tag.object else { return nil }
        var cursor = index + 1
        let end = document.end(ofValueAt: index) - 1
        var found: Int?
        while cursor < end {
            if document.holds(name, at: document.payload(at: cursor)) { found = cursor + 1 }
            cursor = document.end(ofValueAt: cursor + 1)
        }
        return found.map { JSONValue(document: document, index: $0) }
    }

    /// The member of an object with this name, the last one if there are several.
    public subscript(name name: String) -> JSONValue? {
        var name = name
        return name.withUTF8 { unsafe member($0.span) }
    }

    /// The members of an object, each name once, beside the members of the same names in another object.
    ///
    /// Of equal names the last one counts, in the place of the first. Takes time by the length of both together, however
    /// many names there are.
    public func members(besides other: JSONValue) -> [(member: JSONMember, other: JSONValue?)] {
        var pairs: [(member: JSONMember, other: JSONValue?)] = []
        // Few names are found faster by looking at each, as long as few are looked for: at their numbers, since there may be
        // thousands of objects, each beside one of a hundred members.
        var numbers: [UInt64] = []
        var places = MemberPlaces()
        func place(of member: JSONMember) -> Int? {
            guard places.isEmpty else { return places[member] }
            if let number = member.shortName { return numbers.firstIndex(of: number) }
            return numbers.indices.first {
                numbers[$0] == JSONMember.longName && pairs[$0].member.hasSameName(as: member)
            }
        }
        func notePlaces() {
            for (place, pair) in pairs.enumerated() { places[pair.member] = place }
        }
        for member in members {
            if let place = place(of: member) {
                pairs[place].member = member
                continue
            }
            pairs.append((member, nil))
            if places.isEmpty { numbers.append(member.shortName ?? JSONMember.longName) }
            if !places.isEmpty {
                places[member] = pairs.count - 1
            } else if pairs.count > 8 {
                notePlaces()
            }
        }
        for (number, member) in other.members.enumerated() {
            if number == 64, places.isEmpty { notePlaces() }
            if let place = place(of: member) { pairs[place].other = member.value }
        }
        return pairs
    }

    private func member(_ name: Span<UInt8>) -> JSONValue? {
        guard tag == Tag.object else { return nil }
        var cursor = index + 1
        let end = document.end(ofValueAt: index) - 1
        var found: Int?
        while cursor < end {
            if document.holds(name, at: document.payload(at: cursor)) { found = cursor + 1 }
            cursor = document.end(ofValueAt: cursor + 1)
        }
        return found.map { JSONValue(document: document, index: $0) }
    }

    /// The members of an object in their order, equal keys included; empty for anything else.
    public var members: JSONMembers {
        tag == Tag.object
            ? JSONMembers(document: document, cursor: index + 1, end: document.end(ofValueAt: index) - 1)
            : JSONMembers(document: document, cursor: 0, end: 0)
    }

    /// The elements of an array in their order; empty for anything else.
    public var elements: JSONElements {
        tag == Tag.array
            ? JSONElements(document: document, cursor: index + 1, end: document.end(ofValueAt: index) - 1)
            : JSONElements(document: document, cursor: 0, end: 0)
    }

    /// Whether the value is `null`, an empty string, an empty array or an empty object.
    public var isEmpty: Bool {
        switch tag {
        case Tag.null: true
        case Tag.string: withUTF8 { $0.isEmpty } ?? true
        case Tag.object, Tag.array: document.end(ofValueAt: index) == index + 2
        default: false
        }
    }
}

/// One member of an object.
public struct JSONMember: Sendable {
    /// The name, as a string value.
    let nameValue: JSONValue
    /// The value.
    public let value: JSONValue

    /// The name.
    public var name: String { nameValue.string ?? "" }

    /// How many bytes of UTF-8 the name has.
    public var nameLength: Int { nameValue.utf8Count ?? 0 }

    /// The name, cut as `JSONValue.string(bytesMax:)` cuts.
    public func name(bytesMax: Int) -> String { nameValue.string(bytesMax: bytesMax) ?? "" }

    /// A member's name as the key of a table: hashed and compared byte by byte.
    struct Name: Hashable {
        let value: JSONValue

        static func == (left: Name, right: Name) -> Bool { left.value.isSameString(as: right.value) }

        func hash(into hasher: inout Hasher) {
            _ = value.withUTF8 { bytes in
                unsafe bytes.withUnsafeBufferPointer { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
            }
        }
    }

    var key: Name { Name(value: nameValue) }

    /// A name of at most seven bytes as a number, its length included; nil for a longer one.
    var shortName: UInt64? {
        let number: UInt64?? = nameValue.withUTF8 { bytes in
            guard bytes.count < 8 else { return nil }
            var number = UInt64(bytes.count)
            for position in 0..<bytes.count { number = number << 8 | UInt64(bytes[position]) }
            return number
        }
        return number ?? nil
    }

    /// A number that no short name has.
    static let longName = UInt64.max

    func hasSameName(as other: JSONMember) -> Bool { nameValue.isSameString(as: other.nameValue) }

    /// Whether the name is exactly this one; allocates nothing.
    public func isNamed(_ name: StaticString) -> Bool { nameValue.isString(name) }

    /// Whether the name is exactly this one.
    public func isNamed(_ name: String) -> Bool {
        guard nameValue.tag == JSONValue.Tag.string else { return false }
        var name = name
        return name.withUTF8 { unsafe nameValue.document.holds($0.span, at: nameValue.payload) }
    }

    /// Whether the name begins with this text; allocates nothing.
    public func hasPrefix(_ prefix: StaticString) -> Bool {
        nameValue.withUTF8 { bytes in
            guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
            return prefix.withUTF8Buffer { buffer in
                for position in 0..<prefix.utf8CodeUnitCount where unsafe buffer[position] != bytes[position] {
                    return false
                }
                return true
            }
        } ?? false
    }
}

/// Where members of certain names are in a list.
///
/// A million members in 6 MiB have short names, and hashing each byte by byte would take longer than reading them all.
private struct MemberPlaces {
    private var short: [UInt64: Int] = [:]
    private var long: [JSONMember.Name: Int] = [:]

    var isEmpty: Bool { short.isEmpty && long.isEmpty }

    subscript(member: JSONMember) -> Int? {
        get {
            guard let name = member.shortName else { return long.isEmpty ? nil : long[member.key] }
            return short[name]
        }
        set {
            guard let name = member.shortName else { return long[member.key] = newValue }
            short[name] = newValue
        }
    }
}

/// The members of an object, in their order.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var cursor: Int
    let end: Int

    /// The next member.
    public mutating func next() -> JSONMember? {
        guard cursor < end else { return nil }
        let name = JSONValue(document: document, index: cursor)
        let value = JSONValue(document: document, index: cursor + 1)
        cursor = document.end(ofValueAt: cursor + 1)
        return JSONMember(nameValue: name, value: value)
    }
}

/// The elements of an array, in their order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    let document: JSONDocument
    var cursor: Int
    let end: Int

    /// The next element.
    public mutating func next() -> JSONValue? {
        guard cursor < end else { return nil }
        let value = JSONValue(document: document, index: cursor)
        cursor = document.end(ofValueAt: cursor)
        return value
    }
}
