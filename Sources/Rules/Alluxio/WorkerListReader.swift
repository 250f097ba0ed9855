/// Reads a worker's list page by page and says whether it can be trusted.
///
/// A worker answers 200 with no files while it holds data: where its list is switched off, and where the master is dead (seen).
/// So a list counts only if every page says so itself and as many distinct ids came as the worker told before and after.
/// Order of calls: `nextOffset`, `take(_:)`, and so on until `nextOffset` is nil; then `finish(last:storage:)` with one more
/// page, of which only the head counts, and the storage asked for after it.
public struct WorkerListReader: Sendable {
    /// How many entries are asked for at once.
    public static let pageLimit = 200
    /// How many paths are kept; all entries are counted.
    public static let pathsMaximum = 20_000
    /// How many entries are read before a list counts as unreadable.
    public static let entriesMaximum = 2_000_000

    /// Why a list does not count.
    public enum Unreadable: Error, Sendable, Hashable {
        /// The worker could not be asked.
        case noAnswer(String)
        /// The worker itself says that something is wrong.
        case fatalError(String)
        /// The worker does not show its files.
        case switchedOff
        /// A field that must be there is not, or is of another type.
        case garbled(String)
        /// Fewer or more ids came than the worker told, or the number moved in between.
        case incomplete(told: Int, seen: Int)
        /// More entries than are read.
        case tooLong

        /// The reason in words.
        public var text: String {
            switch self {
            case .noAnswer(let why): "it can't be asked: \(why)"
            case .fatalError(let why): "it says: \(why)"
            case .switchedOff: "it does not show its files (alluxio.web.file.info.enabled=false?)"
            case .garbled(let what): "its answer can't be read: \(what)"
            case .incomplete(let told, let seen): "it tells of \(told) files and lists \(seen)"
            case .tooLong: "it lists more than \(WorkerListReader.entriesMaximum) files"
            }
        }
    }

    private var identifiers: Set<Int64> = []
    private var told: Int?
    private var holding = WorkerHolding()
    private var offset = 0
    private var isDone = false

    /// Makes a reader for one look at one worker.
    public init() {}

    /// Where the next page begins, or nil if the last one was read.
    public var nextOffset: Int? { isDone ? nil : offset }

    /// Takes the page that began at `nextOffset`.
    public mutating func take(_ page: WorkerListPage) throws(Unreadable) {
        let total = try Self.head(of: page)
        if let told, told != total {
            throw .incomplete(told: told, seen: total)
        }
        told = total
        guard let entries = page.entries else {
            // Past the end, or with nothing to show, the list is null.
            guard total == 0 else {
                throw .garbled("no fileInfos")
            }
            isDone = true
            return
        }
        for entry in entries where identifiers.insert(entry.id).inserted {
            count(entry.file)
        }
        offset = offset &+ entries.count
        guard offset <= Self.entriesMaximum else {
            throw .tooLong
        }
        if entries.isEmpty && offset < total {
            throw .incomplete(told: total, seen: identifiers.count)
        }
        isDone = offset >= total
    }

    /// Judges the whole list by one more page, read after all others, and the worker's storage, read last.
    public func finish(last: WorkerListPage, storage: WorkerStorage) throws(Unreadable) -> WorkerHolding {
        let total = try Self.head(of: last)
        guard isDone, total == told, total == identifiers.count else {
            throw .incomplete(told: total, seen: identifiers.count)
        }
        guard storage.usedBytes >= 0 else {
            throw .garbled("used bytes are negative")
        }
        var result = holding
        result.fileCount = total
        result.usedBytes = storage.usedBytes &- storage.baselineBytes
        return result
    }

    private static func head(of page: WorkerListPage) throws(Unreadable) -> Int {
        guard let fatalError = page.fatalError else {
            throw .garbled("no fatalError")
        }
        guard fatalError.isEmpty else {
            throw .fatalError(firstLine(fatalError))
        }
        guard page.hasTierAliases else {
            throw .switchedOff
        }
        guard let total = page.totalFiles, total >= 0 else {
            throw .garbled("no ntotalFile")
        }
        guard total <= entriesMaximum else {
            throw .tooLong
        }
        return total
    }

    private mutating func count(_ file: HeldFile) {
        holding.listedBytes = holding.listedBytes &+ max(file.bytes, 0)
        if !file.isPersisted {
            holding.unpersistedCount += 1
            holding.firstUnpersisted = holding.firstUnpersisted ?? file.path
        }
        if file.isPinned {
            holding.pinnedCount += 1
            holding.firstPinned = holding.firstPinned ?? file.path
        }
        if holding.files.count < Self.pathsMaximum {
            holding.files.append(file)
        }
    }
}
