/// What `alluxio fs free PATH` said, as far as it can be believed.
///
/// The texts are those of 2.3.0 to 2.9.6 (`FreeCommand.java`, `ExceptionMessage.java`); errors stand on standard output, exit
/// status 255. A success proves nothing yet: blocks go later, by the workers' heartbeats.
public enum FreeAnswer: Sendable, Hashable {
    /// Accepted; blocks go within the next heartbeats, or never (a stuck block).
    case accepted
    /// There is no such path, so there is nothing to free.
    case absent
    /// Refused because this file is not persisted; what came before it in the walk is freed.
    case notPersisted(AlluxioPath)
    /// Refused because this file is pinned; what came before it in the walk is freed.
    case pinned(AlluxioPath)
    /// The client waited its 10 s for a file: a reader holds it, or the block is stuck.
    case stillHeld
    /// The client does not know the command: no use in trying again.
    case unsupported(String)
    /// The client found no master: try again later.
    case noMaster
    /// We gave up: the call hangs, and may do so for long.
    case gaveUp
    /// The connection broke, or something ended the call; it may still do its work.
    case unknown(String)
    /// Anything else, with the first line of what was said.
    case failed(String)

    /// Reads the answer to a free of `path`.
    public init(_ output: CommandOutput, path: AlluxioPath) {
        let said = output.standardOutput.trimmed
        switch output.ending {
        case .gaveUp:
            self = .gaveUp
        case .cut(let why):
            self = .unknown(why)
        case .notStarted(let why):
            self = .failed(why)
        case .exited(let status):
            self = Self.judge(status: status, said: said, errors: output.standardError.trimmed, path: path)
        }
    }

    private static func judge(status: Int, said: String, errors: String, path: AlluxioPath) -> FreeAnswer {
        let message = Self.message(in: said)
        if status == 0 {
            let success = "\(path.text) was successfully freed from Alluxio space."
            return said.hasBytes(success) ? .accepted : .failed(firstLine(said, errors))
        }
        if status == 124 || status == 137 || status == 143 {
            return .unknown("ended by a signal or a time limit, exit status \(status)")
        }
        if let file = message.between("Cannot free file ", " which is not persisted") {
            return .notPersisted(AlluxioPath(file))
        }
        let unpin = " which is pinned. Please unpin it first or set the \"forced\" flag of free operation to true"
        if let file = message.between("Cannot free file ", unpin) {
            return .pinned(AlluxioPath(file))
        }
        if message.between("Path \"\(path.text)\"", " does not exist.") == ""
            || message == "\(path.text) does not exist."
        {
            return .absent
        }
        if message.hasBytes("TimeoutException: Timed out waiting for file to be freed") {
            return .stillHeld
        }
        if errors.hasBytes(" is an unknown command") || said.hasBytes("Failed to parse args for free") {
            return .unsupported(firstLine(errors, said))
        }
        let unreachable = [
            "Failed to connect to master", "Failed to determine address for", "Cannot connect to Alluxio",
        ]
        if unreachable.contains(where: { message.hasBytes($0) }) {
            return .noMaster
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
