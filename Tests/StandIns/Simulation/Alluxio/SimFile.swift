/// One file in Alluxio's name space.
final class SimFile {
    enum Persistence: String {
        case persisted = "PERSISTED"
        case notPersisted = "NOT_PERSISTED"
        case toBePersisted = "TO_BE_PERSISTED"
        case lost = "LOST"
    }

    let id: Int64
    let path: String
    var persistence: Persistence
    var isPinned = false
    /// How many copies it demands.
    var replicationMin: Int64 = 0
    /// Whether its writer has closed it; one that is written through counts as persisted before that.
    var isCompleted = true
    let blocks: [Int64]
    let blockBytes: Int64

    init(id: Int64, path: String, persistence: Persistence, blocks: [Int64], blockBytes: Int64) {
        self.id = id
        self.path = path
        self.persistence = persistence
        self.blocks = blocks
        self.blockBytes = blockBytes
    }

    /// Whether this path is the file, or a folder above it.
    func isBelow(_ folder: String) -> Bool {
        folder == "/" || path == folder || path.hasPrefix(folder + "/")
    }
}

/// A copy of one block on one disk.
struct SimCopy {
    let block: Int64
    let file: SimFile
    /// When its writing began.
    let begunAt: Int64
    /// Until when a reader holds it.
    var lockedUntil: Int64 = 0
    /// Whether the worker has forgotten how to remove it, until it is started again.
    var isStuck = false
    /// Which of the worker's folders it is in.
    var folder = 0
}

/// What is being written to a worker, and in no list yet.
struct SimUpload {
    let number: Int
    let file: SimFile
    let begunAt: Int64
    var bytes: Int64
}

/// The disk under a worker: its node's, or its pod's own.
final class SimDisk {
    /// In the order in which they came.
    private(set) var copies: [SimCopy] = []
    private var blocks: Set<Int64> = []
    var uploads: [SimUpload] = []
    /// The folder that can't be read or written; its blocks are there all the same.
    var failingFolder: Int?
    /// Since when it fails.
    var failingSince: Int64 = 0

    func holds(_ block: Int64) -> Bool { blocks.contains(block) }

    func add(_ copy: SimCopy) {
        if blocks.insert(copy.block).inserted { copies.append(copy) }
    }

    func remove(where isGone: (SimCopy) -> Bool) {
        copies.removeAll { copy in
            guard isGone(copy) else { return false }
            blocks.remove(copy.block)
            return true
        }
    }

    /// Changes the copy of a block, if it is there.
    func change(_ block: Int64, _ body: (inout SimCopy) -> Void) {
        guard blocks.contains(block), let place = copies.firstIndex(where: { $0.block == block }) else { return }
        body(&copies[place])
    }

    func forgetStuckBlocks() {
        for place in copies.indices { copies[place].isStuck = false }
    }

    /// What the worker sees of it.
    var visible: [SimCopy] { copies.filter { $0.folder != failingFolder } }
}
