internal import Synchronization
internal import Wire

/// One request and what has come of its answer.
///
/// The loop's thread fills it, one task empties it; what both touch is behind the lock. It has one outcome: the first.
final class ClientExchange: @unchecked Sendable {
    /// What is done with the body.
    enum Body: Sendable {
        /// It is kept whole, up to this many bytes.
        case collected(bytesMax: Int)
        /// It is handed on as it comes; the loop stops reading while too much of it waits.
        case streamed
    }

    /// What the task waits for.
    private enum Wanted {
        case head
        case bytes
        case end
    }

    private struct Shared {
        var head: HTTPResponseHead?
        var bytes: [UInt8] = []
        var outcome: Result<Void, ClientError>?
        var wanted = Wanted.head
        var waiter: CheckedContinuation<Void, Never>?

        var isSatisfied: Bool {
            if outcome != nil { return true }
            return switch wanted {
            case .head: head != nil
            case .bytes: !bytes.isEmpty
            case .end: false
            }
        }

        mutating func takeWaiterIfSatisfied() -> CheckedContinuation<Void, Never>? {
            isSatisfied ? waiter.take() : nil
        }
    }

    let request: HTTPRequest
    let body: Body
    let timeout: Duration
    let idleLimit: Duration?
    private let shared = Mutex(Shared())

    // On the loop's thread only.
    var timer: TimerToken?
    var idleTimer: TimerToken?
    var lastProgress: MonotonicTime?
    var resends = 0
    /// What the pool counts for it.
    var collectedBytes = 0
    weak var connection: (any ClientConnection)?

    init(_ request: HTTPRequest, body: Body, timeout: Duration, idleLimit: Duration? = nil) {
        self.request = request
        self.body = body
        self.timeout = timeout
        self.idleLimit = idleLimit
    }

    // MARK: From the loop, and for `finish` from anywhere

    /// Whether it has its outcome.
    var isFinished: Bool { shared.withLock { $0.outcome != nil } }

    /// Whether a byte of the answer was seen, so that it must not be asked for again.
    var hasHead: Bool { shared.withLock { $0.head != nil } }

    /// How many bytes wait to be taken.
    var waitingBytes: Int { shared.withLock { $0.bytes.count } }

    func received(_ head: HTTPResponseHead) {
        resume { $0.head = head }
    }

    /// Takes a part of the body; returns false, with the outcome set, where a collected body is too long.
    func received(_ bytes: [UInt8]) -> Bool {
        if case .collected(let bytesMax) = body, waitingBytes + bytes.count > bytesMax {
            finish(.failure(.tooLarge(bytesMax: bytesMax)))
            return false
        }
        resume { $0.bytes += bytes }
        return true
    }

    /// Sets the outcome, if there is none yet.
    @discardableResult
    func finish(_ outcome: Result<Void, ClientError>) -> Bool {
        resume { shared in
            guard shared.outcome == nil else { return false }
            shared.outcome = outcome
            return true
        }
    }

    private func resume<Value: Sendable>(_ change: @Sendable (inout Shared) -> Value) -> Value {
        let (value, waiter) = shared.withLock { shared in
            let value = change(&shared)
            return (value, shared.takeWaiterIfSatisfied())
        }
        waiter?.resume()
        return value
    }

    // MARK: From the task

    /// Waits for the head.
    func head() async throws(ClientError) -> HTTPResponseHead {
        await wait(for: .head)
        return try shared.withLock { shared -> Result<HTTPResponseHead, ClientError> in
            if let head = shared.head { return .success(head) }
            if case .failure(let error)? = shared.outcome { return .failure(error) }
            return .failure(.broken("an answer without a head"))
        }.get()
    }

    /// Waits for the next bytes of the body and takes all that there are; nil at its end.
    func nextBytes() async throws(ClientError) -> [UInt8]? {
        await wait(for: .bytes)
        return try shared.withLock { shared -> Result<[UInt8]?, ClientError> in
            if !shared.bytes.isEmpty {
                var bytes: [UInt8] = []
                swap(&bytes, &shared.bytes)
                return .success(bytes)
            }
            return (shared.outcome ?? .success(())).map { nil }
        }.get()
    }

    /// Waits for the whole answer.
    func response() async throws(ClientError) -> HTTPResponse {
        await wait(for: .end)
        return try shared.withLock { shared -> Result<HTTPResponse, ClientError> in
            if case .failure(let error)? = shared.outcome { return .failure(error) }
            guard let head = shared.head else { return .failure(.broken("an answer without a head")) }
            return .success(HTTPResponse(status: head.status, headers: head.headers, body: shared.bytes))
        }.get()
    }

    private func wait(for wanted: Wanted) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ready = shared.withLock { shared in
                shared.wanted = wanted
                shared.waiter = continuation
                return shared.takeWaiterIfSatisfied()
            }
            ready?.resume()
        }
    }
}

/// A connection that carries exchanges; on its loop's thread only.
protocol ClientConnection: AnyObject {
    /// Whether a request given now would be sent at once or soon.
    var acceptsRequests: Bool { get }
    /// Sends a request and fills the exchange with its answer.
    func begin(_ exchange: ClientExchange)
    /// Lets go of an exchange that has its outcome already.
    func abandon(_ exchange: ClientExchange)
    /// Goes on reading for an exchange of which so many bytes were taken.
    func consumed(_ byteCount: Int, of exchange: ClientExchange)
    /// Takes no more requests, and closes when those under way are done.
    func retire()
    /// Closes at once; exchanges that are under way fail.
    func close(_ error: ClientError)
}
