internal import Kubernetes
internal import Synchronization

/// Passes the store's changes on to whoever is made after the store; until then they are nobody's.
final class ChangeRelay: Sendable {
    typealias Receiver = @Sendable (Store.Change) -> Void

    private let receivers = Mutex<[Receiver]>([])

    /// Passes changes on to `receiver` too from now on.
    func add(_ receiver: @escaping Receiver) {
        receivers.withLock { $0.append(receiver) }
    }

    /// Passes one change on, on the thread of the caller.
    func pass(_ change: Store.Change) {
        for receiver in receivers.withLock({ $0 }) { receiver(change) }
    }
}
