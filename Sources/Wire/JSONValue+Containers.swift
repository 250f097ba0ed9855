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

    /// The member of an object with the same name as a member of another, the last one if there are several.
    public subscript(sameNameAs other: JSONMember) -> JSONValue? {
        other.nameValue.withUTF8 { member($0) } ?? nil
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
