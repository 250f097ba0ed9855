/// What the leaving workers hold, by one list of the master's: block by block, with what must not be lost counted apart.
///
/// A removal of blocks asks nothing, so the list does: only blocks of files that are persisted and completed are in it.
public struct BlockList: Sendable, Hashable {
    /// What one leaving worker holds.
    public struct Worker: Sendable, Hashable {
        /// The ids of the blocks that may go.
        public var blocks: [Int64] = []
        /// How many files it holds something of.
        public var fileCount = 0
        /// The bytes of its blocks.
        public var bytes: Int64 = 0
        /// How many of the files are not persisted, or not completed.
        public var unpersistedCount = 0
        /// The first of those.
        public var firstUnpersisted: AlluxioPath?
        /// How many of the files are pinned, or have fewer replicas on the workers that stay than they demand.
        public var pinnedCount = 0
        /// The first of those.
        public var firstPinned: AlluxioPath?
    }

    /// The most ids of a list; what is beyond comes in the next round.
    public static let blocksMaximum = 2_000_000
    /// The most files that are freed by their names where a block could be removed by its id.
    public static let namesMaximum = 8

    /// The leaving workers, by their pods' uids; one that the master does not know is not here.
    public private(set) var workers: [String: Worker]
    /// The most files that are kept by their names.
    public static let filesMaximum = 2_000
    /// The first files, one more than the maximum if there are more.
    public private(set) var files: [HeldFile] = []
    /// The paths of all files, if they and all blocks are kept.
    public var paths: [AlluxioPath]? {
        files.count <= Self.filesMaximum && blockCount < blocksMax ? files.map(\.path) : nil
    }
    /// Whether a worker that stays holds something of one of the files.
    public private(set) var isShared = false
    /// How the workers' ports are reached, for people.
    public let route: String
    private let uids: [Int64: String]
    private let blocksMax: Int
    private var blockCount = 0

    /// Makes an empty list of workers, by the ids that the master knows them by.
    public init(workers uids: [Int64: String], route: String, blocksMax: Int = blocksMaximum) {
        self.uids = uids
        self.blocksMax = blocksMax
        self.route = route
        workers = [:]
        for uid in uids.values { workers[uid] = Worker() }
    }

    /// Takes a file in, if a leaving worker holds something of it.
    ///
    /// `isDurable` says that the under storage has all of it and that nobody writes it. With fewer than `replicasMin` copies
    /// on workers that stay it counts as pinned: Alluxio would bring it back, maybe to where it came from.
    public mutating func take(
        _ path: String, isDurable: Bool, isPinned: Bool, replicasMin: Int64 = 0,
        blocks: [(id: Int64, bytes: Int64, holders: [Int64])]
    ) {
        var held: [String: Int64] = [:]
        var hasOthers = false
        var isPinned = isPinned
        for block in blocks {
            let staying = block.holders.count { uids[$0] == nil }
            hasOthers = hasOthers || staying > 0
            isPinned = isPinned || staying < replicasMin
            for holder in block.holders {
                guard let uid = uids[holder] else { continue }
                held[uid] = (held[uid] ?? 0) &+ max(block.bytes, 0)
                guard isDurable, blockCount < blocksMax else { continue }
                blockCount += 1
                workers[uid]?.blocks.append(block.id)
            }
        }
        guard !held.isEmpty else { return }
        isShared = isShared || hasOthers
        let path = AlluxioPath(path)
        if files.count <= Self.filesMaximum {
            let bytes = held.values.reduce(0, &+)
            files.append(HeldFile(path: path, bytes: bytes, isPersisted: isDurable, isPinned: isPinned))
        }
        for (uid, bytes) in held { workers[uid]?.count(path, bytes, isDurable: isDurable, isPinned: isPinned) }
    }
}

extension BlockList.Worker {
    fileprivate mutating func count(_ path: AlluxioPath, _ bytes: Int64, isDurable: Bool, isPinned: Bool) {
        fileCount += 1
        self.bytes = self.bytes &+ bytes
        if !isDurable {
            unpersistedCount += 1
            firstUnpersisted = firstUnpersisted ?? path
        }
        if isPinned {
            pinnedCount += 1
            firstPinned = firstPinned ?? path
        }
    }
}

/// A look at what the leaving workers hold by the master's RPC.
public enum BlockLook: Sendable, Hashable {
    /// Nobody asked.
    case notAsked
    /// No port that is needed can be had, and why.
    case unreachable(String)
    /// The master is there and can't say yet.
    case notReady(String)
    /// The list came whole.
    case read(BlockList)
}

extension WorkerReading {
    /// What the master's list says of the files, in a reading of counters alone.
    public mutating func take(_ held: BlockList.Worker) {
        listedBytes = held.bytes
        (unpersistedCount, firstUnpersisted) = (held.unpersistedCount, held.firstUnpersisted)
        (pinnedCount, firstPinned) = (held.pinnedCount, held.firstPinned)
    }
}
