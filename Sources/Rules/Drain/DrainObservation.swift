/// What was seen of one runtime, live, just now.
public struct DrainObservation: Sendable, Hashable {
    /// The runtime, or nil if there is none.
    public var runtime: Runtime?
    /// Its worker set, or nil if there is none.
    public var workerSet: WorkerSet?
    /// The worker set's pods.
    public var workers: [Worker]
    /// The master pod that is asked.
    public var master: Master
    /// The version that the master reports, if it was asked and could say.
    public var version: AlluxioVersion?
    /// Each worker's condition by its name in the master's reports, or nil if it was not asked or could not be read.
    public var service: [String: CapacityReport.State]?
    /// Whether this drain holds one of the places that all runtimes share, or took one just now.
    public var hasPlace: Bool
    /// What came of the action before.
    public var outcome: DrainOutcome

    /// Makes an observation.
    public init(
        runtime: Runtime?, workerSet: WorkerSet?, workers: [Worker] = [], master: Master = Master(),
        version: AlluxioVersion? = nil, service: [String: CapacityReport.State]? = nil, hasPlace: Bool = true,
        outcome: DrainOutcome = .none
    ) {
        self.runtime = runtime
        self.workerSet = workerSet
        self.workers = workers
        self.master = master
        self.version = version
        self.service = service
        self.hasPlace = hasPlace
        self.outcome = outcome
    }

    /// The runtime as far as a drain is concerned.
    public struct Runtime: Sendable, Hashable {
        /// `metadata.uid`.
        public var uid: String
        /// `spec.replicas`, or nil if it is absent.
        public var wanted: Int?
        /// Whether it is being deleted.
        public var isDeleting: Bool
        /// `status.desiredWorkerNumberScheduled`, or nil before Fluid wrote a status.
        public var desired: Int?
        /// How its workers are drained.
        public var policy: DrainPolicy.Reading

        /// Makes a runtime.
        public init(
            uid: String, wanted: Int?, isDeleting: Bool = false, desired: Int? = nil, policy: DrainPolicy.Reading
        ) {
            self.uid = uid
            self.wanted = wanted
            self.isDeleting = isDeleting
            self.desired = desired
            self.policy = policy
        }
    }

    /// What runs the workers.
    public struct WorkerSet: Sendable, Hashable {
        /// How workers are placed, and so how they are removed.
        public enum Kind: Sendable, Hashable {
            /// A StatefulSet: the highest ordinals go first.
            case stateful
            /// A DaemonSet placed by node labels.
            case daemon(DaemonRemoval)
        }

        /// Its name; a StatefulSet's pods are named after it.
        public var name: String
        /// How workers are placed.
        public var kind: Kind
        /// `metadata.uid`.
        public var uid: String
        /// `metadata.resourceVersion`, the precondition of every write to it.
        public var resourceVersion: String
        /// How many workers there are to be: `spec.replicas`, or the nodes with the selector's labels.
        public var present: Int
        /// Whether a rolling update is under way: some pod's revision is not `status.updateRevision` (`RollingUpdate` only).
        public var isRolling: Bool
        /// The last count that the gate denied, if it was noted.
        public var wish: ScaleInWish?

        /// Makes a worker set.
        public init(
            name: String, kind: Kind = .stateful, uid: String, resourceVersion: String, present: Int,
            isRolling: Bool = false, wish: ScaleInWish? = nil
        ) {
            self.name = name
            self.kind = kind
            self.uid = uid
            self.resourceVersion = resourceVersion
            self.present = present
            self.isRolling = isRolling
            self.wish = wish
        }
    }

    /// The master pod.
    public struct Master: Sendable, Hashable {
        /// Whether it is ready and its container runs.
        public var isReady: Bool
        /// Why not, for people.
        public var trouble: String
        /// The memory limit of its container in bytes, or nil if there is none.
        public var memoryLimitBytes: Int64?

        /// Makes a master.
        public init(isReady: Bool = true, trouble: String = "", memoryLimitBytes: Int64? = nil) {
            self.isReady = isReady
            self.trouble = trouble
            self.memoryLimitBytes = memoryLimitBytes
        }
    }
}

extension DrainObservation {
    /// What was seen, and what the record remembers besides.
    ///
    /// Where a worker ran its blocks still are, even if the pod that took its place can't start. Whoever judges by a
    /// record recalls by it first.
    public func recalling(_ record: DrainRecord?) -> DrainObservation {
        guard let record else {
            return self
        }
        var recalled = self
        // A memory that is full remembers nobody for certain.
        let isFull = record.ranIn.count >= DrainTiming.placesMaximum
        for index in workers.indices where workers[index].start == .failed {
            if isFull || record.ranIn.contains(workers[index].place) {
                recalled.workers[index].start = .awaited
            }
        }
        return recalled
    }
}
