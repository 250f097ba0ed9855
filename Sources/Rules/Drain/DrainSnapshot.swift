/// What was seen of one runtime, live, just now.
public struct DrainSnapshot: Sendable, Hashable {
    /// When the reading of the objects began, by the monotonic clock.
    public var begunAt: Duration
    /// The runtime, or nil if there is none.
    public var runtime: Runtime?
    /// Its worker set, or nil if there is none.
    public var workerSet: WorkerSet?
    /// The worker set's pods.
    public var workers: [Worker] = []
    /// Those that were asked and have ended since: what they said last.
    public var departed: [Worker] = []
    /// The master pod that is asked, and what it says.
    public var master = Master()
    /// What the leaving workers hold by the master's list, if that was asked for.
    public var blocks = BlockLook.notAsked
    /// The uid of the drain's object; nil if there is none.
    public var drainUID: String?
    /// Whether this drain holds one of the slots that all runtimes share, or took one just now.
    public var hasSlot = true
    /// The first thing that could not be looked at; what depends on it is missing here.
    public var trouble: DrainObstacle?
    /// How long the API server asked to be left alone.
    public var retryAfter: Duration?
    /// How many requests and calls the look took: a blocked drain looks the more rarely the more it costs.
    public var cost = 0

    /// Makes a snapshot.
    public init(begunAt: Duration, runtime: Runtime? = nil, workerSet: WorkerSet? = nil) {
        self.begunAt = begunAt
        self.runtime = runtime
        self.workerSet = workerSet
    }

    /// The runtime as far as a drain is concerned.
    public struct Runtime: Sendable, Hashable {
        /// `metadata.uid`.
        public var uid: String
        /// `spec.replicas`, or nil if it is absent or negative.
        public var wanted: Int?
        /// Whether it is being deleted.
        public var isDeleting = false
        /// `status.desiredWorkerNumberScheduled`, or nil before Fluid wrote a status.
        public var desired: Int?
        /// How its workers are drained.
        public var policy: DrainPolicy.Reading

        /// Makes a runtime.
        public init(uid: String, wanted: Int?, policy: DrainPolicy.Reading) {
            self.uid = uid
            self.wanted = wanted
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
        /// Whether that is known: a DaemonSet's nodes may not have been read.
        public var isCounted = true
        /// How many workers are ready, by its own status.
        public var ready = 0
        /// The lowest ordinal (`spec.ordinals.start`).
        public var firstOrdinal = 0
        /// Whether pods go one by one, each only if all below it are ready (`OrderedReady`).
        public var isOrdered = false
        /// Whether its controller has seen the newest count (`status.observedGeneration`).
        public var isObserved = true
        /// Whether a rolling update is under way: a pod that stays, above its partition, is not of `status.updateRevision`
        /// (`RollingUpdate` only).
        public var isRolling = false
        /// Whether the placing labels are those of Fluid up to 0.5, which never scales out again from 0 workers.
        public var isOneWay = false
        /// The mark of the drain it belongs to, as written.
        public var fence: String?
        /// The workers that are marked as taken out of service by us.
        public var outOfService: [OutOfService] = []
        /// Whether it carries what the first version of Sluice kept of a drain.
        public var hasOldMarks = false
        /// The last count that the gate denied, if it was noted.
        public var request: ScaleInRequest?

        /// Makes a worker set.
        public init(name: String, kind: Kind = .stateful, uid: String, resourceVersion: String, present: Int) {
            self.name = name
            self.kind = kind
            self.uid = uid
            self.resourceVersion = resourceVersion
            self.present = present
        }
    }

    /// The master pod, and what the leading master says of itself.
    public struct Master: Sendable, Hashable {
        /// Why it can't be asked, for people; nil if it is ready.
        public var trouble: String?
        /// The memory limit of its container in bytes, or nil if there is none.
        public var memoryLimitBytes: Int64?
        /// The version that it reports, once it was asked and could say.
        public var version: AlluxioVersion?
        /// When it was started, if it says: what was freed under another start proves nothing.
        public var startedMilliseconds: Int64?
        /// The workers, live or lost, that it knows at places where no pod has run, as `host:port`, or `host` as the client
        /// names them; nil if it could not be asked.
        public var strangers: Set<String>?

        /// Makes a master.
        public init(trouble: String? = nil) { self.trouble = trouble }
    }
}

extension DrainSnapshot {
    /// One worker pod, what the master knows of it, and what it said of itself.
    public struct Worker: Sendable, Hashable {
        /// How far the pod's container has come.
        public enum Start: Sendable, Hashable {
            /// It runs, or ran before.
            case done
            /// It never ran, and will as far as anyone can tell: with the blocks that another left there.
            case awaited
            /// It never ran, and can't as it is; why, in Kubernetes' own words.
            case failed(String)
        }

        /// Whether the leading master knows the worker.
        public enum Registration: Sendable, Hashable {
            /// It is in the live list.
            case live
            /// It is in the list of the lost.
            case lost
            /// The lists were read and it is in neither.
            case missing
            /// The lists were not asked for, or could not be read.
            case unknown
        }

        /// The pod's name.
        public var name: String
        /// The pod's uid: another uid is another worker.
        public var uid: String
        /// Its ordinal in a StatefulSet.
        public var ordinal: Int?
        /// The node that it is on.
        public var node = ""
        /// The node's address: the worker's name in the master's reports.
        public var host = ""
        /// Its web port, as its container names it.
        public var webPort: Int?
        /// Whether it is being deleted.
        public var isDeleting = false
        /// Whether it is ready.
        public var isReady = true
        /// How far its container has come.
        public var start = Start.done
        /// Whether it runs, so that it can be asked.
        public var isRunning = true
        /// Whether something on its node still uses the cache (a DaemonSet's nodes only).
        public var isNodeInUse = false
        /// Whether its node still carries the labels that place it (a DaemonSet's nodes only).
        public var isPlaced = true
        /// Whether the master knows it.
        public var registration = Registration.unknown
        /// In which condition the master holds it, where it was asked and can say.
        public var service: CapacityReport.State?
        /// What it said of itself.
        public var look = WorkerLook.notAsked

        /// Makes a worker.
        public init(name: String, uid: String, ordinal: Int?) {
            self.name = name
            self.uid = uid
            self.ordinal = ordinal
        }

        /// Its name in the master's lists.
        public var address: String { "\(host):\(webPort ?? 0)" }

        /// Where its blocks are, whoever runs there: pods of a StatefulSet come back under their names, of a DaemonSet on
        /// their nodes.
        public var place: String { ordinal == nil ? node : name }
    }

    /// The pod of this uid.
    public func worker(uid: String) -> Worker? { workers.first { $0.uid == uid } }
}

/// A worker that was, or was about to be, taken out of service.
public struct OutOfService: Sendable, Hashable {
    /// The pod's name.
    public var name: String
    /// Its uid when it was taken out of service.
    public var uid: String
    /// Its name in the master's reports.
    public var host: String
    /// Its web port.
    public var webPort: Int

    /// Makes one.
    public init(name: String, uid: String, host: String, webPort: Int) {
        self.name = name
        self.uid = uid
        self.host = host
        self.webPort = webPort
    }
}

/// What has to be asked for a snapshot: nobody is asked more than the state needs.
public struct DrainQuestions: Sendable, Hashable {
    /// The pods and the master beside the runtime and its worker set.
    public var pods = false
    /// The workers to be asked what they hold, by uid.
    public var workers: Set<String> = []
    /// Whether all other workers that stay are asked too, for folders and by path.
    public var survivors = false
    /// The workers of which the master's list of blocks is read, by uid; those that can't be had so show their own lists.
    public var blocksOf: Set<String> = []
    /// Whether counters are enough of the workers, since what they hold is known, or is asked for by `blocksOf`.
    public var isBrief = false
    /// The master's lists of workers, and its version.
    public var registration = false
    /// In which condition the master holds each worker.
    public var service = false
    /// Whether something is done because of the answers that allows none to be older than `DrainTiming.lookAgeMaximum`.
    public var isUrgent = false

    /// Asks nothing.
    public init() {}
}
