public import Rules
public import Wire

/// Writes patches as a JSON patch (RFC 6902), in their order.
public func jsonPatch(_ patches: [Patch]) -> [UInt8] {
    var writer = JSONWriter(capacity: 128 * patches.count)
    writer.beginArray()
    for patch in patches {
        writer.beginObject()
        writer.name("op")
        writer.value(patch.operation.rawValue)
        writer.name("path")
        writer.value(patch.pointer)
        writer.name("value")
        switch patch.value {
        case .string(let text): writer.value(text)
        case .integer(let number): writer.value(number)
        case .bool(let truth): writer.value(truth)
        case .array, .object: writer.value(JSON(patch.value))
        }
        writer.endObject()
    }
    writer.endArray()
    return writer.bytes
}

extension JSON {
    /// The tree of a patch's value.
    public init(_ value: PatchValue) {
        self =
            switch value {
            case .string(let text): .string(text)
            case .integer(let number): .integer(number)
            case .bool(let truth): .bool(truth)
            case .array(let elements): .array(elements.map(JSON.init))
            case .object(let members): .object(members.map { Member($0.key, JSON($0.value)) })
            }
    }

    /// The tree after a rule's patches, as the API server will apply them.
    ///
    /// For reviews of files; rules only add and replace members of objects, so that is all that is done here.
    public func applying(_ patches: [Patch]) -> JSON {
        var result = self
        for patch in patches { result.set(patch.path[...], to: JSON(patch.value)) }
        return result
    }

    private mutating func set(_ path: ArraySlice<String>, to value: JSON) {
        guard let name = path.first else {
            self = value
            return
        }
        var child = self[name] ?? [:]
        child.set(path.dropFirst(), to: value)
        self[name] = child
    }
}
