internal import Synchronization

/// Places that callers share, each taken before it is used: no caller has more than its part, so that a few who take theirs
/// leave room for the others.
final class CallerPlaces: Sendable {
    private let limit: Int
    private let limitPerCaller: Int
    private let taken: Mutex<(all: Int, byCaller: [String: Int])> = Mutex((0, [:]))

    /// Makes places that are all free.
    init(_ limit: Int, perCaller: Int) {
        self.limit = limit
        limitPerCaller = perCaller
    }

    /// How many places are taken.
    var count: Int { taken.withLock { $0.all } }

    /// Takes a place; false if all are taken, or the caller has its part.
    func take(_ caller: String) -> Bool {
        taken.withLock { taken in
            let own = taken.byCaller[caller] ?? 0
            guard taken.all < limit, own < limitPerCaller else { return false }
            taken.all += 1
            taken.byCaller[caller] = own + 1
            return true
        }
    }

    /// Gives a place back that was taken.
    func give(_ caller: String) {
        taken.withLock { taken in
            guard let own = taken.byCaller[caller] else { return }
            taken.all -= 1
            taken.byCaller[caller] = own > 1 ? own - 1 : nil
        }
    }
}
