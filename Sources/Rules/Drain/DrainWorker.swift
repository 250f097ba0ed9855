extension DrainObservation {
    /// One worker pod and what it said of itself.
    public struct Worker: Sendable, Hashable {
        /// Whether the leading master knows the worker.
        public enum Registration: Sendable, Hashable {
            /// It is in the live list.
            case registered
            /// The list was read and it is not in it.
            case missing
            /// The list was not asked for, or could not be read.
            case unknown
        }

        /// How far the pod's container has come.
        public enum Start: Sendable, Hashable {
            /// It runs, or ran before.
            case done
            /// It never ran, and will as far as anyone can tell: with the blocks that another left there.
            case awaited
            /// It never ran, and can't as it is.
            case failed
        }

        /// The pod's name.
        public var name: String
        /// The pod's uid: another uid is another worker.
        public var uid: String
        /// Its ordinal in a StatefulSet.
        public var ordinal: Int?
        /// The node that it is on.
        public var node: String
        /// The node's address: the worker's name in the master's reports.
        public var host: String
        /// Its web port, as its container names it.
        public var webPort: Int?
        /// Whether it is being deleted.
        public var isDeleting: Bool
        /// How far its container has come.
        public var start: Start
        /// Whether it runs, so that it can be asked.
        public var isRunning: Bool
        /// Whether something on its node still uses the cache (a DaemonSet's nodes only).
        public var isNodeInUse: Bool
        /// Whether its node still carries the labels that place it (a DaemonSet's nodes only).
        public var isPlaced: Bool
        /// Whether the master knows it.
        public var registration: Registration
        /// What it said of itself.
        public var look: WorkerLook
        /// Whether the master's report says exactly 0 bytes, on one tier and a host that no other worker shares.
        public var isReportedEmpty: Bool

        /// Makes a worker.
        public init(
            name: String, uid: String, ordinal: Int?, node: String = "", host: String = "", webPort: Int? = nil,
            isDeleting: Bool = false, start: Start = .done, isRunning: Bool = true, isNodeInUse: Bool = false,
            isPlaced: Bool = true, registration: Registration = .unknown, look: WorkerLook = .notAsked,
            isReportedEmpty: Bool = false
        ) {
            self.name = name
            self.uid = uid
            self.ordinal = ordinal
            self.node = node
            self.host = host
            self.webPort = webPort
            self.isDeleting = isDeleting
            self.start = start
            self.isRunning = isRunning
            self.isNodeInUse = isNodeInUse
            self.isPlaced = isPlaced
            self.registration = registration
            self.look = look
            self.isReportedEmpty = isReportedEmpty
        }

        /// What it holds, if it said so and nothing is doubtful.
        public var holding: WorkerHolding? {
            mayHold ? look.holding : WorkerHolding()
        }

        /// Whether it can hold anything: one that never ran and can't does not.
        public var mayHold: Bool { start != .failed }

        /// Where its blocks are, whoever runs there: pods of a StatefulSet come back under their names, of a DaemonSet on
        /// their nodes.
        public var place: String { ordinal == nil ? node : name }
    }
}

/// One look at a worker's own list.
public enum WorkerLook: Sendable, Hashable {
    /// Nobody asked.
    case notAsked
    /// It could not be read; why, for people.
    case unreadable(String)
    /// It was read at this time.
    case held(WorkerHolding, at: Timestamp)

    /// What was seen, if anything could be.
    public var holding: WorkerHolding? {
        if case .held(let holding, _) = self { holding } else { nil }
    }
}

/// What came of an action; kept in memory only.
public enum DrainOutcome: Sendable, Hashable {
    /// There was no action, or nobody knows: Sluice was started since.
    case none
    /// What each free said.
    case freed([FreeResult])
    /// What each pin said.
    case pinned([PinResult])
    /// What a change of service said.
    case service(ServiceAnswer)
    /// The worker set's count after we wrote it.
    case replicas(Int)
    /// A write to the cluster was done.
    case done
    /// A write to the cluster was refused or lost; why, for people.
    case failed(String)

    /// One free and its answer.
    public struct FreeResult: Sendable, Hashable {
        /// What was called.
        public var call: FreeCall
        /// What it said.
        public var answer: FreeAnswer
        /// When.
        public var at: Timestamp

        /// Makes a result.
        public init(_ call: FreeCall, _ answer: FreeAnswer, at: Timestamp) {
            self.call = call
            self.answer = answer
            self.at = at
        }
    }

    /// One pin and its answer.
    public struct PinResult: Sendable, Hashable {
        /// The file.
        public var path: AlluxioPath
        /// What was said.
        public var answer: PinAnswer

        /// Makes a result.
        public init(_ path: AlluxioPath, _ answer: PinAnswer) {
            self.path = path
            self.answer = answer
        }
    }
}
