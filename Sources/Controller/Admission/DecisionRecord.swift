internal import Kubernetes
internal import Rules
internal import Wire

/// What was decided about one review, as the log and the metrics tell it; never the object's contents.
struct DecisionRecord: Sendable {
    /// What came of a review.
    enum Decision: String, Sendable {
        /// None of our business, or nothing to do.
        case untouched
        /// Admitted as it is.
        case allowed
        /// Admitted with values filled in.
        case patched
        /// Admitted with the old count or labels put back.
        case held
        /// Refused.
        case denied
    }

    var uid: String
    var webhook: Webhook
    var operation = ""
    var kind = ""
    var namespace = ""
    var name = ""
    var subresource = ""
    var user = ""
    var isDryRun = false
    var decision = Decision.untouched
    var codes: [RuleCode] = []
    var patched: [String] = []
    var warnings: [String] = []
    var denials = ""
    var note = ""

    /// Makes the record of a review that can't be read.
    init(uid: String, _ webhook: Webhook) {
        self.uid = uid
        self.webhook = webhook
    }

    /// Makes the record of a review.
    init(_ review: AdmissionReview, _ webhook: Webhook) {
        self.init(uid: review.uid, webhook)
        operation = review.operation.rawValue
        kind = review.kind.kind
        namespace = review.namespace
        name = review.name
        if name.isEmpty { name = review.object?.at("metadata", "name")?.nameText ?? "" }
        subresource = review.subResource
        user = review.username
        isDryRun = review.isDryRun
    }

    /// Takes over what the rules said.
    mutating func apply(_ verdict: Verdict) {
        codes = verdict.codes
        patched = verdict.patches.map(\.pointer)
        denials = verdict.denialMessage
        if !verdict.allowed {
            decision = .denied
        } else if codes.contains(.held) || codes.contains(.labelsHeld) {
            decision = .held
        } else {
            decision = verdict.patches.isEmpty ? .allowed : .patched
        }
    }

    /// The kinds that the rules are about, as the metrics tell them.
    private static let kinds: Set<String> = [
        "", "AlluxioRuntime", "HorizontalPodAutoscaler", "ScaledObject", "Scale", "StatefulSet",
    ]

    /// The kind that stands in the metrics: anybody may write anything into a review.
    var metricKind: String { Self.kinds.contains(kind) ? kind : Metrics.other }

    /// The code that stands in the metrics: the first that denies or holds, else the first.
    var decidingCode: RuleCode? {
        codes.first { $0.kind == .denies || $0.kind == .holds } ?? codes.first
    }

    /// The line of the log: what nobody has to act on is for debugging.
    func line(microseconds: Int64) -> LogRecord {
        let level: LogRecord.Level =
            switch decision {
            case .untouched: .debug
            case .allowed, .patched: .info
            case .held, .denied: .warning
            }
        var fields: [(name: String, value: JSON)] = []
        fields.reserveCapacity(14)
        fields += [
            ("decision", .string(decision.rawValue)), ("webhook", .string(webhook.rawValue)), ("uid", .string(uid)),
            ("operation", .string(operation)), ("kind", .string(kind)),
            ("object", .string(namespace.isEmpty ? name : "\(namespace)/\(name)")),
        ]
        if !subresource.isEmpty { fields.append(("subresource", .string(subresource))) }
        fields.append(("user", .string(user)))
        if isDryRun { fields.append(("dryRun", true)) }
        if !codes.isEmpty { fields.append(("codes", .array(codes.map { .string($0.rawValue) }))) }
        if !patched.isEmpty { fields.append(("patched", .array(patched.map(JSON.string)))) }
        if !warnings.isEmpty { fields.append(("warnings", .array(warnings.map(JSON.string)))) }
        if !denials.isEmpty { fields.append(("refusal", .string(denials))) }
        if !note.isEmpty { fields.append(("note", .string(note))) }
        fields.append(("microseconds", .integer(microseconds)))
        return LogRecord(level, "admission", fields)
    }
}
