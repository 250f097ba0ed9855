#if DEBUG
    internal import Synchronization

    /// Counts what reading parsed texts takes: a step for each word of a tape and each byte of a string that is looked at.
    ///
    /// Debug builds only: tests compare the steps for texts of different lengths, where a clock would not be repeatable.
    public final class JSONSteps: Sendable {
        @TaskLocal static var current: JSONSteps?
        private let total = Atomic<Int>(0)
        private let documents = Atomic<Int>(0)

        private init() {}

        /// Runs `body`, and says how many steps it took, and how many texts that it parsed are still held afterwards.
        public static func count(_ body: () throws -> Void) rethrows -> (steps: Int, heldDocuments: Int) {
            let steps = JSONSteps()
            try $current.withValue(steps, operation: body)
            return (steps.total.load(ordering: .relaxed), steps.documents.load(ordering: .relaxed))
        }

        func add(_ count: Int) { total.wrappingAdd(count, ordering: .relaxed) }

        func holds(_ change: Int) { documents.wrappingAdd(change, ordering: .relaxed) }
    }
#endif
