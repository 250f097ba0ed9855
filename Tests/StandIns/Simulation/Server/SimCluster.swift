import Kubernetes

/// The cluster as one process of ours sees it: nothing passes between them but this.
struct SimCluster: Cluster {
    let world: SimWorld
    let process: SimProcess

    func send(_ request: APIRequest) async throws(ClusterError) -> APIResponse {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        let waiter = SimWaiter<Result<APIResponse, ClusterError>>()
        world.begin(request, by: process) { waiter.resume($0) }
        return try await waiter.wait(ifCancelled: .failure(.cancelled)).get()
    }

    func exec(_ request: ExecRequest) async throws(ClusterError) -> ExecResult {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        let waiter = SimWaiter<Result<ExecResult, ClusterError>>()
        world.begin(request, by: process) { waiter.resume($0) }
        return try await waiter.wait(ifCancelled: .failure(.cancelled)).get()
    }

    func watch(
        _ request: APIRequest, idleLimit: Duration, receive: ([UInt8]) throws(ClusterError) -> Void
    ) async throws(ClusterError) {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        let opening = SimWaiter<Result<SimWatch, ClusterError>>()
        world.open(request, by: process) { opening.resume($0) }
        let watch = try await opening.wait(ifCancelled: .failure(.cancelled)).get()
        defer { world.close(watch) }
        let end = world.now + Int64(microseconds: request.timeout - APIRequest.defaultTimeout)
        while true {
            switch await watch.wait(world.wakes(watch, until: end)) {
            case .due:
                guard process.isAlive else { throw .cancelled }
                let bytes = watch.take(now: world.now)
                if !bytes.isEmpty { try receive(bytes) }
            case .over: return
            case .broken: throw .transport("the connection was closed")
            case .cancelled: throw .cancelled
            }
        }
    }

    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration
    ) async throws(ClusterError) -> any ByteStream {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        let waiter = SimWaiter<Result<SimRPC, ClusterError>>()
        world.connect(to: port, by: route, timeout: timeout, by: process) { waiter.resume($0) }
        return try await waiter.wait(ifCancelled: .failure(.cancelled)).get()
    }

    func sleep(for duration: Duration) async throws(ClusterError) {
        guard process.isAlive, !Task.isCancelled else { throw .cancelled }
        let waiter = SimWaiter<Bool>()
        world.after(Int64(microseconds: duration)) { waiter.resume(true) }
        guard await waiter.wait(ifCancelled: false) else { throw .cancelled }
    }

    func wallClockMilliseconds() -> Int64 { (world.wallClock + process.wallSkew) / 1_000 }

    func monotonicTime() -> Duration { .microseconds(world.now) }
}
