/// One file that a worker lists, with what this worker holds of it.
public struct HeldFile: Sendable, Hashable {
    /// The file's path.
    public var path: AlluxioPath
    /// The bytes of its blocks on this worker.
    public var bytes: Int64
    /// Whether the under storage has it all; everything but `PERSISTED` counts as not persisted.
    public var isPersisted: Bool
    /// Whether it is pinned.
    public var isPinned: Bool

    /// Makes a file.
    public init(path: AlluxioPath, bytes: Int64, isPersisted: Bool = true, isPinned: Bool = false) {
        self.path = path
        self.bytes = bytes
        self.isPersisted = isPersisted
        self.isPinned = isPinned
    }
}

/// What a worker's storage says of itself: `GET /api/v1/worker/info`.
public struct WorkerCounters: Sendable, Hashable {
    /// The bytes in use, reservations and blocks being written included (`capacity.used`).
    public var usedBytes: Int64
    /// The bytes that it can hold (`capacity.total`); a folder that fails is taken out.
    public var capacityBytes: Int64
    /// What an empty worker says it uses, by the running worker's own configuration; nil if that does not tell.
    public var baselineBytes: Int64?
    /// When its process was started, in milliseconds since 1970: tells one start of the container from the next.
    public var startedMilliseconds: Int64

    /// The bytes that its configuration gives its folders; nil if that does not tell.
    public var configuredBytes: Int64?
    /// Whether it uses fewer folders than its configuration names.
    public var isFolderMissing = false

    /// Makes counters.
    public init(usedBytes: Int64, capacityBytes: Int64, baselineBytes: Int64?, startedMilliseconds: Int64) {
        self.usedBytes = usedBytes
        self.capacityBytes = capacityBytes
        self.baselineBytes = baselineBytes
        self.startedMilliseconds = startedMilliseconds
    }

    /// Whether a folder fails: what lies there is in no list.
    public var isShort: Bool { isFolderMissing || configuredBytes.map { capacityBytes < $0 } ?? false }

    /// What the quotas of all tiers come to (`1GB` or `1GB,2GB` each); nil if one can't be read.
    public static func configured(_ quotas: [String?]) -> Int64? {
        var total: Int64 = 0
        for quota in quotas {
            for part in (quota ?? "?").split(separator: ",") {
                guard let bytes = bytes(of: String(part).trimmed) else { return nil }
                let (sum, overflow) = total.addingReportingOverflow(bytes)
                guard !overflow else { return nil }
                total = sum
            }
        }
        return quotas.isEmpty ? nil : total
    }

    /// What an empty worker of this configuration uses: on several tiers each folder reserves some, on one tier none does.
    ///
    /// A constant would be no evidence: the reserve is a setting (1 GB by default).
    public static func baseline(tiers: Int, folders: Int, isAligned: Bool?, reserved: String?) -> Int64? {
        guard tiers > 1 else { return 0 }
        guard let isAligned else { return nil }
        guard isAligned else { return 0 }
        guard let reserved, let bytes = bytes(of: reserved) else { return nil }
        let (product, overflow) = bytes.multipliedReportingOverflow(by: Int64(clamping: max(folders, 0)))
        return overflow ? nil : product
    }

    /// Reads a size as Alluxio's configuration writes it: `1GB`, `16MB`, `1024`; nil for anything else.
    static func bytes(of text: String) -> Int64? {
        let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard let number = Int64(String(Substring(digits))) else { return nil }
        let unit = String(Substring(text.utf8.dropFirst(digits.count))).trimmed.lowercased()
        let shift: Int64? =
            switch unit {
            case "", "b": 0
            case "k", "kb": 10
            case "m", "mb": 20
            case "g", "gb": 30
            case "t", "tb": 40
            default: nil
            }
        guard let shift else { return nil }
        let (product, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : product
    }
}

/// What one trustworthy look at a worker showed.
public struct WorkerReading: Sendable, Hashable {
    /// When the look began, by the monotonic clock.
    public var begunAt: Duration
    /// What its storage says, before and after its list was read.
    public var counters: WorkerCounters
    /// How many files it holds; nil if it does not show its files.
    public var fileCount: Int?
    /// The files, as many as there was room for.
    public var files: [HeldFile] = []
    /// The bytes of all their blocks, kept here or not.
    public var listedBytes: Int64 = 0
    /// How many files are not persisted.
    public var unpersistedCount = 0
    /// The first of those.
    public var firstUnpersisted: AlluxioPath?
    /// How many files are pinned.
    public var pinnedCount = 0
    /// The first of those.
    public var firstPinned: AlluxioPath?

    /// Makes a reading.
    public init(begunAt: Duration, counters: WorkerCounters, fileCount: Int?) {
        self.begunAt = begunAt
        self.counters = counters
        self.fileCount = fileCount
    }

    /// Whether every file is kept in `files`.
    public var isComplete: Bool { files.count == fileCount }
    /// Whether these are surely all: no folder fails, and they explain all that is in use.
    ///
    /// A folder that fails between counters and list hides its files from the list alone.
    public var isWhole: Bool { isComplete && !counters.isShort && unexplainedBytes ?? 0 == 0 }
    /// Whether nothing at all is there: no file, and no byte more or less than an empty worker of its configuration uses.
    public var isEmpty: Bool {
        (fileCount ?? 0) == 0 && counters.usedBytes == counters.baselineBytes && !counters.isShort
    }
    /// The bytes in use that no file explains; nil if they can't be told.
    public var unexplainedBytes: Int64? {
        guard let baseline = counters.baselineBytes, fileCount != nil else { return nil }
        return counters.usedBytes &- baseline &- listedBytes
    }
    /// The bytes that users are told: what is in use beyond the baseline, as far as that is known.
    public var heldBytes: Int64 { max(0, counters.usedBytes &- (counters.baselineBytes ?? 0)) }

    /// Counts one file in, and keeps it if there is room.
    mutating func count(_ file: HeldFile, isKept: Bool) {
        listedBytes = listedBytes &+ max(file.bytes, 0)
        if !file.isPersisted {
            unpersistedCount += 1
            firstUnpersisted = firstUnpersisted ?? file.path
        }
        if file.isPinned {
            pinnedCount += 1
            firstPinned = firstPinned ?? file.path
        }
        if isKept { files.append(file) }
    }
}

/// One look at a worker.
public enum WorkerLook: Sendable, Hashable {
    /// Nobody asked.
    case notAsked
    /// It can't be asked.
    case unreachable(String)
    /// It was asked, and what it says can't be relied on: never to be taken for empty.
    case unreadable(WorkerListError)
    /// It was read.
    case read(WorkerReading)

    /// What was seen, if anything could be.
    public var reading: WorkerReading? {
        if case .read(let reading) = self { reading } else { nil }
    }
}

/// Why a worker's list does not count.
public enum WorkerListError: Error, Sendable, Hashable {
    /// The worker could not be asked.
    case noAnswer(String)
    /// A page is larger than what is read, or takes longer than an answer may.
    case pageTooLarge
    /// The worker took longer than an answer may.
    case tooSlow
    /// It moved while it was read.
    case moved
    /// The worker itself says that something is wrong, or a field that must be there is not.
    case garbled(String)
    /// More files than are read.
    case tooLong
}
