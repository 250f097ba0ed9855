extension CapacityReport {
    /// Reads the answer of `fsadmin report capacity`; anything unknown in it is an error, never "no workers".
    public init(_ output: CommandOutput) throws(CapacityReportError) {
        let said = output.standardOutput
        guard case .exited(let status) = output.ending else {
            throw .failed("the call did not end by itself")
        }
        if said.hasBytes("Cannot connect to Alluxio leader master") || said.hasBytes("Failed to connect to master") {
            throw .noMaster
        }
        if said.hasBytes("Alluxio master is in safe mode") {
            throw .safeMode
        }
        guard status == 0 else {
            throw .failed(firstLine(said, output.standardError))
        }
        try self.init(text: said)
    }

    private init(text: String) throws(CapacityReportError) {
        let lines = text.textLines.map { String($0) }
        // Warnings of the JVM may precede the first line.
        if lines.contains(where: { $0.trimmed == "No workers found." }) {
            self.init(scope: "none", workers: [])
            return
        }
        let titled = lines.lazy.compactMap { $0.trimmed.between("Capacity information for ", " workers:") }
        guard let scope = titled.first else {
            throw .unreadable("no line begins with \"Capacity information for\"")
        }
        guard let header = lines.firstIndex(where: { $0.hasPrefix("Worker Name") }) else {
            throw .unreadable("no line begins with \"Worker Name\"")
        }
        let columns = try Columns(header: lines[header])
        var workers: [Worker] = []
        var index = header + 1
        while index < lines.count, !lines[index].trimmed.isEmpty {
            guard index + 1 < lines.count else {
                throw .unreadable("the table ends in the middle of a worker")
            }
            workers.append(try columns.worker(lines[index], lines[index + 1]))
            index += 2
        }
        self.init(scope: scope, workers: workers)
    }

    /// The words of the header line; cells are split by blanks, since widths change with names and tiers.
    private struct Columns {
        let hasState: Bool
        let hasVersion: Bool
        let hasTotal: Bool
        let tierCount: Int

        init(header: String) throws(CapacityReportError) {
            var words = header.split(separator: " ").map { String($0) }
            func take(_ expected: String...) -> Bool {
                guard Array(words.prefix(expected.count)) == expected else {
                    return false
                }
                words.removeFirst(expected.count)
                return true
            }
            guard take("Worker", "Name") else {
                throw .unreadable("the header does not begin with \"Worker Name\"")
            }
            hasState = take("State")
            guard take("Last", "Heartbeat", "Storage") else {
                throw .unreadable("the header has no \"Last Heartbeat\" and \"Storage\"")
            }
            hasTotal = take("Total")
            hasVersion = Array(words.suffix(2)) == ["Version", "Revision"]
            if hasVersion {
                words.removeLast(2)
            }
            guard !words.isEmpty, words.count == 1 || hasTotal else {
                throw .unreadable("the header names no tier")
            }
            tierCount = words.count
        }

        func worker(_ first: String, _ second: String) throws(CapacityReportError) -> Worker {
            var cells = first.split(separator: " ").map { String($0) }
            guard first.first != " ", let storage = cells.firstIndex(of: "capacity"), storage >= (hasState ? 3 : 2)
            else {
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
            cells.removeFirst(storage + 1)
            let used = second.split(separator: " ").map { String($0) }
            guard second.first == " ", used.first == "used" else {
                throw .unreadable("a worker's second line does not say \"used\"")
            }
            let tiers = try tierSizes(cells)
            // Without a capacity there is no percentage either: freeWorker leaves such a row behind.
            guard let capacity = cells.first.flatMap({ ByteSize($0) }), used.count >= 2, let held = ByteSize(used[1])
            else {
                throw .unreadable("a worker's sizes are none")
            }
            return Worker(
                name: name, state: state, lastHeartbeatSeconds: heartbeat, capacity: capacity, used: held,
                tierCount: tiers)
        }

        /// How many tiers the row has: `-` stands for one that the worker has not.
        private func tierSizes(_ cells: [String]) throws(CapacityReportError) -> Int {
            let expected = (hasTotal ? 1 : 0) + tierCount
            guard cells.count >= expected else {
                throw .unreadable("a worker's line has fewer cells than the header")
            }
            let tiers = cells[(hasTotal ? 1 : 0)..<expected]
            guard tiers.allSatisfy({ $0 == "-" || ByteSize($0) != nil }) else {
                throw .unreadable("a tier's size is none")
            }
            return tiers.count { $0 != "-" }
        }
    }
}
