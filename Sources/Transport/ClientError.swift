public import Wire

/// Why a request of ours has no whole answer.
public enum ClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No connection could be made: the request was surely not carried out.
    case unreachable(String)
    /// The connection or the stream broke: whether the request was carried out is unknown.
    case broken(String)
    /// No answer, or no end of it, within its time: whether the request was carried out is unknown.
    case timeout
    /// Nothing came for longer than the idle limit.
    case idle
    /// The body has more bytes than allowed.
    case tooLarge(bytesMax: Int)
    /// The calling task was cancelled.
    case cancelled
    /// The client was closed.
    case closed
    /// The client has as many requests under way, or bytes of their answers, as it may.
    case overloaded
    /// The request has a part that HTTP forbids.
    case invalidRequest
    /// The server answered an upgrade with something else; of the body at most 64 KiB are kept.
    case refused(HTTPResponseHead, body: [UInt8])

    /// What happened, for people.
    public var description: String {
        switch self {
        case .unreachable(let reason): reason
        case .broken(let reason): reason
        case .timeout: "no answer in time"
        case .idle: "nothing came for too long"
        case .tooLarge(let bytesMax): "the answer is longer than \(bytesMax) bytes"
        case .cancelled: "cancelled"
        case .closed: "the client is closed"
        case .overloaded: "too many requests, or bytes of answers, under way"
        case .invalidRequest: "the request can't be written as HTTP"
        case .refused(let head, _): "the server refused to switch protocols with status \(head.status)"
        }
    }
}
