import Kubernetes

/// Runs the jobs of all simulated processes on the caller's thread, one at a time, in an order that a seed draws.
///
/// Task groups, streams, continuations and default actors stay on it; `Task { }` and `Task.sleep` would not.
final class SimExecutor: TaskExecutor, @unchecked Sendable {
    // Only one thread ever enqueues or runs: the one that runs the world.
    private var ready: [UnownedJob] = []
    private var order: Jitter

    init(seed: UInt64) {
        order = Jitter(seed: seed)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        ready.append(UnownedJob(job))
    }

    /// Runs one job that is ready; false if there is none.
    func runOne() -> Bool {
        guard !ready.isEmpty else { return false }
        let place = ready.count == 1 ? 0 : Int(order.next() % UInt64(ready.count))
        ready.swapAt(place, ready.count - 1)
        let job = ready.removeLast()
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }
}
