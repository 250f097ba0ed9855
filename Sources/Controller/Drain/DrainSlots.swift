internal import Kubernetes
internal import Synchronization

/// The slots that all drains share: who holds one, counted before it is used, so that two never take the last one.
final class DrainSlots: Sendable {
    private let holders: Mutex<Set<ObjectKey>> = Mutex([])
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a slot, or says that it has one already; false if all are taken.
    func take(_ key: ObjectKey) -> Bool {
        holders.withLock { holders in
            guard holders.contains(key) || holders.count < limit else { return false }
            holders.insert(key)
            return true
        }
    }

    /// Gives a slot back, if there is one.
    func give(_ key: ObjectKey) {
        holders.withLock { _ = $0.remove(key) }
    }

    /// Gives all slots back, when this process begins to lead.
    func clear() {
        holders.withLock { $0 = [] }
    }
}
