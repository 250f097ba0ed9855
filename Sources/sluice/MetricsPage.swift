internal import Synchronization
internal import Transport

/// The text of `/metrics`, made anew only so often that whoever asks for it can't keep the thread from the probes.
final class MetricsPage: Sendable {
    /// A page is served for so many times as long as it took to make, so that making pages takes a tenth of the thread.
    private static let servedTimes = 9

    private struct Page {
        var bytes: [UInt8] = []
        var servedUntil = MonotonicTime(nanoseconds: .min)
    }

    private let make: @Sendable () -> [UInt8]
    private let now: @Sendable () -> MonotonicTime
    private let page = Mutex(Page())

    /// Makes nothing yet; `make` is called by whoever asks first.
    init(
        now: @escaping @Sendable () -> MonotonicTime = MonotonicTime.current, make: @escaping @Sendable () -> [UInt8]
    ) {
        self.now = now
        self.make = make
    }

    /// The page, as fresh as can be.
    func text() -> [UInt8] {
        page.withLock { page in
            let start = now()
            if start < page.servedUntil { return page.bytes }
            page.bytes = make()
            let end = now()
            page.servedUntil = end.advanced(by: end.since(start) * Self.servedTimes)
            return page.bytes
        }
    }
}
