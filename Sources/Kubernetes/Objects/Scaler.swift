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
    }

    /// Namespace and name of the runtime that it scales.
    public var runtimeKey: ObjectKey { ObjectKey(namespace: meta.namespace, name: target.name) }
}
