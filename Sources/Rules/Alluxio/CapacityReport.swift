/// The table of `alluxio fsadmin report capacity`, in the layouts of 2.3.0 to 2.9.6.
public struct CapacityReport: Sendable, Hashable {
    /// In which condition the master holds a worker; only 2.9.4 and later print it.
    public enum State: String, Sendable, Hashable {
        /// In service.
        case active = "ACTIVE"
        /// No heartbeat for five minutes; the figures are frozen.
        case lost = "LOST"
        /// Taken out of service; the figures are frozen and `fs free` no longer reaches it.
        case decommissioned = "Decommissioned"
        /// Taken out of service, and may not come back by itself.
        case disabled = "Disabled"
    }

    /// One worker's two lines.
    public struct Worker: Sendable, Hashable {
        /// The worker's name: under Fluid the node's address, so that two workers on one node have the same.
        public var name: String
        /// The condition, where the layout has one.
        public var state: State?
        /// Seconds since its last heartbeat.
        public var lastHeartbeatSeconds: Int
        /// What it can hold.
        public var capacity: ByteSize
        /// What it holds, reservations and blocks being written included.
        public var used: ByteSize
        /// How many tiers it has.
        public var tierCount: Int
    }

    /// Which workers the report is about: `all`, `live`, `lost`, `decommissioned` or `specified`.
    public var scope: String
    /// The workers in the order of the report, the freshest heartbeat first.
    public var workers: [Worker]

    /// Makes a report.
    public init(scope: String, workers: [Worker]) {
        self.scope = scope
        self.workers = workers
    }
}

/// Why a capacity report could not be had; never to be taken for an empty one.
public enum CapacityReportError: Error, Sendable, Hashable {
    /// No master answers.
    case noMaster
    /// The master is starting.
    case safeMode
    /// The call failed or was cut short.
    case failed(String)
    /// The text is none of the known layouts; the value says what was expected.
    case unreadable(String)
}
