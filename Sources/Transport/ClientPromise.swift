internal import Synchronization

/// A result that one thread brings and one task waits for; the first result counts.
final class ClientPromise<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case waiting(CheckedContinuation<Result<Value, ClientError>, Never>)
        case done(Result<Value, ClientError>)
    }

    private let state = Mutex(State.empty)

    /// Whether there is a result.
    var isFinished: Bool { state.withLock { if case .done = $0 { true } else { false } } }

    /// Brings the result, if there is none yet; from any thread.
    func finish(_ result: Result<Value, ClientError>) {
        let waiter = state.withLock { state -> CheckedContinuation<Result<Value, ClientError>, Never>? in
            defer { if case .done = state {} else { state = .done(result) } }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: result)
    }

    /// Waits for the result; one task, once.
    func value() async -> Result<Value, ClientError> {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state -> Result<Value, ClientError>? in
                if case .done(let result) = state { return result }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(returning: result) }
        }
    }
}
