import Rules
import Testing

@Suite struct `A worker's own list` {
    static func entry(_ id: Int64, persisted: Bool = true, pinned: Bool = false) -> WorkerListPage.Entry {
        .init(id: id, file: HeldFile(path: AlluxioPath("/f\(id)"), bytes: 10, isPersisted: persisted, isPinned: pinned))
    }

    static func page(_ total: Int?, _ entries: [WorkerListPage.Entry]?, error: String? = "", tiers: Bool = true)
        -> WorkerListPage
    {
        WorkerListPage(totalFiles: total, fatalError: error, hasTierAliases: tiers, entries: entries)
    }

    static let used = WorkerStorage(usedBytes: 30, tierCount: 1, folderCount: 1)

    static func read(_ pages: [WorkerListPage], last: WorkerListPage? = nil, storage: WorkerStorage = used) throws
        -> WorkerHolding
    {
        var reader = WorkerListReader()
        var rest = pages[...]
        while reader.nextOffset != nil, let page = rest.popFirst() {
            try reader.take(page)
        }
        return try reader.finish(last: last ?? pages[pages.count - 1], storage: storage)
    }

    @Test func `pages that agree are a holding`() throws {
        let all = try Self.read([
            Self.page(3, [Self.entry(1), Self.entry(2, persisted: false)]), Self.page(3, [Self.entry(3, pinned: true)]),
        ])
        #expect(all.fileCount == 3 && all.isComplete && all.listedBytes == 30 && !all.isEmpty)
        #expect(
            all.unpersistedCount == 1 && all.firstUnpersisted == "/f2" && all.firstPinned == "/f3"
                && !all.isKnownPersisted)
        let none = try Self.read([Self.page(0, [])], storage: WorkerStorage(usedBytes: 0, tierCount: 1, folderCount: 1))
        #expect(none.isEmpty && none.isKnownPersisted)
    }

    @Test func `a worker with bytes in use and no file is neither empty nor persisted`() throws {
        let upload = try Self.read(
            [Self.page(0, [])], storage: WorkerStorage(usedBytes: 1, tierCount: 1, folderCount: 1))
        #expect(!upload.isEmpty && !upload.isKnownPersisted)
        let beside = try Self.read(
            [Self.page(1, [Self.entry(1)])], storage: WorkerStorage(usedBytes: 11, tierCount: 1, folderCount: 1))
        #expect(!beside.isKnownPersisted)
    }

    @Test func `several tiers reserve a gibibyte a folder`() throws {
        let reserved = WorkerStorage(usedBytes: 3 << 30, tierCount: 2, folderCount: 3)
        #expect(try Self.read([Self.page(0, [])], storage: reserved).isEmpty)
        let more = WorkerStorage(usedBytes: 3 << 30 + 1, tierCount: 2, folderCount: 3)
        #expect(try !Self.read([Self.page(0, [])], storage: more).isEmpty)
        #expect(WorkerStorage(usedBytes: 0, tierCount: 1, folderCount: 4).baselineBytes == 0)
    }

    @Test func `whatever does not add up is unreadable`() {
        let one = [Self.entry(1)]
        let cases: [(String, [WorkerListPage], WorkerListPage?)] = [
            ("switched off", [Self.page(0, nil, tiers: false)], nil),
            ("master dead", [Self.page(229, [])], nil),
            ("fatal", [Self.page(0, nil, error: "fromIndex(50) > toIndex(0)")], nil),
            ("no fatalError", [Self.page(0, [], error: nil)], nil),
            ("no total", [Self.page(nil, [])], nil),
            ("negative", [Self.page(-1, [])], nil),
            ("null with a total", [Self.page(2, nil)], nil),
            ("too few", [Self.page(2, one), Self.page(2, one)], nil),
            ("moved between pages", [Self.page(2, one), Self.page(3, [Self.entry(2)])], nil),
            ("moved at the end", [Self.page(1, one)], Self.page(2, [])),
            ("emptied at the end", [Self.page(1, one)], Self.page(0, [])),
            ("too many", [Self.page(1, [Self.entry(1), Self.entry(2)])], nil),
            ("switched off at the end", [Self.page(0, [])], Self.page(0, nil, tiers: false)),
            ("absurd", [Self.page(Int.max, one)], nil),
        ]
        for (name, pages, last) in cases {
            #expect(throws: WorkerListReader.Unreadable.self, "\(name)") { try Self.read(pages, last: last) }
        }
        #expect(throws: WorkerListReader.Unreadable.self) {
            try Self.read([Self.page(0, [])], storage: WorkerStorage(usedBytes: -1, tierCount: 1, folderCount: 1))
        }
    }

    @Test func `of a very long list everything is counted and a bounded part kept`() throws {
        let total = WorkerListReader.pathsMaximum + 500
        var reader = WorkerListReader()
        while let offset = reader.nextOffset {
            let ids = offset..<min(offset + WorkerListReader.pageLimit, total)
            try reader.take(Self.page(total, ids.map { Self.entry(Int64($0), persisted: $0 != total - 1) }))
        }
        let all = try reader.finish(last: Self.page(total, []), storage: Self.used)
        #expect(all.files.count == WorkerListReader.pathsMaximum && all.fileCount == total && !all.isComplete)
        #expect(all.unpersistedCount == 1)
    }

    @Test func `a pod is told by node and pod address, or by its port`() {
        let host = MasterInfo.Worker(host: "10.0.0.1", containerHost: "", webPort: 20001, usedBytes: 0)
        #expect(host.isPod(nodeAddress: "10.0.0.1", podAddress: "10.0.0.1", webPort: 20001))
        #expect(!host.isPod(nodeAddress: "10.0.0.1", podAddress: "10.0.0.1", webPort: 20002))
        let net = MasterInfo.Worker(host: "10.0.0.1", containerHost: "10.42.0.7", webPort: 30000, usedBytes: 0)
        #expect(net.isPod(nodeAddress: "10.0.0.1", podAddress: "10.42.0.7", webPort: 30000))
        #expect(!net.isPod(nodeAddress: "10.0.0.1", podAddress: "10.42.0.8", webPort: 30000))
        #expect(!net.isPod(nodeAddress: nil, podAddress: nil, webPort: nil))
    }
}
