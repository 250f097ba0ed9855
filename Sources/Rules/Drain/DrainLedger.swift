/// What outlives the states of a drain, and in its object also the process.
///
/// Durations are sums of clamped steps of a monotonic clock; they stand still while nobody counts.
public struct DrainLedger: Sendable, Hashable {
    /// The uid of the runtime.
    public var runtimeUID = ""
    /// The uid of the worker set.
    public var workerSetUID = ""
    /// Rises with each drain, each takeover, each cancel and each change of who leaves: what carries an older one is late.
    public var epoch: Int64 = 0
    /// Since the drain began.
    public var elapsed = Duration.zero
    /// Since it last got further.
    public var quiet = Duration.zero
    /// Since it last got further, without what is none of Alluxio's doing: what the deadline is about.
    public var stalled = Duration.zero
    /// The fewest files left that counted as progress.
    public var lowestFiles: Int?
    /// The fewest bytes left that counted as progress.
    public var lowestBytes: Int64?
    /// How many calls were answered.
    public var answered = 0
    /// How long an answered call took on the average; nil before the first.
    public var callTime: Duration?
    /// The workers that we took out of service, and have to take back if they stay.
    public var outOfService: [OutOfService] = []
    /// The labels that we took off nodes, to be put back if the drain is given up.
    public var removedLabels: [RemovedLabels] = []
    /// The places (`DrainSnapshot.Worker.place`) where a worker was seen to have run since the drain began.
    public var places: Set<String> = []
    /// The workers that we removed once they were empty, by their names in the master's lists, which keep them for long.
    public var emptied: Set<String> = []
    /// How often Kubernetes did not take a worker.
    public var putBacks = 0
    /// How the drain ended; nil while it has not.
    public var outcome: Outcome?
    /// How many workers a StatefulSet had at the last look: fewer than that are news; nil before the first.
    public var present: Int?
    /// Grows with each look at drained workers whose removal waits for its admission.
    public var looks: Int64 = 0
    /// The furthest state that was reached.
    var rank = 0

    /// Makes an empty one.
    public init() {}

    /// How a drain ended.
    public enum Outcome: String, Sendable, Hashable {
        case removed = "Removed", cancelled = "Cancelled", undrained = "Undrained"
    }

    /// Begins the count of a new drain; what has to be undone stays.
    mutating func begin(runtimeUID: String, workerSetUID: String) {
        let old = self
        self = DrainLedger()
        self.runtimeUID = runtimeUID
        self.workerSetUID = workerSetUID
        epoch = old.epoch &+ 1
        outOfService = old.outOfService
        removedLabels = old.removedLabels
        // What a drain that was given up left behind is still there.
        places = old.places
        emptied = old.emptied
        looks = old.looks
    }

    /// Whether this entry of the master's lists is a worker that was empty when we removed it.
    func isEmptied(_ stranger: String) -> Bool {
        emptied.contains(stranger)
            || (!stranger.contains(":") && emptied.contains { $0.hasPrefix(stranger + ":") })
    }

    /// Notes that the drain got further.
    mutating func progressed() {
        quiet = .zero
        stalled = .zero
    }

    /// Notes what is left; returns whether that is progress: a new low by 1 % of the start, at least by one file.
    mutating func note(files: Int, bytes: Int64, startFiles: Int, startBytes: Int64) -> Bool {
        guard let lowFiles = lowestFiles, let lowBytes = lowestBytes else {
            (lowestFiles, lowestBytes) = (files, bytes)
            return false
        }
        let isLower = files <= lowFiles - max(1, startFiles / 100)
        let isLess = files <= lowFiles && bytes <= lowBytes - max(1, startBytes / 100)
        guard isLower || isLess else { return false }
        (lowestFiles, lowestBytes) = (min(files, lowFiles), min(bytes, lowBytes))
        return true
    }
}
