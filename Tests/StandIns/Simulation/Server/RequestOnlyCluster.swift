import Kubernetes

/// A cluster that answers requests: it has no watches, no commands and no ports.
protocol RequestOnlyCluster: Cluster {}

extension RequestOnlyCluster {
    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) { throw .transport("no watch") }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult { throw .transport("no exec") }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream { throw .transport("no port") }
}
