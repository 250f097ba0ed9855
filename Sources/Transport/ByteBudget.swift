internal import Synchronization
internal import Wire

/// How many bytes of requests and answers may be kept at a time by all connections that share it; any thread may use it.
final class ByteBudget: Sendable {
    let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// How many bytes are kept now.
    var bytes: Int { used.load(ordering: .relaxed) }

    /// Whether more bytes are kept than may be.
    var isExceeded: Bool { bytes > limit }

    /// Takes bytes, or gives them back where `bytes` is negative.
    func add(_ bytes: Int) {
        used.wrappingAdd(bytes, ordering: .relaxed)
    }
}

/// What the clients of one kind of listener may cost together.
struct ServerLimits {
    let requests: HTTP1Limits
    /// The most connections of one loop.
    let connections: Int
    /// The most of them from one address.
    let connectionsPerPeer: Int
    /// The most of them that were not answered anything yet: OpenSSL takes 128 KiB where a handshake's first message
    /// says that it is so long.
    let unservedConnections: Int
    let budget: ByteBudget
}
