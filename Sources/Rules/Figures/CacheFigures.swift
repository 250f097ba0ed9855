/// What is said of a cache: how full it is, as a whole and worker by worker, and how well it serves its readers.
public struct CacheFigures: Sendable, Hashable {
    /// One worker, by its pod.
    public struct Worker: Sendable, Hashable {
        /// The pod's name.
        public var pod: String
        /// How much of it is in use.
        public var use: CacheUse
        /// What it has counted since it started; nil where it did not say.
        public var counters: WorkerTraffic?

        /// Makes a worker.
        public init(pod: String, use: CacheUse) {
            self.pod = pod
            self.use = use
        }
    }

    /// The whole cache.
    public var whole: CacheUse
    /// The workers whose pods are known, sorted by pod.
    public var workers: [Worker]
    /// Whether `whole` and `workers` are what was in use before a drain began to free, which would be seen as unused space.
    public var isFloored = false
    /// What was read since the master started; nil where it does not say.
    public var reads: ReadCounters?
    /// The share of reads between the last two looks that was served by the cache; nil where nothing was read, or nobody
    /// can say, or while a drain frees.
    public var hitRatio: Double?

    /// Makes figures.
    public init(whole: CacheUse, workers: [Worker]) {
        self.whole = whole
        self.workers = workers
    }
}
