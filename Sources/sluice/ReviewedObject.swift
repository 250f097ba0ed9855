internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// What became of one object of a review.
struct ReviewedObject: Sendable {
    let manifest: Manifest
    /// Namespace and name, for people.
    let title: String
    let namespace: String
    let name: String
    /// What would be filled in, without the parents that are made on the way.
    let patches: [Patch]
    /// The same as a JSON patch of the manifest as it was written.
    let jsonPatch: JSON
    let findings: [Finding]
    /// The object as it would be admitted.
    let admitted: JSON

    var isDenied: Bool { findings.contains(where: \.denies) }
    var denials: [Finding] { findings.filter(\.denies) }
    var warnings: [Finding] { findings.filter { !$0.denies } }

    /// Where in the file a finding's field is, or the nearest thing around it.
    func line(of finding: Finding) -> Int { manifest.node.line(at: FieldPath.tokens(finding.field)) }
}

/// Field paths as Kubernetes writes them: `spec.metrics[0].object`, `metadata.annotations[a.b/c]`.
enum FieldPath {
    static func tokens(_ path: String) -> [String] {
        var tokens: [String] = []
        var token = ""
        var isBracketed = false
        func finish() {
            if !token.isEmpty { tokens.append(token) }
            token = ""
        }
        for character in path {
            switch character {
            case "[" where !isBracketed:
                finish()
                isBracketed = true
            case "]" where isBracketed:
                finish()
                isBracketed = false
            case "." where !isBracketed: finish()
            default: token.append(character)
            }
        }
        finish()
        return tokens
    }
}
