/// The one thing that is done after a look.
public enum DrainAction: Sendable, Hashable {
    /// Nothing, but to keep the record.
    case none
    /// Free these in their order, so many side by side; none is begun later than `DrainTiming.lookAgeMaximum` after a look that
    /// asks for it.
    case free([FreeCall], parallel: Int)
    /// Pin these again.
    case pin([AlluxioPath])
    /// Take this worker out of service.
    case decommission(DrainRecord.Undo)
    /// Tell the master to take this worker back.
    case enable(DrainRecord.Undo)
    /// Delete this pod, if it still has this uid: only a restart brings its worker back (seen on 2.9.6).
    case restart(DrainRecord.Leaving)
    /// Write the worker set's count, with the record in the same patch, if the set is still as it was seen.
    case setReplicas(from: Int, to: Int)
    /// Take the labels away that place a worker on this node.
    case unlabel(node: String)
    /// Lower the two counts in the runtime's status that era A's next scale-out depends on.
    case lowerStatusCounts(to: Int)
    /// Touch the runtime, so that Fluid looks at once.
    case touch
}

/// What a look led to.
public struct DrainDecision: Sendable, Hashable {
    /// The record as it has to be, before the action is done; nil if there is to be none.
    public var record: DrainRecord?
    /// What is kept in memory.
    public var progress: DrainProgress
    /// The one thing to do.
    public var action: DrainAction
    /// When to look again at the latest, in milliseconds; nil if only a change can make a difference.
    public var againMilliseconds: Int64?
    /// What users are to be told.
    public var notices: [DrainNotice]
    /// Which event led here, for the log.
    public var event: DrainEvent
}

/// Something to tell users: an event on the runtime and a line in the log.
public struct DrainNotice: Sendable, Hashable {
    /// The kind, which is the event's reason.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A drain began.
        case started = "DrainStarted"
        /// It goes on.
        case progress = "DrainProgress"
        /// It goes by path, or leaves something behind.
        case compromised = "DrainCompromised"
        /// Something stands in the way.
        case blocked = "DrainBlocked"
        /// Nothing stands in the way any more.
        case unblocked = "DrainUnblocked"
        /// The pods are gone.
        case removed = "WorkersRemoved"
        /// The drain was given up because more workers are wanted.
        case cancelled = "DrainCancelled"
        /// The worker set was raised, since Fluid does not.
        case raised = "WorkersRaised"
        /// All is put back and the cool-down is over.
        case ended = "DrainEnded"
    }

    /// The kind.
    public var kind: Kind
    /// One or two sentences.
    public var message: String

    /// Makes a notice.
    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// Whether the event is a warning.
    public var isWarning: Bool { kind == .blocked || kind == .compromised }
}
