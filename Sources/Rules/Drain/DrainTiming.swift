/// The protocol's times and bounds, each with its reason.
public enum DrainTiming {
    /// How old a look may be when a worker is removed, taken out of service or restarted because of it.
    public static let lookAgeMaximum: Duration = .seconds(5)
    /// For how long a worker that serves may be out of sight before users are told that it was.
    static let unwatchedMaximum: Duration = .seconds(10)
    /// How long a worker that was told to end may take, as Kubernetes gives it: it answers nobody any more, and ends after 6 s
    /// and more (seen on 2.9).
    static let gracePeriod: Duration = .seconds(30)
    /// How long after the pods the watch may show that workers were lowered and raised again.
    static let watchBehind: Duration = .seconds(300)
    /// For how long what the store showed may not have been told by a leader that then ended.
    public static let handover: Duration = .seconds(30)
    /// How far apart two looks at an empty worker are at least.
    public static let betweenEmptyLooks: Duration = .seconds(2)
    /// The most that one step of counted time may be: a pass takes no longer, and a suspended process has not waited.
    public static let stepMaximum: Duration = .seconds(60)
    /// How soon to look again when the worker set changed while it was looked at.
    public static let afterConflict: Duration = .milliseconds(50)
    /// How soon to look again while bytes go; a worker's heartbeat is 1 s.
    public static let settlePoll: Duration = .milliseconds(500)
    /// How soon to look again while pods end, or a worker changes its service.
    public static let confirmPoll: Duration = .seconds(1)
    /// How soon to look again while something else is awaited.
    public static let poll: Duration = .seconds(5)
    /// How long nothing may move before it is freed again: two heartbeats with the command, the deletes and one that reports.
    public static let stalled: Duration = .seconds(8)
    /// The longest time between two rounds of frees.
    public static let roundLongest: Duration = .seconds(30)
    /// After which time without progress the reason is told, whatever it is.
    public static let quietMaximum: Duration = .seconds(60)
    /// How often an obstacle is told at most.
    public static let tellInterval: Duration = .seconds(60)
    /// How often progress is told.
    public static let progressInterval: Duration = .seconds(300)
    /// How far apart looks and calls are at least while a drain is blocked: four calls a minute.
    public static let blockedPause: Duration = .seconds(15)
    /// The first delay after an obstacle; it doubles.
    public static let backoffFirst: Duration = .seconds(1)
    /// The longest delay after an obstacle.
    public static let backoffLongest: Duration = .seconds(30)
    /// For how long workers may differ from what is wanted without a drain before we raise them, or say that nobody
    /// removes them: Fluid of era 0.7 to 1.0 believes that it has raised the set already, and never looks again.
    public static let fluidIsLate: Duration = .seconds(30)
    /// For how long a pod above the new count may stand there untouched before it is served again.
    public static let notTaken: Duration = .seconds(30)
    /// The first pause after a worker that Kubernetes did not take was put back; it doubles.
    public static let putBackPause: Duration = .seconds(60)
    /// The longest such pause.
    public static let putBackLongest: Duration = .seconds(1800)
    /// How long after the first touch Fluid hears another one (`FLUID_SYNC_RETRY_DURATION`).
    public static let touchApart: Duration = .seconds(15)
    /// After which time the master's word that a worker is in service counts: a call that was cut may still arrive.
    public static let serviceSettles: Duration = .seconds(5)
    /// How often a new process asks whether workers are out of service, until the master says anything.
    static let serviceLooksMaximum = 10
    /// For how long a restarted worker may take until the master has it in service; it took 10 s (seen on 2.9.6).
    public static let rejoins: Duration = .seconds(60)
    /// For how long a call that was given up counts as running in the master pod.
    public static let straggler: Duration = .seconds(120)
    /// How many calls run side by side where the master container's memory allows it.
    public static let parallelMaximum = 4
    /// How many blocks one call removes: it takes a few seconds, after which the wish, the policy and the lease are looked at
    /// again.
    public static let blocksOfCall = 10_000
    /// How old the master's list may be by which a removal that failed is tried again.
    static let listAgeMaximum: Duration = .seconds(120)
    /// What a block takes, before it was tried (measured on 2.9: 0.1 ms directly, 0.2 ms through the API server).
    public static let blockRemoval: Duration = .microseconds(200)
    /// How many workers may leave at once: the drain names each, and has to stay below 256 KiB.
    public static let leavingMaximum = 500
    /// How many places where workers ran a drain remembers.
    public static let placesMaximum = 1_000
    /// How many workers that were removed empty a drain remembers.
    public static let emptiedMaximum = 256
    /// How many files are remembered to have been freed by their own names.
    public static let namedMaximum = 20_000
    /// For how long the webhook believes that drained workers are watched, after it last saw the drain's looks grow.
    public static let gateAgeMaximum: Duration = .seconds(10)
    /// For how long an object that another installation of Sluice writes may stand still before it is taken over.
    public static let otherInstallation: Duration = .seconds(300)
    /// After how many lists of blocks that did not come, though the master is ready, it goes on by the client.
    public static let unlistedMaximum = 6
    /// After how many calls by RPC in a row that failed, where the ports are there, it goes on by the client.
    static let failuresMaximum = 6
    /// After how many conflicts in a row they are told.
    static let conflictsMaximum = 5
    /// How often the object is written at most while nothing but numbers move.
    public static let recordInterval: Duration = .seconds(5)
}

extension Timestamp {
    /// Milliseconds from an earlier time to this one; saturates.
    public func milliseconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = millisecondsSinceEpoch.subtractingReportingOverflow(earlier.millisecondsSinceEpoch)
        return overflow ? .max : difference
    }
}
