internal import Kubernetes
internal import Rules

/// One thing that a review has to say about an object.
struct Remark: Sendable, Hashable {
    /// Who would say it.
    enum Source: Sendable, Hashable {
        /// A rule of the webhooks.
        case rule(RuleCode)
        /// The API server's own checks.
        case server
        /// kubectl, before it sends anything, or what it does without saying so.
        case kubectl
        /// This review alone: something works, but hardly as it was meant.
        case review
    }

    var source: Source
    /// Whether the object would not be admitted.
    var denies: Bool
    /// Where, in the object's own terms.
    var field: String
    /// What is wrong.
    var message: String
    /// What to do about it; may be empty.
    var remedy: String
    /// The line, where it is not the field's.
    var line: Int?

    init(_ source: Source, denies: Bool, _ field: String, _ message: String, remedy: String) {
        self.source = source
        self.denies = denies
        self.field = field
        self.message = Self.cut(message)
        self.remedy = Self.cut(remedy)
    }

    /// The longest text of a remark, in UTF-8: names in it come from outside.
    private static let textBytesMax = 2 << 10

    private static func cut(_ text: String) -> String {
        text.utf8.count <= textBytesMax
            ? text : String(decoding: text.utf8.prefix(textBytesMax - 3), as: UTF8.self) + "..."
    }

    init(_ finding: Finding) {
        self.init(
            .rule(finding.code), denies: finding.denies, finding.field, finding.message, remedy: finding.remedy)
    }

    init(_ violation: SchemaViolation) {
        self.init(.server, denies: true, violation.field, violation.message, remedy: violation.remedy)
    }

    /// A rule's code, or who speaks in its place.
    var code: String {
        switch source {
        case .rule(let code): code.rawValue
        case .server: "API server"
        case .kubectl: "kubectl"
        case .review: "review"
        }
    }

    /// The whole in one line.
    var text: String {
        let who = if case .rule(let code) = source { "\(code.rawValue) " } else { "\(code): " }
        let end = remedy.isEmpty ? "" : denies ? ". \(remedy)" : "; \(remedy)"
        return OneLine.text("\(who)\(field.isEmpty ? "" : "\(field): ")\(message)\(end)")
    }
}
