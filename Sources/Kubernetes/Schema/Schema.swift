public import Wire

/// What an API server knows of the fields of an object: the part of an OpenAPI v3 schema that occurs in our definitions.
///
/// A schema with a keyword that is not known here is refused, so that no check is left out without anybody noticing.
public final class Schema: Sendable {
    /// What a value may be.
    enum Kind: String {
        case object, array, string, integer, number, boolean
    }

    let kind: Kind?
    /// Whether a whole number is as good as a string (`x-kubernetes-int-or-string`).
    let isIntOrString: Bool
    /// Whether fields are kept that are not named here (`x-kubernetes-preserve-unknown-fields`).
    let keepsUnknownFields: Bool
    /// The fields with a name.
    public let properties: [String: Schema]
    /// What every other field is, of a mapping with free names.
    let additionalProperties: Schema?
    /// What every element of a list is.
    let items: Schema?
    /// The names of the fields that have to be there.
    let required: [String]
    /// The only values there may be; nil if there may be any.
    let enumeration: [JSON]?
    let minimum: Double?
    let minLength: Int?
    let pattern: SchemaPattern?
    /// `int32`, `int64`, `date-time`, or empty.
    let format: String
    /// The names of the fields by which the elements of a list are told apart (`x-kubernetes-list-map-keys`).
    let mapKeys: [String]

    private static let keywords: Set<String> = [
        "type", "format", "description", "properties", "additionalProperties", "items", "required", "enum", "minimum",
        "minLength", "pattern", "default", "x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
    ]

    /// Reads a schema.
    public init(_ schema: JSON) throws(SchemaError) {
        for member in schema.members where !Self.keywords.contains(member.name) {
            throw SchemaError(message: "unknown keyword \(member.name)")
        }
        guard case .object = schema else { throw SchemaError(message: "a schema has to be an object") }
        kind = schema["type"]?.string.flatMap(Kind.init)
        if kind == nil, let type = schema["type"] { throw SchemaError(message: "unknown type \(type)") }
        isIntOrString = schema["x-kubernetes-int-or-string"]?.bool ?? false
        keepsUnknownFields = schema["x-kubernetes-preserve-unknown-fields"]?.bool ?? false
        var properties: [String: Schema] = [:]
        for member in schema["properties"]?.members ?? [] { properties[member.name] = try Schema(member.value) }
        self.properties = properties
        additionalProperties = try Self.optional(schema["additionalProperties"])
        items = try Self.optional(schema["items"])
        required = schema["required"]?.elements.compactMap(\.string) ?? []
        enumeration = schema["enum"]?.elements
        minimum = schema["minimum"]?.double
        minLength = schema["minLength"]?.int64.map(Int.init)
        if let text = schema["pattern"]?.string {
            guard let known = SchemaPattern(text) else { throw SchemaError(message: "unknown pattern \(text)") }
            pattern = known
        } else {
            pattern = nil
        }
        format = schema["format"]?.string ?? ""
        guard ["", "int32", "int64", "date-time"].contains(format) else {
            throw SchemaError(message: "unknown format \(format)")
        }
        mapKeys = schema["x-kubernetes-list-map-keys"]?.elements.compactMap(\.string) ?? []
    }

    private static func optional(_ schema: JSON?) throws(SchemaError) -> Schema? {
        guard let schema else { return nil }
        return try Schema(schema)
    }

    /// The schema of a field of this name; nil if there may be none.
    func field(_ name: String) -> Schema? { properties[name] ?? additionalProperties }
}

/// Why a schema can't be applied.
public struct SchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong.
    public var message: String
    /// Makes an error.
    public init(message: String) { self.message = message }
    /// The message, for people.
    public var description: String { message }
}

extension Schema {
    /// The schema of what a token of a path leads to: a field, or an element of a list; nil where nothing is known.
    public func child(_ token: String) -> Schema? { items ?? field(token) }
}
