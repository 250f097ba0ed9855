/// How far a drain has come; each state has its own data and nothing of the others.
public enum DrainPhase: Sendable, Hashable {
    /// Nothing to do.
    case idle(Idle)
    /// Looks whether the drain can be done.
    case checking(Checking)
    /// Takes the leaving workers out of service.
    case decommissioning(Decommissioning)
    /// Frees path by path.
    case freeing(Freeing)
    /// Watches the bytes go.
    case settling(Settling)
    /// Removes the workers.
    case removing(Removing)
    /// Waits until the pods are gone.
    case confirming(Confirming)
    /// Puts back what was changed on the way, and starts nothing new for a while.
    case coolingDown(CoolingDown)

    /// The state's name, as users see it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case idle = "Idle", checking = "Checking", decommissioning = "Decommissioning", freeing = "Freeing"
        case settling = "Settling", removing = "Removing", confirming = "Confirming", coolingDown = "CoolingDown"
    }

    /// No drain.
    public struct Idle: Sendable, Hashable {
        /// For how long the workers have differed from what is wanted, and it is Fluid's to bring them there.
        public var differsFor = Duration.zero
        /// Whether it was looked for workers that are out of service though no drain says so.
        public var isServiceSeen = false
        /// How often it was asked for and did not come.
        var unansweredLooks = 0
        /// Makes one.
        public init() {}
    }

    /// What is known while it is looked whether the drain can be done.
    public struct Checking: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// How long to hold off, after Kubernetes did not take a worker.
        public var pause = Duration.zero
        /// The worker that Kubernetes did not take.
        public var notTaken: String?
        /// Whether the worker set's mark was written in this state.
        public var isMarked = false
    }

    /// What is known while workers are taken out of service.
    public struct Decommissioning: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// How often each worker was seen empty, one look after the other.
        public var empties = EmptyLooks()
        /// What the last call said, if that stands in the way.
        public var failure: DrainObstacle?
        /// How many calls in a row have failed.
        var failures = 0
        /// Whether the mark that a worker is out of service was written, and is not there yet.
        var isMarked = false
    }

    /// What is known while it frees.
    public struct Freeing: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// Which round of frees this is, from 1.
        public var round = 1
        /// The calls that are still to be begun; nil before they are computed.
        public var queue: [CacheCall]?
        /// How old the master's list is that they are of.
        var listAge = Duration.zero
        /// The files of this round's list, if they are few, and as long as each block of theirs was removed.
        public var listed: [AlluxioPath]?
        /// Folders that the client refused to free.
        public var refused: Set<AlluxioPath> = []
        /// What was freed by its own name in the life of this master.
        public var named = NamedFrees()
        /// What the last call said, if that stands in the way: one call at a time then, until one succeeds.
        public var failure: DrainObstacle?
        /// How many calls run side by side: fewer after each that got no answer, one more after some that did.
        public var width = DrainTiming.parallelMaximum
        /// How many removals of blocks in a row have failed.
        var removalFailures = 0
    }

    /// What is known while the bytes go.
    public struct Settling: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// The round of frees that led here.
        public var round: Int
        /// Folders that the client refused to free.
        public var refused: Set<AlluxioPath>
        /// What was freed by its own name in the life of this master.
        public var named: NamedFrees
        /// How often each worker was seen empty, one look after the other.
        public var empties = EmptyLooks()
        /// For how long nothing has moved.
        public var calm = Duration.zero
    }

    /// What is known while workers are removed.
    public struct Removing: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// By what the workers may go.
        public var evidence: Evidence
        /// The round of frees that led here.
        public var round = 1
        /// What was freed by its own name in the life of this master.
        public var named = NamedFrees()
        /// How often each worker was seen empty, one look after the other.
        public var empties = EmptyLooks()
        /// What the worker set's count was put back to after our last lowering.
        public var putBackTo: Int?
        /// Whether it is time to try once more all the same.
        public var isTriedAgain = false
        /// Whether a lowering of ours may have arrived; without one a lower count is somebody else's.
        public var isWritten = false
    }

    /// What is known while the pods end.
    public struct Confirming: Sendable, Hashable {
        /// Who leaves.
        public var plan: DrainPlan
        /// For how long a pod above the count has stood there untouched.
        public var untouched = Duration.zero
        /// Whether Fluid was told, which does not watch its worker set.
        public var hasToldFluid = false
        /// Whether somebody raised the count again: whoever lowers it after that is not us.
        public var isRaised = false
        /// By what the workers may go; nil if another process took them away, and nobody knows.
        public var evidence: Evidence?
        /// What was freed by its own name in the life of this master, and may stay behind.
        public var named = NamedFrees()
        /// When each of them was read last.
        public var readAt: [String: Duration] = [:]
        /// When each was first seen to be told to end.
        public var endingSince: [String: Duration] = [:]
        /// The workers of which there is nothing more to tell: they went, or were told to go with something.
        public var told: Set<String> = []
        /// Whether the store has shown our own lowering after it was raised over.
        var isShown = false
    }

    /// What is known while nothing new is begun.
    public struct CoolingDown: Sendable, Hashable {
        /// For how long it has cooled.
        public var cooled = Duration.zero
        /// Since when Fluid was last touched; nil if it needs not be again.
        public var sinceTouch: Duration?
        /// Whether the master was told of the undo that is under way.
        public var isEnabled = false
        /// For how long the next pod has had time to rejoin.
        public var rejoining = Duration.zero
        /// How many pods in a row were restarted for one worker that did not come back into service.
        public var restarts = 0
        /// Whether a lower count that waits was told of.
        public var isWaitTold = false
        /// Whether Fluid was told of nodes that had lost their labels.
        public var isCountTold = false

        /// Makes one.
        public init(sinceTouch: Duration? = nil) { self.sinceTouch = sinceTouch }
    }

    /// The state's name.
    public var kind: Kind {
        switch self {
        case .idle: .idle
        case .checking: .checking
        case .decommissioning: .decommissioning
        case .freeing: .freeing
        case .settling: .settling
        case .removing: .removing
        case .confirming: .confirming
        case .coolingDown: .coolingDown
        }
    }

    /// What is drained, if anything is.
    public var plan: DrainPlan? {
        get {
            switch self {
            case .idle, .coolingDown: nil
            case .checking(let state): state.plan
            case .decommissioning(let state): state.plan
            case .freeing(let state): state.plan
            case .settling(let state): state.plan
            case .removing(let state): state.plan
            case .confirming(let state): state.plan
            }
        }
        set {
            guard let plan = newValue else { return }
            switch self {
            case .idle, .coolingDown: break
            case .checking(var state): state.plan = plan; self = .checking(state)
            case .decommissioning(var state): state.plan = plan; self = .decommissioning(state)
            case .freeing(var state): state.plan = plan; self = .freeing(state)
            case .settling(var state): state.plan = plan; self = .settling(state)
            case .removing(var state): state.plan = plan; self = .removing(state)
            case .confirming(var state): state.plan = plan; self = .confirming(state)
            }
        }
    }
}

extension DrainPhase.Kind {
    /// Whether a rising count cancels the drain: nothing was removed yet.
    public var isBeforeRemoval: Bool {
        switch self {
        case .checking, .decommissioning, .freeing, .settling, .removing: true
        case .idle, .confirming, .coolingDown: false
        }
    }

    /// Whether a drain in this state takes one of the slots that all runtimes share.
    public var takesSlot: Bool {
        switch self {
        case .decommissioning, .freeing, .settling, .removing: true
        case .idle, .checking, .confirming, .coolingDown: false
        }
    }

    /// How far it is on the way to the removal: a state that was not reached before is progress.
    var rank: Int {
        switch self {
        case .idle: 0
        case .checking: 1
        case .freeing: 2
        case .settling: 3
        case .decommissioning: 4
        case .removing: 5
        case .confirming: 6
        case .coolingDown: 7
        }
    }

    /// The protocol as a table: whether this state may lead to that one.
    public func mayLead(to next: DrainPhase.Kind) -> Bool {
        switch self {
        case .idle: next == .checking || next == .coolingDown
        case .checking: next == .decommissioning || next == .freeing || next == .removing || isLeft(for: next)
        case .decommissioning: next == .freeing || next == .removing || isLeft(for: next)
        case .freeing: next == .settling || next == .removing || isLeft(for: next)
        case .settling: next == .freeing || next == .decommissioning || next == .removing || isLeft(for: next)
        case .removing: next == .freeing || next == .decommissioning || next == .confirming || isLeft(for: next)
        case .confirming: next == .coolingDown || next == .checking || next == .idle
        case .coolingDown: next == .checking || next == .idle
        }
    }

    /// Where every state before the removal may go: begin anew, or give up.
    private func isLeft(for next: DrainPhase.Kind) -> Bool {
        switch next {
        case .checking, .coolingDown, .idle: true
        case .decommissioning, .freeing, .settling, .removing, .confirming: false
        }
    }
}
