import Rules
import Testing

@Suite struct `The master's list of blocks` {
    private func list() -> BlockList { BlockList(workers: [1: "a", 2: "b"], route: "directly") }

    @Test func `keeps what the leaving workers hold, each block with its own worker`() {
        var list = list()
        list.take("/x", isDurable: true, isPinned: false, blocks: [(10, 5, [1, 9]), (11, 7, [2]), (12, 9, [9])])
        list.take("/y", isDurable: true, isPinned: true, blocks: [(20, 3, [1])])
        list.take("/z", isDurable: true, isPinned: true, blocks: [(30, 3, [9])])
        #expect(list.workers["a"]?.blocks == [10, 20] && list.workers["b"]?.blocks == [11])
        #expect(
            list.workers["a"]?.bytes == 8 && list.workers["a"]?.fileCount == 2 && list.workers["a"]?.pinnedCount == 1)
        #expect(list.workers["b"]?.pinnedCount == 0 && list.files.map(\.path.text) == ["/x", "/y"])
        #expect(list.isShared)
    }

    @Test func `never lists a block of a file that is not persisted`() {
        var list = list()
        list.take("/x", isDurable: false, isPinned: false, blocks: [(10, 5, [1])])
        #expect(list.workers["a"]?.blocks == [] && list.workers["a"]?.unpersistedCount == 1)
        #expect(list.workers["a"]?.firstUnpersisted == "/x" && !list.isShared)
    }

    @Test func `of what survivors alone hold nothing is shared`() {
        var list = list()
        list.take("/z", isDurable: true, isPinned: false, blocks: [(30, 3, [9])])
        #expect(!list.isShared && list.files.isEmpty)
    }

    @Test func `keeps no more than its bounds, and counts all`() {
        var list = BlockList(workers: [1: "a"], route: "directly", blocksMax: 200)
        let many = 10
        for file in 0..<21 {
            let blocks = (0..<many).map { (id: Int64(file * many + $0), bytes: Int64.max, holders: [Int64(1)]) }
            list.take("/\(file)", isDurable: true, isPinned: false, blocks: blocks)
        }
        #expect(list.workers["a"]?.blocks.count == 200 && list.workers["a"]?.fileCount == 21)
        #expect(list.files.count == 21 && list.paths == nil)
        for file in 0..<BlockList.filesMaximum {
            list.take("/more\(file)", isDurable: true, isPinned: false, blocks: [(1, 1, [1])])
        }
        #expect(
            list.files.count == BlockList.filesMaximum + 1
                && list.workers["a"]?.fileCount == BlockList.filesMaximum + 21)
    }

    @Test func `a file whose replicas elsewhere are fewer than it demands counts as pinned`() {
        for (others, replicas, isPinned) in [([], 1, true), ([9], 1, false), ([9], 2, true), ([8, 9], 2, false)] {
            var list = list()
            let holders = [1] + others.map { Int64($0) }
            list.take("/x", isDurable: true, isPinned: false, replicasMin: Int64(replicas), blocks: [(10, 5, holders)])
            #expect(list.workers["a"]?.pinnedCount == (isPinned ? 1 : 0) && list.paths == ["/x"])
            #expect(list.files.first?.isPinned == isPinned)
        }
    }
}
