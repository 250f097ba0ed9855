internal import Rules
internal import Wire

extension WorkerListPage {
    /// Reads an answer of `webui_blockinfo`; what is missing or of another type stays nil, for the reader to judge.
    init(_ value: JSONValue) {
        let files = value["fileInfos"]
        self.init(
            totalFiles: value["ntotalFile"]?.int64.flatMap { Int(exactly: $0) },
            fatalError: value["fatalError"]?.string,
            hasTierAliases: value["orderedTierAliases"]?.kind == .array,
            entries: files.flatMap { $0.kind == .array ? Self.entries($0) : nil })
    }

    private static func entries(_ list: JSONValue) -> [Entry]? {
        var entries: [Entry] = []
        for element in list.elements {
            guard let id = element["id"]?.int64, let path = element["absolutePath"]?.string,
                let persistence = element["persistenceState"]?.string, let pinned = element["pinned"]?.bool,
                let bytes = bytes(of: element["blocksOnTier"])
            else {
                return nil
            }
            let file = HeldFile(
                path: AlluxioPath(path), bytes: bytes, isPersisted: persistence == "PERSISTED", isPinned: pinned)
            entries.append(Entry(id: id, file: file))
        }
        return entries
    }

    /// The sum of all blocks' lengths, or nil if one can't be read.
    private static func bytes(of tiers: JSONValue?) -> Int64? {
        guard let tiers, tiers.kind == .object else {
            return nil
        }
        var sum: Int64 = 0
        for tier in tiers.members {
            for block in tier.value.elements {
                guard let length = block["blockLength"]?.int64, length >= 0 else {
                    return nil
                }
                sum = sum &+ length
            }
        }
        return sum
    }
}

extension JSONValue {
    /// The member of a name that is made at run time.
    fileprivate func member(_ name: String) -> JSONValue? { members.first { $0.name == name }?.value }
}

extension WorkerCounters {
    /// Reads an answer of a worker's `/api/v1/worker/info`; nil if a field that counts is missing.
    init?(_ value: JSONValue) {
        guard let used = value["capacity"]?["used"]?.int64, let total = value["capacity"]?["total"]?.int64,
            let paths = value["tierPaths"], paths.kind == .object
        else { return nil }
        var folders = 0
        for tier in paths.members { folders += tier.value.count }
        let configuration = value["configuration"]
        let aligned = configuration?["alluxio.worker.management.tier.align.enabled"]
        let reserved = configuration?["alluxio.worker.management.tier.align.reserved.bytes"]
        self.init(
            usedBytes: used, capacityBytes: total,
            baselineBytes: Self.baseline(
                tiers: paths.count, folders: folders, isAligned: aligned?.bool ?? aligned?.string.map { $0 == "true" },
                reserved: reserved?.string ?? reserved?.int64.map { "\($0)" }),
            startedMilliseconds: value["startTimeMs"]?.int64 ?? 0)
        let levels = (0..<min(paths.count, 8)).map { "alluxio.worker.tieredstore.level\($0).dirs" }
        configuredBytes = Self.configured(levels.map { configuration?.member("\($0).quota")?.string })
        let named = levels.reduce(0) { count, level in
            count + (configuration?.member("\(level).path")?.string.map { $0.split(separator: ",").count } ?? 0)
        }
        isFolderMissing = folders < named
    }
}

extension MasterInfo {
    /// Reads an answer of the master's `/api/v1/master/info`; nil if it has no list of workers, or one that can't be read.
    init?(_ value: JSONValue) {
        guard let live = Self.workers(value["workers"]), let lost = Self.workers(value["lostWorkers"]) else {
            return nil
        }
        self.init(
            version: value["version"]?.string.flatMap { AlluxioVersion($0) },
            startedMilliseconds: value["startTimeMs"]?.int64, workers: live,
            lostWorkers: lost)
    }

    private static func workers(_ list: JSONValue?) -> [Worker]? {
        guard let list, list.kind == .array else { return nil }
        var workers: [Worker] = []
        for element in list.elements {
            guard let address = element["address"], let host = address["host"]?.string else { return nil }
            workers.append(
                Worker(
                    host: host, containerHost: address["containerHost"]?.string ?? "",
                    webPort: address["webPort"]?.int64.flatMap { Int(exactly: $0) } ?? 0))
        }
        return workers
    }
}
