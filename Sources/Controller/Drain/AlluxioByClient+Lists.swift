internal import Kubernetes
internal import Rules
internal import Wire

extension AlluxioByClient {
    /// Looks at several workers side by side; without room for files at their counters alone.
    ///
    /// `limits` says how much at once the slow ones could give last time.
    func look(at pods: [Pod], room: Int?, limits: inout [String: Int], into answers: inout CacheAnswers) async {
        let last = limits
        await withTaskGroup(of: (WorkerPages, WorkerLook).self) { group in
            var rest = pods[...]
            for pod in rest.prefix(Self.workersAtOnce) {
                group.addTask { await look(at: pod, room: room, limit: last[pod.meta.uid]) }
            }
            rest = rest.dropFirst(Self.workersAtOnce)
            for await (worker, look) in group {
                let uid = worker.pod.meta.uid
                answers.looks[uid] = look
                answers.cost += worker.cost
                limits[uid] = worker.limit < WorkerListReader.pageLimit ? worker.limit : nil
                if let pod = rest.popFirst() {
                    group.addTask { await self.look(at: pod, room: room, limit: last[pod.meta.uid]) }
                }
            }
        }
    }

    private func look(at pod: Pod, room: Int?, limit: Int?) async -> (WorkerPages, WorkerLook) {
        var worker = WorkerPages(
            pod: pod, limit: limit, until: cluster.monotonicTime() + .seconds(settings.listSeconds))
        guard worker.port != nil else { return (worker, .unreachable("its container has no port named web")) }
        for attempt in 1... {
            do throws(WorkerListError) {
                let reading = try await read(&worker, room: room)
                // What took it too long once may be over.
                if room != nil, worker.limit == limit { worker.limit *= 2 }
                return (worker, .read(reading))
            } catch {
                // A list that moves while it is read is no broken one.
                if case .moved = error, attempt < 3, cluster.monotonicTime() < worker.until { continue }
                return (worker, .unreadable(error))
            }
        }
        return (worker, .unreadable(.moved))
    }

    /// Reads counters and list of a worker; of one without files two requests side by side are enough.
    private func read(_ worker: inout WorkerPages, room: Int?) async throws(WorkerListError) -> WorkerReading {
        let begunAt = cluster.monotonicTime()
        let asked = worker
        async let first = page(asked, offset: 0, limit: room == nil ? 1 : worker.limit)
        let before = try await counters(worker)
        worker.cost += 2
        guard let room else {
            return try WorkerListReader.brief(try await first.get(), counters: before, begunAt: begunAt)
        }
        var reader = WorkerListReader(begunAt: begunAt, counters: before, room: room, limit: worker.limit)
        defer { worker.limit = reader.limit }
        var next: WorkerListPage?
        do {
            next = try await first.get()
        } catch {
            // Its counters came: it is the page that takes too long.
            guard error == .pageTooLarge || error == .tooSlow else { throw error }
            try reader.halve()
        }
        if let page = next {
            try reader.take(page)
            if page.totalFiles == 0 || !page.hasTierAliases { return try reader.finish(last: page, counters: before) }
        }
        while let wanted = reader.next {
            guard cluster.monotonicTime() < worker.until else {
                throw .noAnswer("its list takes longer than \(settings.listSeconds) s")
            }
            worker.cost += 1
            switch await page(worker, offset: wanted.offset, limit: wanted.limit) {
            case .success(let page): try reader.take(page)
            case .failure(.pageTooLarge), .failure(.tooSlow): try reader.halve()
            case .failure(let error): throw error
            }
        }
        worker.cost += 2
        let last = try await page(worker, offset: 0, limit: 1).get()
        return try reader.finish(last: last, counters: try await counters(worker))
    }

    /// Waits, after a worker was taken out of service by RPC, for what the client's command waits for by itself: 20 s in
    /// which no client asked it for anything, or five answers in a row that did not come.
    func waitUntilQuiet(_ worker: OutOfService, _ target: DrainTarget) async {
        guard let pod = target.pods.first(where: { $0.meta.uid == worker.uid }) else { return }
        let end = cluster.monotonicTime() + .seconds(settings.serviceCallSeconds)
        let pages = WorkerPages(pod: pod, limit: nil, until: end)
        var (quiet, failures) = (0, 0)
        while quiet < 10, failures < 5, cluster.monotonicTime() < end {
            // Its only error is that our own task was cancelled.
            guard (try? await cluster.sleep(for: .seconds(2))) != nil else { return }
            // Whatever it is that failed, it says nothing of quiet.
            if let counts = try? await get(pages, "operations", []) {
                let isQuiet = counts["operationCount"]?.int64 == 0 && counts["rpcQueueLength"]?.int64 == 0
                (quiet, failures) = (isQuiet ? quiet + 1 : 0, 0)
            } else {
                (quiet, failures) = (0, failures + 1)
            }
        }
    }

    private func page(_ worker: WorkerPages, offset: Int, limit: Int) async -> Result<WorkerListPage, WorkerListError> {
        do throws(WorkerListError) {
            let query = [APIRequest.QueryItem("offset", String(offset)), .init("limit", String(limit))]
            return .success(WorkerListPage(try await get(worker, "webui_blockinfo", query)))
        } catch {
            return .failure(error)
        }
    }

    private func counters(_ worker: WorkerPages) async throws(WorkerListError) -> WorkerCounters {
        guard let counters = WorkerCounters(try await get(worker, "info", [])) else { throw .garbled("no capacity") }
        return counters
    }

    private func get(
        _ worker: WorkerPages, _ what: String, _ query: [APIRequest.QueryItem]
    ) async throws(WorkerListError) -> JSONValue {
        let request = APIRequest.podProxy(
            namespace: worker.pod.meta.namespace, pod: worker.pod.meta.name, port: worker.port ?? 0,
            path: "/api/v1/worker/\(what)", query: query)
        do throws(ClusterError) {
            return try await cluster.send(request).json()
        } catch {
            switch error {
            case .tooLarge: throw .pageTooLarge
            case .unreadable: throw .garbled("it is no JSON")
            case .status where error.isForbidden: throw .noAnswer("Sluice may not get pods/proxy")
            case .status(let status): throw .noAnswer("status \(status.code)")
            case .timeout: throw .tooSlow
            case .transport, .cancelled: throw .noAnswer("the connection broke")
            }
        }
    }
}

/// A worker that is read page by page.
private struct WorkerPages: Sendable {
    let pod: Pod
    /// The port of its web pages; nil if the container names none.
    let port: Int?
    /// When reading it ends at the latest.
    let until: Duration
    /// How many entries it is asked for at once.
    var limit: Int
    /// How many requests it took.
    var cost = 0

    init(pod: Pod, limit: Int?, until: Duration) {
        self.pod = pod
        port = pod.container(named: DrainTarget.workerContainer)?.port(named: "web").map { Int($0) }
        self.limit = limit ?? WorkerListReader.pageLimit
        self.until = until
    }
}
