internal import Kubernetes
internal import Rules
internal import Wire

extension DrainObserver {
    /// How often a list is read anew that moved while it was read.
    static var listTriesMaximum: Int { 3 }

    /// Looks at several workers side by side.
    func looks(at pods: [(index: Int, pod: Pod)]) async -> [(Int, WorkerLook)] {
        await withTaskGroup(of: (Int, WorkerLook).self) { group in
            for (index, pod) in pods {
                group.addTask { (index, await look(at: pod)) }
            }
            var looks: [(Int, WorkerLook)] = []
            for await look in group {
                looks.append(look)
            }
            return looks
        }
    }

    private func look(at pod: Pod) async -> WorkerLook {
        guard let port = pod.container(named: DrainTarget.workerContainer)?.port(named: "web").map({ Int($0) }) else {
            return .unreadable("its container has no port named web")
        }
        let end = cluster.monotonicTime() + .seconds(settings.listSeconds)
        for attempt in 1... {
            do throws(WorkerListReader.Unreadable) {
                let holding = try await holding(of: pod, port: port, until: end)
                return .held(holding, at: Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds()))
            } catch {
                // A list that moves while it is read is no broken one.
                if case .incomplete = error, attempt < Self.listTriesMaximum, cluster.monotonicTime() < end {
                    continue
                }
                return .unreadable(error.text)
            }
        }
        return .unreadable("it was not read")
    }

    private func holding(
        of pod: Pod, port: Int, until end: Duration
    ) async throws(WorkerListReader.Unreadable) -> WorkerHolding {
        var reader = WorkerListReader()
        while let offset = reader.nextOffset {
            guard cluster.monotonicTime() < end else {
                throw .noAnswer("its list is longer than \(settings.listSeconds) s")
            }
            try reader.take(
                WorkerListPage(try await get(pod, port, "webui_blockinfo", offset, WorkerListReader.pageLimit)))
        }
        let last = WorkerListPage(try await get(pod, port, "webui_blockinfo", 0, 1))
        guard let storage = WorkerStorage(try await get(pod, port, "info", nil, nil)) else {
            throw .garbled("no capacity")
        }
        return try reader.finish(last: last, storage: storage)
    }

    private func get(
        _ pod: Pod, _ port: Int, _ what: String, _ offset: Int?, _ limit: Int?
    ) async throws(WorkerListReader.Unreadable) -> JSONValue {
        var query: [APIRequest.QueryItem] = []
        if let offset, let limit {
            query = [.init("offset", String(offset)), .init("limit", String(limit))]
        }
        let request = APIRequest.podProxy(
            namespace: pod.meta.namespace, pod: pod.meta.name, port: port, path: "/api/v1/worker/\(what)", query: query)
        do throws(ClusterError) {
            return try await cluster.send(request).json()
        } catch {
            throw .noAnswer(error.description)
        }
    }
}
