/// What the leading master of a cache says of it at one moment.
public struct CacheReading: Sendable, Hashable {
    /// One live worker.
    public struct Worker: Sendable, Hashable {
        /// Whose it is.
        public var identity: MasterInfo.Worker
        /// How much of it is in use.
        public var use: CacheUse
        /// How long ago the master last heard of it, in seconds.
        public var silentSeconds: Int64

        /// Makes a worker.
        public init(identity: MasterInfo.Worker, use: CacheUse, silentSeconds: Int64 = 0) {
            self.identity = identity
            self.use = use
            self.silentSeconds = silentSeconds
        }
    }

    /// The whole cache, all live workers together.
    public var whole: CacheUse
    /// The live workers; up to 10 s older than `whole`.
    public var workers: [Worker]
    /// What was read; nil where the master does not count it.
    public var reads: ReadCounters?
    /// When the master started, in milliseconds since 1970: counters of another start are not compared.
    public var startedMilliseconds: Int64?

    /// Makes a reading.
    public init(
        whole: CacheUse, workers: [Worker], reads: ReadCounters? = nil,
        startedMilliseconds: Int64? = nil
    ) {
        self.whole = whole
        self.workers = workers
        self.reads = reads
        self.startedMilliseconds = startedMilliseconds
    }
}
