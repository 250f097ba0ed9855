/// The rules of `AlluxioRuntime` objects.
///
/// `/mutate` calls `mutateCreate`; `/validate` calls `validateCreate` on the object as `/mutate` left it, and
/// `validateUpdate`. Nothing is defaulted on UPDATE. Who reviews a file applies the patches and validates the result.
public enum RuntimeRules {
    /// Fills in what a new runtime leaves out: D101 to D103; for `/mutate` on CREATE.
    ///
    /// The verdict has patches and no findings.
    public static func mutateCreate(
        _ runtime: RuntimeFacts, cluster: ClusterFacts, policy: AdmissionPolicy
    ) -> Verdict {
        Verdict(patches: defaults(runtime, schema: cluster.schema, policy: policy))
    }

    /// Checks a new runtime; for `/validate` on CREATE.
    public static func validateCreate(
        _ runtime: RuntimeFacts, cluster: ClusterFacts, policy: AdmissionPolicy
    ) -> Verdict {
        validate(runtime, old: nil, cluster: cluster)
    }

    /// Checks what an update changed, and nothing else; for `/validate` on UPDATE.
    ///
    /// What was wrong before and stays as it was passes, and so does everything while the object is being deleted:
    /// nobody may be kept from removing a finalizer.
    public static func validateUpdate(
        old: RuntimeFacts, new: RuntimeFacts, cluster: ClusterFacts, policy: AdmissionPolicy
    ) -> Verdict {
        if new.isBeingDeleted || old.isBeingDeleted { return .pass }
        let verdict = validate(new, old: old, cluster: cluster)
        let scaleIn = ScaleInRules.judge(
            from: old.replicas.value ?? 0, to: new.replicas.value ?? 0, cluster, policy: policy,
            denial: .replicasGated, warning: .replicasNotDrained)
        // A dropped count is denied as such, and what is denied for another reason too is no request that a drain could grant.
        guard !scaleIn.findings.isEmpty, !new.replicas.isAbsent, verdict.allowed else { return verdict }
        return Verdict(findings: verdict.findings + scaleIn.findings, request: scaleIn.request)
    }

    private static func validate(_ runtime: RuntimeFacts, old: RuntimeFacts?, cluster: ClusterFacts) -> Verdict {
        var findings: [Finding] = []
        if old == nil { checkName(runtime, &findings) }
        checkReplicas(runtime, old: old, &findings)
        checkAnnotations(runtime, old: old, &findings)
        if let old { checkLostBounds(runtime, old: old, &findings) }
        checkTiers(runtime, old: old, &findings)
        checkSwitches(runtime, old: old, cluster: cluster, &findings)
        checkFields(runtime, old: old, schema: cluster.schema, &findings)
        return Verdict(findings: findings)
    }
}
