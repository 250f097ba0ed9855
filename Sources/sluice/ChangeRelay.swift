internal import Kubernetes
internal import Synchronization

/// Passes the store's changes on to whoever is made after the store; until then they are nobody's.
final class ChangeRelay: Sendable {
    typealias Receiver = @Sendable (Store.Change) -> Void

    private let receiver = Mutex<Receiver?>(nil)

    /// Passes changes on to `receiver` from now on.
    func to(_ receiver: @escaping Receiver) {
        self.receiver.withLock { $0 = receiver }
    }

    /// Passes one change on, on the thread of the caller.
    func pass(_ change: Store.Change) {
        receiver.withLock { $0 }?(change)
    }
}
