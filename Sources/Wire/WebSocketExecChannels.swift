/// How a command in a container ended, as the API server says in its last message.
public enum ExecStatus: Sendable, Hashable {
    /// It ran and ended with this exit status.
    case exited(code: Int32)
    /// It could not be run, or its end is not known; reason and message are the server's.
    case failed(reason: String, message: String)
}

/// Why messages of an exec are not readable.
public enum ExecChannelsError: Error, Sendable, Hashable {
    /// A text message: the channel protocols that we offer are binary.
    case textMessage
    /// A message without even a channel number.
    case emptyMessage
    /// A channel that a command without input and terminal does not have.
    case unexpectedChannel(UInt8)
    /// The final status is longer than its limit, or no readable `Status`.
    case unreadableStatus
    /// Something came after the final status.
    case messageAfterStatus
}

/// Takes the messages of `v4.channel.k8s.io` and `v5.channel.k8s.io` apart: the first byte is the channel.
///
/// Channel 1 is standard output, 2 standard error, and 3 brings a `Status` as JSON when the command has ended (v5 differs
/// from v4 only in what closes standard input, which we do not have). Kubernetes: apimachinery's
/// `remotecommand.StreamProtocolV4Name` and `StreamProtocolV5Name`.
public struct ExecChannels: Sendable {
    /// The most bytes of the final status.
    public static let statusBytesMax = 256 << 10

    /// The most bytes that are kept of standard output and of standard error, each.
    public let outputBytesMax: Int
    /// What came on standard output, at most `outputBytesMax`.
    public private(set) var standardOutput: [UInt8] = []
    /// What came on standard error, at most `outputBytesMax`.
    public private(set) var standardError: [UInt8] = []
    /// Whether output was dropped.
    public private(set) var isTruncated = false
    /// How the command ended; nil while that is not known, and then it must not be taken for a success.
    public private(set) var status: ExecStatus?

    /// Makes channels that are empty.
    public init(outputBytesMax: Int) {
        self.outputBytesMax = outputBytesMax
    }

    /// Takes in one message of the WebSocket; pongs and closes are none.
    public mutating func receive(_ event: WebSocketEvent) throws(ExecChannelsError) {
        switch event {
        case .text: throw .textMessage
        case .pong, .closed: return
        case .binary(let message):
            guard let channel = message.first else { throw .emptyMessage }
            let data = message.dropFirst()
            switch channel {
            case 1: isTruncated = keep(data, in: &standardOutput) || isTruncated
            case 2: isTruncated = keep(data, in: &standardError) || isTruncated
            case 3: try end(data)
            // An empty message on each channel comes first, also on those that are not used.
            case 0 where data.isEmpty, 4 where data.isEmpty: break
            default: throw .unexpectedChannel(channel)
            }
        }
    }

    /// Appends what there is room for, and returns whether something was dropped.
    private func keep(_ data: ArraySlice<UInt8>, in output: inout [UInt8]) -> Bool {
        let room = outputBytesMax - output.count
        output.append(contentsOf: data.prefix(max(0, room)))
        return data.count > room
    }

    private mutating func end(_ data: ArraySlice<UInt8>) throws(ExecChannelsError) {
        guard !data.isEmpty else { return }
        guard status == nil else { throw .messageAfterStatus }
        guard data.count <= Self.statusBytesMax else { throw .unreadableStatus }
        var parser = JSONParser(bytesMax: Self.statusBytesMax)
        do throws(JSONError) {
            status = Self.status(try parser.parse(Array(data)))
        } catch {
            throw .unreadableStatus
        }
        if status == nil { throw .unreadableStatus }
    }

    /// Reads `{"status":"Success"}`, or a failure with reason `NonZeroExitCode` and the code in `details.causes`.
    private static func status(_ value: JSONValue) -> ExecStatus? {
        switch value["status"]?.string {
        case "Success": return .exited(code: 0)
        case "Failure": break
        default: return nil
        }
        let reason = value["reason"]?.string ?? ""
        if reason == "NonZeroExitCode", let causes = value["details"]?["causes"] {
            for cause in causes.elements where cause["reason"]?.isString("ExitCode") == true {
                guard let code = cause["message"]?.string.flatMap({ Int32($0) }), code != 0 else { return nil }
                return .exited(code: code)
            }
        }
        return .failed(reason: reason, message: value["message"]?.string ?? "")
    }
}
