@testable import Rules

/// One case of a table: what the rules say to something; what they should say is in a file of `Tests/Golden/Rules`.
struct Sample: Sendable {
    let title: String
    let verdict: Verdict

    init(_ title: String, _ verdict: Verdict) {
        self.title = title
        self.verdict = verdict
    }

    /// What a person would see: patches, then refusals in full, then warnings as they are sent.
    var lines: [String] {
        verdict.patches.map {
            "\($0.code.rawValue) \($0.operation) \($0.pointer) \(Sample.json($0.value)) # \($0.reason)"
        }
            + verdict.findings.map { $0.denies ? $0.text : $0.warningText }
    }

    /// A value as JSON, for reading.
    static func json(_ value: PatchValue) -> String {
        switch value {
        case .string(let text): "\"\(text)\""
        case .integer(let number): String(number)
        case .bool(let flag): String(flag)
        case .object(let members): "{" + members.map { "\"\($0.key)\":\(json($0.value))" }.joined(separator: ",") + "}"
        case .array(let values): "[" + values.map(json).joined(separator: ",") + "]"
        }
    }
}

/// A sound runtime with two workers and one tier, changed as a case needs it.
func runtime(_ change: (inout RuntimeFacts) -> Void = { _ in }) -> RuntimeFacts {
    var facts = RuntimeFacts(namespace: "default", name: "hbase")
    facts.replicas = .present(2)
    facts.disablePrometheus = .present(false)
    facts.tierLevels = [tier()]
    change(&facts)
    if !facts.annotations.isEmpty { facts.annotationsContainer = .object }
    return facts
}

/// A sound level of a tiered store, changed as a case needs it.
func tier(_ change: (inout TierFacts) -> Void = { _ in }) -> TierFacts {
    var facts = TierFacts()
    facts.path = .present("/dev/shm")
    facts.quota = .present("2Gi")
    facts.high = .present("0.95")
    facts.low = .present("0.7")
    change(&facts)
    return facts
}

/// A sound HPA of the runtime `hbase`, changed as a case needs it.
func hpa(_ change: (inout HPAFacts) -> Void = { _ in }) -> HPAFacts {
    var facts = HPAFacts(
        namespace: "default", name: "hbase-hpa",
        target: ScaleTarget(apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime", name: "hbase"))
    facts.minReplicas = .present(1)
    facts.maxReplicas = .present(3)
    facts.hasMetrics = true
    facts.metrics = [capacityMetric()]
    facts.behaviorContainer = .object
    facts.scaleDown = ScaleDownFacts()
    facts.scaleDown?.stabilizationWindowSeconds = 60
    change(&facts)
    return facts
}

/// The metric that D203 fills in, changed as a case needs it.
func capacityMetric(_ change: (inout MetricFacts) -> Void = { _ in }) -> MetricFacts {
    var metric = MetricFacts(type: "Object", name: "capacity_used_rate")
    metric.describedKind = "Dataset"
    metric.targetType = "Value"
    metric.hasValue = true
    change(&metric)
    return metric
}

/// The metric that the API server fills in where none is written.
var serverMetric: MetricFacts {
    var metric = MetricFacts(type: "Resource", name: "cpu")
    metric.targetType = "Utilization"
    metric.averageUtilization = 80
    return metric
}

/// A cluster with today's CRD and the given runtime.
func cluster(
    _ target: TargetState = .present(TargetRuntime(bounds: Bounds(minimum: 1, maximum: 4), monitoring: .on)),
    scalers: [ScalerFacts] = [], metricsSwitch: RuntimeSchema.MetricsSwitch = .disablePrometheus,
    hasLabelSelectorPath: Bool? = true
) -> ClusterFacts {
    ClusterFacts(
        isKnown: true,
        schema: RuntimeSchema(metricsSwitch: metricsSwitch, hasLabelSelectorPath: hasLabelSelectorPath),
        target: target, scalers: scalers)
}

/// A cluster with today's CRD and a runtime with the given bounds.
func cluster(_ minimum: Int64?, _ maximum: Int64?, filledIn: Bool = false) -> ClusterFacts {
    cluster(
        .present(
            TargetRuntime(
                bounds: Bounds(minimum: minimum, maximum: maximum, isMaximumFilledIn: filledIn), monitoring: .on)))
}

/// A cluster in which these have the metric `capacity_used_rate`.
func cluster(serving resources: Set<String>) -> ClusterFacts {
    var facts = cluster(1, 5)
    facts.servesCustomMetrics = true
    facts.capacityResources = resources
    return facts
}

let policy = AdmissionPolicy(reconcilerUser: "system:serviceaccount:sluice:sluice")

func created(_ facts: RuntimeFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
    RuntimeRules.validateCreate(facts, cluster: cluster, policy: policy)
}

func updated(
    _ old: RuntimeFacts, _ new: RuntimeFacts, _ cluster: ClusterFacts = cluster(), policy: AdmissionPolicy = policy
) -> Verdict {
    RuntimeRules.validateUpdate(old: old, new: new, cluster: cluster, policy: policy)
}

func defaulted(_ facts: RuntimeFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
    RuntimeRules.mutateCreate(facts, cluster: cluster, policy: policy)
}

func created(_ facts: HPAFacts, _ cluster: ClusterFacts = cluster(), policy: AdmissionPolicy = policy) -> Verdict {
    HPARules.validateCreate(facts, cluster: cluster, policy: policy, isDryRun: false)
}

func updated(_ old: HPAFacts, _ new: HPAFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
    HPARules.validateUpdate(old: old, new: new, cluster: cluster, policy: policy, isDryRun: false)
}

func defaulted(_ facts: HPAFacts, _ cluster: ClusterFacts = cluster()) -> Verdict {
    HPARules.mutateCreate(facts, cluster: cluster, policy: policy)
}

/// Workers of a DaemonSet, of which 3 are present, with the drain that is under way, changed as a case needs it.
func daemonWorkers(
    target: Int? = nil, isWatched: Bool = false, _ change: (inout DrainRecord) -> Void = { _ in }
) -> DaemonWorkers {
    var record = target.map {
        DrainRecord(state: .checking, plan: DrainPlan(from: 3, target: $0, leaving: []), ledger: DrainLedger())
    }
    if var changed = record {
        change(&changed)
        record = changed
    }
    return DaemonWorkers(
        present: 3, drain: record, isWatched: isWatched, now: Timestamp(millisecondsSinceEpoch: 60_000))
}

/// A cluster with such workers.
func cluster(_ workers: DaemonWorkers) -> ClusterFacts {
    var facts = cluster()
    facts.daemonWorkers = workers
    return facts
}

let gated = AdmissionPolicy(daemonRemoval: .gated)

func scaled(
    _ old: Int64?, _ new: Int64?, _ cluster: ClusterFacts = cluster(), policy: AdmissionPolicy = policy
) -> Verdict {
    func field(_ count: Int64?) -> Field<Int64> { count.map { .present($0) } ?? .absent }
    return ScaleRules.validateUpdate(
        ScaleFacts(namespace: "default", name: "hbase", oldReplicas: field(old), newReplicas: field(new)),
        cluster: cluster, policy: policy)
}
