import Kubernetes

extension SimWorld {
    /// Begins a command in a container; when its caller gives up it goes on there.
    func begin(
        _ request: ExecRequest, by process: SimProcess,
        answer: @escaping @Sendable (Result<ExecResult, ClusterError>) -> Void
    ) {
        let words = request.command.filter {
            ["free", "report", "decommissionWorker", "enableWorker", "pin"].contains($0)
        }
        let tags = ["exec", "create pods/exec"] + words.map { "exec \($0)" }
        let effect = drawn(tags, process)
        let limit = Int64(microseconds: request.timeout)
        oracle.executed(request, by: process)
        if let refusal = Self.refusal(effect, tags) {
            return after(random.between(.milliseconds(1), plan.latency)) { answer(.failure(refusal)) }
        }
        after(limit) { answer(.failure(.timeout)) }
        if effect == .lost { return }
        let key = ObjectKey(namespace: request.namespace, name: request.pod)
        var delay = random.between(.milliseconds(2), plan.latency)
        if case .late(let more) = effect { delay += more }
        after(delay) { [self] in
            guard let pod = kubernetes.pod(key), pod.isRunning, pod.node?.isUp == true, pod.isMaster else {
                return answer(.failure(.status(APIStatus(.refusal(500, "InternalError", "container not found")))))
            }
            if effect == .killed { return after(.seconds(1)) { answer(.success(ExecResult(exitCode: 137))) } }
            if effect == .garbage {
                return after(.seconds(1)) { answer(Self.result(.ok("Segmentation fault?"), request)) }
            }
            if effect == .refused {
                return after(.seconds(2)) { answer(Self.result(.failed("Something else went wrong"), request)) }
            }
            if effect == .notKnown {
                let text = "Worker 10.0.0.3 is not known by the master. Please check the hostname or retry later."
                return after(.seconds(2)) { answer(Self.result(.failed(text), request)) }
            }
            if effect == .noMaster, let call = SimClientCall(request.command) {
                return after(.seconds(5)) { answer(Self.result(pod.runtime.alluxio.noMaster(call), request)) }
            }
            let life = pod.restarts
            pod.runtime.alluxio.run(request.command, by: process.user) { [self] said in
                note(
                    "\(process.user) exec \(request.command.filter { !$0.hasPrefix("-X") }.joined(separator: " ")) -> \(said.exit) \(said.out.prefix(160).filter { $0 != "\n" })"
                )
                guard pod.restarts == life else { return answer(.failure(.transport("connection reset"))) }
                switch effect {
                case .killedLate: answer(.success(ExecResult(exitCode: 137)))
                case .answerLost: break
                case .cut: answer(.failure(.transport("connection reset")))
                case .slow(let delay): after(delay) { answer(Self.result(said, request)) }
                default: answer(Self.result(said, request))
                }
            }
        }
    }

    private static func result(_ said: SimSaid, _ request: ExecRequest) -> Result<ExecResult, ClusterError> {
        let out = Array(said.out.utf8)
        return .success(
            ExecResult(
                exitCode: said.exit, standardOutput: Array(out.prefix(request.outputBytesMax)),
                standardError: Array(said.errors.utf8), isTruncated: out.count > request.outputBytesMax))
    }
}
