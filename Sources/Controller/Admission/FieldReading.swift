internal import Rules
internal import Wire

extension Field where Value == Int64 {
    /// Reads a whole number; absent and null are the same to Kubernetes.
    init(_ json: JSONValue?) {
        self = Self.read(json) { $0.int64 }
    }
}

extension Field where Value == Bool {
    /// Reads a truth value.
    init(_ json: JSONValue?) {
        self = Self.read(json) { $0.bool }
    }
}

extension Field where Value == String {
    /// Reads a text.
    init(_ json: JSONValue?) {
        self = Self.read(json) { $0.string }
    }

    /// Reads a quantity: a text, or a number, which counts as its text (Kubernetes' int-or-string).
    init(quantity json: JSONValue?) {
        self = Self.read(json) { $0.string ?? $0.int64.map { "\($0)" } ?? $0.double.map { "\($0)" } }
    }
}

extension Field {
    /// The most characters of a value of the wrong type that a message shows.
    private static var seenCharactersMax: Int { 40 }

    fileprivate static func read(_ json: JSONValue?, _ value: (JSONValue) -> Value?) -> Field {
        guard let json, !json.isNull else { return .absent }
        if let value = value(json) { return .present(value) }
        let text = String(decoding: json.encoded(), as: UTF8.self)
        let isLong = text.count > seenCharactersMax
        return .unreadable(seen: isLong ? text.prefix(seenCharactersMax - 3) + "..." : text)
    }
}

extension Container {
    /// Says what stands where an object should be.
    init(_ json: JSONValue?) {
        guard let json, !json.isNull else {
            self = .absent
            return
        }
        self = json.kind == .object ? .object : .unreadable
    }
}

extension JSONValue {
    /// The value below a path of member names; nil where the path breaks off.
    func at(_ path: StaticString...) -> JSONValue? {
        var value = self
        for name in path {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }
}

/// Where a field is to be found, such as `tieredstore.levels[].storageType`; read once, since it is asked for often.
struct FieldPattern: Sendable {
    private let parts: [(name: String, isList: Bool)]

    /// Reads a pattern: names separated by dots, with `[]` behind a name for each element of a list.
    init(_ pattern: String) {
        parts = pattern.split(separator: ".").map { part in
            let isList = part.hasSuffix("[]")
            return (String(isList ? part.dropLast(2) : part), isList)
        }
    }

    /// The paths in `object` that the pattern finds, with their indices, behind the object's own `path`.
    func paths(in object: JSONValue, path: String) -> [String] {
        find(parts[...], in: object, path: path)
    }

    private func find(_ rest: ArraySlice<(name: String, isList: Bool)>, in value: JSONValue, path: String) -> [String] {
        guard let part = rest.first else { return [path] }
        guard let member = value[name: part.name], !member.isNull else { return [] }
        let path = "\(path).\(part.name)"
        guard part.isList else { return find(rest.dropFirst(), in: member, path: path) }
        return member.elements.enumerated().flatMap { index, element in
            find(rest.dropFirst(), in: element, path: "\(path)[\(index)]")
        }
    }
}
