/// What the rules say to one request: the findings, and what they want changed.
public struct Verdict: Sendable, Hashable {
    /// Everything there is to say, sorted by field and then by code.
    public private(set) var findings: [Finding]
    /// The changes, in the order in which they have to be applied; empty where the request is refused.
    public private(set) var patches: [Patch]
    /// What is to be noted of a denied request, for the reconciler; never on a dry run.
    public private(set) var request: ScaleInRequest?

    /// Lets a request pass untouched and without a word.
    public static let pass = Verdict()

    /// Makes a verdict; the findings may come in any order.
    public init(findings: [Finding] = [], patches: [Patch] = [], request: ScaleInRequest? = nil) {
        self.findings = findings.count > 1 ? findings.sorted() : findings
        self.patches = findings.contains(where: \.denies) ? [] : patches
        self.request = request
    }

    /// The most findings that an answer spells out; the rest is counted, so that answers to huge objects stay small.
    public static let maximumFindingsShown = 20

    /// Says whether the request may go on.
    public var allowed: Bool { !findings.contains(where: \.denies) }

    /// What denies the request, sorted.
    public var denials: [Finding] { findings.filter(\.denies) }

    /// The warnings for the caller, each within `Finding.maximumWarningBytes`, at most `maximumFindingsShown`: where there
    /// are more, the last one counts them.
    public var warnings: [String] {
        let warnings = findings.filter { !$0.denies }
        guard warnings.count > Verdict.maximumFindingsShown else { return warnings.map(\.warningText) }
        let shown = warnings.prefix(Verdict.maximumFindingsShown - 1).map(\.warningText)
        return shown + ["and \(warnings.count - shown.count) more warnings"]
    }

    /// The text of the refusal: all errors at once, a line each; empty where nothing is denied.
    public var denialMessage: String {
        let denials = denials
        if denials.count <= 1 { return denials.first?.text ?? "" }
        let shown = denials.prefix(Verdict.maximumFindingsShown).map { "\n- \($0.text)" }.joined()
        let rest = denials.count - Verdict.maximumFindingsShown
        return "\(denials.count) errors:\(shown)" + (rest > 0 ? "\n- and \(rest) more" : "")
    }

    /// Every code that spoke, sorted and once each: for logs and metrics.
    public var codes: [RuleCode] {
        var codes: [RuleCode] = []
        for finding in findings where !codes.contains(finding.code) { codes.append(finding.code) }
        for patch in patches where !codes.contains(patch.code) { codes.append(patch.code) }
        return codes.sorted()
    }
}
