/// The table of `alluxio fsadmin report capacity`, in the layouts of 2.3.0 to 2.9.6: who is there, in which condition.
///
/// What a worker holds is asked of the worker itself: sizes here are rounded, and frozen for whoever is out of service.
public struct CapacityReport: Sendable, Hashable {
    /// In which condition the master holds a worker; only 2.9.4 and later print it.
    public enum State: String, Sendable, Hashable {
        /// In service.
        case active = "ACTIVE"
        /// No heartbeat for five minutes.
        case lost = "LOST"
        /// Taken out of service; `fs free` no longer reaches it.
        case decommissioned = "Decommissioned"
        /// Taken out of service, and may not come back by itself.
        case disabled = "Disabled"
    }

    /// One worker's line.
    public struct Worker: Sendable, Hashable {
        /// The worker's name: under Fluid the node's address, so that two workers on one node have the same.
        public var name: String
        /// The condition, where the layout has one.
        public var state: State?
        /// Seconds since its last heartbeat.
        public var lastHeartbeatSeconds: Int

        /// Makes a line.
        public init(name: String, state: State?, lastHeartbeatSeconds: Int) {
            self.name = name
            self.state = state
            self.lastHeartbeatSeconds = lastHeartbeatSeconds
        }
    }

    /// The workers in the order of the report, the freshest heartbeat first.
    public var workers: [Worker]

    /// Makes a report.
    public init(workers: [Worker]) { self.workers = workers }

    /// In which condition the worker of a host is: in service if any line of it says so, since earlier workers of that host
    /// keep their lines; nil if there is none.
    public func state(ofHost host: String) -> State? {
        let states = workers.filter { $0.name == host }.map { $0.state ?? .active }
        return states.contains(.active) ? .active : states.first
    }

    /// Reads the answer of `fsadmin report capacity`; anything unknown in it is an error, never "no workers".
    public init(_ output: CommandOutput) throws(ReportError) {
        let said = try output.report()
        let lines = said.textLines.map { String($0) }
        // Warnings of the JVM may precede the first line.
        if lines.contains(where: { $0.trimmed == "No workers found." }) {
            self.init(workers: [])
            return
        }
        guard lines.contains(where: { $0.trimmed.between("Capacity information for ", " workers:") != nil }) else {
            throw .unreadable("no line begins with \"Capacity information for\"")
        }
        guard let header = lines.firstIndex(where: { $0.hasPrefix("Worker Name") }) else {
            throw .unreadable("no line begins with \"Worker Name\"")
        }
        let columns = lines[header].split(separator: " ")
        let hasState = columns.count > 2 && columns[2] == "State"
        var workers: [Worker] = []
        // Two lines a worker, up to the next blank line: another table may follow.
        var rest = lines[(header + 1)...].prefix { !$0.trimmed.isEmpty }
        while let first = rest.popFirst() {
            guard let second = rest.popFirst(), second.first == " ", second.trimmed.hasPrefix("used") else {
                throw .unreadable("a worker's second line does not say \"used\"")
            }
            workers.append(try Self.worker(first, hasState: hasState))
        }
        self.init(workers: workers)
    }

    private static func worker(_ line: String, hasState: Bool) throws(ReportError) -> Worker {
        let cells = line.split(separator: " ").map { String($0) }
        guard line.first != " ", let storage = cells.firstIndex(of: "capacity"), storage >= (hasState ? 3 : 2) else {
            throw .unreadable("a worker's first line does not say \"capacity\"")
        }
        guard let heartbeat = Int(cells[storage - 1]), heartbeat >= 0 else {
            throw .unreadable("a worker's last heartbeat is no number")
        }
        var state: State?
        if hasState {
            guard let known = State(rawValue: cells[storage - 2]) else {
                throw .unreadable("a worker's state \"\(cells[storage - 2])\" is unknown")
            }
            state = known
        }
        let name = cells[..<(storage - (hasState ? 2 : 1))].joined(separator: " ")
        return Worker(name: name, state: state, lastHeartbeatSeconds: heartbeat)
    }
}

/// Why a report could not be had; never to be taken for an empty one.
public enum ReportError: Error, Sendable, Hashable {
    /// No master answers.
    case noMaster
    /// The master is starting.
    case safeMode
    /// The call failed or was cut short.
    case failed(String)
    /// The text is none of the known layouts; the value says what was expected.
    case unreadable(String)
}

extension CommandOutput {
    /// The text of a report, if the call ended well.
    func report() throws(ReportError) -> String {
        guard case .exited(let status) = ending else { throw .failed("the call did not end by itself") }
        let said = standardOutput
        if said.hasBytes("Cannot connect to Alluxio leader master") || said.hasBytes("Failed to connect to master") {
            throw .noMaster
        }
        if said.hasBytes("Alluxio master is in safe mode") { throw .safeMode }
        guard status == 0 else { throw .failed(firstLine(said, standardError)) }
        return said
    }
}
