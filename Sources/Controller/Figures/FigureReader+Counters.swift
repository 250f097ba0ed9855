internal import Kubernetes
internal import Rules
internal import Wire

extension FigureReader {
    /// How many workers of a cache are asked at a time.
    private static var workersAtOnce: Int { 8 }
    /// The most bytes of a worker's answer; one with a few mounts takes a kilobyte.
    private static var counterBytesMax: Int { 256 << 10 }

    /// Asks workers for what they have counted; those that do not answer in this time are left out, and when there are many of
    /// them so is everybody after them.
    func counters(of pods: [CachePod], within timeout: Duration) async -> [String: WorkerTraffic] {
        let end = cluster.monotonicTime() + timeout
        var rest = pods.filter { $0.role == .worker && $0.isReady && !$0.hasEnded && !$0.meta.isDeleting }
            .prefix(FigureSeries.workersMax)[...]
        return await withTaskGroup(of: (String, WorkerTraffic?).self) { group in
            var found: [String: WorkerTraffic] = [:]
            var silent = 0
            func askNext() {
                let left = end - cluster.monotonicTime()
                guard left > .zero, silent < Self.workersAtOnce, let pod = rest.popFirst() else { return }
                group.addTask { (pod.meta.name, await counters(of: pod, within: left)) }
            }
            for _ in 0..<Self.workersAtOnce { askNext() }
            while let (name, counters) = await group.next() {
                found[name] = counters
                if counters == nil { silent += 1 }
                askNext()
            }
            return found
        }
    }

    private func counters(of pod: CachePod, within timeout: Duration) async -> WorkerTraffic? {
        guard let port = pod.webPort else { return nil }
        let request = APIRequest.podProxy(
            namespace: pod.meta.namespace, pod: pod.meta.name, port: port, path: "/api/v1/worker/webui_metrics",
            timeout: timeout, responseBytesMax: Self.counterBytesMax)
        // Why one does not say what it has counted does not matter: the cache's own figures tell whether it is there.
        guard let body = try? await cluster.send(request).body else { return nil }
        var parser = JSONParser(bytesMax: Self.counterBytesMax, valuesMax: Self.valuesMax)
        // What is no JSON is no figure; why does not matter.
        return (try? parser.parse(body)).flatMap { WorkerTraffic($0) }
    }
}
