/// Why messages of a port-forward are not readable, or the port can't be reached.
public enum PortChannelsError: Error, Sendable, Hashable {
    /// A text message: the protocol is binary.
    case textMessage
    /// A message without even a channel number.
    case emptyMessage
    /// A channel that one forwarded port does not have.
    case unexpectedChannel(UInt8)
    /// A channel did not begin with the port's number.
    case noPort
    /// The node could not connect to the port; the words are its own.
    case refused(String)
}

/// Takes the messages of a port-forward of one port apart, as `v4.channel.k8s.io` has them: the first byte is the channel.
///
/// Channel 0 carries the bytes of one TCP connection, channel 1 the error where there is none; the first message of each
/// is the port's number in two bytes, the lower one first. Errors come after the upgrade has succeeded. Seen with
/// Kubernetes 1.20 and 1.36.
public struct PortChannels: Sendable {
    /// The subprotocol to offer, alone: with others beside it Kubernetes answers 403.
    public static let subprotocol = "v4.channel.k8s.io"

    /// The most bytes that are kept of an error.
    public static let errorBytesMax = 4 << 10

    private var hasPort = [false, false]

    /// Makes channels on which nothing came yet.
    public init() {}

    /// The bytes of the connection in one message of the WebSocket; none in pongs, closes and port numbers.
    public mutating func receive(_ event: WebSocketEvent) throws(PortChannelsError) -> ArraySlice<UInt8> {
        switch event {
        case .text: throw .textMessage
        case .pong, .closed: return []
        case .binary(let message):
            guard let channel = message.first else { throw .emptyMessage }
            guard channel < 2 else { throw .unexpectedChannel(channel) }
            let data = message.dropFirst()
            guard hasPort[Int(channel)] else {
                guard data.count == 2 else { throw .noPort }
                hasPort[Int(channel)] = true
                return []
            }
            if channel == 0 || data.isEmpty { return data }
            throw .refused(String(decoding: data.prefix(Self.errorBytesMax), as: UTF8.self))
        }
    }

    /// A message that carries bytes to the port.
    public static func message(_ bytes: [UInt8]) -> [UInt8] { [0] + bytes }
}
