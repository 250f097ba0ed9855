import Testing

@testable import Transport

/// Runs each job on a thread of its own, so that tests may block without holding up the others.
final class ThreadPerJob: TaskExecutor {
    static let shared = ThreadPerJob()

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        DetachedWork.run { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Gives tests threads to block on, in place of the few that all tests share.
struct ThreadedTrait: TestTrait, SuiteTrait, TestScoping {
    var isRecursive: Bool { true }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable @concurrent () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(ThreadPerJob.shared) { try await function() }
    }
}

extension Trait where Self == ThreadedTrait {
    /// The test's clients block.
    static var threaded: ThreadedTrait { ThreadedTrait() }
}
