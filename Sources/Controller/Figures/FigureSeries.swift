public import Kubernetes
internal import Rules
internal import Wire

/// The figures of caches as series in Prometheus' text format, made when somebody asks.
///
/// The label `worker` is empty for the whole cache, and else a worker's pod. What is stale has no series.
public enum FigureSeries {
    /// The most workers of one cache that have series; of more, the first by name.
    public static let workersMax = 64
    /// The most caches that have series; of more, the first by namespace and name.
    public static let cachesMax = 2_000
    /// The most workers of all caches that have series; a scraper waits for no larger page.
    public static let workersOfAllMax = 2_000

    /// One family: its name, its kind and one line of explanation.
    private struct Family {
        var name: String
        var kind: MetricFamily.Kind
        var help: String
    }

    private static let usedRatio = Family(
        name: "sluice_cache_used_ratio", kind: .gauge,
        help: "The share of a cache, or of a worker's part, in use: 0 to 1.")
    private static let usedBytes = Family(
        name: "sluice_cache_used_bytes", kind: .gauge, help: "Bytes in use of a cache, or of a worker's part.")
    private static let capacityBytes = Family(
        name: "sluice_cache_capacity_bytes", kind: .gauge, help: "Bytes that a cache, or a worker's part, may hold.")
    private static let isFloored = Family(
        name: "sluice_cache_floored", kind: .gauge,
        help: "1 while what is in use is told as it was before a drain began to free.")
    private static let hitRatio = Family(
        name: "sluice_cache_hit_ratio", kind: .gauge,
        help: "The share of bytes read between the last two looks without the under storage: 0 to 1.")
    private static let readBytes = Family(
        name: "sluice_cache_read_bytes_total", kind: .counter,
        help: "Bytes read since the master started, by source; remote and domain include what came from ufs.")
    private static let evictedBlocks = Family(
        name: "sluice_cache_evicted_blocks_total", kind: .counter,
        help: "Blocks that a worker removed for want of space since it started.")
    private static let workerReadBytes = Family(
        name: "sluice_cache_worker_ufs_bytes_total", kind: .counter,
        help: "Bytes that a worker read from the under storage since it started.")
    private static let dataBytes = Family(
        name: "sluice_cache_dataset_bytes", kind: .gauge, help: "Bytes of the data set in the under storage.")

    /// The series of these caches; `dataBytes` says how much data each has, if that is known.
    public static func render(
        _ entries: [(key: ObjectKey, entry: FigureBook.Entry)], dataBytes size: (ObjectKey) -> Int64?
    ) -> [UInt8] {
        var rest = workersOfAllMax
        let shown = entries.prefix(cachesMax).map { key, entry in
            var entry = entry
            entry.figures.workers = Array(entry.figures.workers.prefix(min(workersMax, rest)))
            rest -= entry.figures.workers.count
            return (key: key, entry: entry)
        }
        var text = ""
        func family(_ family: Family, _ lines: (ObjectKey, CacheFigures, (String, String) -> Void) -> Void) {
            var body = ""
            for (key, entry) in shown {
                let labels = "namespace=\"\(key.namespace)\",runtime=\"\(key.name)\""
                lines(key, entry.figures) { more, value in body += "\(family.name){\(labels)\(more)} \(value)\n" }
            }
            guard !body.isEmpty else { return }
            text += "# HELP \(family.name) \(family.help)\n# TYPE \(family.name) \(family.kind.rawValue)\n" + body
        }
        func perWorker(_ which: Family, _ value: @escaping (CacheUse) -> String?) {
            family(which) { _, figures, add in
                if let whole = value(figures.whole) { add(",worker=\"\"", whole) }
                for worker in figures.workers {
                    if let part = value(worker.use) { add(",worker=\"\(worker.pod)\"", part) }
                }
            }
        }
        func perCounter(_ which: Family, _ value: @escaping (WorkerTraffic) -> Int64) {
            family(which) { _, figures, add in
                for worker in figures.workers {
                    if let counters = worker.counters { add(",worker=\"\(worker.pod)\"", "\(value(counters))") }
                }
            }
        }
        perWorker(capacityBytes) { "\($0.totalBytes)" }
        family(Self.dataBytes) { key, _, add in size(key).map { add("", "\($0)") } }
        perCounter(evictedBlocks) { $0.evictedBlocks }
        family(isFloored) { _, figures, add in add("", figures.isFloored ? "1" : "0") }
        family(hitRatio) { _, figures, add in figures.hitRatio.map { add("", "\($0)") } }
        family(readBytes) { _, figures, add in
            guard let reads = figures.reads else { return }
            for (source, bytes) in [
                ("domain", reads.domainBytes), ("local", reads.localBytes), ("remote", reads.remoteBytes),
                ("ufs", reads.underStorageBytes),
            ] { add(",source=\"\(source)\"", "\(bytes)") }
        }
        perWorker(usedBytes) { "\($0.usedBytes)" }
        perWorker(usedRatio) { use in use.ratio.map { "\($0)" } }
        perCounter(workerReadBytes) { $0.underStorageBytes }
        return Array(text.utf8)
    }
}
