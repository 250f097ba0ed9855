/// What `alluxio fs pin PATH` said.
public enum PinAnswer: Sendable, Hashable {
    /// Pinned.
    case done
    /// There is no such file any more.
    case absent
    /// Not pinned, or not known; try again.
    case failed(String)

    /// Reads the answer to a pin of `path`.
    public init(_ output: CommandOutput, path: AlluxioPath) {
        let said = output.standardOutput
        switch output.ending {
        case .exited(0) where said.hasBytes("File '\(path.text)' was successfully pinned."): self = .done
        case .exited(255) where said.hasBytes("Path \"\(path.text)\" does not exist."): self = .absent
        case .exited: self = .failed(firstLine(said, output.standardError))
        case .gaveUp: self = .failed("no answer in time")
        case .cut(let why), .notStarted(let why): self = .failed(why)
        }
    }
}
