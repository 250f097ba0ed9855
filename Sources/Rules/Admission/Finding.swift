/// One thing that a rule has to say about an object: what is wrong, where, and what to do.
public struct Finding: Sendable, Hashable {
    /// The rule that speaks; its kind decides between denial and warning.
    public var code: RuleCode
    /// Where, in the object's own terms: `spec.tieredstore.levels[0].quota`.
    public var field: String
    /// What is wrong, with the value seen, and why it matters; one line.
    public var message: String
    /// What to do about it: the exact field or command; one line.
    public var remedy: String

    /// Makes a finding from its four parts, which are made fit to be shown: names in them come from outside.
    public init(_ code: RuleCode, _ field: String, _ message: String, remedy: String) {
        self.code = code
        self.field = printable(field, limit: Finding.maximumPartBytes)
        self.message = printable(message, limit: Finding.maximumPartBytes)
        self.remedy = printable(remedy, limit: Finding.maximumPartBytes)
    }

    /// The most UTF-8 bytes of each of a finding's texts.
    public static let maximumPartBytes = 1024

    /// The most UTF-8 bytes that a warning may have, its code included: what the API server asks of webhooks.
    public static let maximumWarningBytes = 120

    /// Says whether this finding refuses the request.
    public var denies: Bool { code.kind == .denies }

    /// The whole text in one line: code, field, message, and the remedy if there is one.
    public var text: String {
        let text = "\(code.rawValue) \(field): \(message)"
        return remedy.isEmpty ? text : "\(text). \(remedy)"
    }

    /// The text as a warning: with the remedy where that fits, and never above `maximumWarningBytes`.
    public var warningText: String {
        let short = "\(code.rawValue) \(field): \(message)"
        let long = "\(short); \(remedy)"
        if !remedy.isEmpty, long.utf8.count <= Finding.maximumWarningBytes { return long }
        return clipped(short, toBytes: Finding.maximumWarningBytes)
    }
}

extension Finding: Comparable {
    /// Orders by field, then by code, then by text, so that an answer never depends on the order of the rules.
    public static func < (left: Finding, right: Finding) -> Bool {
        if left.field != right.field { return left.field < right.field }
        if left.code != right.code { return left.code < right.code }
        return left.message < right.message
    }
}
