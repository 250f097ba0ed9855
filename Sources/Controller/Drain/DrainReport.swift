public import Rules
internal import Wire

/// A drain as its record on the worker set tells it, for whoever looks from outside.
public struct DrainReport: Sendable, Hashable {
    /// A leaving worker.
    public struct Worker: Sendable, Hashable {
        /// The pod's name.
        public var name: String
        /// The files on its list; nil if that is not known.
        public var files: Int?
        /// The bytes it holds; nil if that is not known.
        public var bytes: Int64?

        /// Makes one.
        public init(name: String, files: Int? = nil, bytes: Int64? = nil) {
            self.name = name
            self.files = files
            self.bytes = bytes
        }
    }

    /// How far it is.
    public var state: DrainState
    /// How many workers are to be left.
    public var target: Int
    /// When it began.
    public var startedAt: Timestamp
    /// When the state was entered.
    public var stateSince: Timestamp
    /// What stands in the way.
    public var blocked: DrainRecord.Blocked?
    /// The bytes that the leaving workers held at the beginning, as far as they said.
    public var bytesAtStart: Int64
    /// The leaving workers.
    public var workers: [Worker]
    /// When the workers' bytes were looked at; nil if they were not.
    public var lookedAt: Timestamp?

    /// Makes a report.
    public init(
        state: DrainState, target: Int, startedAt: Timestamp, stateSince: Timestamp,
        blocked: DrainRecord.Blocked? = nil, bytesAtStart: Int64 = 0, workers: [Worker] = [], lookedAt: Timestamp? = nil
    ) {
        self.state = state
        self.target = target
        self.startedAt = startedAt
        self.stateSince = stateSince
        self.blocked = blocked
        self.bytesAtStart = bytesAtStart
        self.workers = workers
        self.lookedAt = lookedAt
    }

    /// Reads the annotation `sluice.dev/drain-record`; nil if it is no record of this version.
    public init?(recordText: String) {
        guard let record = DrainRecordCoding.record(recordText) else { return nil }
        var parser = JSONParser(bytesMax: DrainRecordCoding.textMaximumBytes, depthMax: 8)
        // It was read just now; what it says for people only is left out if it can't be.
        let root = try? parser.parse(Array(recordText.utf8))
        var left: [String: JSONValue] = [:]
        for entry in root?["left"].map({ Array($0.elements) }) ?? [] {
            if let name = entry["name"]?.string { left[name] = entry }
        }
        self.init(
            state: record.state, target: record.target, startedAt: record.startedAt, stateSince: record.stateSince,
            blocked: record.blocked, bytesAtStart: record.bytesAtStart,
            workers: record.leaving.map { worker in
                Worker(
                    name: worker.name, files: left[worker.name]?["files"]?.int64.flatMap { Int(exactly: $0) },
                    bytes: left[worker.name]?["bytes"]?.int64)
            },
            lookedAt: root?["leftAt"]?.int64.map { Timestamp(millisecondsSinceEpoch: $0) })
    }

    /// What the leaving workers hold together; nil unless each of them says.
    public var bytesLeft: Int64? {
        guard !workers.isEmpty else { return nil }
        var sum: Int64 = 0
        for worker in workers {
            guard let bytes = worker.bytes, bytes >= 0 else { return nil }
            let (total, overflow) = sum.addingReportingOverflow(bytes)
            guard !overflow else { return nil }
            sum = total
        }
        return sum
    }

    /// How fast the bytes went since the beginning, a second; nil before anything went.
    public var bytesPerSecond: Double? {
        guard let bytesLeft, let lookedAt, bytesAtStart > bytesLeft else { return nil }
        let milliseconds = Double(lookedAt.millisecondsSinceEpoch) - Double(startedAt.millisecondsSinceEpoch)
        guard milliseconds > 0 else { return nil }
        return Double(bytesAtStart - bytesLeft) * 1000 / milliseconds
    }

    /// How long the rest will take at that speed, in seconds; nil while nobody can say, or nothing moves.
    public var secondsLeft: Int64? {
        guard state.isBeforeRemoval, blocked == nil, let bytesLeft, let bytesPerSecond else { return nil }
        return Int64(exactly: (Double(bytesLeft) / bytesPerSecond).rounded(.up))
    }
}
