/// How well a connection can be done without where there are too many; the least goes first.
///
/// Those that never asked anything have places of their own (`ServerLimits.unservedConnections`), so that they go for each
/// other, and served ones for each other. Where one of either has to go:
///
/// Whoever never asked anything goes first, the oldest first. Next comes whoever was served and now asks nothing, then
/// whoever does not get on with what it does; of these first the one with the most connections from its address. A
/// request that waits for its answer keeps its connection.
struct Dispensability: Comparable {
    enum Kind: Int {
        case neverAsked
        case idle
        case stalled
    }

    let kind: Kind
    /// How many connections its address has.
    let crowd: Int
    /// Since when it is as it is.
    let since: MonotonicTime
    /// Later connections have greater numbers.
    let id: UInt64

    static func < (one: Dispensability, other: Dispensability) -> Bool {
        if one.kind != other.kind { return one.kind.rawValue < other.kind.rawValue }
        if one.kind != .neverAsked, one.crowd != other.crowd { return one.crowd > other.crowd }
        if one.since != other.since { return one.since < other.since }
        return one.id < other.id
    }
}

extension ServerConnection {
    /// How well it can be done without, given how many connections its address has; nil while it is being answered.
    func dispensability(crowd: Int) -> Dispensability? {
        if isAnswering || hasTurnToEnd { return nil }
        if requests == 0 { return Dispensability(kind: .neverAsked, crowd: crowd, since: openedAt, id: id) }
        return isIdle
            ? Dispensability(kind: .idle, crowd: crowd, since: idleSince, id: id)
            : Dispensability(kind: .stalled, crowd: crowd, since: phaseSince, id: id)
    }
}
