/// The rules of scale requests for an `AlluxioRuntime`.
public enum ScaleRules {
    /// Checks a count against the runtime's bounds and the gate; for `/validate` on UPDATE of `alluxioruntimes/scale`.
    ///
    /// 0 is inside all bounds, and an unchanged count is always allowed. A runtime that does not exist is the API server's to refuse.
    public static func validateUpdate(
        _ scale: ScaleFacts, cluster: ClusterFacts, policy: AdmissionPolicy
    ) -> Verdict {
        // A count that is no number the API server refuses itself.
        guard scale.oldReplicas != scale.newReplicas, let count = count(scale.newReplicas) else {
            return .pass
        }
        let scaleIn = ScaleInRules.judge(
            from: self.count(scale.oldReplicas) ?? 0, to: count, cluster, policy: policy,
            denial: .scaleGated, warning: .scaleNotDrained)
        let bounds = checkBounds(scale, count, cluster)
        // What is denied for another reason too is no request that a drain could grant.
        return Verdict(findings: bounds.findings + scaleIn.findings, request: bounds.allowed ? scaleIn.request : nil)
    }

    /// Brings a controller's count that is beyond the bounds to the bound; for `/mutate` on UPDATE of `alluxioruntimes/scale`.
    ///
    /// Only where that is a step in the direction that was asked for: at the bound, `validateUpdate` refuses it, so that
    /// the controller's events say why. A person is always refused.
    public static func mutateUpdate(_ scale: ScaleFacts, cluster: ClusterFacts) -> Verdict {
        guard let count = count(scale.newReplicas), let old = self.count(scale.oldReplicas),
            let runtime = cluster.target.runtime, !runtime.bounds.isContradictory
        else { return .pass }
        let bound: Int64
        let which: String
        switch runtime.bounds.judge(count, before: (old, runtime.bounds)) {
        case .above(let maximum) where maximum > old: (bound, which) = (maximum, "above the maximum")
        case .below(let minimum) where old == 0 ? count > 0 : minimum < old:
            (bound, which) = (minimum, "below the minimum")
        default: return .pass
        }
        let annotation = count > bound ? Annotation.maxReplicas : Annotation.minReplicas
        let patch = Patch(
            .replace, ["spec", "replicas"], .integer(bound), code: .scaleHeld,
            reason: "\(count) is \(which): set to \(bound)")
        let finding = Finding(
            .scaleHeld, "spec.replicas", "\(count) is \(which), set to \(bound)", remedy: "the bound is \(annotation)")
        return Verdict(findings: [finding], patches: [patch])
    }

    private static func checkBounds(_ scale: ScaleFacts, _ count: Int64, _ cluster: ClusterFacts) -> Verdict {
        guard count != 0 else { return .pass }
        let field = "spec.replicas"
        if count < 0 || count > Int64(Int32.max) {
            return Verdict(findings: [
                Finding(
                    .scaleNotACount, field, "\(count) is no number of workers",
                    remedy: "Ask for a whole number from 0 to \(Int32.max)")
            ])
        }
        switch cluster.target {
        case .absent: return .pass
        case .unknown:
            return Verdict(findings: [
                Finding(
                    .scaleNotChecked, field, "\(count) passes unchecked", remedy: "the runtime could not be looked up")
            ])
        case .present(let runtime):
            let before = self.count(scale.oldReplicas).map { ($0, runtime.bounds) }
            let finding = finding(scale, count, runtime.bounds, runtime.bounds.judge(count, before: before))
            return Verdict(findings: finding.map { [$0] } ?? [])
        }
    }

    private static func count(_ field: Field<Int64>) -> Int64? {
        field.isAbsent ? 0 : field.value
    }

    private static func finding(
        _ scale: ScaleFacts, _ count: Int64, _ bounds: Bounds, _ judgement: BoundsJudgement
    ) -> Finding? {
        let field = "spec.replicas"
        func annotate(_ name: String) -> String {
            "kubectl -n \(scale.namespace) annotate alluxioruntime \(scale.name) \(name)=\(count) --overwrite"
        }
        if bounds.isContradictory { return nil }
        switch judgement {
        case .inside: return nil
        case .above(let maximum):
            return Finding(
                .scaleAboveMaximum, field,
                "\(count) is above the maximum of \(maximum) that AlluxioRuntime \(quoted(scale.name)) sets",
                remedy: "Ask for at most \(maximum), or raise it: \(annotate(Annotation.maxReplicas))")
        case .below(let minimum):
            return Finding(
                .scaleBelowMinimum, field,
                "\(count) is below the minimum of \(minimum) that AlluxioRuntime \(quoted(scale.name)) sets",
                remedy: "Ask for at least \(minimum), or for 0 to suspend the cache, or lower it: "
                    + annotate(Annotation.minReplicas))
        case .aboveFilledIn(let maximum):
            return Finding(
                .scaleAboveFilledMaximum, field, "\(count) is above the filled-in maximum of \(maximum)",
                remedy: "set \(Annotation.maxReplicas) on the runtime")
        case .stillOutside:
            return Finding(
                .scaleStillOutside, field, "\(count) is still outside the bounds of \(bounds.words)",
                remedy: "passes, as it is no farther out")
        }
    }
}
