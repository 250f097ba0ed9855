public import Wire

/// Something that scales a runtime, as far as it counts that there is only one.
public struct Scaler: Sendable, Hashable {
    /// What kinds there are.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Kubernetes' own.
        case horizontalPodAutoscaler = "HorizontalPodAutoscaler"
        /// KEDA's, which makes a `HorizontalPodAutoscaler` of its own.
        case scaledObject = "ScaledObject"
        /// Alibaba's, which writes a count at times of day.
        case cronHorizontalPodAutoscaler = "CronHorizontalPodAutoscaler"
    }

    /// What kind it is.
    public var kind: Kind
    /// Its metadata.
    public var meta: ObjectMeta
    /// What it scales.
    public var target: ScaleTarget
    /// `metadata.creationTimestamp`, in milliseconds since 1970; nil before the object is stored.
    public var createdAt: Int64?
    /// Whether it scales by how full the cache is, as far as its metrics or triggers tell.
    public var readsCacheMetric = false

    /// Makes a scaler.
    public init(kind: Kind, meta: ObjectMeta, target: ScaleTarget) {
        self.kind = kind
        self.meta = meta
        self.target = target
    }

    /// Reads a scaler; nil if it names no target, or one that is no `AlluxioRuntime`.
    public init?(_ value: JSONValue, kind: Kind) throws(ObjectError) {
        // Most autoscalers of a cluster are none of ours: look at the target first.
        guard let target = try ScaleTarget(of: value), target.isAlluxioRuntime else { return nil }
        self.init(kind: kind, meta: try ObjectMeta(of: value, keeping: .none), target: target)
        createdAt = value["metadata"]?["creationTimestamp"]?.string.flatMap(RFC3339.parse)
        readsCacheMetric = Self.readsCacheMetric(value, kind)
    }

    /// The name of the metric that tells how full the cache is; KEDA writes something in front of it.
    private static let cacheMetric: StaticString = "capacity_used_rate"
    /// The most metrics or triggers that are looked at.
    private static let metricsMax = 64

    private static func readsCacheMetric(_ value: JSONValue, _ kind: Kind) -> Bool {
        let spec = value["spec"]
        switch kind {
        case .horizontalPodAutoscaler:
            return spec?["metrics"]?.elements.prefix(metricsMax).contains { metric in
                [metric["object"], metric["pods"], metric["external"]].contains { source in
                    source?["metric"]?["name"]?.hasSuffix(cacheMetric) == true
                }
            } ?? false
        case .scaledObject:
            return spec?["triggers"]?.elements.prefix(metricsMax).contains(where: triggerReadsCacheMetric) ?? false
        case .cronHorizontalPodAutoscaler:
            return false
        }
    }

    /// Whether a trigger of a `ScaledObject` names the metric anywhere in its metadata: as its own, or in a query.
    public static func triggerReadsCacheMetric(_ trigger: JSONValue) -> Bool {
        trigger["metadata"]?.members.contains { $0.value.contains(cacheMetric) } ?? false
    }

    /// Namespace and name of the runtime that it scales.
    public var runtimeKey: ObjectKey { ObjectKey(namespace: meta.namespace, name: target.name) }
}
