/// The protocol's times, in milliseconds, each with its reason.
public enum DrainTiming {
    /// How old a look may be when something is freed or removed because of it (DESIGN: judged against the last live look).
    public static let lookAgeMaximum: Int64 = 5_000
    /// How far apart two looks at an empty worker are.
    public static let betweenEmptyLooks: Int64 = 2_000
    /// How soon to look again when the worker set changed while it was looked at.
    public static let afterConflict: Int64 = 50
    /// How soon to look again while bytes go; a worker's heartbeat is 1 s.
    public static let settlePoll: Int64 = 500
    /// How long nothing may move before it is freed again: two heartbeats with the command, the deletes and one that reports.
    public static let stalled: Int64 = 8_000
    /// How often what stays is freed.
    public static let roundsMaximum = 3
    /// After which time what the last free left is left over: a reader may lock a block for 60 s (`AsyncBlockRemover`).
    public static let leftOver: Int64 = 75_000
    /// For how long an unreadable list is taken for one that moves while it is read.
    public static let listMoves: Int64 = 10_000
    /// After which time an unreadable list makes the drain go by path.
    public static let unreadable: Int64 = 60_000
    /// For how long workers may differ from what is wanted without a record before we raise them (era C's trap 2), or say
    /// that nobody removes them.
    public static let raiseAfter: Int64 = 30_000
    /// How often it is written down that workers whose removal waits for its admission are still empty.
    public static let gateRefresh: Int64 = 2_000
    /// How old that may be when the removal is admitted: the record takes a while to the store, and clocks differ.
    public static let gateAgeMaximum: Int64 = 10_000
    /// For how long pods may end.
    public static let terminating: Int64 = 120_000
    /// After which time the master's word that a worker is in service counts: a call that was cut may still arrive.
    public static let serviceSettles: Int64 = 5_000
    /// For how long a restarted worker may take until the master has it in service; it took 10 s (seen on 2.9.6).
    public static let rejoins: Int64 = 60_000
    /// For how long a call that was given up counts as running in the master pod.
    public static let straggler: Int64 = 120_000
    /// The same for a file's call that was cut: its client ends after 10 s, and takes seconds to start.
    public static let cutFile: Int64 = 20_000
    /// After which time a drain that is past its deadline and holds tries another round.
    public static let overdueRound: Int64 = 60_000
    /// The first delay after an obstacle; it doubles.
    public static let obstacleFirst: Int64 = 1_000
    /// The longest delay after an obstacle that may go away by itself.
    public static let obstacleBrief: Int64 = 10_000
    /// The longest delay after any other.
    public static let obstacleLongest: Int64 = 30_000
    /// How soon to look again while pods end.
    public static let confirmPoll: Int64 = 1_000
    /// How soon to look again while something else is awaited.
    public static let poll: Int64 = 5_000
    /// How many frees run side by side where the master container's memory allows it.
    public static let parallelMaximum = 4
    /// How many calls one look may lead to, for each that runs at a time.
    public static let callsPerLook = 4
    /// After how many answers a pass begins no more calls, however often it has looked.
    public static let answersPerPassMaximum = 500
    /// How many files may be unpinned in one drain: as many as a record can name.
    public static let repinMaximum = 500
    /// How many bytes their paths may have together: an object's annotations have 256 KiB.
    public static let repinMaximumBytes = 64 << 10
    /// How many workers may leave at once: the record names each.
    public static let leavingMaximum = 500
    /// How many places where workers ran a record remembers.
    public static let placesMaximum = 1_000
    /// How many pins are made again at once.
    public static let repinBatch = 2
}

extension Timestamp {
    /// Milliseconds from an earlier time to this one; saturates.
    public func milliseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = millisecondsSinceEpoch.subtractingReportingOverflow(earlier.millisecondsSinceEpoch)
        return overflow ? .max : difference
    }

    /// This time and some milliseconds; saturates.
    public func adding(milliseconds: Int64) -> Timestamp {
        let (sum, overflow) = millisecondsSinceEpoch.addingReportingOverflow(milliseconds)
        return Timestamp(millisecondsSinceEpoch: overflow ? .max : sum)
    }
}
