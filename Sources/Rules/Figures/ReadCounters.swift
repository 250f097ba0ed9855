/// What was read through a cache since its master started, in bytes, by where it came from.
///
/// The master's sums over all workers and clients (`Cluster.BytesRead…`). Remote and domain include what a worker fetched
/// from the under storage for the reader; local, which a client reads from the worker's disk or memory itself, does not.
public struct ReadCounters: Sendable, Hashable {
    /// Read by clients from a worker on their own node, past it.
    public var localBytes: Int64
    /// Read from workers over the network.
    public var remoteBytes: Int64
    /// Read from workers over a domain socket.
    public var domainBytes: Int64
    /// Read by workers from the under storage, for readers and for the cache alone.
    public var underStorageBytes: Int64

    /// Makes counters.
    public init(localBytes: Int64, remoteBytes: Int64, domainBytes: Int64, underStorageBytes: Int64) {
        self.localBytes = localBytes
        self.remoteBytes = remoteBytes
        self.domainBytes = domainBytes
        self.underStorageBytes = underStorageBytes
    }

    /// The share of what was read since `earlier` that the under storage was not asked for, from 0 to 1.
    ///
    /// Nil where nothing was read meanwhile, or a counter fell: its master began anew. What is loaded without a reader counts
    /// as missed, since Alluxio counts it in the same place.
    public func hitRatio(since earlier: ReadCounters) -> Double? {
        let steps = [
            localBytes &- earlier.localBytes, remoteBytes &- earlier.remoteBytes, domainBytes &- earlier.domainBytes,
        ]
        let missed = underStorageBytes &- earlier.underStorageBytes
        guard missed >= 0, steps.allSatisfy({ $0 >= 0 }) else { return nil }
        let read = steps.reduce(0.0) { $0 + Double($1) }
        guard read > 0 else { return nil }
        return min(max(1 - Double(missed) / read, 0), 1)
    }
}
