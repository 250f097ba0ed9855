/// What the rules look at in a `ScaledObject` of KEDA.
public struct ScaledObjectFacts: Sendable, Hashable {
    /// One entry of `spec.triggers`.
    public struct Trigger: Sendable, Hashable {
        /// `type`, such as `prometheus`.
        public var type: String
        /// `metricType`; empty means AverageValue.
        public var metricType: String
        /// Whether it asks for how full the cache is, by anything in its metadata.
        public var readsCacheMetric: Bool

        /// Makes a trigger from its three fields.
        public init(type: String, metricType: String = "", readsCacheMetric: Bool = false) {
            self.type = type
            self.metricType = metricType
            self.readsCacheMetric = readsCacheMetric
        }
    }

    /// KEDA's annotation that stops it at a number of replicas.
    public static let pausedReplicasAnnotation = "autoscaling.keda.sh/paused-replicas"
    /// `maxReplicaCount` where it is unset.
    static let defaultMaximum: Int64 = 100

    /// `metadata.namespace`; from the request where the object has none.
    public var namespace: String
    /// `metadata.name`.
    public var name: String
    /// `metadata.uid`, or empty.
    public var uid = ""
    /// Says whether `metadata.deletionTimestamp` is set.
    public var isBeingDeleted = false
    /// `spec.scaleTargetRef`.
    public var target: ScaleTarget
    /// `spec.minReplicaCount`; absent means 0.
    public var minReplicas = Field<Int64>.absent
    /// `spec.maxReplicaCount`; absent means 100.
    public var maxReplicas = Field<Int64>.absent
    /// `spec.idleReplicaCount`; absent means that there is none.
    public var idleReplicas = Field<Int64>.absent
    /// The annotation `paused-replicas`; one that is no number is KEDA's to refuse.
    public var pausedReplicas: Int64?
    /// `spec.triggers`, in order.
    public var triggers: [Trigger] = []

    /// Makes the facts of a ScaledObject with nothing in it but its target; set the rest by name.
    public init(namespace: String, name: String, target: ScaleTarget) {
        self.namespace = namespace
        self.name = name
        self.target = target
    }

    var claim: ScalerClaim {
        ScalerClaim(
            kind: "ScaledObject", namespace: namespace, name: name, uid: uid, owners: [], runtime: target.name,
            subject: "KEDA")
    }
}
