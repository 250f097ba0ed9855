import Kubernetes
import Wire

/// One open watch: what it has told, and how far behind it is.
final class SimWatch: @unchecked Sendable {
    // Everything happens on the world's one thread.
    let resource: Resource
    private let namespace: String
    private let selection: SimSelection
    private let server: SimServer
    private var version: Int64
    /// How late it tells what happens.
    var lag: Int64
    /// Whether something wakes it at its end.
    var isTimed = false
    private var waiter: SimWaiter<Wake>?

    enum Wake: Sendable {
        case due, over, broken, cancelled
    }

    init(_ route: SimRoute, _ request: APIRequest, version: Int64, lag: Int64, server: SimServer) {
        resource = route.resource
        namespace = route.namespace
        selection = SimSelection(request.query)
        self.version = version
        self.lag = lag
        self.server = server
    }

    /// When the first change is to be told that was not told yet; nil if there is none.
    var nextAt: Int64? { server.changes(resource, after: version).first.map { $0.at + lag } }

    /// The lines of what is due; of objects that it does not select any more that they are gone.
    func take(now: Int64) -> [UInt8] {
        var bytes: [UInt8] = []
        for change in server.changes(resource, after: version) {
            guard change.at + lag <= now else { break }
            version = change.version
            let wasSeen = change.before.map(isSelected) ?? false
            let isSeen = change.after.map(isSelected) ?? false
            if isSeen || (wasSeen && change.after == nil) {
                bytes += change.line
            } else if wasSeen, let after = change.after {
                bytes +=
                    JSON.object([.init("type", "DELETED"), .init("object", after)]).encoded() + [UInt8(ascii: "\n")]
            }
        }
        return bytes
    }

    private func isSelected(_ object: JSON) -> Bool {
        (namespace.isEmpty || object.at("metadata", "namespace")?.string == namespace) && selection.matches(object)
    }

    func wait(_ waiter: SimWaiter<Wake>) async -> Wake {
        self.waiter = waiter
        return await waiter.wait(ifCancelled: .cancelled)
    }

    func wake(_ why: Wake) {
        waiter?.resume(why)
    }
}
