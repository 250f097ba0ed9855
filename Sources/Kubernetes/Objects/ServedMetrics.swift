/// What a cluster serves by `custom.metrics.k8s.io`, as discovery lists it.
public struct ServedMetrics: Sendable, Hashable {
    /// Whether anybody serves the group.
    public var isServed: Bool
    /// What has the metric `capacity_used_rate`, by its resource, such as `pods`; nil where the list can't be had.
    public var capacityResources: Set<String>?

    /// The metric that tells how full a cache is.
    public static let capacityMetric = "capacity_used_rate"

    /// Makes what is served.
    public init(isServed: Bool, capacityResources: Set<String>? = []) {
        self.isServed = isServed
        self.capacityResources = capacityResources
    }

    /// Nothing at all.
    public static let nothing = ServedMetrics(isServed: false)
}
