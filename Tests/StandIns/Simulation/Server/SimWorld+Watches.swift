import Kubernetes

extension SimWorld {
    /// Opens a watch, or says why not.
    func open(
        _ request: APIRequest, by process: SimProcess,
        answer: @escaping @Sendable (Result<SimWatch, ClusterError>) -> Void
    ) {
        guard let route = SimRoute(request.path) else { return answer(.failure(.status(APIStatus(code: 404)))) }
        let tags = ["api", route.right("watch"), "read"]
        let effect = drawn(tags, process)
        if let refusal = Self.refusal(effect, tags) {
            return after(.milliseconds(5)) { answer(.failure(refusal)) }
        }
        if effect == .lost || effect == .answerLost {
            return after(.seconds(30)) { answer(.failure(.timeout)) }
        }
        after(random.between(.milliseconds(1), plan.latency)) { [self] in
            guard server.served.contains(route.resource) else {
                return answer(.failure(.status(APIStatus(code: 404, reason: "NotFound"))))
            }
            let version = request.query.first { $0.name == "resourceVersion" }.flatMap { Int64($0.value) } ?? 0
            guard version >= server.oldestVersion else {
                return answer(
                    .failure(.status(APIStatus(code: 410, reason: "Expired", message: "too old resource version"))))
            }
            let watch = SimWatch(route, request, version: version, lag: random.between(0, plan.lag), server: server)
            watches.append(watch)
            answer(.success(watch))
        }
    }

    func close(_ watch: SimWatch) {
        watches.removeAll { $0 === watch }
    }

    /// What wakes a watch next: a change that is due, or its end.
    func wakes(_ watch: SimWatch, until end: Int64) -> SimWaiter<SimWatch.Wake> {
        let waiter = SimWaiter<SimWatch.Wake>()
        if now >= end {
            waiter.resume(.over)
        } else if let due = watch.nextAt {
            after(due - now) { waiter.resume(.due) }
        } else if !watch.isTimed {
            watch.isTimed = true
            after(end - now) { [weak watch] in watch?.wake(.over) }
        }
        return waiter
    }

    func serveWatches(_ resource: Resource) {
        for watch in watches where watch.resource == resource {
            after(watch.lag) { watch.wake(.due) }
        }
    }

    /// Breaks all connections, and forgets old versions, so that everything is listed anew.
    func breakWatches(isForgotten: Bool) {
        if isForgotten { server.oldestVersion = server.version }
        for watch in watches { watch.wake(.broken) }
    }
}
