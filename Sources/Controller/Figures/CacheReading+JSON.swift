internal import Rules
internal import Wire

extension CacheReading {
    /// The most workers of one cache whose figures are kept.
    static let workersMax = 1_000

    /// Reads an answer of the master's `/api/v1/master/info`; nil if it has no capacity or no list of workers.
    init?(_ value: JSONValue) {
        guard let whole = CacheUse(value["capacity"]?["total"], value["capacity"]?["used"]),
            let list = value["workers"], list.kind == .array
        else { return nil }
        var workers: [Worker] = []
        for element in list.elements.prefix(Self.workersMax) {
            // One that can't be read is none that is known.
            guard let worker = Worker(element) else { continue }
            workers.append(worker)
        }
        self.init(
            whole: whole, workers: workers, reads: value["metrics"].flatMap { ReadCounters($0) },
            startedMilliseconds: value["startTimeMs"]?.int64)
    }
}

extension CacheReading.Worker {
    fileprivate init?(_ value: JSONValue) {
        guard let address = value["address"], let host = address["host"]?.string,
            let use = CacheUse(value["capacityBytes"], value["usedBytes"])
        else { return nil }
        self.init(
            identity: MasterInfo.Worker(
                host: host, containerHost: address["containerHost"]?.string ?? "",
                webPort: address["webPort"]?.int64.flatMap { Int(exactly: $0) } ?? 0),
            use: use, silentSeconds: max(0, value["lastContactSec"]?.int64 ?? 0))
    }
}

extension CacheUse {
    fileprivate init?(_ total: JSONValue?, _ used: JSONValue?) {
        guard let total = total?.int64, let used = used?.int64, total >= 0, used >= 0 else { return nil }
        self.init(totalBytes: total, usedBytes: used)
    }
}

extension ReadCounters {
    /// Reads the master's counters; nil where it counts none of them.
    fileprivate init?(_ counters: JSONValue) {
        let known = [
            counters["Cluster.BytesReadLocal"], counters["Cluster.BytesReadRemote"],
            counters["Cluster.BytesReadDomain"], counters["Cluster.BytesReadUfsAll"],
        ].map { $0?.int64 }
        guard let missed = known[3], known[0] != nil || known[1] != nil else { return nil }
        self.init(
            localBytes: known[0] ?? 0, remoteBytes: known[1] ?? 0, domainBytes: known[2] ?? 0, underStorageBytes: missed
        )
    }
}
