/// What the rules look at in a `HorizontalPodAutoscaler`, whatever its version.
public struct HPAFacts: Sendable, Hashable {
    /// The API version in which the object came, without its group.
    public enum Version: String, Sendable, Hashable, CaseIterable {
        case v1
        case v2beta1
        case v2beta2
        case v2

        /// Says whether this version has `behavior` and metric targets with a type.
        public var hasBehavior: Bool { self == .v2 || self == .v2beta2 }
    }

    /// `metadata.namespace`; from the request where the object has none.
    public var namespace: String
    /// `metadata.name`.
    public var name: String
    /// `metadata.uid`, or empty.
    public var uid = ""
    /// Says whether `metadata.deletionTimestamp` is set.
    public var isBeingDeleted = false
    /// The version in which the object came: `object.apiVersion`, not the request's.
    public var version: Version
    /// `spec.scaleTargetRef`.
    public var target: ScaleTarget
    /// `metadata.ownerReferences`: the first few, and the one that controls.
    public var owners: [OwnerFacts] = []
    /// `spec.minReplicas`; absent means 1.
    public var minReplicas = Field<Int64>.absent
    /// `spec.maxReplicas`.
    public var maxReplicas = Field<Int64>.absent
    /// The most metrics that are looked at.
    public static let metricsMax = 64
    /// `spec.metrics` in order, the first `metricsMax`, or for `v1` empty.
    public var metrics: [MetricFacts] = []
    /// Whether `spec.metrics` is there; an empty list counts as there.
    public var hasMetrics = false
    /// Whether there are more metrics than `metrics` has, which nobody looked at.
    public var hasMoreMetrics = false
    /// Whether `spec.behavior` is there.
    public var behaviorContainer = Container.absent
    /// Whether `spec.behavior.scaleUp` is there.
    public var hasScaleUp = false
    /// `spec.behavior.scaleDown`; nil if it is not there.
    public var scaleDown: ScaleDownFacts?
    /// What the user really wrote, as `last-applied-configuration` or an `Apply` entry of `managedFields` shows it; nil if
    /// there is neither.
    public var written: HPAWrittenFields?

    /// Makes the facts of an HPA with nothing in it but its target; set the rest by name.
    public init(namespace: String, name: String, version: Version = .v2, target: ScaleTarget) {
        self.namespace = namespace
        self.name = name
        self.version = version
        self.target = target
    }

    /// The owner that manages this HPA, such as a KEDA `ScaledObject`.
    public var controllerOwner: OwnerFacts? { owners.first(where: \.isController) }
}

/// What an HPA scales.
public struct ScaleTarget: Sendable, Hashable {
    /// `apiVersion`, with the group.
    public var apiVersion: String
    /// `kind`.
    public var kind: String
    /// `name`, in the HPA's namespace.
    public var name: String

    /// Makes a target from its three fields.
    public init(apiVersion: String, kind: String, name: String) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
    }

    /// Says whether the target is an `AlluxioRuntime` of the group `data.fluid.io`, in any version.
    public var isAlluxioRuntime: Bool {
        kind == "AlluxioRuntime" && (apiVersion.hasPrefix("data.fluid.io/") || apiVersion == "data.fluid.io")
    }
}

/// One entry of `metadata.ownerReferences`.
public struct OwnerFacts: Sendable, Hashable {
    /// The owner's kind.
    public var kind: String
    /// The owner's name.
    public var name: String
    /// The owner's uid.
    public var uid: String
    /// Says whether `controller: true`.
    public var isController: Bool

    /// Makes an owner from its reference.
    public init(kind: String, name: String, uid: String, isController: Bool) {
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
    }
}

/// One entry of `spec.metrics`.
public struct MetricFacts: Sendable, Hashable {
    /// `type`: `Resource`, `Pods`, `Object`, `External`, `ContainerResource`.
    public var type: String
    /// The name of the metric or of the resource.
    public var name: String
    /// The kind of the object that a metric of type `Object` is of; empty for the other types.
    public var describedKind = ""
    /// `target.type`; empty in `v2beta1`, which has none.
    public var targetType = ""
    /// Whether `target.value` is there.
    public var hasValue = false
    /// Whether `target.averageValue` is there.
    public var hasAverageValue = false
    /// `target.averageUtilization`.
    public var averageUtilization: Int64?

    /// Makes a metric without a target; set the rest by name.
    public init(type: String, name: String) {
        self.type = type
        self.name = name
    }

    /// Whether it tells how full the cache is; KEDA writes its triggers' names in front: `s0-capacity_used_rate`.
    var isCapacity: Bool {
        let metric = HPARules.capacityMetric
        return name == metric || (type == "External" && name.hasPrefix("s") && name.hasSuffix("-\(metric)"))
    }
}

/// `spec.behavior.scaleDown`.
public struct ScaleDownFacts: Sendable, Hashable {
    /// One entry of `policies`.
    public struct Pace: Sendable, Hashable {
        /// `Pods` or `Percent`.
        public var type: String
        /// How many, or how many percent.
        public var value: Int64
        /// In which time, in seconds.
        public var periodSeconds: Int64

        /// Makes a pace from its three fields.
        public init(type: String, value: Int64, periodSeconds: Int64) {
            self.type = type
            self.value = value
            self.periodSeconds = periodSeconds
        }
    }

    /// `selectPolicy`, or empty.
    public var selectPolicy = ""
    /// `stabilizationWindowSeconds`.
    public var stabilizationWindowSeconds: Int64?
    /// `policies`.
    public var policies: [Pace] = []
    /// Whether anything else is in it (`tolerance`): then somebody wrote it.
    public var hasOtherFields = false

    /// Makes an empty scale-down behaviour; set the rest by name.
    public init() {}

    /// Says whether this is what the API server itself fills in beside a written `scaleUp`: everything within 15 s.
    var isFilledIn: Bool {
        stabilizationWindowSeconds == nil && !hasOtherFields && (selectPolicy.isEmpty || selectPolicy == "Max")
            && policies == [Pace(type: "Percent", value: 100, periodSeconds: 15)]
    }
}

/// Which fields the user really wrote: the API server fills in some before any webhook sees the object.
public struct HPAWrittenFields: Sendable, Hashable {
    /// `spec.minReplicas`.
    public var minReplicas: Bool
    /// `spec.metrics`, or `spec.targetCPUUtilizationPercentage` of `v1`.
    public var metrics: Bool
    /// `spec.behavior.scaleDown`.
    public var scaleDown: Bool

    /// Makes the set of written fields.
    public init(minReplicas: Bool, metrics: Bool, scaleDown: Bool) {
        self.minReplicas = minReplicas
        self.metrics = metrics
        self.scaleDown = scaleDown
    }
}
