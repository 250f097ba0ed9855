public import Kubernetes
public import Rules

/// A drain as its object tells it, for whoever looks from outside.
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
    public var state: DrainPhase.Kind
    /// How many workers are to be left.
    public var target: Int?
    /// For how long it has lasted, in seconds.
    public var seconds: Int64
    /// What stands in the way.
    public var blocked: DrainRecord.Blocked?
    /// The bytes that the leaving workers held at the beginning, as far as they said.
    public var bytesAtStart: Int64
    /// The leaving workers; none once they are gone.
    public var workers: [Worker]
    /// What they hold together; nil unless each of them says.
    public var bytesLeft: Int64?
    /// How fast the bytes went since the beginning, a second; nil before anything went.
    public var bytesPerSecond: Double?
    /// How long the rest will take at that speed, in seconds; nil while nobody can say.
    public var secondsLeft: Int64?

    /// Reads a drain's object; nil if it is another runtime's, or can't be read.
    public init?(_ drain: WorkerDrain, runtime: AlluxioRuntime) {
        // What can't be read is told on the object itself.
        guard let record = try? DrainRecord(drain) else { return nil }
        // Before a first drain it names none.
        let uid = record.ledger.runtimeUID
        guard uid.isEmpty || uid == runtime.meta.uid else { return nil }
        self.init(record)
    }

    /// Makes the report of a record.
    public init(_ record: DrainRecord) {
        let isUnderWay = record.state.isBeforeRemoval
        state = record.state
        target = record.plan?.target
        seconds = record.ledger.elapsed.components.seconds
        blocked = record.blocked
        bytesAtStart = record.plan?.bytesAtStart ?? 0
        workers =
            isUnderWay
            ? record.plan?.leaving.map { Worker(name: $0.name, files: $0.now?.files, bytes: $0.now?.bytes) } ?? [] : []
        bytesLeft = isUnderWay ? record.plan?.bytesLeft : nil
        bytesPerSecond = isUnderWay ? record.bytesPerSecond : nil
        secondsLeft = record.secondsLeft
    }
}
