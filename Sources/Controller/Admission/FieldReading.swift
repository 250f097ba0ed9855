internal import Rules
internal import Wire

/// How much of an object is kept as facts: more than any sound object has, so that a large one costs no more than a
/// small one once it is read.
enum FactLimits {
    /// Of a name: Kubernetes allows 253 bytes, and 317 with a prefix.
    static let nameBytes = 320
    /// Of a word out of a few, such as a metric's type.
    static let wordBytes = 64
    /// Of a text that is judged as a whole, such as the paths of a tier; a longer one is refused as unreadable.
    static let textBytes = 16 << 10
    /// Of `sluice.dev/drain-paths`: as many paths as a drain may have, each as long as it may be, and the commas.
    static let pathsBytes = DrainPolicy.maximumPaths * (DrainPolicy.maximumPathBytes + 1)
    /// Annotations under `sluice.dev/` that mean nothing.
    static let unknownAnnotations = 32
    /// Labels that are put back together where all of them are taken away.
    static let labels = 256
    /// Of a list whose entries matter one by one: owners, and steps of a scale-down.
    static let listEntries = 16
}

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
    /// Reads a text of at most `FactLimits.textBytes`.
    init(_ json: JSONValue?) {
        self = Self.read(json) { $0.shortText }
    }

    /// Reads a quantity: a text, or a number, which counts as its text (Kubernetes' int-or-string).
    init(quantity json: JSONValue?) {
        self = Self.read(json) { $0.shortText ?? $0.int64.map { "\($0)" } ?? $0.double.map { "\($0)" } }
    }
}

extension Field {
    /// The most bytes of a value of the wrong type that a message shows.
    private static var seenBytesMax: Int { 40 }

    fileprivate static func read(_ json: JSONValue?, _ value: (JSONValue) -> Value?) -> Field {
        guard let json, !json.isNull else { return .absent }
        if let value = value(json) { return .present(value) }
        return .unreadable(seen: json.excerpt(bytesMax: seenBytesMax))
    }
}

extension JSONValue {
    /// A text, if it is short enough to be judged.
    fileprivate var shortText: String? {
        guard let count = utf8Count, count <= FactLimits.textBytes else { return nil }
        return string
    }

    /// A word out of a few, cut where none is as long; empty for anything else.
    var word: String { string(bytesMax: FactLimits.wordBytes) ?? "" }

    /// A name, cut where no name is as long; empty for anything else.
    var nameText: String { string(bytesMax: FactLimits.nameBytes) ?? "" }
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

    /// The paths that the pattern finds, with their indices, behind the `path` of the object that has these fields.
    func paths(in fields: JSONFields, path: String) -> [String] {
        find(parts[...], path: path) { fields[$0] }
    }

    private func find(
        _ rest: ArraySlice<(name: String, isList: Bool)>, path: String, _ member: (String) -> JSONValue?
    ) -> [String] {
        guard let part = rest.first else { return [path] }
        guard let value = member(part.name), !value.isNull else { return [] }
        let path = "\(path).\(part.name)"
        guard part.isList else { return find(rest.dropFirst(), path: path) { value[name: $0] } }
        return value.elements.prefix(RuntimeFacts.tierLevelsMax).enumerated().flatMap { index, element in
            find(rest.dropFirst(), path: "\(path)[\(index)]") { element[name: $0] }
        }
    }
}
