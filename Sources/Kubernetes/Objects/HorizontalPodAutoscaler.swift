public import Wire

/// What an autoscaler scales.
public struct ScaleTarget: Sendable, Hashable {
    /// The API group; empty for the core group, and where `apiVersion` is left out.
    public var group: String
    /// The kind; empty where it is left out.
    public var kind: String
    /// The name, in the autoscaler's namespace.
    public var name: String

    /// Makes a target.
    public init(group: String, kind: String, name: String) {
        self.group = group
        self.kind = kind
        self.name = name
    }

    init(_ value: JSONValue) throws(ObjectError) {
        group = APIVersion.group(try value.optionalString("apiVersion") ?? "")
        kind = try value.optionalString("kind") ?? ""
        name = try value.optionalString("name") ?? ""
    }

    /// Reads `spec.scaleTargetRef`; nil if there is none.
    init?(of value: JSONValue) throws(ObjectError) {
        let target = try value.optionalObject("spec") { (spec) throws(ObjectError) in
            try spec.optionalObject("scaleTargetRef") { (target) throws(ObjectError) in try ScaleTarget(target) }
        }
        guard let target = target ?? nil else { return nil }
        self = target
    }

    /// Whether it is an `AlluxioRuntime`; a target without `apiVersion` is judged by its kind.
    public var isAlluxioRuntime: Bool {
        kind == AlluxioRuntime.kind && (group.isEmpty || group == AlluxioRuntime.group)
    }
}

/// What we read of a `HorizontalPodAutoscaler`, in any of its versions.
public struct HorizontalPodAutoscaler: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// What it scales; nil if the field is absent.
    public var target: ScaleTarget?
    /// The least replicas; nil if the field is absent, which means 1.
    public var minReplicas: Int32?
    /// The most replicas; nil if the field is absent.
    public var maxReplicas: Int32?
    /// The metrics, in one shape for all versions.
    public var metrics: [Metric]
    /// How fast it scales up; nil if the field is absent.
    public var scaleUp: ScalingRules?
    /// How fast it scales down; nil if the field is absent.
    public var scaleDown: ScalingRules?
    /// Whether `spec.behavior` is there.
    public var hasBehavior: Bool

    /// Makes an autoscaler.
    public init(
        meta: ObjectMeta, target: ScaleTarget? = nil, minReplicas: Int32? = nil, maxReplicas: Int32? = nil,
        metrics: [Metric] = [], scaleUp: ScalingRules? = nil, scaleDown: ScalingRules? = nil, hasBehavior: Bool = false
    ) {
        self.meta = meta
        self.target = target
        self.minReplicas = minReplicas
        self.maxReplicas = maxReplicas
        self.metrics = metrics
        self.scaleUp = scaleUp
        self.scaleDown = scaleDown
        self.hasBehavior = hasBehavior
    }

    /// Reads an autoscaler; the version is told by the shape of its fields.
    public init(_ value: JSONValue, keeping retention: ObjectMeta.Retention = .all) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value, keeping: retention))
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in try read(spec: spec) }
    }

    private mutating func read(spec: JSONValue) throws(ObjectError) {
        target = try spec.optionalObject("scaleTargetRef") { (target) throws(ObjectError) in try ScaleTarget(target) }
        minReplicas = try spec.optionalInt32("minReplicas")
        maxReplicas = try spec.optionalInt32("maxReplicas")
        metrics = try spec.objects("metrics") { (metric) throws(ObjectError) in try Metric(metric) }
        if let percentage = try spec.optionalInt32("targetCPUUtilizationPercentage") {
            metrics.append(Metric(type: .resource, name: "cpu", targetType: .utilization, utilization: percentage))
        }
        let behavior = try spec.optionalObject("behavior") { (behavior) throws(ObjectError) in
            (
                try behavior.optionalObject("scaleUp") { (rules) throws(ObjectError) in try ScalingRules(rules) },
                try behavior.optionalObject("scaleDown") { (rules) throws(ObjectError) in try ScalingRules(rules) }
            )
        }
        hasBehavior = behavior != nil
        scaleUp = behavior?.0
        scaleDown = behavior?.1
    }

    /// How fast an autoscaler moves in one direction.
    public struct ScalingRules: Sendable, Hashable {
        /// For how long it looks back before it acts, in seconds; nil if the field is absent.
        public var stabilizationWindowSeconds: Int32?
        /// `Max`, `Min` or `Disabled`; nil if the field is absent, which means `Max`.
        public var selectPolicy: String?
        /// The limits.
        public var policies: [Policy]

        /// One limit: at most `value` pods or percent in `periodSeconds`.
        public struct Policy: Sendable, Hashable {
            /// `Pods` or `Percent`.
            public var type: String
            /// How many.
            public var value: Int32
            /// In which time, in seconds.
            public var periodSeconds: Int32

            /// Makes a limit.
            public init(type: String, value: Int32, periodSeconds: Int32) {
                self.type = type
                self.value = value
                self.periodSeconds = periodSeconds
            }
        }

        /// Makes rules.
        public init(stabilizationWindowSeconds: Int32? = nil, selectPolicy: String? = nil, policies: [Policy] = []) {
            self.stabilizationWindowSeconds = stabilizationWindowSeconds
            self.selectPolicy = selectPolicy
            self.policies = policies
        }

        init(_ value: JSONValue) throws(ObjectError) {
            stabilizationWindowSeconds = try value.optionalInt32("stabilizationWindowSeconds")
            selectPolicy = try value.optionalString("selectPolicy")
            policies = try value.objects("policies") { (policy) throws(ObjectError) in
                Policy(
                    type: try policy.optionalString("type") ?? "", value: try policy.optionalInt32("value") ?? 0,
                    periodSeconds: try policy.optionalInt32("periodSeconds") ?? 0)
            }
        }
    }
}
