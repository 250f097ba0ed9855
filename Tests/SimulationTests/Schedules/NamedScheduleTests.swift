import Foundation
import Testing

@Suite struct `Named schedules` {
    /// The sequences that the drain does not master; a fault that is known stands here until it is mended.
    static let known: Set<Int> = []

    @Test(arguments: NamedSchedule.all.indices)
    func `hold what was promised`(index: Int) {
        let named = NamedSchedule.all[index]
        let isTracing = ProcessInfo.processInfo.environment["SLUICE_TRACE"] == "\(named.number)"
        let outcome = named.make().run(seed: 1, isTracing: isTracing, isQuiet: true)
        if isTracing { print(outcome.trace.joined(separator: "\n")) }
        withKnownIssue("sequence \(named.number)", isIntermittent: true) {
            #expect(outcome.violations.isEmpty, "\(named.number), \(named.title): \(outcome.violations)")
        } when: {
            Self.known.contains(named.number)
        }
    }
}
