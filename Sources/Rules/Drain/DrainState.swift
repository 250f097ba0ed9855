/// How far a drain has come; being blocked is a property of each state, not one of its own.
public enum DrainState: String, Sendable, Hashable, CaseIterable {
    /// No record, nothing to do.
    case idle = "Idle"
    /// Looks whether the drain can be done.
    case checking = "Checking"
    /// Frees path by path.
    case freeing = "Freeing"
    /// Watches the bytes go.
    case settling = "Settling"
    /// Takes the leaving workers out of service.
    case decommissioning = "Decommissioning"
    /// Lowers the worker set.
    case removing = "Removing"
    /// Waits until the pods are gone.
    case confirming = "Confirming"
    /// Puts back what was changed on the way, and starts nothing new for a while.
    case coolingDown = "CoolingDown"

    /// Whether the deadline of a drain runs in this state.
    var isTimed: Bool { self == .freeing || self == .settling }
    /// Whether the state comes before the removal, so that a rising count cancels the drain.
    public var isBeforeRemoval: Bool {
        switch self {
        case .checking, .freeing, .settling, .decommissioning, .removing: true
        case .idle, .confirming, .coolingDown: false
        }
    }
    /// Whether a drain in this state takes one of the places that all runtimes share.
    public var takesPlace: Bool {
        switch self {
        case .freeing, .settling, .decommissioning, .removing: true
        case .idle, .checking, .confirming, .coolingDown: false
        }
    }
}

/// What an observation means to a drain; the first that holds, in the order in which `DrainStep` looks.
public enum DrainEvent: String, Sendable, Hashable, CaseIterable {
    /// The runtime or its worker set is gone, or being deleted.
    case gone
    /// Something that has a name and a remedy stands in the way.
    case obstructed
    /// More workers are wanted than present.
    case risen
    /// As many are wanted as present.
    case even
    /// Fewer are wanted than present, and nothing else is known yet.
    case fallen
    /// Fewer are wanted than present, but not as many as the record says, or other pods stand in their place.
    case retargeted
    /// The policy says that nothing needs to be drained.
    case exempt
    /// Nothing stands in the way.
    case ready
    /// There are paths to free, or workers to take out of service.
    case work
    /// All paths of this round were freed.
    case exhausted
    /// It takes its time.
    case pending
    /// What was freed is still there, or there again.
    case refilled
    /// Every leaving worker is empty, or what is left may stay behind.
    case drained
    /// The worker set has the count that the record says.
    case lowered
    /// The pods are gone.
    case departed
    /// The cool-down is over and all is put back.
    case rested
}

/// What is done about an event.
public enum DrainTransition: Sendable, Hashable {
    /// Nothing, without a record.
    case rest
    /// Nothing yet; look again soon.
    case wait
    /// Drop the record.
    case forget
    /// Make a record, or a new one, and begin to check.
    case begin
    /// Name the obstacle, stop the clock, look again later.
    case block
    /// Go on to this state.
    case move(DrainState)
    /// Do the next piece of the state's work.
    case perform
    /// Give the drain up: put back what was changed.
    case cancel
    /// Raise the worker set to what is wanted.
    case raise
    /// Take the new target or the new pods into the record and check again.
    case retarget
}
