/// The rules of `HorizontalPodAutoscaler` objects whose target is an `AlluxioRuntime`; all others pass untouched.
///
/// `/mutate` calls `mutateCreate`; `/validate` calls `validateCreate` on the object as `/mutate` left it, and
/// `validateUpdate`. Nothing is defaulted on UPDATE.
public enum HPARules {
    /// Fills in what a new HPA leaves out: D201 to D204; for `/mutate` on CREATE.
    ///
    /// The verdict has patches and no findings. An HPA with a controller owner is left alone: its owner would write it back for ever.
    public static func mutateCreate(_ hpa: HPAFacts, cluster: ClusterFacts, policy: AdmissionPolicy) -> Verdict {
        guard hpa.target.isAlluxioRuntime, hpa.controllerOwner == nil else { return .pass }
        return Verdict(patches: defaults(hpa, cluster: cluster))
    }

    /// Gates a new HPA; for `/validate` on CREATE.
    public static func validateCreate(
        _ hpa: HPAFacts, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool
    ) -> Verdict {
        guard hpa.target.isAlluxioRuntime else { return .pass }
        return gate(hpa, old: nil, cluster: cluster, policy: policy, isDryRun: isDryRun)
    }

    /// Gates what an update changed, and nothing else; for `/validate` on UPDATE.
    ///
    /// An update that points an HPA at another target is judged as a new one.
    public static func validateUpdate(
        old: HPAFacts, new: HPAFacts, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool
    ) -> Verdict {
        guard new.target.isAlluxioRuntime, !new.isBeingDeleted, !old.isBeingDeleted else { return .pass }
        let isSameTarget = old.target.isAlluxioRuntime && old.target.name == new.target.name
        return gate(new, old: isSameTarget ? old : nil, cluster: cluster, policy: policy, isDryRun: isDryRun)
    }

    private static func gate(
        _ hpa: HPAFacts, old: HPAFacts?, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool
    ) -> Verdict {
        var findings: [Finding] = []
        if old == nil {
            ScalerTarget.check(hpa.claim, cluster: cluster, policy: policy, isDryRun: isDryRun, &findings)
            SecondScaler.check(hpa.claim, cluster: cluster, &findings)
        }
        if let runtime = cluster.target.runtime {
            checkBounds(hpa, old: old, bounds: runtime.bounds, &findings)
            checkMonitoring(hpa, old: old, runtime: runtime, schema: cluster.schema, &findings)
        }
        checkZero(hpa, old: old, &findings)
        checkMetrics(hpa, old: old, cluster: cluster, &findings)
        if let old { checkLostDefaults(hpa, old: old, &findings) }
        checkBehavior(hpa, old: old, &findings)
        return Verdict(findings: findings)
    }
}
