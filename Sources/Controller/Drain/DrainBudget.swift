internal import Kubernetes
internal import Synchronization

/// The places that all drains share: who holds one, counted before it is used, so that two never take the last one.
final class DrainBudget: Sendable {
    private let places: Mutex<Set<ObjectKey>> = Mutex([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a place, or says that it has one already; false if all are taken.
    func take(_ key: ObjectKey) -> Bool {
        places.withLock { places in
            if places.contains(key) {
                return true
            }
            guard places.count < limit else {
                return false
            }
            places.insert(key)
            return true
        }
    }

    /// Gives a place back, if there is one.
    func give(_ key: ObjectKey) {
        places.withLock { _ = $0.remove(key) }
    }

    /// Gives all places back, when this process begins to lead.
    func clear() {
        places.withLock { $0 = [] }
    }

    /// How many places are taken.
    var taken: Int {
        places.withLock { $0.count }
    }
}
