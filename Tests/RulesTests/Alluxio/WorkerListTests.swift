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

    static func counters(_ used: Int64, baseline: Int64? = 0) -> WorkerCounters {
        WorkerCounters(usedBytes: used, capacityBytes: 1000, baselineBytes: baseline, startedMilliseconds: 1)
    }

    static func read(
        _ pages: [WorkerListPage], last: WorkerListPage? = nil, _ before: WorkerCounters = counters(30),
        after: WorkerCounters? = nil
    ) throws -> WorkerReading {
        var reader = WorkerListReader(begunAt: .zero, counters: before, room: 100)
        var rest = pages[...]
        while reader.next != nil, let page = rest.popFirst() { try reader.take(page) }
        return try reader.finish(last: last ?? pages[pages.count - 1], counters: after ?? before)
    }

    @Test func `pages that agree are a reading`() throws {
        let all = try Self.read([
            Self.page(3, [Self.entry(1), Self.entry(2, persisted: false)]), Self.page(3, [Self.entry(3, pinned: true)]),
        ])
        #expect(all.fileCount == 3 && all.isComplete && all.listedBytes == 30 && !all.isEmpty)
        #expect(all.unpersistedCount == 1 && all.firstUnpersisted == "/f2" && all.firstPinned == "/f3")
        #expect(all.unexplainedBytes == 0)
        #expect(try Self.read([Self.page(0, [])], Self.counters(0)).isEmpty)
    }

    @Test func `a worker with bytes in use that no file explains is not empty`() throws {
        let upload = try Self.read([Self.page(0, [])], Self.counters(1))
        #expect(!upload.isEmpty && upload.unexplainedBytes == 1)
        let beside = try Self.read([Self.page(1, [Self.entry(1)])], Self.counters(11))
        #expect(beside.unexplainedBytes == 1)
    }

    @Test func `what an empty worker uses follows from its own configuration`() throws {
        let reserve = 2 * Int64(16 << 20)
        #expect(WorkerCounters.baseline(tiers: 2, folders: 2, isAligned: true, reserved: "16MB") == reserve)
        #expect(WorkerCounters.baseline(tiers: 2, folders: 3, isAligned: true, reserved: "1GB") == 3 << 30)
        #expect(WorkerCounters.baseline(tiers: 2, folders: 2, isAligned: false, reserved: nil) == 0)
        #expect(WorkerCounters.baseline(tiers: 1, folders: 4, isAligned: nil, reserved: nil) == 0)
        for reserved in [nil, "", "much", "16XB", "99999999999999GB"] as [String?] {
            #expect(WorkerCounters.baseline(tiers: 2, folders: 2, isAligned: true, reserved: reserved) == nil)
        }
        #expect(WorkerCounters.baseline(tiers: 2, folders: 2, isAligned: nil, reserved: "1GB") == nil)
        #expect(try Self.read([Self.page(0, [])], Self.counters(reserve, baseline: reserve)).isEmpty)
        #expect(try !Self.read([Self.page(0, [])], Self.counters(reserve + 1, baseline: reserve)).isEmpty)
        // Less than the reserve is no emptiness either: a folder fails, or this is another worker.
        #expect(throws: WorkerListError.self) {
            try Self.read([Self.page(0, [])], Self.counters(reserve - 1, baseline: reserve))
        }
        #expect(throws: WorkerListError.self) { try Self.read([Self.page(0, [])], Self.counters(0, baseline: nil)) }
    }

    @Test func `a worker that does not show its files is empty by its counters alone`() throws {
        let off = Self.page(0, nil, tiers: false)
        #expect(try Self.read([off], Self.counters(0)).isEmpty)
        let holding = try Self.read([off], Self.counters(7))
        #expect(!holding.isEmpty && holding.fileCount == nil && holding.unexplainedBytes == nil)
    }

    @Test func `whatever does not add up is unreadable`() {
        let one = [Self.entry(1)]
        let cases: [(String, [WorkerListPage], WorkerListPage?)] = [
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
            #expect(throws: WorkerListError.self, "\(name)") { try Self.read(pages, last: last) }
        }
        let moving: [(WorkerCounters, WorkerCounters)] = [
            (Self.counters(-1), Self.counters(-1)), (Self.counters(30), Self.counters(20)),
            (Self.counters(5), Self.counters(5)),
        ]
        for (before, after) in moving {
            #expect(throws: WorkerListError.self) {
                try Self.read([Self.page(1, one)], before, after: after)
            }
        }
    }

    @Test func `a page that is too large is asked for in halves, down to one file`() throws {
        var reader = WorkerListReader(begunAt: .zero, counters: Self.counters(30), room: 100)
        while let wanted = reader.next, wanted.limit > 1 { try reader.halve() }
        #expect(throws: WorkerListError.pageTooLarge) { try reader.halve() }
    }

    @Test func `of a very long list everything is counted and a bounded part kept`() throws {
        let total = 1_500
        var reader = WorkerListReader(begunAt: .zero, counters: Self.counters(15_000), room: 1_000)
        while let wanted = reader.next {
            let ids = wanted.offset..<min(wanted.offset + wanted.limit, total)
            try reader.take(Self.page(total, ids.map { Self.entry(Int64($0), persisted: $0 != total - 1) }))
        }
        let all = try reader.finish(last: Self.page(total, []), counters: Self.counters(15_000))
        #expect(all.files.count == 1_000 && all.fileCount == total && !all.isComplete)
        #expect(all.unpersistedCount == 1)
    }

    @Test func `a pod is told by node and pod address, or by its port`() {
        let host = MasterInfo.Worker(host: "10.0.0.1", containerHost: "", webPort: 20001)
        #expect(host.isPod(nodeAddress: "10.0.0.1", podAddress: "10.0.0.1", webPort: 20001))
        #expect(!host.isPod(nodeAddress: "10.0.0.1", podAddress: "10.0.0.1", webPort: 20002))
        let net = MasterInfo.Worker(host: "10.0.0.1", containerHost: "10.42.0.7", webPort: 30000)
        #expect(net.isPod(nodeAddress: "10.0.0.1", podAddress: "10.42.0.7", webPort: 30000))
        #expect(!net.isPod(nodeAddress: "10.0.0.1", podAddress: "10.42.0.8", webPort: 30000))
        #expect(!net.isPod(nodeAddress: nil, podAddress: nil, webPort: nil))
    }
}
