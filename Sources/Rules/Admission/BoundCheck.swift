/// A count of an HPA or a ScaledObject against the bounds of its runtime.
struct BoundCheck {
    var claim: ScalerClaim
    var field: String
    /// The rule that denies it.
    var code: RuleCode
    var bounds: Bounds
    /// What has to be said of the count itself, ending in a pronoun; nil for nothing.
    var note: String?

    /// Says what is wrong with a count; nil if nothing is, or if the update did not change it.
    func finding(_ count: Int64?, before: Int64?) -> Finding? {
        guard let count, count != before, !bounds.isContradictory else { return nil }
        let judgement = bounds.judge(count, before: before.map { ($0, bounds) })
        if judgement == .inside { return nil }
        let outside = "\(count) is outside of the runtime's bounds (\(bounds.words))"
        if let owner = claim.controller {
            return Finding(.ownedBoundsOutside, field, outside, remedy: "set it in \(owner.kind) \(quoted(owner.name))")
        }
        switch judgement {
        case .inside: return nil
        case .stillOutside:
            return Finding(.boundsStillOutside, field, outside, remedy: "passes, as it is no farther out")
        case .aboveFilledIn(let maximum):
            return Finding(
                .maxReplicasAboveFilledMaximum, field,
                "\(note == nil ? "\(count)" : "unset (\(count))") is above the filled-in maximum of \(maximum)",
                remedy: "set \(Annotation.maxReplicas) on the runtime")
        case .below(let bound), .above(let bound):
            let annotation = count < bound ? Annotation.minReplicas : Annotation.maxReplicas
            let runtime = claim.runtime
            return Finding(
                code, field,
                "\(note ?? "\(count)") is outside of what AlluxioRuntime \(quoted(runtime)) allows (\(bounds.words)): "
                    + "\(claim.subject) would ask for what is refused",
                remedy: "Write \(count < bound ? "at least" : "at most") \(bound), or change the runtime: kubectl "
                    + "-n \(claim.namespace) annotate alluxioruntime \(runtime) \(annotation)=\(count) --overwrite")
        }
    }
}
