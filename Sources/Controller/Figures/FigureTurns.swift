internal import Kubernetes
internal import Synchronization

/// Whose turn it is to be asked, where some only cost time.
///
/// Safe to use from any thread. The slow ones take half of the places at most, and nobody holds a place for longer than leaves
/// time for all of its kind: however many are silent, whoever answers has its turn at each interval.
final class FigureTurns: Sendable {
    /// The least time that an answer is given.
    private static var patienceMin: Duration { .milliseconds(250) }

    /// Who is due, and when.
    let queue: WorkQueue
    private let places: Int
    private let interval: Duration
    private let patienceMax: Duration
    private let slow: Mutex<Set<ObjectKey>> = Mutex([])

    /// Makes turns for so many at a time.
    ///
    /// - Parameters:
    ///   - interval: how often each is asked that answers; whoever is silent is asked at every fourth one.
    ///   - patienceMax: how long an answer may take where few are asked.
    init(places: Int, interval: Duration, patienceMax: Duration, onAdd: @escaping @Sendable () -> Void) {
        self.places = places
        self.interval = interval
        self.patienceMax = patienceMax
        queue = WorkQueue(onAdd: onAdd)
    }

    /// Takes whose turn it is.
    func take(now: Duration) -> [ObjectKey] {
        let slow = slow.withLock { $0 }
        func take(_ places: Int, areSlow: Bool) -> [ObjectKey] {
            queue.take(now: now, limit: min(places, self.places - queue.workingCount)) {
                slow.contains($0) == areSlow
            }
        }
        let late = take(places / 2 - queue.workingCount(where: slow.contains), areSlow: true)
        return late + take(places, areSlow: false)
    }

    /// How long the answer of one of so many may take.
    func patience(for key: ObjectKey, of count: Int) -> Duration {
        let (isSlow, slowCount) = slow.withLock { ($0.contains(key), $0.count) }
        // Half of the slow ones' places are for those that answer late.
        return isSlow ? patience(interval * FigureSettings.silentFactor / 2, slowCount) : patience(interval, count)
    }

    private func patience(_ round: Duration, _ count: Int) -> Duration {
        min(patienceMax, max(Self.patienceMin, round * (places / 2) / max(1, count)))
    }

    /// Notes how long one of so many took that was given this patience, and says after how many intervals it has its turn again.
    ///
    /// Who is silent has another turn at once, among the slow ones, who have more time; who is silent then too only costs time.
    func note(_ key: ObjectKey, took: Duration, patience: Duration, isAnswered: Bool, of count: Int) -> Int {
        let isSilent = !isAnswered && took * 2 >= patience
        return slow.withLock { slow in
            let isLate = isAnswered && took >= self.patience(interval, count)
            guard isSilent || isLate else {
                slow.remove(key)
                return 1
            }
            let isNew = slow.insert(key).inserted
            return isLate ? 1 : isNew ? 0 : FigureSettings.silentFactor
        }
    }

    /// Forgets how long somebody took.
    func forget(_ key: ObjectKey) { slow.withLock { _ = $0.remove(key) } }
}
