/// A drain as its object tells it: what people see, and what the next process takes up.
///
/// It is never evidence: whatever it says, a worker is removed by looks of the process that removes it.
public struct DrainRecord: Sendable, Hashable {
    /// What stands in the way, with its remedy.
    public struct Blocked: Sendable, Hashable {
        /// The obstacle's kind, such as `Unpersisted`.
        public var reason: String
        /// What it is, for people.
        public var text: String
        /// What to do about it, for people.
        public var remedy: String

        /// Makes one.
        public init(reason: String, text: String, remedy: String) {
            self.reason = reason
            self.text = text
            self.remedy = remedy
        }
    }

    /// How far it is.
    public var state: DrainPhase.Kind
    /// Who goes; in the states after the removal who went.
    public var plan: DrainPlan?
    /// What outlives the states.
    public var ledger: DrainLedger
    /// For how long the cool-down has lasted.
    public var cooled: Duration
    /// What stands in the way.
    public var blocked: Blocked?
    /// How long the rest will take at the speed so far, in seconds; nil while nobody can say.
    public var secondsLeft: Int64?
    /// Whether fewer workers are wanted than there are: what went before is then no longer the end of it.
    public var isLowerWanted = false

    /// Makes a record.
    public init(
        state: DrainPhase.Kind, plan: DrainPlan?, ledger: DrainLedger, cooled: Duration = .zero,
        blocked: Blocked? = nil,
        secondsLeft: Int64? = nil
    ) {
        self.state = state
        self.plan = plan
        self.ledger = ledger
        self.cooled = cooled
        self.blocked = blocked
        self.secondsLeft = secondsLeft
    }

    /// How fast the bytes have gone since the beginning, a second; nil before anything went.
    public var bytesPerSecond: Double? {
        let seconds = Double(ledger.elapsed.components.seconds)
        guard let plan, let left = plan.bytesLeft, plan.bytesAtStart > left, seconds > 0 else { return nil }
        return Double(plan.bytesAtStart - left) / seconds
    }

    /// Whether something other than a number that moves differs from another record.
    public func differs(from other: DrainRecord) -> Bool {
        state != other.state || blocked != other.blocked || ledger.epoch != other.ledger.epoch
            || plan?.target != other.plan?.target || plan?.leaving.map(\.uid) != other.plan?.leaving.map(\.uid)
            || ledger.outOfService != other.ledger.outOfService || ledger.removedLabels != other.ledger.removedLabels
            || ledger.places != other.ledger.places || isLowerWanted != other.isLowerWanted
    }
}

extension DrainMachine {
    /// The drain as its object has to tell it.
    public var record: DrainRecord {
        var cooled = Duration.zero
        if case .coolingDown(let state) = phase { cooled = state.cooled }
        var blocked: DrainRecord.Blocked?
        if let obstacle = shown {
            blocked = .init(reason: obstacle.reason, text: obstacle.text, remedy: obstacle.remedy)
        }
        var record = DrainRecord(
            state: phase.kind, plan: phase.plan ?? lastPlan, ledger: ledger, cooled: cooled, blocked: blocked)
        record.isLowerWanted = wanted.map { $0 < present } ?? false
        if phase.kind.isBeforeRemoval, blocked == nil, let speed = record.bytesPerSecond,
            let left = record.plan?.bytesLeft
        {
            record.secondsLeft = Int64(exactly: (Double(left) / speed).rounded(.up))
        }
        return record
    }

    /// Takes a drain up that another process left, or this one under an earlier lease: what was counted and what has to be
    /// put back is kept, what was seen begins anew.
    public init(_ record: DrainRecord, now: Duration) {
        self.init(now: now)
        ledger = record.ledger
        lastPlan = record.plan
        // Nobody knows of an answer that the process before this one had, or had not.
        if !ledger.outOfService.isEmpty { stragglers = [DrainTiming.straggler] }
        if record.state != .idle { ledger.epoch &+= 1 }
        switch (record.state, record.plan) {
        case (.idle, _): break
        case (.coolingDown, _), (_, nil):
            var state = DrainPhase.CoolingDown(sinceTouch: .zero)
            state.cooled = record.cooled
            phase = .coolingDown(state)
        case (.confirming, let plan?): phase = .confirming(DrainPhase.Confirming(plan: plan))
        case (.removing, let plan?):
            var state = DrainPhase.Removing(plan: plan, evidence: .empty)
            // The process before this one may have written.
            state.isWritten = true
            phase = .removing(state)
        case (.checking, let plan?), (.decommissioning, let plan?), (.freeing, let plan?), (.settling, let plan?):
            phase = .checking(DrainPhase.Checking(plan: plan))
        }
        // To be as far as before is no progress.
        ledger.rank = record.state.rank
        leftPresent = ledger.present
    }
}
