/// A point in time as a rule sees it: handed in by the caller, so that no rule has a clock of its own.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative values lie before it.
    public var millisecondsSinceEpoch: Int64

    /// Makes a point in time from its distance to the epoch, in milliseconds.
    public init(millisecondsSinceEpoch: Int64) {
        self.millisecondsSinceEpoch = millisecondsSinceEpoch
    }

    /// Orders by time, the earlier first.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSinceEpoch < right.millisecondsSinceEpoch
    }
}
