internal import Rules

/// What can be asked of a cache, or of one of its workers, by `custom.metrics.k8s.io`.
enum CacheMetric: String, Sendable, Hashable, CaseIterable {
    /// The share in use, in percent, rounded up.
    case usedRate = "capacity_used_rate"
    /// Bytes that may be held.
    case total = "Cluster_CapacityTotal"
    /// Bytes in use.
    case used = "Cluster_CapacityUsed"
    /// Bytes that are free.
    case free = "Cluster_CapacityFree"

    /// The figure as a whole number; nil where there is none.
    func value(of use: CacheUse) -> Int64? {
        switch self {
        case .usedRate: use.percent
        case .total: use.totalBytes
        case .used: use.usedBytes
        case .free: use.freeBytes
        }
    }
}
