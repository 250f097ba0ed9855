/// A TCP port of a pod to connect to.
public struct PodPort: Sendable, Hashable {
    /// How it is reached.
    public enum Route: Sendable, Hashable, CaseIterable {
        /// By the pod's address: the fastest, where the network lets us.
        case direct
        /// Through the API server, by `pods/portforward`; it dials the pod's own loopback address.
        case portForward
    }

    /// The pod's namespace.
    public var namespace: String
    /// The pod.
    public var pod: String
    /// The pod's address, for the direct route.
    public var address: String
    /// The port.
    public var port: UInt16

    /// Makes a port.
    public init(namespace: String, pod: String, address: String, port: UInt16) {
        self.namespace = namespace
        self.pod = pod
        self.address = address
        self.port = port
    }

    /// The port-forward's WebSocket handshake, a GET, of which path and query are sent.
    public var request: APIRequest {
        var request = APIRequest.get(.pods, namespace: namespace, name: pod, subresource: "portforward")
        request.query = [APIRequest.QueryItem("ports", String(port))]
        return request
    }
}

/// A stream of bytes in both directions, for one task at a time; letting go of it closes it.
///
/// Cancelling the calling task ends it with `ClusterError.cancelled`.
public protocol ByteStream: Sendable {
    /// Sends bytes; returns when most of what was sent so far is on its way.
    func send(_ bytes: [UInt8]) async throws(ClusterError)

    /// Waits for bytes: nil if none came within `timeout`, none at all once the other side has ended the stream.
    func receive(timeout: Duration) async throws(ClusterError) -> [UInt8]?

    /// Closes it; as often as one likes.
    func close()
}
