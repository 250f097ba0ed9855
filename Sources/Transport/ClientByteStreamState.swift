internal import Synchronization

/// What a byte stream's task and its loop share; the first outcome counts.
final class ClientByteStreamState: Sendable {
    struct Content: Sendable {
        var isOpen = false
        /// What came and was not received yet.
        var bytes: [UInt8] = []
        /// How many bytes are queued here or at the socket.
        var backlog = 0
        var outcome: Result<Void, ClientError>?
        /// The newest wake-up that is due.
        var lastWake: UInt64 = 0
        fileprivate var wakeCount: UInt64 = 0

        /// Whether the other side has ended the stream in order.
        var isEnded: Bool { if case .success? = outcome { true } else { false } }
    }

    private struct Shared {
        var content = Content()
        var waiter: (isSatisfied: @Sendable (Content) -> Bool, continuation: CheckedContinuation<Void, Never>)?

        mutating func takeWaiterIfSatisfied() -> CheckedContinuation<Void, Never>? {
            guard let waiter, content.outcome != nil || waiter.isSatisfied(content) else { return nil }
            self.waiter = nil
            return waiter.continuation
        }
    }

    private let shared = Mutex(Shared())

    // MARK: From the loop

    var waitingBytes: Int { shared.withLock { $0.content.bytes.count } }

    func opened() { change { $0.isOpen = true } }
    func received(_ bytes: some Sequence<UInt8> & Sendable) { change { $0.bytes += bytes } }
    func sent(backlog: Int) { change { $0.backlog = backlog } }
    func wake(_ token: UInt64) { change { $0.lastWake = max($0.lastWake, token) } }

    /// Sets the outcome, if there is none yet; from any thread.
    func finish(_ outcome: Result<Void, ClientError>) {
        change { if $0.outcome == nil { $0.outcome = outcome } }
    }

    private func change(_ change: @Sendable (inout Content) -> Void) {
        let waiter = shared.withLock { shared in
            change(&shared.content)
            return shared.takeWaiterIfSatisfied()
        }
        waiter?.resume()
    }

    // MARK: From the task

    func queue(_ byteCount: Int) { change { $0.backlog += byteCount } }

    /// A number for a wake-up that is about to be asked for.
    func wakeToken() -> UInt64 {
        shared.withLock { shared in
            shared.content.wakeCount += 1
            return shared.content.wakeCount
        }
    }

    /// Takes all that came, and says whether nothing more will.
    func take() -> (bytes: [UInt8], isEnded: Bool) {
        shared.withLock { shared in
            var bytes: [UInt8] = []
            swap(&bytes, &shared.content.bytes)
            return (bytes, shared.content.isEnded)
        }
    }

    /// Waits; fails with the stream's failure, but only once nothing is left that came before it.
    func wait(until isSatisfied: @escaping @Sendable (Content) -> Bool) async -> Result<Void, ClientError> {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let ready = shared.withLock { shared in
                shared.waiter = (isSatisfied, continuation)
                return shared.takeWaiterIfSatisfied()
            }
            ready?.resume()
        }
        return shared.withLock { shared in
            if case .failure(let error)? = shared.content.outcome, shared.content.bytes.isEmpty {
                return .failure(error)
            }
            return .success(())
        }
    }
}
