/// What a worker has counted since it started, as its own page says.
public struct WorkerTraffic: Sendable, Hashable {
    /// Blocks that it removed for want of space: a cache that is too small for its readers.
    public var evictedBlocks: Int64
    /// Bytes that it read from the under storage, of all mounts and for all users.
    public var underStorageBytes: Int64

    /// Makes counters.
    public init(evictedBlocks: Int64, underStorageBytes: Int64) {
        self.evictedBlocks = evictedBlocks
        self.underStorageBytes = underStorageBytes
    }
}
