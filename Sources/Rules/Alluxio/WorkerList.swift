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
    public init(path: AlluxioPath, bytes: Int64, isPersisted: Bool, isPinned: Bool) {
        self.path = path
        self.bytes = bytes
        self.isPersisted = isPersisted
        self.isPinned = isPinned
    }
}

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

/// What a worker's storage says of itself: `GET /api/v1/worker/info`.
public struct WorkerStorage: Sendable, Hashable {
    /// The bytes in use, reservations and blocks being written included (`capacity.used`).
    public var usedBytes: Int64
    /// The number of tiers that have a capacity.
    public var tierCount: Int
    /// The number of folders over all tiers.
    public var folderCount: Int

    /// Makes a storage.
    public init(usedBytes: Int64, tierCount: Int, folderCount: Int) {
        self.usedBytes = usedBytes
        self.tierCount = tierCount
        self.folderCount = folderCount
    }

    /// What each folder reserves on a worker of several tiers (`alluxio.worker.management.tier.align.reserved.bytes`, upstream
    /// issue 16248): 1 GiB.
    public static let reservedPerFolderBytes: Int64 = 1 << 30

    /// What an empty worker says it uses: 0 on a single tier, 1 GiB a folder otherwise.
    public var baselineBytes: Int64 {
        tierCount > 1
            ? Int64(clamping: max(folderCount, 0)).multipliedReportingOverflow(by: Self.reservedPerFolderBytes).0 : 0
    }
}

/// What one trustworthy look at a worker showed.
public struct WorkerHolding: Sendable, Hashable {
    /// The files, at most `WorkerListReader.pathsMaximum` of them.
    public var files: [HeldFile]
    /// How many files the worker holds, kept here or not.
    public var fileCount: Int
    /// The bytes of all their blocks.
    public var listedBytes: Int64
    /// How many of them are not persisted.
    public var unpersistedCount: Int
    /// The first of those.
    public var firstUnpersisted: AlluxioPath?
    /// How many are pinned.
    public var pinnedCount: Int
    /// The first of those.
    public var firstPinned: AlluxioPath?
    /// The bytes in use above the baseline of an empty worker.
    public var usedBytes: Int64

    /// Makes a holding.
    public init(
        files: [HeldFile] = [], fileCount: Int = 0, listedBytes: Int64 = 0, unpersistedCount: Int = 0,
        firstUnpersisted: AlluxioPath? = nil, pinnedCount: Int = 0, firstPinned: AlluxioPath? = nil,
        usedBytes: Int64 = 0
    ) {
        self.files = files
        self.fileCount = fileCount
        self.listedBytes = listedBytes
        self.unpersistedCount = unpersistedCount
        self.firstUnpersisted = firstUnpersisted
        self.pinnedCount = pinnedCount
        self.firstPinned = firstPinned
        self.usedBytes = usedBytes
    }

    /// Makes the holding of a worker that holds exactly these files.
    public init(files: [HeldFile]) {
        let bytes = files.reduce(0) { $0 &+ $1.bytes }
        self.init(
            files: files, fileCount: files.count, listedBytes: bytes,
            unpersistedCount: files.count { !$0.isPersisted },
            firstUnpersisted: files.first { !$0.isPersisted }?.path,
            pinnedCount: files.count { $0.isPinned },
            firstPinned: files.first { $0.isPinned }?.path,
            usedBytes: bytes)
    }

    /// Whether every path is kept in `files`.
    public var isComplete: Bool { files.count == fileCount }
    /// Whether nothing at all is there: no file, and no byte of one that is being written.
    public var isEmpty: Bool { fileCount == 0 && usedBytes <= 0 }
    /// Whether all that is there is known to be persisted: every file, and no byte beyond the listed ones.
    public var isKnownPersisted: Bool { unpersistedCount == 0 && usedBytes <= listedBytes }
}
