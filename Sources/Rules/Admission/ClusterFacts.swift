/// What is known of the cluster around an object; everything in it may be unknown.
public struct ClusterFacts: Sendable, Hashable {
    /// False where there is no cluster, or the store has not caught up: rules that need it then only warn.
    public var isKnown: Bool
    /// What the CRD of `AlluxioRuntime` has.
    public var schema: RuntimeSchema
    /// The runtime that an HPA or a scale request is for.
    public var target: TargetState
    /// The workers of the runtime that is written or scaled, if their set is a DaemonSet and they are to be drained.
    public var daemonWorkers: DaemonWorkers?
    /// Everything that scales the same runtime, this object and its owner included; none that is being deleted.
    public var scalers: [ScalerFacts]
    /// Whether anybody serves `custom.metrics.k8s.io`; nil if that is not known.
    public var servesCustomMetrics: Bool?
    /// What has the metric `capacity_used_rate` there, such as `pods`; nil if that is not known.
    public var capacityResources: Set<String>?

    /// Makes the facts; what is left out is unknown or empty.
    public init(
        isKnown: Bool, schema: RuntimeSchema = RuntimeSchema(), target: TargetState = .unknown,
        scalers: [ScalerFacts] = []
    ) {
        self.isKnown = isKnown
        self.schema = schema
        self.target = target
        self.scalers = scalers
    }

    /// No cluster at all: `sluice review`, `--no-cluster`.
    public static let unknown = ClusterFacts(isKnown: false)
}

/// What the `AlluxioRuntime` CRD of the cluster has.
public struct RuntimeSchema: Sendable, Hashable {
    /// Which field switches the metrics.
    public enum MetricsSwitch: Sendable, Hashable {
        /// The CRD is not known.
        case unknown
        /// `spec.monitoring`, off unless true: the AutoScale proposal's CRD.
        case monitoring
        /// `spec.disablePrometheus`, on unless true: Fluid 0.5 and later.
        case disablePrometheus
        /// Neither: Fluid 0.4 and earlier.
        case neither
    }

    /// Which field switches the metrics; where the CRD has both, `disablePrometheus`.
    public var metricsSwitch: MetricsSwitch
    /// Whether the scale subresource has a `labelSelectorPath`; nil if the CRD is not known.
    public var hasLabelSelectorPath: Bool?

    /// Makes a schema; what is left out is unknown.
    public init(metricsSwitch: MetricsSwitch = .unknown, hasLabelSelectorPath: Bool? = nil) {
        self.metricsSwitch = metricsSwitch
        self.hasLabelSelectorPath = hasLabelSelectorPath
    }
}

/// Whether the runtime in question exists.
public enum TargetState: Sendable, Hashable {
    /// Nobody could say: no cluster, or the look-up failed.
    case unknown
    /// It does not exist, as far as the store and one live look-up can tell.
    case absent
    /// It exists.
    case present(TargetRuntime)

    /// The runtime, if it exists.
    public var runtime: TargetRuntime? {
        if case .present(let runtime) = self { runtime } else { nil }
    }
}

/// What an HPA or a scale request has to know of its runtime.
public struct TargetRuntime: Sendable, Hashable {
    /// The bounds; unreadable ones count as none.
    public var bounds: Bounds
    /// Whether its metrics can be scraped.
    public var monitoring: MonitoringState
    /// `status.selector`, or empty.
    public var selector: String

    /// Makes a target; without arguments one that has no bounds and no selector yet.
    public init(bounds: Bounds = Bounds(), monitoring: MonitoringState = .unknown, selector: String = "") {
        self.bounds = bounds
        self.monitoring = monitoring
        self.selector = selector
    }

    /// Makes a target from the facts of the runtime itself.
    public init(_ runtime: RuntimeFacts, schema: RuntimeSchema, selector: String) {
        self.init(
            bounds: Bounds(runtime), monitoring: runtime.monitoringState(schema), selector: selector)
    }
}

/// Something that scales a runtime.
public struct ScalerFacts: Sendable, Hashable {
    /// `HorizontalPodAutoscaler`, `ScaledObject` or `CronHorizontalPodAutoscaler`.
    public var kind: String
    /// Its name; the namespace is the runtime's.
    public var name: String
    /// Its uid, or empty.
    public var uid: String
    /// Who manages it: the ScaledObject of an HPA that KEDA made.
    public var controller: OwnerFacts?
    /// When it was made, in milliseconds since 1970; nil if that is not known.
    public var createdAt: Int64?
    /// Whether it scales by a metric of the cache itself.
    public var readsCacheMetric = true

    /// Makes a scaler from its identity; set the rest by name.
    public init(kind: String, name: String, uid: String) {
        self.kind = kind
        self.name = name
        self.uid = uid
    }
}

/// Settings of the process that rules depend on.
public struct AdmissionPolicy: Sendable, Hashable {
    /// What happens to an HPA whose runtime does not exist.
    public enum MissingTarget: String, Sendable, Hashable, CaseIterable {
        case warn
        case deny
    }

    /// The maximum that D103 fills in, if the runtime does not already have more workers.
    public var defaultMaximum: Int64
    /// What happens to an HPA whose runtime does not exist; a dry run is never denied for it.
    public var missingTarget: MissingTarget
    /// The user name of the reconciler, who alone may lower a worker set; empty means that nobody may.
    public var reconcilerUser: String
    /// The user names of controllers that scale: a count of theirs beyond the bounds is brought to the bound.
    public var scalerUsers: Set<String>
    /// What a runtime's annotations don't say of its drain policy.
    public var drainDefaults: DrainPolicy
    /// Who removes the workers of a DaemonSet.
    public var daemonRemoval: DaemonRemoval

    /// Makes a policy; the default maximum is brought between 1 and `Int32.max`.
    public init(
        defaultMaximum: Int64 = 10, missingTarget: MissingTarget = .warn, reconcilerUser: String = "",
        scalerUsers: Set<String> = [], drainDefaults: DrainPolicy = DrainPolicy(),
        daemonRemoval: DaemonRemoval = .unattended
    ) {
        self.defaultMaximum = min(max(defaultMaximum, 1), Int64(Int32.max))
        self.missingTarget = missingTarget
        self.reconcilerUser = reconcilerUser
        self.scalerUsers = scalerUsers
        self.drainDefaults = drainDefaults
        self.daemonRemoval = daemonRemoval
    }
}
