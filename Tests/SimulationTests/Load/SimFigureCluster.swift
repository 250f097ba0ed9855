import Kubernetes
import Wire

@testable import Simulation

/// The cluster as a process sees it that keeps figures: the masters' pages also say how full the cache is.
struct SimFigureCluster: Cluster {
    let base: SimCluster

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        let answer = try await base.send(simple(request))
        guard request.path.hasSuffix("/api/v1/master/info"), let runtime = base.world.runtimes.first else {
            return answer
        }
        let live = runtime.alluxio.registrations.filter { $0.state == .live }
        var page = JSON(try answer.json())
        page["capacity"] = [
            "total": .integer(live.reduce(0) { $0 + $1.worker.capacityBytes }),
            "used": .integer(live.reduce(0) { $0 + $1.usedBytes }),
        ]
        return APIResponse(status: answer.status, body: page.encoded())
    }

    /// The server of this world knows no selector with `in`; of the pods of Alluxio there are none but these.
    private func simple(_ request: APIRequest) -> APIRequest {
        var request = request
        for index in request.query.indices where request.query[index].value == CachePod.labelSelector {
            request.query[index].value = "app=alluxio"
        }
        return request
    }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult { try await base.exec(request) }

    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        try await base.watch(simple(request), idleLimit: idleLimit, receive: receive)
    }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream {
        try await base.connect(to: port, by: route, timeout: timeout)
    }

    func sleep(for duration: Duration) async throws(ClusterError) { try await base.sleep(for: duration) }
    func wallClockMilliseconds() -> Int64 { base.wallClockMilliseconds() }
    func monotonicTime() -> Duration { base.monotonicTime() }
}
