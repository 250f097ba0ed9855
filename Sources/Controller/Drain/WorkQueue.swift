public import Kubernetes
internal import Synchronization

/// The runtimes that have to be looked at: each at most once, at its time, and never by two at once.
///
/// Safe to use from any thread. A key that is added while it is worked on is due again as soon as that ends.
public final class WorkQueue: Sendable {
    private struct State {
        /// When each key is due, by the monotonic clock.
        var due: [ObjectKey: Duration] = [:]
        var working: Set<ObjectKey> = []
        /// Keys that were added while they were worked on.
        var again: Set<ObjectKey> = []
        /// When the next sleeper wakes.
        var wake: Duration?
    }

    private let state: Mutex<State> = Mutex(State())
    private let onAdd: @Sendable () -> Void

    /// Makes an empty queue; `onAdd` is called whenever something may have become due, on the caller's thread.
    public init(onAdd: @escaping @Sendable () -> Void = {}) { self.onAdd = onAdd }

    /// Makes a key due at this time, unless it is due earlier already.
    public func add(_ key: ObjectKey, at time: Duration) {
        state.withLock { state in
            if state.working.contains(key) {
                state.again.insert(key)
            } else {
                state.due[key] = min(state.due[key] ?? time, time)
            }
        }
        onAdd()
    }

    /// Makes a key due at this time, unless it waits or is worked on already.
    func addIfAbsent(_ key: ObjectKey, at time: Duration) {
        let isAdded = state.withLock { state in
            guard state.due[key] == nil, !state.working.contains(key) else { return false }
            state.due[key] = time
            return true
        }
        if isAdded { onAdd() }
    }

    /// Takes the keys that are due and meant, the longest due first, at most so many.
    public func take(now: Duration, limit: Int, where isMeant: (ObjectKey) -> Bool = { _ in true }) -> [ObjectKey] {
        state.withLock { state in
            guard limit > 0 else { return [] }
            let due = state.due.filter { $0.value <= now && isMeant($0.key) }
                .sorted { ($0.value, $0.key) < ($1.value, $1.key) }
                .prefix(limit)
            for (key, _) in due {
                state.due[key] = nil
                state.working.insert(key)
            }
            return due.map { $0.key }
        }
    }

    /// Ends the work on a key; it is due again after `delay`, if there is one.
    public func finish(_ key: ObjectKey, now: Duration, againAfter delay: Duration?) {
        state.withLock { state in
            Self.release(key, &state, at: delay.map { now + $0 }, now: now)
        }
        onAdd()
    }

    private static func release(_ key: ObjectKey, _ state: inout State, at time: Duration?, now: Duration) {
        state.working.remove(key)
        let isAgain = state.again.remove(key) != nil
        guard let time = isAgain ? now : time else {
            return
        }
        state.due[key] = min(state.due[key] ?? time, time)
    }

    /// When the next key is due, or nil if there is none.
    public var nextDue: Duration? {
        state.withLock { $0.due.values.min() }
    }

    /// Until when to sleep since a key is due then; nil if none is, or if a sleeper wakes before that anyway.
    ///
    /// Whoever is told a time sleeps until then on `cluster`, and `wake` says so. A key that is due by now and was not taken
    /// waits for the end of another's work, not for time to pass.
    func orderWake(_ now: Duration) -> Duration? {
        state.withLock { state in
            guard let due = state.due.values.lazy.filter({ $0 > now }).min() else { return nil }
            if let wake = state.wake, wake <= due, wake > now { return nil }
            state.wake = due
            return due
        }
    }

    /// Sleeps until the time that `orderWake` told, and calls `onAdd`.
    func wake(at due: Duration, on cluster: some Cluster) async {
        // A cancelled sleep finds the loop ended.
        try? await cluster.sleep(for: max(.milliseconds(1), due - cluster.monotonicTime()))
        // A sleep may end a moment early, as clocks round: whoever is woken by it orders the next one.
        state.withLock { if $0.wake == due { $0.wake = nil } }
        onAdd()
    }

    /// Forgets everything, before whoever works on it begins anew.
    public func clear() {
        state.withLock { $0 = State() }
    }

    /// How many keys are worked on.
    public var workingCount: Int {
        state.withLock { $0.working.count }
    }

    /// How many of these keys are worked on.
    func workingCount(where isMeant: (ObjectKey) -> Bool) -> Int {
        state.withLock { $0.working.count(where: isMeant) }
    }

    /// How many keys wait or are worked on.
    public var count: Int {
        state.withLock { $0.due.count + $0.working.count }
    }
}
