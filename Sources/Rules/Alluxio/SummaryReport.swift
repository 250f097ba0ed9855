/// What `alluxio fsadmin report summary` says of the cluster.
public struct SummaryReport: Sendable, Hashable {
    /// The master's version.
    public var version: AlluxioVersion
    /// Whether the master still waits for its workers.
    public var isInSafeMode: Bool
    /// How many workers are live.
    public var liveWorkers: Int

    /// Reads the answer, or throws as `CapacityReport` does.
    public init(_ output: CommandOutput) throws(CapacityReportError) {
        guard case .exited(let status) = output.ending else {
            throw .failed("the call did not end by itself")
        }
        if output.standardOutput.hasBytes("Cannot connect to Alluxio leader master") {
            throw .noMaster
        }
        guard status == 0 else {
            throw .failed(firstLine(output.standardOutput, output.standardError))
        }
        let lines = output.standardOutput.textLines.map { String($0).trimmed }
        func value(_ key: String) throws(CapacityReportError) -> String {
            // Several lines may begin alike where there are several masters: the first counts.
            guard let line = lines.first(where: { $0.hasPrefix("\(key): ") }) else {
                throw .unreadable("no line begins with \"\(key):\"")
            }
            return String(line.dropFirst(key.count + 2))
        }
        guard let version = AlluxioVersion(try value("Version")) else {
            throw .unreadable("the version is none")
        }
        guard let live = Int(try value("Live Workers")), live >= 0 else {
            throw .unreadable("the number of live workers is none")
        }
        self.version = version
        isInSafeMode = try value("Safe Mode") == "true"
        liveWorkers = live
    }
}
