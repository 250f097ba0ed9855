/// One row of the table of rules.
public struct Rule: Sendable, Hashable {
    /// The kinds of object that rules are about.
    public enum Object: String, Sendable, Hashable, CaseIterable {
        case review = "AdmissionReview"
        case runtime = "AlluxioRuntime"
        case hpa = "HorizontalPodAutoscaler, ScaledObject"
        case scale = "AlluxioRuntime scale"
        case workerSet = "worker StatefulSet"
    }

    /// The rule's stable code.
    public var code: RuleCode
    /// What it is about.
    public var object: Object
    /// What it says, in one line.
    public var meaning: String

    /// What the rule does.
    public var kind: RuleKind { code.kind }
}

/// Every rule that there is, in the order of the table in the README.
public enum RuleTable {
    /// All rows, one for each code, grouped by object.
    public static let rows: [Rule] = Rule.Object.allCases.flatMap { object in
        RuleCode.allCases.filter { RuleTable.object(of: $0) == object }.map {
            Rule(code: $0, object: object, meaning: meaning(of: $0))
        }
    }

    /// What a rule is about: told by the hundreds of its code.
    static func object(of code: RuleCode) -> Rule.Object {
        switch code.rawValue.dropFirst().first {
        case "0": .review
        case "1": .runtime
        case "2": .hpa
        case "3": .scale
        default: .workerSet
        }
    }

    /// One line for each code; exhaustive, so that none is forgotten.
    static func meaning(of code: RuleCode) -> String {
        switch code {
        case .unreadableReview: "the review can't be read: no valid JSON, no request, no uid, unknown version"
        case .unknownRuntimeVersion: "an AlluxioRuntime in a version that Sluice does not know"
        case .defaultReplicas: "`spec.replicas` absent: 1, or the annotated minimum"
        case .defaultMonitoring: "the CRD's metrics switch absent: `disablePrometheus: false`, or `monitoring: true`"
        case .defaultBounds: "a bound absent: annotations for 1 and for 10, or more where `spec.replicas` is more"
        case .runtimeNameNotDNSLabel: "the name is no DNS-1035 label"
        case .runtimeNameTooLong: "the name has more than 45 characters, too long for the StatefulSets named after it"
        case .replicasNotACount: "`spec.replicas` is negative or above 2147483647"
        case .replicasBelowMinimum: "`spec.replicas` below the annotated minimum, and not 0"
        case .replicasAboveMaximum: "`spec.replicas` above the maximum that a person annotated"
        case .replicasDropped: "an update drops `spec.replicas` where it was above 0"
        case .tierWithoutQuota: "a tier without `quota` and `quotaList`"
        case .quotaListMismatch: "a `quotaList` that does not match the tier's paths, or has no quantities"
        case .unreadableBound: "an unreadable `sluice.dev/min-replicas` or `max-replicas`"
        case .minimumAboveMaximum: "the annotated minimum is above the maximum"
        case .unreadableDrainPolicy: "an unreadable annotation of the drain policy"
        case .wrongType: "a field of the wrong type, which the API server refuses as well"
        case .replicasGated:
            "under `--gate-runtime-scale-in` a lower `spec.replicas`, until the workers that Fluid will remove are drained"
        case .tooManyTiers:
            "more than \(RuntimeFacts.tierLevelsMax) levels of the tiered store, which nobody would check"
        case .replicasNotDrained:
            "a lower `spec.replicas` where the workers are a DaemonSet's, which go undrained, or stay"
        case .boundsLost: "an update drops the maximum that D103 filled in, so that nothing bounds the count any more"
        case .watermarkOutsideRange: "`high` or `low` of a tier is no ratio from 0 to 1"
        case .lowAboveHigh: "`low` of a tier is above its `high`"
        case .workerReplicasIgnored: "`spec.worker.replicas` is set, which Fluid ignores"
        case .monitoringOffUnderHPA: "metrics are switched off while an HPA targets the runtime"
        case .fieldNotInCRD: "a field that the cluster's CRD does not have, or that no release reads"
        case .replicasAboveFilledMaximum: "`spec.replicas` above a maximum that D103 filled in"
        case .replicasStillOutside: "`spec.replicas` still outside of the bounds, but no farther out than before"
        case .unknownAnnotation: "an annotation under `sluice.dev/` that does not exist"
        case .staleDefaultedMark: "the maximum was changed, but `sluice.dev/defaulted` still marks it as filled in"
        case .longNodeLabels: "namespace and name have more than 48 characters: older Fluid fails to label nodes"
        case .defaultMaxReplicas: "`maxReplicas` absent or 0: the runtime's maximum"
        case .defaultMinReplicas: "`minReplicas` not written: the runtime's minimum, at least 1"
        case .defaultMetric:
            "no metric written: `capacity_used_rate` of the Dataset, or of the runtime where only that has it, Value 90"
        case .defaultScaleDown: "`behavior.scaleDown` not written: window 60 s, at most 1 pod a minute"
        case .secondScaler:
            "another HPA, ScaledObject or CronHPA already scales the runtime; of two, the older one stays"
        case .minReplicasOutside:
            "`minReplicas`, or KEDA's `minReplicaCount` or `idleReplicaCount`, outside of the runtime's bounds"
        case .maxReplicasOutside:
            "`maxReplicas`, or KEDA's `maxReplicaCount` (100 if unset), outside of the runtime's bounds"
        case .metricWithoutMonitoring: "metric `capacity_used_rate` while metrics are off on the runtime"
        case .noLabelSelectorPath: "the CRD has no `labelSelectorPath`, so that no HPA can work"
        case .objectMetricMismatch: "an Object metric whose target type and value don't match (kubernetes#121015)"
        case .targetMissingDenied: "the runtime does not exist, under `--missing-target=deny` and not on a dry run"
        case .tooManyMetrics: "more than \(HPAFacts.metricsMax) metrics, which nobody would check"
        case .pausedReplicasOutside: "KEDA's annotation `paused-replicas` outside of the runtime's bounds"
        case .targetMissing: "the runtime does not exist (yet)"
        case .ownedBoundsOutside: "bounds outside of the runtime's, of an HPA that a controller owns"
        case .maxReplicasAboveFilledMaximum: "a bound above a maximum that D103 filled in"
        case .boundsStillOutside: "a bound still outside of the runtime's, but no farther out than before"
        case .podsMetricMatchesNothing: "a Pods metric that only the master has, while the selector picks workers"
        case .podsMetricValueType: "a Pods metric with `type: Value`, which works as AverageValue"
        case .masterSelector: "the runtime's selector picks masters, so that the HPA's arithmetic is wrong"
        case .scaleDownDisabled: "scale-down is disabled"
        case .minReplicasZero: "`minReplicas: 0`; KEDA's `minReplicaCount` unset, or 0 without a trigger that wakes"
        case .cpuMetricKept: "only the CPU metric that the API server fills in, and no way to tell that nobody wrote it"
        case .hpaNotChecked: "the runtime could not be looked up: bounds and metrics were not checked"
        case .averagedPercentage: "`capacity_used_rate` as AverageValue, which divides a percentage by the workers"
        case .defaultsLost: "an update loses what was filled in, and has the API server's defaults in its place"
        case .customMetricsNotServed: "a metric of type Object or Pods that nobody serves by `custom.metrics.k8s.io`"
        case .scaleAboveMaximum: "a count above the maximum that a person annotated"
        case .scaleBelowMinimum: "a count below the annotated minimum, and not 0"
        case .scaleNotACount: "a negative count, or one above 2147483647"
        case .scaleAboveFilledMaximum: "a count above a maximum that D103 filled in"
        case .scaleStillOutside: "a count still outside of the bounds, but no farther out than before"
        case .scaleNotChecked: "the runtime could not be looked up: the count was not checked"
        case .scaleGated: "the same as E113: a lower count, until the workers that Fluid will remove are drained"
        case .scaleHeld:
            "a count beyond the bounds that a controller asks for is brought to the bound, where that is a step"
        case .scaleNotDrained: "the same as W111: a lower count where the workers are a DaemonSet's"
        case .held: "a lowered `spec.replicas` is put back until the leaving workers are drained"
        case .labelsHeld: "a changed label `app` or `role` is put back: without them nobody asks about the next count"
        case .workerSetNotChecked: "a lowered count passes: without a cluster nobody can say what it is of"
        }
    }
}
