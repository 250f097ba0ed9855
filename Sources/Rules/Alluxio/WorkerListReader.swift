/// One page of a worker's own list: `GET /api/v1/worker/webui_blockinfo?offset=…&limit=…`.
///
/// A field that is missing or of another type is nil here: the judgement is `WorkerListReader`'s.
public struct WorkerListPage: Sendable, Hashable {
    /// One entry of `fileInfos`.
    public struct Entry: Sendable, Hashable {
        /// The file's id, which tells entries apart while the list shifts between two pages.
        public var id: Int64
        /// The file and what the worker holds of it.
        public var file: HeldFile

        /// Makes an entry.
        public init(id: Int64, file: HeldFile) {
            self.id = id
            self.file = file
        }
    }

    /// How many files the worker says it holds (`ntotalFile`).
    public var totalFiles: Int?
    /// What went wrong, empty if nothing (`fatalError`).
    public var fatalError: String?
    /// Whether `orderedTierAliases` is a list; null is what a worker says that was told not to show its files.
    public var hasTierAliases: Bool
    /// The entries, or nil if `fileInfos` is null or one of its entries can't be read.
    public var entries: [Entry]?

    /// Makes a page.
    public init(totalFiles: Int?, fatalError: String?, hasTierAliases: Bool, entries: [Entry]?) {
        self.totalFiles = totalFiles
        self.fatalError = fatalError
        self.hasTierAliases = hasTierAliases
        self.entries = entries
    }
}

/// Reads a worker's list page by page and says whether it can be trusted.
///
/// A worker answers 200 with no files while it holds data: where its list is switched off, and where the master is dead (seen).
/// So a list counts only if every page says so itself, as many distinct ids came as the worker told before and after, and its
/// counters stood still around it. Order of calls: `init` with the first counters, then `take(_:)` while `next` is not nil,
/// then `finish(last:counters:)` with one more page, of which only the head counts, and the counters read after it.
public struct WorkerListReader: Sendable {
    /// How many entries are asked for at once, at first.
    public static let pageLimit = 200
    /// How many paths are kept of all workers of a look together; all entries are counted.
    public static let pathsMaximum = 20_000
    /// How many entries of one worker are read before its list counts as unreadable.
    public static let entriesMaximum = 1_000_000

    private var reading: WorkerReading
    private var identifiers: Set<Int64> = []
    private let room: Int
    /// How many entries are asked for at once.
    public private(set) var limit: Int
    private var isDone = false
    private var offset = 0

    /// Makes a reader for one look at one worker, of whose files so many are kept; `limit` is what it could give last time.
    public init(begunAt: Duration, counters: WorkerCounters, room: Int, limit: Int = WorkerListReader.pageLimit) {
        reading = WorkerReading(begunAt: begunAt, counters: counters, fileCount: nil)
        self.room = room
        self.limit = max(1, min(limit, Self.pageLimit))
    }

    /// The page to ask for, or nil if the last one was read.
    public var next: (offset: Int, limit: Int)? { isDone ? nil : (offset, limit) }

    /// Asks for less at a time, since a page of files with many blocks was too large; throws if it was of one file.
    public mutating func halve() throws(WorkerListError) {
        guard limit > 1 else { throw .pageTooLarge }
        limit /= 2
    }

    /// Takes the page that was asked for.
    public mutating func take(_ page: WorkerListPage) throws(WorkerListError) {
        guard let total = try Self.head(of: page) else {
            // It does not show its files: only its counters speak.
            isDone = true
            return
        }
        guard total <= Self.entriesMaximum else { throw .tooLong }
        guard reading.fileCount ?? total == total else { throw .moved }
        reading.fileCount = total
        guard let entries = page.entries else {
            // Past the end, or with nothing to show, the list is null.
            guard total == 0 else { throw .garbled("no fileInfos") }
            isDone = true
            return
        }
        for entry in entries where identifiers.insert(entry.id).inserted {
            reading.count(entry.file, isKept: reading.files.count < room)
        }
        offset = offset &+ entries.count
        guard offset <= Self.entriesMaximum else { throw .tooLong }
        if entries.isEmpty, offset < total { throw .moved }
        isDone = offset >= total
    }

    /// Judges the whole list by one more page, read after all others, and the counters, read last.
    public func finish(last: WorkerListPage, counters: WorkerCounters) throws(WorkerListError) -> WorkerReading {
        let total = try Self.head(of: last)
        guard isDone, total == reading.fileCount, (total ?? 0) == identifiers.count, counters == reading.counters else {
            throw .moved
        }
        guard counters.usedBytes >= 0 else { throw .garbled("used bytes are negative") }
        guard let baseline = counters.baselineBytes else {
            throw .garbled("its configuration does not tell what an empty worker reserves")
        }
        // Fewer bytes than files explain: the list is older than the counters.
        guard total == nil || counters.usedBytes >= baseline &+ reading.listedBytes else { throw .moved }
        return reading
    }

    /// Judges counters alone, with how many files the worker says it holds.
    public static func brief(
        _ page: WorkerListPage, counters: WorkerCounters, begunAt: Duration
    ) throws(WorkerListError) -> WorkerReading {
        let total = try head(of: page)
        guard let baseline = counters.baselineBytes else {
            throw .garbled("its configuration does not tell what an empty worker reserves")
        }
        guard counters.usedBytes >= 0 else { throw .garbled("used bytes are negative") }
        guard total == nil || counters.usedBytes >= baseline else { throw .moved }
        return WorkerReading(begunAt: begunAt, counters: counters, fileCount: total)
    }

    /// How many files the worker tells of; nil if it was told not to show them.
    private static func head(of page: WorkerListPage) throws(WorkerListError) -> Int? {
        guard let fatalError = page.fatalError else { throw .garbled("no fatalError") }
        guard fatalError.isEmpty else { throw .garbled("it says: \(firstLine(fatalError))") }
        guard page.hasTierAliases else { return nil }
        guard let total = page.totalFiles, (0...Int(Int32.max)).contains(total) else { throw .garbled("no ntotalFile") }
        return total
    }
}
