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

extension JSONValue {
    /// The paths in this object that a pattern such as `tieredstore.levels[].storageType` finds, with their indices.
    func paths(matching pattern: String, below path: String) -> [String] {
        var found: [(path: String, value: JSONValue)] = [(path, self)]
        for part in pattern.split(separator: ".") {
            let isList = part.hasSuffix("[]")
            let name = String(isList ? part.dropLast(2) : part)
            found = found.flatMap { path, value -> [(path: String, value: JSONValue)] in
                guard let member = value[name: name], !member.isNull else { return [] }
                guard isList else { return [("\(path).\(name)", member)] }
                return member.elements.enumerated().map { ("\(path).\(name)[\($0.offset)]", $0.element) }
            }
        }
        return found.map(\.path)
    }
}
