internal import Kubernetes
internal import Wire

/// Why a call of Alluxio's RPC gave no result.
enum AlluxioCallError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The server answered with a status that is not OK.
    case status(GRPCStatus)
    /// No answer in time; the server may still carry the call out.
    case timeout
    /// The connection could not be made, broke, or is no gRPC.
    case connection(String)
    /// An answer came that can't be read.
    case unreadable(String)
    /// Our own task was cancelled.
    case cancelled

    var description: String {
        switch self {
        case .status(let status): status.description
        case .timeout: "no answer in time"
        case .connection(let message): message
        case .unreadable(let message): "the answer is not readable: \(message)"
        case .cancelled: "cancelled"
        }
    }

    init(_ error: ClusterError) {
        self =
            switch error {
            case .cancelled: .cancelled
            case .timeout: .timeout
            default: .connection(error.description)
            }
    }
}

/// A connection to a master or a worker of Alluxio, authenticated, for one task at a time.
///
/// Alluxio knows a caller by the id that each call carries, and forgets it when the stream that brought the
/// authentication ends: so that stream stays open for as long as the connection. A server without authentication
/// (`NOSASL`) answers that it does not know the method. Seen with 2.9.0 and 2.9.6.
final class AlluxioConnection {
    private let stream: any ByteStream
    private let now: @Sendable () -> Duration
    private let channelID: String
    private var session: GRPCClientSession
    private var authentication: Int32?

    /// How long the authentication may take; it took 12 ms where it was seen.
    static let authenticationTimeout = Duration.seconds(10)
    /// How many calls of `callEach` are under way at a time: more only wait longer.
    static let callsMax = 16
    /// After which time a call no longer counts among those, and how many there may be with such ones: each holds a thread
    /// of the server.
    static let slow = Duration.seconds(2)
    static let slowCallsMax = 128
    /// For how long the server's own end of a call of `callEach` is waited for.
    static let grace = Duration.seconds(5)

    /// Authenticates on a stream as a user whom nobody checks.
    ///
    /// `channelID` is a random UUID, in lower case; `now` is monotonic. The user matters only where permissions are
    /// checked, and is then the name of the server's own: `root` in Fluid's images.
    init(
        over stream: any ByteStream, authority: String, user: String = "root", channelID: String,
        now: @escaping @Sendable () -> Duration
    ) async throws(AlluxioCallError) {
        self.stream = stream
        self.now = now
        self.channelID = channelID
        do throws(HTTP2ClientError) {
            session = try GRPCClientSession(authority: authority)
        } catch {
            throw .connection("HTTP/2: \(error)")
        }
        try await authenticate(user)
    }

    deinit {
        stream.close()
    }

    /// Makes one call and hands over the parts of its messages as they come; each may take `patience` to come, and all of
    /// them `timeout`.
    func call(
        _ method: String, _ request: [UInt8], timeout: Duration, patience: Duration? = nil,
        receive: (_ part: [UInt8], _ isLast: Bool) throws(ProtobufError) -> Void
    ) async throws(AlluxioCallError) {
        let deadline = now() + timeout
        let call = try start(method, request, timeout: timeout)
        while true {
            for event in try await events(until: min(deadline, now() + (patience ?? timeout))) {
                switch event {
                case .message(call, let part, let isLast):
                    session.consume(part.count, of: call)
                    do throws(ProtobufError) {
                        try receive(part, isLast)
                    } catch {
                        session.cancel(call)
                        throw .unreadable("protobuf: \(error)")
                    }
                case .ended(call, let status):
                    guard status.isOK else { throw .status(status) }
                    return
                default:
                    try noted(event)
                }
            }
        }
    }

    /// Makes a call for each request, some side by side, and says how each ended, in any order.
    ///
    /// A call that takes long holds up no other: it no longer counts among those side by side, and the server ends it after
    /// `timeout`. A server that does not even do that has gone.
    func callEach(
        _ method: String, timeout: Duration,
        next: () throws(AlluxioCallError) -> [UInt8]?, ended: (_ request: [UInt8], GRPCStatus) -> Void
    ) async throws(AlluxioCallError) {
        var underWay: [Int32: (request: [UInt8], at: Duration)] = [:]
        var isExhausted = false
        while true {
            let time = now()
            var room = Self.callsMax - underWay.values.count { time - $0.at < Self.slow }
            while !isExhausted, room > 0, underWay.count < Self.slowCallsMax {
                guard let request = try next() else {
                    isExhausted = true
                    break
                }
                underWay[try start(method, request, timeout: timeout)] = (request, time)
                room -= 1
            }
            guard let oldest = underWay.values.lazy.map(\.at).min() else { return }
            let end = oldest + timeout + Self.grace
            guard let events = try await events(by: isExhausted ? end : min(end, time + Self.slow)) else {
                guard now() < end else { throw .timeout }
                continue
            }
            for event in events {
                if case .message(let call, let part, _) = event {
                    session.consume(part.count, of: call)
                } else if case .ended(let call, let status) = event,
                    let request = underWay.removeValue(forKey: call)?.request
                {
                    ended(request, status)
                } else {
                    try noted(event)
                }
            }
        }
    }

    // MARK: The stream

    private func authenticate(_ user: String) async throws(AlluxioCallError) {
        let deadline = now() + Self.authenticationTimeout
        let call = try begin(AlluxioMethod.authenticate, metadata: [])
        session.send(AlluxioMessage.authentication(user: user, channelID: channelID), on: call, isLast: false)
        while true {
            for event in try await events(until: deadline) {
                switch event {
                case .message(call, let part, _):
                    session.consume(part.count, of: call)
                    guard AlluxioMessage.isAuthenticated(part) else {
                        throw .unreadable("the authentication has neither succeeded nor failed")
                    }
                    authentication = call
                    return
                case .ended(call, let status):
                    // What an Alluxio without authentication says.
                    if status.code == GRPCStatus.unimplemented { return }
                    throw .status(status)
                default:
                    try noted(event)
                }
            }
        }
    }

    private func start(
        _ method: String, _ request: [UInt8], timeout: Duration
    ) throws(AlluxioCallError) -> Int32 {
        let call = try begin(method, metadata: [HTTPField("channel-id", channelID)], timeout: timeout)
        session.send(request, on: call, isLast: true)
        return call
    }

    private func begin(
        _ method: String, metadata: [HTTPField], timeout: Duration? = nil
    ) throws(AlluxioCallError) -> Int32 {
        do throws(HTTP2ClientError) {
            return try session.start(method, metadata: metadata, timeout: timeout)
        } catch {
            throw .connection("HTTP/2: \(error)")
        }
    }

    /// Sends what is to be sent, waits for bytes, and returns what they meant.
    private func events(until deadline: Duration) async throws(AlluxioCallError) -> [GRPCClientEvent] {
        guard let events = try await events(by: deadline) else { throw .timeout }
        return events
    }

    /// The same, or nil if no bytes came by then.
    private func events(by time: Duration) async throws(AlluxioCallError) -> [GRPCClientEvent]? {
        do throws(ClusterError) {
            try await flush()
            let rest = time - now()
            guard rest > .zero, let bytes = try await stream.receive(timeout: rest) else { return nil }
            guard !bytes.isEmpty else { throw .transport("the server closed the connection") }
            do throws(HTTP2ClientError) {
                try session.receive(bytes.span)
            } catch {
                throw .transport("HTTP/2: \(error)")
            }
        } catch {
            throw AlluxioCallError(error)
        }
        return session.takeEvents()
    }

    private func flush() async throws(ClusterError) {
        while true {
            var output: [UInt8] = []
            do throws(HTTP2ClientError) {
                try session.output(into: &output)
            } catch {
                throw .transport("HTTP/2: \(error)")
            }
            if output.isEmpty { return }
            try await stream.send(output)
        }
    }

    /// What is of no call that is waited for: late answers do not matter, the end of the authentication does.
    private func noted(_ event: GRPCClientEvent) throws(AlluxioCallError) {
        if case .ended(let call, let status) = event, call == authentication {
            throw .connection("the authentication has ended: \(status)")
        }
        if case .message(let call, let part, _) = event { session.consume(part.count, of: call) }
    }
}
