/// What came of one call of the cache system, as far as it can be believed.
///
/// The texts are those of Alluxio 2.3.0 to 2.9.6 (`FreeCommand.java`, `DecommissionWorkerCommand.java`,
/// `ExceptionMessage.java`); errors stand on standard output, exit status 255. A success proves nothing yet: blocks go later,
/// by the workers' heartbeats.
public enum CacheAnswer: Sendable, Hashable {
    /// It says that it did what it was told.
    case done
    /// There is no such path, or the master does not know the worker (any more).
    case absent
    /// The client waited its 10 s for a file: a reader holds it, or the block is stuck. Or a reader holds one of the blocks.
    case stillHeld
    /// Refused because this file is not persisted; what came before it in the walk is freed.
    case notPersisted(AlluxioPath)
    /// Refused because this file is pinned; what came before it in the walk is freed.
    case pinned(AlluxioPath)
    /// The client does not know the command: no use in trying again.
    case unsupported(String)
    /// The client found no master: try again later.
    case noMaster(String)
    /// The worker's port can't be had: nothing was done.
    case unreachable(String)
    /// Nobody knows what came of it: it was cut, killed or given up, and may still do its work.
    case unknown(String)
    /// Sluice may not do what the call takes, in the words of RBAC: nothing was done.
    case forbidden(String)
    /// Anything else, with the first line of what was said.
    case failed(String)

    /// Reads the answer to `alluxio fs free PATH`.
    public init(free output: CommandOutput, of path: AlluxioPath) {
        guard case .exited(let status) = output.ending else {
            self = Self.unended(output.ending)
            return
        }
        let said = output.standardOutput.trimmed
        let message = Self.message(in: said)
        if status == 0 {
            self =
                said.hasBytes("\(path.text) was successfully freed from Alluxio space.")
                ? .done : .failed(firstLine(said, output.standardError))
        } else if let file = message.between("Cannot free file ", " which is not persisted") {
            self = .notPersisted(AlluxioPath(file))
        } else if let file = message.between(
            "Cannot free file ",
            " which is pinned. Please unpin it first or set the \"forced\" flag of free operation to true")
        {
            self = .pinned(AlluxioPath(file))
        } else if message.between("Path \"\(path.text)\"", " does not exist.") == ""
            || message == "\(path.text) does not exist."
        {
            self = .absent
        } else if message.hasBytes("TimeoutException: Timed out waiting for file to be freed") {
            self = .stillHeld
        } else if said.hasBytes("Failed to parse args for free") {
            self = .unsupported(firstLine(output.standardError, said))
        } else {
            self = Self.failure(status, output)
        }
    }

    /// Reads the answer to `fsadmin decommissionWorker` or `enableWorker`; the worker's state in a report is what counts.
    public init(service output: CommandOutput) {
        guard case .exited(let status) = output.ending else {
            self = Self.unended(output.ending)
            return
        }
        // 10: the worker's web port could not be polled (container networks); 3: it stays busy. The master has done it.
        if status == 0 || status == 10 || status == 3 {
            self = .done
        } else if output.standardOutput.hasBytes(" is not known by the master.") {
            self = .absent
        } else {
            self = Self.failure(status, output)
        }
    }

    private static func unended(_ ending: CommandOutput.Ending) -> CacheAnswer {
        switch ending {
        case .gaveUp: .unknown("no answer in time")
        case .cut(let why): .unknown(why)
        case .notStarted(let why): .failed(why)
        case .forbidden(let what): .forbidden(what)
        case .exited: .unknown("")
        }
    }

    private static func failure(_ status: Int, _ output: CommandOutput) -> CacheAnswer {
        let (said, errors) = (output.standardOutput, output.standardError)
        if status == 124 || status == 137 || status == 143 {
            return .unknown("ended by a signal or a time limit, exit status \(status)")
        }
        if errors.hasBytes(" is an unknown command") {
            return .unsupported(firstLine(errors, said))
        }
        let unreachable = [
            "Failed to connect to master", "Failed to determine address for", "Cannot connect to Alluxio",
        ]
        if unreachable.contains(where: { said.hasBytes($0) }) {
            return .noMaster(firstLine(said))
        }
        return .failed(firstLine(said, errors))
    }

    /// The last message of the client; warnings of the JVM may precede it, and a file's name may hold line feeds.
    private static func message(in said: String) -> String {
        let starts = ["Cannot free file ", "Path \"", "Failed to connect", "java.util.concurrent.TimeoutException"]
        let lines = said.textLines
        guard
            let first = lines.firstIndex(where: { line in starts.contains { String(line).utf8.starts(with: $0.utf8) } })
        else {
            return lines.last.map { String($0) } ?? ""
        }
        return lines[first...].map { String($0) }.joined(separator: "\n")
    }
}

/// The first line that says something, cut to a length that fits into an event.
func firstLine(_ texts: String...) -> String {
    for text in texts {
        for line in text.textLines where !line.isEmpty {
            return String(String(line).trimmed.prefix(200))
        }
    }
    return "it said nothing"
}
