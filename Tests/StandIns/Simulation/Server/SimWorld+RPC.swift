import Kubernetes

extension SimWorld {
    /// Begins a connection to a port of a pod.
    func connect(
        to port: PodPort, by route: PodPort.Route, timeout: Duration, by process: SimProcess,
        answer: @escaping @Sendable (Result<SimRPC, ClusterError>) -> Void
    ) {
        let way = route == .direct ? "connect directly" : "create pods/portforward"
        let tags = ["connect", way]
        let effect = drawn(tags, process)
        let delay = random.between(.milliseconds(1), plan.latency)
        if let refusal = Self.refusal(effect, tags) { return after(delay) { answer(.failure(refusal)) } }
        if effect == .lost { return after(Int64(microseconds: timeout)) { answer(.failure(.timeout)) } }
        after(delay) { [self] in
            guard let pod = kubernetes.pod(ObjectKey(namespace: port.namespace, name: port.pod)), pod.isRunning,
                pod.node?.isUp == true, pod.runtime.plan.rpcRoutes.contains(route), Int64(port.port) == pod.webPort - 1,
                pod.isMaster ? pod.runtime.alluxio.isMasterUp : pod.runtime.alluxio.worker(pod)?.isUp == true
            else { return answer(.failure(.transport("connection refused"))) }
            note("\(process.user) connects to \(pod.key.name) \(way)")
            answer(.success(SimRPC(self, process, to: pod)))
        }
    }
}
