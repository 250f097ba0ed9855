/// The members of an object that are asked for by name, found in one pass over it; of equal names the last one.
///
/// For objects that others write: there may be a million members between two that matter, and each look-up by itself
/// goes over all of them.
public struct JSONFields: Sendable {
    private let names: [StaticString]
    private var values: [JSONValue?]

    /// Finds the members of these names; none where there is no object.
    public init(_ names: StaticString..., of object: JSONValue?) {
        self.names = names
        values = Array(repeating: nil, count: names.count)
        guard let object, object.tag == JSONValue.Tag.object else { return }
        // A set of the names' lengths: most members have none of them.
        let lengths = names.reduce(into: UInt64(0)) { $0 |= 1 << UInt64(min($1.utf8CodeUnitCount, 63)) }
        let document = object.document
        var cursor = object.index + 1
        let end = document.end(ofValueAt: object.index) - 1
        while cursor < end {
            let name = document.payload(at: cursor)
            let length = document.withString(at: name) { min($0.count, 63) }
            if lengths >> UInt64(length) & 1 == 1, let place = names.firstIndex(where: { document.holds($0, at: name) })
            {
                values[place] = JSONValue(document: document, index: cursor + 1)
            }
            cursor = document.end(ofValueAt: cursor + 1)
        }
    }

    /// The member of a name that was asked for; any other name is a programmer error.
    public subscript(_ name: StaticString) -> JSONValue? {
        name.withUTF8Buffer { name in
            value { other in other.withUTF8Buffer { unsafe $0.elementsEqual(name) } }
        }
    }

    /// The member of a name that was asked for; any other name is a programmer error.
    public subscript(_ name: String) -> JSONValue? {
        value { $0.description == name }
    }

    private func value(where isMeant: (StaticString) -> Bool) -> JSONValue? {
        guard let place = names.firstIndex(where: isMeant) else {
            preconditionFailure("a field is read that was not asked for")
        }
        return values[place]
    }
}
