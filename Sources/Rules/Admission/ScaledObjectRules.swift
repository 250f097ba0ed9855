/// The rules of KEDA's `ScaledObject`s whose target is an `AlluxioRuntime`: those of HPAs, told where a person writes.
///
/// For `/validate`; nothing is filled in. KEDA's own writes (finalizers, labels, an empty `scalingModifiers`) always pass.
public enum ScaledObjectRules {
    /// Gates a new ScaledObject.
    public static func validateCreate(
        _ object: ScaledObjectFacts, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool
    ) -> Verdict {
        guard object.target.isAlluxioRuntime, !object.isBeingDeleted else { return .pass }
        return gate(object, old: nil, cluster: cluster, policy: policy, isDryRun: isDryRun)
    }

    /// Gates what an update changed, and nothing else; one that points to another target is judged as a new one.
    public static func validateUpdate(
        old: ScaledObjectFacts, new: ScaledObjectFacts, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool
    ) -> Verdict {
        guard new.target.isAlluxioRuntime, !new.isBeingDeleted, !old.isBeingDeleted else { return .pass }
        let isSameTarget = old.target.isAlluxioRuntime && old.target.name == new.target.name
        return gate(new, old: isSameTarget ? old : nil, cluster: cluster, policy: policy, isDryRun: isDryRun)
    }

    private static func gate(
        _ object: ScaledObjectFacts, old: ScaledObjectFacts?, cluster: ClusterFacts, policy: AdmissionPolicy,
        isDryRun: Bool
    ) -> Verdict {
        var findings: [Finding] = []
        if old == nil {
            ScalerTarget.check(object.claim, cluster: cluster, policy: policy, isDryRun: isDryRun, &findings)
            SecondScaler.check(object.claim, cluster: cluster, &findings)
        }
        if let runtime = cluster.target.runtime {
            checkCounts(object, old: old, bounds: runtime.bounds, &findings)
        }
        checkZero(object, old: old, &findings)
        checkTriggers(object, old: old, cluster: cluster, &findings)
        return Verdict(findings: findings)
    }

    /// E202, E203, E209, W203, W204: every count that KEDA may write.
    private static func checkCounts(
        _ object: ScaledObjectFacts, old: ScaledObjectFacts?, bounds: Bounds, _ findings: inout [Finding]
    ) {
        func check(
            _ field: String, _ code: RuleCode, _ count: KeyPath<ScaledObjectFacts, Int64?>, isUnset: Bool = false
        ) {
            let finding = BoundCheck(
                claim: object.claim, field: field, code: code, bounds: bounds,
                note: isUnset ? "unset means \(ScaledObjectFacts.defaultMaximum), which" : nil
            ).finding(object[keyPath: count], before: old?[keyPath: count])
            if let finding { findings.append(finding) }
        }
        check("spec.minReplicaCount", .minReplicasOutside, \.minReplicas.value)
        check("spec.idleReplicaCount", .minReplicasOutside, \.idleReplicas.value)
        check("spec.maxReplicaCount", .maxReplicasOutside, \.maximum, isUnset: object.maxReplicas.isAbsent)
        check(
            Annotation.field(ScaledObjectFacts.pausedReplicasAnnotation), .pausedReplicasOutside, \.pausedReplicas)
    }

    /// W209: a ScaledObject that empties the cache; whether it comes back depends on its triggers.
    private static func checkZero(
        _ object: ScaledObjectFacts, old: ScaledObjectFacts?, _ findings: inout [Finding]
    ) {
        let field = "spec.minReplicaCount"
        // With an idle count, that is what it falls to.
        guard object.idleReplicas.isAbsent || object.idleReplicas == .present(0) else { return }
        let isUnset = object.minReplicas.isAbsent && object.idleReplicas.isAbsent
        let isZero = isUnset || object.minReplicas == .present(0) || object.idleReplicas == .present(0)
        let isAsBefore =
            old.map {
                $0.minReplicas == object.minReplicas && $0.idleReplicas == object.idleReplicas
                    && $0.triggers == object.triggers
            } ?? false
        guard isZero, !isAsBefore else { return }
        if isUnset {
            findings.append(
                Finding(
                    .minReplicasZero, field, "unset means 0: KEDA empties the cache at once while no trigger is active",
                    remedy: "write 1"))
        } else if !object.triggers.contains(where: \.wakes) {
            findings.append(
                Finding(
                    .minReplicasZero, object.idleReplicas.isAbsent ? field : "spec.idleReplicaCount",
                    "0 lets KEDA empty the cache", remedy: "no trigger here wakes it again: write 1"))
        }
    }

    /// E204 and W212: triggers that ask for the cache's own metric.
    private static func checkTriggers(
        _ object: ScaledObjectFacts, old: ScaledObjectFacts?, cluster: ClusterFacts, _ findings: inout [Finding]
    ) {
        let before = Set(old?.triggers ?? [])
        for (index, trigger) in object.triggers.enumerated()
        where trigger.readsCacheMetric && !before.contains(trigger) {
            let field = "spec.triggers[\(index)]"
            if cluster.target.runtime?.monitoring == .off {
                findings.append(HPARules.withoutMonitoring(field, object.target.name, cluster.schema))
            }
            if trigger.metricType != "Value" {
                findings.append(HPARules.averaged("\(field).metricType", remedy: "write Value"))
            }
        }
    }
}

extension ScaledObjectFacts {
    /// The most that KEDA may ask for; nil if the field can't be read.
    fileprivate var maximum: Int64? { maxReplicas.isAbsent ? Self.defaultMaximum : maxReplicas.value }
}

extension ScaledObjectFacts.Trigger {
    /// Whether it can have a value without any worker: those of pods can't, and those of the cache neither.
    fileprivate var wakes: Bool { !readsCacheMetric && type != "cpu" && type != "memory" }
}
