/// Which workers are to go, and what they hold.
public struct DrainPlan: Sendable, Hashable {
    /// How many workers there were when it was made.
    public var from: Int
    /// How many are to be left.
    public var target: Int
    /// The workers that go.
    public var leaving: [LeavingWorker]

    /// Makes a plan.
    public init(from: Int, target: Int, leaving: [LeavingWorker]) {
        self.from = from
        self.target = target
        self.leaving = leaving
    }

    /// The files that the leaving workers hold together; nil unless each of them says.
    public var filesLeft: Int? { sum { $0.now?.files } }
    /// The bytes that they hold together, likewise.
    public var bytesLeft: Int64? { sum { $0.now?.bytes } }
    /// The bytes that they held at the start, as far as they said.
    public var bytesAtStart: Int64 { leaving.reduce(0) { $0 &+ ($1.start?.bytes ?? 0) } }
    /// The names, for a sentence.
    var names: String { listed(leaving.map(\.name), most: 8) }

    private func sum<Number: FixedWidthInteger>(_ value: (LeavingWorker) -> Number?) -> Number? {
        var total: Number = 0
        for worker in leaving {
            guard let number = value(worker) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(number)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }
}

/// A worker that is to go.
public struct LeavingWorker: Sendable, Hashable {
    /// What a worker holds.
    public struct Held: Sendable, Hashable {
        /// The files on its list; nil if it does not show them.
        public var files: Int?
        /// The bytes in use, without what an empty worker reserves.
        public var bytes: Int64

        /// Makes one.
        public init(files: Int?, bytes: Int64) {
            self.files = files
            self.bytes = bytes
        }
    }

    /// The pod's name.
    public var name: String
    /// The pod's uid; empty if there is no pod.
    public var uid: String
    /// The node that it is on.
    public var node: String
    /// What it held when it was first read in this drain; nil before.
    public var start: Held?
    /// What it held when it was last read; nil if that was not possible.
    public var now: Held?
    /// What it could hold when it was first read.
    public var capacityBytes: Int64?

    /// Makes one.
    public init(name: String, uid: String, node: String = "") {
        self.name = name
        self.uid = uid
        self.node = node
    }
}

/// When each leaving worker was first seen empty, with nothing else seen since.
public struct EmptyLooks: Sendable, Hashable {
    struct First: Hashable {
        var at: Duration
        /// Which start of its process said so.
        var startedMilliseconds: Int64
    }

    private var first: [String: First] = [:]

    /// Makes one that has seen nothing.
    public init() {}

    /// Takes one look in; returns how long to wait for the second one, zero if this was it, nil if it was not empty.
    mutating func take(_ reading: WorkerReading?, of uid: String, capacityBytes: Int64?) -> Duration? {
        guard let reading, reading.isEmpty, reading.counters.capacityBytes == capacityBytes else {
            first[uid] = nil
            return nil
        }
        let started = reading.counters.startedMilliseconds
        guard let earlier = first[uid], earlier.startedMilliseconds == started, earlier.at <= reading.begunAt else {
            first[uid] = First(at: reading.begunAt, startedMilliseconds: started)
            return DrainTiming.betweenEmptyLooks
        }
        return max(.zero, DrainTiming.betweenEmptyLooks - (reading.begunAt - earlier.at))
    }
}

/// The files that were freed by their own names after they were listed, under one start of the master.
public struct NamedFrees: Sendable, Hashable {
    private var paths: Set<AlluxioPath> = []
    private var masterStarted: Int64?
    private var workersStarted: [String: Int64] = [:]

    /// Makes one that has seen nothing.
    public init() {}

    /// Notes a file that the client says it freed, or waited for in vain.
    mutating func note(_ path: AlluxioPath) {
        if paths.count < DrainTiming.namedMaximum { paths.insert(path) }
    }

    /// Forgets everything if the master or one of these workers was started since, or nobody can say when the master was.
    ///
    /// What the master was to tell a worker to remove, it forgets when that worker registers anew.
    mutating func hold(master started: Int64?, _ workers: [DrainSnapshot.Worker] = []) {
        var isSame = started != nil && started == masterStarted
        masterStarted = started
        for worker in workers {
            guard let started = worker.look.reading?.counters.startedMilliseconds else { continue }
            if let before = workersStarted.updateValue(started, forKey: worker.uid), before != started {
                isSame = false
            }
        }
        if !isSame { paths = [] }
    }

    /// Whether all that a worker holds was freed so, is persisted, and explains every byte in use.
    func covers(_ reading: WorkerReading) -> Bool {
        reading.isComplete && reading.unpersistedCount == 0 && reading.unexplainedBytes == 0
            && reading.files.allSatisfy { paths.contains($0.path) }
    }
}

/// Why the leaving workers may go.
public enum Evidence: String, Sendable, Hashable {
    /// Each was seen empty twice.
    case empty
    /// Whatever is left is persisted, and was freed by its own name (`on-deadline: Auto`).
    case named
    /// The deadline has passed (`on-deadline: Remove`).
    case overdue
    /// Nothing is drained (`drain: None`).
    case exempt
}
