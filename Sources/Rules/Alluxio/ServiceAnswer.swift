/// What `fsadmin decommissionWorker` or `enableWorker` said; the worker's state in a capacity report is what counts.
public enum ServiceAnswer: Sendable, Hashable {
    /// It says that the master did as it was told.
    case done
    /// It says that the master does not know the worker: unknown, or taken out of service already.
    case notKnown
    /// The master did, but the worker's web port could not be polled (exit status 10: container networks), or it stays busy.
    case unconfirmed(String)
    /// The client does not know the command: older than 2.9.4.
    case unsupported
    /// No master answers.
    case noMaster
    /// We gave up, or the connection broke; the master may have done it.
    case unknown(String)
    /// Anything else, with the first line of what was said.
    case failed(String)

    /// Reads the answer of either command.
    public init(_ output: CommandOutput) {
        let said = output.standardOutput
        let errors = output.standardError
        switch output.ending {
        case .gaveUp: self = .unknown("no answer in time")
        case .cut(let why): self = .unknown(why)
        case .notStarted(let why): self = .failed(why)
        case .exited(let status):
            if errors.hasBytes(" is an unknown command") {
                self = .unsupported
            } else if status == 0 {
                self = .done
            } else if status == 10 || status == 3 {
                self = .unconfirmed(firstLine(errors, said))
            } else if status == 124 || status == 137 || status == 143 {
                self = .unknown("ended by its time limit, exit status \(status)")
            } else if said.hasBytes(" is not known by the master.") {
                self = .notKnown
            } else if said.hasBytes("Cannot connect to Alluxio") || said.hasBytes("Failed to connect to master") {
                self = .noMaster
            } else {
                self = .failed(firstLine(errors, said))
            }
        }
    }
}
