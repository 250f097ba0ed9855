public import Kubernetes
public import Rules
internal import Synchronization

/// The last figures of each cache, and how old they are.
///
/// Safe to use from any thread. What is older than two intervals is not told: whoever scales by it would scale by a number
/// that is no longer true, and knows what to do without one.
public final class FigureBook: Sendable {
    /// Figures, and when they were had.
    public struct Entry: Sendable {
        /// The figures.
        public var figures: CacheFigures
        /// When the cache was asked, by the monotonic clock.
        public var askedAt: Duration
        /// The same by the wall clock, in milliseconds since 1970.
        public var askedMilliseconds: Int64
    }

    /// What is kept of one cache.
    private struct Page {
        /// When the master started that was read last.
        ///
        /// Of a page nothing else is kept but figures: its workers are anybody's text of up to megabytes.
        var startedMilliseconds: Int64?
        /// The figures of the last looks as the cache had them, the last one at the end.
        var looks: [Look] = []
        /// What each worker had counted when it was asked last, by pod, and when that is asked again.
        var counters: [String: WorkerTraffic] = [:]
        var countsDueAt = Duration.zero
        /// Until when it is asked though nothing scales it.
        var wantedUntil: Duration?
        var drain: DrainView?
        var floor: DrainFloor?
        /// Why the last look failed; nil if it did not.
        var trouble: String?
    }

    private struct Look {
        var entry: Entry
        /// How long the master had not heard of a worker, by pod.
        var silences: [String: Duration]
        /// Which pod it ran in and where, by the pod's name: one that is made again has the name, and none of the cache.
        var places: [String: Place]
    }

    private struct Place: Hashable {
        var uid: String
        var address: String

        init(_ pod: CachePod) { (uid, address) = (pod.meta.uid, pod.podIP) }
    }

    /// How many looks are kept: a drain may have begun to free in the last one.
    private static let looksMax = 2

    private let freshFor: Duration
    private let store: Store
    private let pages: Mutex<[ObjectKey: Page]> = Mutex([:])

    /// Makes an empty book.
    ///
    /// - Parameter store: which pods there are, which is known sooner than what the cache says of them.
    public init(freshFor: Duration, store: Store) {
        self.freshFor = freshFor
        self.store = store
    }

    /// What may be told of a cache now; nil if nothing.
    public func entry(_ key: ObjectKey, at now: Duration) -> Entry? {
        pages.withLock { $0[key] }.flatMap { told($0, of: key, at: now) }
    }

    /// What may be told of all caches now, sorted by key.
    public func entries(at now: Duration) -> [(key: ObjectKey, entry: Entry)] {
        pages.withLock { $0 }.compactMap { key, page in
            told(page, of: key, at: now).map { (key, withCounters($0, page)) }
        }
        .sorted { $0.key < $1.key }
    }

    /// Why nothing newer can be told of a cache; nil if the last look succeeded.
    public func trouble(_ key: ObjectKey) -> String? { pages.withLock { $0[key]?.trouble } }

    /// How many caches are kept.
    public var count: Int { pages.withLock { $0.count } }

    /// Leaves out what is stale, holds up what a drain has freed, and counts the room of the pods that are ready now.
    private func told(_ page: Page, of key: ObjectKey, at now: Duration) -> Entry? {
        guard let look = page.looks.last, now - look.entry.askedAt <= freshFor else { return nil }
        var entry = look.entry
        let age = now - entry.askedAt
        entry.figures.workers.removeAll { age + (look.silences[$0.pod] ?? .zero) > freshFor }
        let pods = store.pods(of: key).filter { $0.role == .worker && !$0.hasEnded }
        let moved = Set(pods.lazy.filter { Place($0) != look.places[$0.meta.name] }.map(\.meta.name))
        entry.figures.workers.removeAll { moved.contains($0.pod) }
        if let floor = page.floor, floor.holds(at: now) {
            // A worker that has just gone is no room any more.
            let names = Set(pods.lazy.map(\.meta.name))
            entry.figures.workers.removeAll { !names.contains($0.pod) }
            entry.figures = floor.applied(to: entry.figures)
        }
        entry.figures = entry.figures.withRoom(of: Set(pods.lazy.filter(\.isReady).map(\.meta.name)))
        return entry
    }

    /// Adds what each worker had counted when it was asked last.
    private func withCounters(_ entry: Entry, _ page: Page) -> Entry {
        var entry = entry
        for index in entry.figures.workers.indices {
            entry.figures.workers[index].counters = page.counters[entry.figures.workers[index].pod]
        }
        return entry
    }

    // MARK: Writing

    /// Notes what a cache said when it was asked.
    func note(
        _ reading: CacheReading, workers: [(pod: String, worker: CacheReading.Worker)], of key: ObjectKey,
        askedAt: Duration, milliseconds: Int64
    ) {
        var figures = CacheFigures(
            whole: reading.whole,
            workers: workers.map { CacheFigures.Worker(pod: $0.pod, use: $0.worker.use) }.sorted { $0.pod < $1.pod })
        figures.reads = reading.reads
        let silences = Dictionary(
            workers.map { ($0.pod, Duration.seconds($0.worker.silentSeconds)) }, uniquingKeysWith: { $1 })
        let places = Dictionary(store.pods(of: key).map { ($0.meta.name, Place($0)) }, uniquingKeysWith: { $1 })
        pages.withLock { pages in
            var page = pages[key, default: Page()]
            // Counters of another start of the master are not compared.
            if page.startedMilliseconds == reading.startedMilliseconds,
                let before = page.looks.last?.entry.figures.reads
            {
                figures.hitRatio = reading.reads?.hitRatio(since: before)
            }
            page.startedMilliseconds = reading.startedMilliseconds
            page.trouble = nil
            let entry = Entry(figures: figures, askedAt: askedAt, askedMilliseconds: milliseconds)
            page.looks =
                page.looks.suffix(Self.looksMax - 1) + [
                    Look(entry: entry, silences: silences, places: places)
                ]
            pages[key] = page
        }
    }

    /// When the workers of a cache are asked again for what they have counted.
    func countsDueAt(_ key: ObjectKey) -> Duration { pages.withLock { $0[key]?.countsDueAt ?? .zero } }

    /// Notes what the workers of a cache have counted; those that did not say are left out.
    func note(counters: [String: WorkerTraffic], of key: ObjectKey, dueAt: Duration) {
        pages.withLock { pages in
            pages[key]?.counters = counters
            pages[key]?.countsDueAt = dueAt
        }
    }

    /// Notes why a cache could not be asked; whether that is another reason than before.
    func note(trouble: String, of key: ObjectKey) -> Bool {
        pages.withLock { pages in
            let isNew = pages[key]?.trouble != trouble
            pages[key, default: Page()].trouble = trouble
            return isNew
        }
    }

    /// Notes how the drain of a cache goes, nil if there is none, and says whether a floor came or went.
    func note(drain: DrainView?, of key: ObjectKey, at now: Duration) -> Bool {
        pages.withLock { pages in
            guard var page = pages[key], page.drain != drain || page.floor != nil else { return false }
            let had = page.floor != nil
            page.drain = drain
            if let drain, drain.isFreeing {
                var floor =
                    page.floor
                    ?? DrainFloor(
                        before: page.looks.map { ($0.entry.askedAt, $0.entry.figures) }, at: now)
                floor.blockedSince = drain.isBlocked ? floor.blockedSince ?? now : nil
                page.floor = floor
            } else {
                page.floor = nil
            }
            pages[key] = page
            return had != (page.floor != nil)
        }
    }

    /// Notes that somebody wants a cache's figures; whether there is room for it.
    func want(_ key: ObjectKey, until time: Duration, runtimesMax: Int) -> Bool {
        pages.withLock { pages in
            guard pages[key] != nil || pages.count < runtimesMax else { return false }
            pages[key, default: Page()].wantedUntil = time
            return true
        }
    }

    /// Whether somebody wanted a cache's figures not long ago.
    func isWanted(_ key: ObjectKey, at now: Duration) -> Bool {
        pages.withLock { $0[key]?.wantedUntil.map { now < $0 } ?? false }
    }

    /// Forgets a cache that nobody needs any more.
    func forget(_ key: ObjectKey) { pages.withLock { $0[key] = nil } }
}
