/// What of a drain matters to the figures of its cache.
public struct DrainView: Sendable, Hashable {
    /// Whether it is between its first free and the end of its cool-down, and was not cancelled.
    public var isFreeing: Bool
    /// Whether it can't go on.
    public var isBlocked: Bool

    /// Makes a view from a drain's state, its outcome and whether it is blocked; an unknown state is none that frees.
    public init(state: String, outcome: String, isBlocked: Bool) {
        self.isBlocked = isBlocked
        switch DrainPhase.Kind(rawValue: state) {
        case .freeing, .settling, .decommissioning, .removing, .confirming: isFreeing = true
        case .coolingDown: isFreeing = outcome == DrainLedger.Outcome.removed.rawValue
        case .idle, .checking, nil: isFreeing = false
        }
    }
}
