import Kubernetes
import Wire

extension SimWorld {
    /// Begins a request of a process: it arrives, is carried out, is answered; or not.
    func begin(
        _ request: APIRequest, by process: SimProcess,
        answer: @escaping @Sendable (Result<APIResponse, ClusterError>) -> Void
    ) {
        guard let route = SimRoute(request.path) else {
            return answer(.failure(.status(APIStatus(code: 404))))
        }
        let tags = tags(request, route)
        let effect = drawn(tags, process)
        oracle.asked(request, route, by: process)
        let started = now
        let limit = Int64(microseconds: request.timeout)
        let giveUp: () -> Void = { answer(.failure(.timeout)) }
        if let refusal = Self.refusal(effect, tags) {
            return after(travel) { answer(.failure(refusal)) }
        }
        if effect == .lost { return after(limit, giveUp) }
        if case .late(let delay) = effect {
            // It waits in the server's queue, which lets go of it once its own time is over; whoever asked has given up by then.
            after(limit, giveUp)
            let seconds = request.query.first { $0.name == "timeout" }.flatMap { Int64($0.value.dropLast()) }
            if let seconds, delay > .seconds(seconds) { return }
            return after(delay) { [self] in
                let (result, _) = carryOut(request, route, by: process, effect)
                note(
                    "late: \(process.user) \(request.method.rawValue) \(request.target.prefix(300)) -> \(Self.shown(result))"
                )
            }
        }
        after(travel) { [self] in
            let (result, takes) = carryOut(request, route, by: process, effect)
            if isTracing, route.resource != .leases {
                let body = String(decoding: request.body.prefix(700), as: UTF8.self)
                note(
                    "\(process.user) \(request.method.rawValue) \(request.target.prefix(300)) \(body) -> \(Self.shown(result))"
                )
            }
            var total = takes + travel
            if case .slow(let delay) = effect { total += delay }
            if effect == .answerLost || now + total - started > limit {
                return after(started + limit - now, giveUp)
            }
            if effect == .cut { return after(total) { answer(.failure(.transport("connection reset"))) } }
            oracle.answered(request, route, result, by: process, in: total)
            after(total) { answer(result) }
        }
    }

    private var travel: Int64 { random.between(.milliseconds(1), plan.latency) }

    func drawn(_ tags: [String], _ process: SimProcess) -> SimFault.Effect? {
        if let effect = faults.effect(tags, process: process.number, now: now, random) { return effect }
        guard people.isChaos, plan.failingPercent > 0, random.chance(plan.failingPercent) else { return nil }
        return random.pick(SimPeople.passing)
    }

    private func tags(_ request: APIRequest, _ route: SimRoute) -> [String] {
        let verbs: [APIRequest.Method: String] = [.post: "create", .put: "update", .patch: "patch", .delete: "delete"]
        let verb = verbs[request.method] ?? (route.name == nil ? request.isWatch ? "watch" : "list" : "get")
        var tags = ["api", route.right(verb), request.method == .get ? "read" : "write"]
        if route.subresource == "proxy" {
            tags[1] = "get pods/proxy"
            tags.append("proxy \(Self.proxied(route)?.pod ?? "")")
            tags.append(route.name?.contains("-master-") == true ? "proxy master" : "proxy worker")
        }
        if route.resource == .leases { tags.append("lease") }
        return tags
    }

    static func refusal(_ effect: SimFault.Effect?, _ tags: [String]) -> ClusterError? {
        switch effect {
        case .status(let code, let retry):
            let reasons = [403: "Forbidden", 409: "Conflict", 429: "TooManyRequests", 500: "InternalError"]
            let message = code == 403 ? "forbidden: User \"sluice\" cannot \(tags[1])" : "the server says no"
            return .status(APIStatus(.refusal(code, reasons[code] ?? "", message, retryAfter: retry)))
        case .unreachable: return .transport("connection refused")
        default: return nil
        }
    }

    private static func shown(_ result: Result<APIResponse, ClusterError>) -> String {
        switch result {
        case .success(let response): "\(response.status)"
        case .failure(let error): error.description
        }
    }

    private func carryOut(
        _ request: APIRequest, _ route: SimRoute, by process: SimProcess, _ effect: SimFault.Effect?
    ) -> (Result<APIResponse, ClusterError>, Int64) {
        if route.subresource == "proxy" { return proxy(request, route, effect) }
        let response = answer(request, route, by: process.user)
        guard response.status < 400 else { return (.failure(.status(APIStatus(response))), 0) }
        guard response.body.count <= request.responseBytesMax else {
            return (.failure(.tooLarge(bytesMax: request.responseBytesMax)), 0)
        }
        return (.success(response), 0)
    }

    /// Carries out what anybody asks of the API server.
    func answer(_ request: APIRequest, _ route: SimRoute, by user: SimUser) -> APIResponse {
        server.answer(request, route, by: user) { route, before, after in
            oracle.writing(route, before, after, by: user, request)
            return review(route, before, after, by: user)
        }
    }

    /// What others than we write, at once.
    @discardableResult
    func write(_ request: APIRequest, by user: SimUser) -> APIResponse {
        guard let route = SimRoute(request.path) else { return APIResponse(status: 404) }
        return answer(request, route, by: user)
    }

    private static func proxied(_ route: SimRoute) -> (pod: String, port: Int64)? {
        let parts = (route.name ?? "").split(separator: ":")
        guard parts.count == 3, let port = Int64(parts[2]) else { return nil }
        return (String(parts[1]), port)
    }

    private func proxy(
        _ request: APIRequest, _ route: SimRoute, _ effect: SimFault.Effect?
    ) -> (Result<APIResponse, ClusterError>, Int64) {
        let unreachable = ClusterError.status(
            APIStatus(.refusal(503, "ServiceUnavailable", "error trying to reach service: dial tcp: no route to host")))
        guard let (name, port) = Self.proxied(route),
            let pod = kubernetes.pod(ObjectKey(namespace: route.namespace, name: name))
        else { return (.failure(.status(APIStatus(.notFound(route)))), 0) }
        guard pod.webPort == port, pod.isRunning, pod.node?.isUp == true else {
            return (.failure(unreachable), .seconds(1))
        }
        let alluxio = pod.runtime.alluxio
        var page: SimPage?
        if pod.isMaster {
            page = alluxio.masterPage(route.inner, of: pod)
        } else if let worker = alluxio.worker(pod) {
            page = alluxio.page(of: worker, route.inner, request.query, isHidden: effect == .hidden)
        }
        guard var page else { return (.failure(unreachable), .milliseconds(5)) }
        if effect == .strange { page.body = Array("{\"odd\":true}".utf8) }
        guard page.status < 400 else {
            return (.failure(.status(APIStatus(code: page.status))), page.takes)
        }
        guard page.bytes ?? page.body.count <= request.responseBytesMax else {
            return (.failure(.tooLarge(bytesMax: request.responseBytesMax)), page.takes)
        }
        return (.success(APIResponse(status: 200, body: page.body)), page.takes)
    }
}
