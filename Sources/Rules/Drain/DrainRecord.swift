/// What has to outlive Sluice of a drain: an annotation on the worker set, bound to that set, its pods and the target.
///
/// Everything else is derived from the cluster again. A record that belongs to another worker set or runtime counts as none.
public struct DrainRecord: Sendable, Hashable {
    /// How far the drain has come; never `idle`.
    public var state: DrainState
    /// The uid of the worker set.
    public var workerSetUID: String
    /// The uid of the runtime.
    public var runtimeUID: String
    /// How many workers are to be left.
    public var target: Int
    /// The pods that leave.
    public var leaving: [Leaving]
    /// When the drain began.
    public var startedAt: Timestamp
    /// When the state was entered.
    public var stateSince: Timestamp
    /// How many rounds of frees were begun.
    public var round = 0
    /// When the last round's last free was answered.
    public var roundEndedAt: Timestamp?
    /// Since when the deadline runs; nil while it stands still.
    public var runsSince: Timestamp?
    /// How long it ran before, in milliseconds.
    public var ranMilliseconds: Int64 = 0
    /// What stands in the way.
    public var blocked: Blocked?
    /// Why whole paths are freed although the scope is `Worker`; nil if they are not.
    public var fallback: String?
    /// The bytes that the leaving workers held at the beginning, as far as they said.
    public var bytesAtStart: Int64 = 0
    /// What may stay behind on the leaving workers.
    public var acceptance: Acceptance?
    /// The files that were unpinned and are to be pinned again.
    public var repin: [AlluxioPath] = []
    /// The workers that were taken out of service.
    public var undo: [Undo] = []
    /// Until when no new drain begins.
    public var restsUntil: Timestamp?
    /// The places (`DrainObservation.Worker.place`) where a worker was seen to have run since the drain began.
    ///
    /// What was at a place before that nobody can know: there a worker that never ran and can't holds nothing.
    public var ranIn: Set<String> = []
    /// When the leaving workers were last seen empty; only while their removal waits for its admission.
    public var drainedAt: Timestamp?

    /// Makes the record of a drain that begins.
    public init(workerSetUID: String, runtimeUID: String, target: Int, leaving: [Leaving], now: Timestamp) {
        state = .checking
        self.workerSetUID = workerSetUID
        self.runtimeUID = runtimeUID
        self.target = target
        self.leaving = leaving
        startedAt = now
        stateSince = now
    }

    /// A pod that leaves.
    public struct Leaving: Sendable, Hashable {
        /// Its name.
        public var name: String
        /// Its uid.
        public var uid: String

        /// Makes one.
        public init(name: String, uid: String) {
            self.name = name
            self.uid = uid
        }
    }

    /// An obstacle with its remedy.
    public struct Blocked: Sendable, Hashable {
        /// The obstacle's kind, such as `Unpersisted`.
        public var reason: String
        /// What it is, for people.
        public var text: String
        /// What to do about it, for people.
        public var remedy: String
        /// Since when.
        public var since: Timestamp

        /// Makes one.
        public init(reason: String, text: String, remedy: String, since: Timestamp) {
            self.reason = reason
            self.text = text
            self.remedy = remedy
            self.since = since
        }
    }

    /// Why a worker may go though something is on it.
    public enum Acceptance: String, Sendable, Hashable {
        /// All that is left is known to be persisted.
        case leftOver
        /// The policy says to remove when the deadline has passed.
        case overdue
        /// The policy says that nothing is drained.
        case exempt
    }

    /// A worker that was, or was about to be, taken out of service.
    public struct Undo: Sendable, Hashable {
        /// The pod's name.
        public var name: String
        /// Its uid when it was taken out of service.
        public var uid: String
        /// Its name in the master's reports.
        public var host: String
        /// Its web port.
        public var webPort: Int
        /// Whether the master was told to take it back.
        public var isEnabled: Bool

        /// Makes one.
        public init(name: String, uid: String, host: String, webPort: Int, isEnabled: Bool = false) {
            self.name = name
            self.uid = uid
            self.host = host
            self.webPort = webPort
            self.isEnabled = isEnabled
        }
    }
}

/// What a drain keeps in memory; losing it costs time, never safety.
public struct DrainProgress: Sendable, Hashable {
    /// The calls of this round that are still to be made; nil before they are computed.
    public var queue: [FreeCall]?
    /// The calls of the last pass, whose answers come with the next look.
    public var batch: [FreeCall] = []
    /// Folders that the client refused to free.
    public var refused: Set<AlluxioPath> = []
    /// Whether every path of the policy was freed in this round without a refusal.
    public var pathsAccepted = false
    /// Since when each worker was seen empty, by uid.
    public var emptySince: [String: Timestamp] = [:]
    /// Since when each worker's list can't be read, by uid.
    public var unreadableSince: [String: Timestamp] = [:]
    /// Since when each pod runs that took the place of one out of service, by uid.
    public var rejoiningSince: [String: Timestamp] = [:]
    /// Since when Fluid has not brought the workers to what is wanted.
    public var lowSince: Timestamp?
    /// The fewest bytes and files seen since the round ended, and when.
    public var least: Least?
    /// Until when each call that was given up counts as running.
    public var stragglers: [Timestamp] = []
    /// How often in a row an obstacle was met, for the back-off.
    public var obstacles = 0

    /// Makes an empty one.
    public init() {}

    /// How far down the leaving workers' cache has come.
    public struct Least: Sendable, Hashable {
        /// Bytes in use.
        public var bytes: Int64
        /// Files listed.
        public var files: Int
        /// When it was seen first.
        public var at: Timestamp
    }
}
