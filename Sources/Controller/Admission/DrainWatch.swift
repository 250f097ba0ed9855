public import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Whether a drain's workers are watched just now: its looks were seen to grow within the last seconds, by our own monotonic
/// clock.
///
/// No time that anybody wrote counts. Safe to use from any thread.
public final class DrainWatch: Sendable {
    private let now: @Sendable () -> Duration
    private let looks: Mutex<[ObjectKey: (count: Int64, roseAt: Duration?)]> = Mutex([:])

    /// Makes one that has seen nothing; `now` is a monotonic clock.
    public init(now: @escaping @Sendable () -> Duration) {
        self.now = now
    }

    /// Takes a change in; the store has it already.
    public func noteChange(_ change: Store.Change, store: Store) {
        guard change.kind == .drains else { return }
        let count = store.drain(change.key)?.status["looks"]?.int64
        let time = now()
        looks.withLock { looks in
            guard let count else {
                looks[change.key] = nil
                return
            }
            // What is seen first may have stood there for long.
            guard let last = looks[change.key] else {
                looks[change.key] = (count, nil)
                return
            }
            if count != last.count { looks[change.key] = (count, count > last.count ? time : nil) }
        }
    }

    /// Whether the looks of this drain grew within the last seconds.
    func isWatched(_ runtime: ObjectKey) -> Bool {
        let time = now()
        return looks.withLock { $0[runtime]?.roseAt.map { time - $0 <= DrainTiming.gateAgeMaximum } ?? false }
    }
}
