internal import Synchronization
internal import Transport

/// Runs asynchronous work of a command that does one thing and ends.
enum Waiting {
    /// Does the work and blocks the calling thread until it is done.
    static func run<Value: Sendable>(
        _ name: String, _ work: @escaping @Sendable () async -> Value
    ) throws(StartError) -> Value {
        let loop: EventLoop
        do throws(SystemError) {
            loop = try EventLoop(name: name)
            try loop.start()
        } catch {
            throw StartError(reason: "\(error)")
        }
        let outcome = Outcome<Value>()
        Task {
            let value = await work()
            outcome.value.withLock { $0 = value }
            loop.stop()
        }
        loop.join()
        guard let value = outcome.value.withLock({ $0 }) else {
            throw StartError(reason: "the event loop ended before the work did")
        }
        return value
    }

    /// Carries the result from the task to the thread that waits for it.
    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Value?>(nil)
    }
}
