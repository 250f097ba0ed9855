import Autoscaler
import Rules
import Synchronization
import Testing

@testable import Controller
@testable import Kubernetes

/// An hour of a load that rises, holds and falls: the figures as they are told, an HPA's arithmetic, and a cache from which
/// drains take what the leaving worker holds, which its readers bring back to the others.
@Suite struct `Over an hour of load` {
    private static let mebibyte: Int64 = 1 << 20
    private static let quota: Int64 = 1 << 30
    private let key = ObjectKey(namespace: "data", name: "hbase")

    /// What happened: the count at each change.
    struct Course {
        var counts: [(second: Int, count: Int)] = []
        /// How often the direction turned.
        var turns: Int {
            let steps = zip(counts, counts.dropFirst()).map { $1.count - $0.count }
            return zip(steps, steps.dropFirst()).count { ($0 > 0) != ($1 > 0) }
        }
    }

    /// How much data is read over and over, in MiB, at a second.
    func load(_ second: Int, least: Int64, isSudden: Bool) -> Int64 {
        switch second {
        case ..<1_200: Int64(350 + second * 3)
        case ..<2_100: 3_950
        default: isSudden ? least : max(least, Int64(3_950 - (second - 2_100) * 5))
        }
    }

    /// Plays the hour; `isHeld` is whether drains are told of, as the product does.
    func play(target: Double, least: Int64, refill: Int64, window: Int, isSudden: Bool, isHeld: Bool) async throws
        -> Course
    {
        let cluster = FigureCluster()
        let store = Store()
        let book = FigureBook(freshFor: .seconds(30), store: store)
        let poller = FigurePoller(
            cluster: cluster, store: store, settings: FigureSettings(seed: 1), book: book, metrics: Metrics()
        ) { _ in }
        try FigureSamples.addCache("hbase", workers: 1, to: store)
        var autoscaler = AutoscalerModel(minimum: 1, maximum: 8, window: window)
        var used: [Int64] = [0]
        var wanted = 1, drainedFor = -1, cooledFor = -1
        var course = Course(counts: [(0, 1)])

        func tell(_ state: String) throws {
            guard isHeld else { return }
            try FigureSamples.setDrain("hbase", #"{"state":"\#(state)","outcome":"Removed"}"#, to: store)
            poller.noteChange(.init(kind: .drains, key: key, runtime: key))
        }

        for second in 0..<3_600 {
            // Readers bring back what is missing; what is no longer read is deleted.
            let data = load(second, least: least, isSudden: isSudden) * Self.mebibyte
            let room = data - used.reduce(0, +)
            let share = min(room, refill * Self.mebibyte) / Int64(used.count)
            for index in used.indices where drainedFor < 0 || index < used.count - 1 {
                used[index] = min(max(used[index] + share, 0), Self.quota)
            }
            // The drain: five seconds of freeing, then the worker goes, then a minute of rest.
            if drainedFor >= 0 {
                drainedFor += 1
                used[used.count - 1] = used[used.count - 1] * Int64(max(0, 5 - drainedFor)) / 5
                if drainedFor == 8 {
                    used.removeLast()
                    store.remove(ObjectKey(namespace: "data", name: "hbase-worker-\(used.count)"), kind: .pods)
                    (drainedFor, cooledFor) = (-1, 0)
                    try tell("CoolingDown")
                }
            } else if cooledFor >= 0 {
                cooledFor += 1
                if cooledFor == 60 {
                    cooledFor = -1
                    try tell("Idle")
                }
            } else if wanted < used.count {
                drainedFor = 0
                try tell("Freeing")
            }
            while wanted > used.count, drainedFor < 0 {
                let name = "hbase-worker-\(used.count)"
                let pod = FigureSamples.pod(name, of: "hbase", role: "alluxio-worker", address: "10.1.1.\(used.count)")
                try FigureSamples.put(pod, .pods, into: store)
                used.append(0)
            }
            if second % 15 == 7 {
                let page = FigureSamples.page(used.map { $0 / Self.mebibyte }, quota: Self.quota / Self.mebibyte)
                cluster.state.withLock { $0.masters["hbase"] = page }
                await poller.look(key)
            }
            if second % 15 == 14 {
                let percent = book.entry(key, at: cluster.monotonicTime())?.figures.whole.percent
                wanted = autoscaler.desired(
                    second: second, replicas: wanted, readyPods: used.count, current: percent.map(Double.init),
                    wanted: target)
                if wanted != course.counts.last?.count { course.counts.append((second, wanted)) }
            }
            cluster.pass(.seconds(1))
        }
        return course
    }

    /// How far the load falls, in MiB: to where it needs one worker, some, and one less than before.
    static let leasts: [Int64] = [600, 1_300, 2_000, 3_360]

    @Test(arguments: [90.0, 70.0, 50.0], [0, 60])
    func `workers come while it rises, stay while it holds, and go while it falls`(target: Double, window: Int)
        async throws
    {
        for least in Self.leasts {
            for (refill, isSudden) in [(5, true), (5, false), (40, true), (40, false)] as [(Int64, Bool)] {
                let course = try await play(
                    target: target, least: least, refill: refill, window: window, isSudden: isSudden, isHeld: true)
                let inHold = course.counts.filter { (1_440..<2_100).contains($0.second) }
                #expect(course.turns <= 1 && inHold.isEmpty, "\(least), \(refill), \(isSudden): \(course.counts)")
                #expect(course.counts.map(\.count).max() ?? 0 >= 4, "\(course.counts)")
            }
        }
    }

    /// The reason for all this: what the drain took is missing for as long as readers need to bring it back.
    @Test func `they would go and come back if a drain's own space counted as unused`() async throws {
        let course = try await play(target: 90, least: 2_000, refill: 5, window: 0, isSudden: true, isHeld: false)
        #expect(course.turns > 1, "\(course.counts)")
    }
}
