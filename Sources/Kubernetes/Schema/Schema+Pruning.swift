public import Wire

extension Schema {
    /// A field that an object has and the schema has not.
    public struct UnknownField: Sendable, Hashable {
        /// Where it is.
        public var path: String
        /// Its name.
        public var name: String
        /// The names that are known beside it.
        public var known: [String]

        /// Makes a field from its three parts.
        public init(path: String, name: String, known: [String]) {
            self.path = path
            self.name = name
            self.known = known
        }
    }

    /// What an API server keeps of a value; what is of another type than it should be stays as it is.
    public func pruned(_ value: JSON) -> JSON {
        switch value {
        case .object(let members) where kind == .object:
            .object(
                members.compactMap { member in
                    guard let field = field(member.name) else { return keepsUnknownFields ? member : nil }
                    return JSON.Member(member.name, field.pruned(member.value))
                })
        case .array(let elements): items.map { schema in .array(elements.map(schema.pruned)) } ?? value
        default: value
        }
    }

    /// The most unknown fields of one value that are told.
    public static let unknownFieldsMax = 50

    /// The fields that `pruned` would leave out, or that are kept without anybody knowing them; the outermost only, and the
    /// first `unknownFieldsMax`.
    public func unknownFields(in value: JSON, at path: FieldPath) -> [UnknownField] {
        var found: [UnknownField] = []
        findUnknownFields(in: value, at: path, &found)
        return found
    }

    private func findUnknownFields(in value: JSON, at path: FieldPath, _ found: inout [UnknownField]) {
        guard found.count < Self.unknownFieldsMax else { return }
        switch value {
        case .object(let members) where kind == .object:
            // A mapping of which nothing is said may hold anything, if it is kept.
            let mayHoldAnything = keepsUnknownFields && properties.isEmpty
            for member in members where found.count < Self.unknownFieldsMax {
                if let field = field(member.name) {
                    field.findUnknownFields(in: member.value, at: path.member(member.name), &found)
                } else if !mayHoldAnything {
                    found.append(
                        UnknownField(
                            path: path.member(member.name).text, name: member.name, known: properties.keys.sorted()))
                }
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() where found.count < Self.unknownFieldsMax {
                items?.findUnknownFields(in: element, at: path.element(index), &found)
            }
        default: break
        }
    }
}
