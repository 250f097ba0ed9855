/// A label selector as a query carries it, such as `app=alluxio,role in (alluxio-worker),!gone`.
///
/// The grammar is that of Kubernetes' equality- and set-based requirements, without `<` and `>`.
struct LabelSelector: Sendable, Hashable {
    /// One requirement; all of a selector have to be met.
    enum Requirement: Sendable, Hashable {
        /// The label has one of these values.
        case isIn(String, Set<String>)
        /// The label is absent, or has none of these values.
        case isNotIn(String, Set<String>)
        /// The label is there.
        case exists(String)
        /// The label is absent.
        case isAbsent(String)
    }

    /// The most bytes of a selector that are read, and the most requirements: each is tried on each object.
    static let bytesMax = 4 << 10
    static let requirementsMax = 32

    let requirements: [Requirement]

    /// The selector that everything meets.
    static let everything = LabelSelector(requirements: [])

    private init(requirements: [Requirement]) { self.requirements = requirements }

    /// Reads a selector; nil if it can't be read.
    init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax else { return nil }
        var rest = text.unicodeScalars[...]
        var found: [Requirement] = []
        Self.skipSpace(&rest)
        while !rest.isEmpty {
            guard let requirement = Self.requirement(&rest) else { return nil }
            found.append(requirement)
            guard found.count <= Self.requirementsMax else { return nil }
            Self.skipSpace(&rest)
            guard !rest.isEmpty else { break }
            guard rest.popFirst() == "," else { return nil }
            Self.skipSpace(&rest)
            guard !rest.isEmpty else { return nil }
        }
        requirements = found
    }

    /// Whether an object with these labels is meant.
    func matches(_ labels: [String: String]) -> Bool {
        requirements.allSatisfy { requirement in
            switch requirement {
            case .isIn(let key, let values): labels[key].map { values.contains($0) } ?? false
            case .isNotIn(let key, let values): labels[key].map { !values.contains($0) } ?? true
            case .exists(let key): labels[key] != nil
            case .isAbsent(let key): labels[key] == nil
            }
        }
    }

    /// The one value that this label must have, if the selector says so.
    func value(of key: String) -> String? {
        for case .isIn(key, let values) in requirements where values.count == 1 { return values.first }
        return nil
    }

    private typealias Scalars = Substring.UnicodeScalarView

    private static func requirement(_ rest: inout Scalars) -> Requirement? {
        if rest.first == "!" {
            rest.removeFirst()
            skipSpace(&rest)
            return word(&rest).map { .isAbsent($0) }
        }
        guard let key = word(&rest) else { return nil }
        skipSpace(&rest)
        switch rest.first {
        case nil, ",": return .exists(key)
        case "=":
            rest.removeFirst()
            if rest.first == "=" { rest.removeFirst() }
            return .isIn(key, [value(&rest)])
        case "!":
            rest.removeFirst()
            guard rest.popFirst() == "=" else { return nil }
            return .isNotIn(key, [value(&rest)])
        default:
            let operation = word(&rest)
            guard operation == "in" || operation == "notin", let values = values(&rest) else { return nil }
            return operation == "in" ? .isIn(key, values) : .isNotIn(key, values)
        }
    }

    private static func values(_ rest: inout Scalars) -> Set<String>? {
        skipSpace(&rest)
        guard rest.popFirst() == "(" else { return nil }
        var values: Set<String> = []
        while true {
            values.insert(value(&rest))
            skipSpace(&rest)
            switch rest.popFirst() {
            case ",": continue
            case ")": return values
            default: return nil
            }
        }
    }

    /// A value, which may be empty.
    private static func value(_ rest: inout Scalars) -> String {
        skipSpace(&rest)
        return word(&rest) ?? ""
    }

    private static func word(_ rest: inout Scalars) -> String? {
        let word = rest.prefix { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || ["-", "_", ".", "/"].contains(scalar)
        }
        rest = rest[word.endIndex...]
        return word.isEmpty ? nil : String(word)
    }

    private static func skipSpace(_ rest: inout Scalars) { rest = rest.drop { $0 == " " } }
}
