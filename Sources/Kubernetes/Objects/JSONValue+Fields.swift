public import Wire

/// Typed access to an object's fields: absent and `null` are nil, another type is an error with the field's path.
///
/// Unknown fields are never looked at.
extension JSONValue {
    /// The field of this name, if it is there and not `null`.
    public func field(_ name: StaticString) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    /// A string, cut as `string(bytesMax:)` cuts.
    public func optionalString(
        _ name: StaticString, bytesMax: Int = .max
    ) throws(ObjectError) -> String? {
        guard let value = field(name) else { return nil }
        guard let text = value.string(bytesMax: bytesMax) else {
            throw ObjectError(path: "\(name)", problem: "is not a string")
        }
        return text
    }

    /// A string that must be there; it may be empty.
    public func requiredString(_ name: StaticString) throws(ObjectError) -> String {
        guard let text = try optionalString(name) else { throw ObjectError(path: "\(name)", problem: "is missing") }
        return text
    }

    /// A truth value.
    public func optionalBool(_ name: StaticString) throws(ObjectError) -> Bool? {
        guard let value = field(name) else { return nil }
        guard let truth = value.bool else { throw ObjectError(path: "\(name)", problem: "is not true or false") }
        return truth
    }

    /// An integer of 32 bits.
    public func optionalInt32(_ name: StaticString) throws(ObjectError) -> Int32? {
        guard let value = field(name) else { return nil }
        guard let number = value.int32 else {
            throw ObjectError(path: "\(name)", problem: "is not an integer of 32 bits")
        }
        return number
    }

    /// An integer of 64 bits.
    public func optionalInt64(_ name: StaticString) throws(ObjectError) -> Int64? {
        guard let value = field(name) else { return nil }
        guard let number = value.int64 else { throw ObjectError(path: "\(name)", problem: "is not an integer") }
        return number
    }

    /// The text of a string or of a number, as fields have it that take both, such as quantities.
    public func optionalScalarText(_ name: StaticString) throws(ObjectError) -> String? {
        guard let value = field(name) else { return nil }
        switch value.kind {
        case .string: return value.string
        case .integer, .double: return String(decoding: value.encoded(), as: UTF8.self)
        default: throw ObjectError(path: "\(name)", problem: "is neither a string nor a number")
        }
    }

    /// A part that is an object, as `read` reads it.
    public func optionalObject<Part>(
        _ name: StaticString, _ read: (JSONValue) throws(ObjectError) -> Part
    ) throws(ObjectError) -> Part? {
        guard let value = field(name) else { return nil }
        guard value.kind == .object else { throw ObjectError(path: "\(name)", problem: "is not an object") }
        do {
            return try read(value)
        } catch {
            throw error.below("\(name)")
        }
    }

    /// The elements of a list, at most the first `max`, each as `read` reads it; none if the list is absent.
    public func list<Element>(
        _ name: StaticString, max: Int = .max, _ read: (JSONValue) throws(ObjectError) -> Element
    ) throws(ObjectError) -> [Element] {
        guard let value = field(name) else { return [] }
        guard value.kind == .array else { throw ObjectError(path: "\(name)", problem: "is not a list") }
        var result: [Element] = []
        for element in value.elements.prefix(max) {
            do {
                result.append(try read(element))
            } catch {
                throw error.below("\(name)[\(result.count)]")
            }
        }
        return result
    }

    /// The elements of a list of objects, at most the first `max`.
    public func objects<Element>(
        _ name: StaticString, max: Int = .max, _ read: (JSONValue) throws(ObjectError) -> Element
    ) throws(ObjectError) -> [Element] {
        try list(name, max: max) { (element) throws(ObjectError) in
            guard element.kind == .object else { throw ObjectError(problem: "is not an object") }
            return try read(element)
        }
    }

    /// A map of strings; empty if it is absent, and an error if it has more than `entriesMax` entries.
    public func stringMap(_ name: StaticString, entriesMax: Int = .max) throws(ObjectError) -> [String: String] {
        guard let value = field(name) else { return [:] }
        guard value.kind == .object else { throw ObjectError(path: "\(name)", problem: "is not an object") }
        var result: [String: String] = [:]
        for member in value.members {
            guard let text = member.value.string else {
                throw ObjectError(path: "\(name)[\(member.name)]", problem: "is not a string")
            }
            result[member.name] = text
            guard result.count <= entriesMax else {
                throw ObjectError(path: "\(name)", problem: "has more than \(entriesMax) entries")
            }
        }
        return result
    }
}
