internal import Synchronization
internal import Transport

/// The bearer token of each request: none, a fixed one, or a file's, which the kubelet writes anew before the old one ends.
final class LiveClusterTokens: Sendable {
    /// How long a file's token is used until the file is read again: as client-go does.
    private static let rereadInterval: Duration = .seconds(60)

    private struct Known {
        var token: String?
        var readAt: MonotonicTime?
    }

    /// Reads the token now; nil if there is none.
    private let read: (@Sendable () -> String?)?
    private let known: Mutex<Known>

    /// Sends no token, or always this one.
    init(fixed token: String? = nil) {
        read = nil
        known = Mutex(Known(token: token))
    }

    /// Asks `read` for the token, at most once a minute unless the server refuses the one that we have.
    ///
    /// Where it gives none, the last one is used further.
    init(reading read: @escaping @Sendable () -> String?) {
        self.read = read
        known = Mutex(Known())
    }

    /// The token to send.
    func current() -> String? {
        let known = known.withLock { $0 }
        guard read != nil else { return known.token }
        if let readAt = known.readAt, MonotonicTime.current().since(readAt) < Self.rereadInterval { return known.token }
        return reread()
    }

    /// A token other than the one that was refused, or nil if there is none.
    func refreshed(after refused: String?) -> String? {
        guard read != nil, let token = reread(), token != refused else { return nil }
        return token
    }

    private func reread() -> String? {
        // Outside of the lock, since it reads a file; two readers at a time read the same.
        let token = read?()
        return known.withLock { known in
            if let token { known.token = token }
            known.readAt = .current()
            return known.token
        }
    }
}
