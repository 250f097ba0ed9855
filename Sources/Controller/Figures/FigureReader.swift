internal import Kubernetes
internal import Rules
internal import Wire

/// Asks a cache's master for its figures.
struct FigureReader<Base: Cluster>: Sendable {
    let cluster: Base

    /// The most bytes of an answer: a hundred workers take a tenth of it.
    static var answerBytesMax: Int { 2 << 20 }
    /// How many masters are asked in turn; Alluxio runs three of them.
    static var mastersMax: Int { 3 }
    /// The most values of an answer.
    static var valuesMax: Int { 200_000 }

    /// Why a cache gave no figures, in words.
    struct Failure: Error { let reason: String }

    /// Asks the masters in turn until one answers, as those on standby do not.
    ///
    /// - Parameter timeout: the time that they share.
    func read(_ pods: [CachePod], within timeout: Duration) async throws(Failure) -> CacheReading {
        let masters = pods.filter { $0.role == .master && !$0.hasEnded && !$0.meta.isDeleting }
        let ready = masters.filter(\.isReady)
        guard !ready.isEmpty else {
            throw Failure(reason: masters.first.map { "\($0.meta.name) is not ready" } ?? "there is no master pod")
        }
        var first: Failure?
        let asked = ready.prefix(Self.mastersMax)
        for master in asked {
            do throws(Failure) {
                return try await read(from: master, within: timeout / asked.count)
            } catch {
                first = first ?? error
            }
        }
        throw first ?? Failure(reason: "no master answers")
    }

    private func read(from master: CachePod, within timeout: Duration) async throws(Failure) -> CacheReading {
        let name = master.meta.name
        guard let port = master.webPort else { throw Failure(reason: "\(name) has no port named web") }
        let request = APIRequest.podProxy(
            namespace: master.meta.namespace, pod: name, port: port, path: "/api/v1/master/info", timeout: timeout,
            responseBytesMax: Self.answerBytesMax)
        let body: [UInt8]
        do throws(ClusterError) {
            body = try await cluster.send(request).body
        } catch {
            if error.isForbidden { throw Failure(reason: "Sluice may not get pods/proxy") }
            switch error {
            case .status(let status): throw Failure(reason: "\(name) can't be asked: status \(status.code)")
            case .tooLarge: throw Failure(reason: "the answer of \(name) has more than \(Self.answerBytesMax) bytes")
            case .timeout: throw Failure(reason: "\(name) does not answer in time")
            default: throw Failure(reason: "\(name) can't be asked: the connection broke")
            }
        }
        var parser = JSONParser(bytesMax: Self.answerBytesMax, valuesMax: Self.valuesMax)
        // What is no JSON is no figure; why does not matter.
        guard let value = try? parser.parse(body), let reading = CacheReading(value) else {
            throw Failure(reason: "the answer of \(name) has no figures")
        }
        return reading
    }

    /// Which worker runs in which pod; one whose pod is not known is left out.
    static func match(
        _ reading: CacheReading, to pods: [CachePod]
    ) -> [(pod: String, worker: CacheReading.Worker)] {
        var byAddress: [String: [CacheReading.Worker]] = [:]
        for worker in reading.workers {
            let identity = worker.identity
            byAddress[identity.containerHost.isEmpty ? identity.host : identity.containerHost, default: []].append(
                worker)
        }
        return pods.compactMap { pod in
            guard pod.role == .worker, !pod.hasEnded, !pod.podIP.isEmpty else { return nil }
            let candidates = (byAddress[pod.podIP] ?? []) + (pod.hostIP == pod.podIP ? [] : byAddress[pod.hostIP] ?? [])
            return candidates.first {
                $0.identity.isPod(nodeAddress: pod.hostIP, podAddress: pod.podIP, webPort: pod.webPort)
            }.map { (pod.meta.name, $0) }
        }
    }
}
