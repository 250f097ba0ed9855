/// What `alluxio fsadmin report summary` says of the cluster.
public struct SummaryReport: Sendable, Hashable {
    /// The master's version.
    public var version: AlluxioVersion
    /// Whether the master still waits for its workers.
    public var isInSafeMode: Bool
    /// How many workers are live.
    public var liveWorkers: Int

    /// Reads the answer, or throws as `CapacityReport` does.
    public init(_ output: CommandOutput) throws(ReportError) {
        let lines = try output.report().textLines.map { String($0).trimmed }
        func value(_ key: String) throws(ReportError) -> String {
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
