internal import Synchronization

/// Wakes one sleeper, from any thread; several notices before it wakes are one.
final class Notifier: Sendable {
    private let sleeper: Mutex<AsyncStream<Void>.Continuation?> = Mutex(nil)

    /// Begins a new sequence of notices; an earlier one ends.
    func notices() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let old = sleeper.withLock { sleeper in
            let old = sleeper
            sleeper = continuation
            return old
        }
        old?.finish()
        return stream
    }

    func notify() {
        _ = sleeper.withLock { $0 }?.yield()
    }
}
