/// When to list and when to watch one kind of object: a pure machine, told what happened, asked what to do.
///
/// Call `next()`, do what it says, tell it what came of that by one of the other methods, and so on.
public struct ListWatch: Sendable {
    /// Where the machine stands.
    public enum State: Sendable, Hashable {
        /// A list is to be read, or the next page of one that was begun.
        case listing(continueToken: String?)
        /// Everything up to this version is known; a watch is to be opened from there, or runs.
        case watching(resourceVersion: String)
        /// A list failed; it is read again after a delay.
        case waitingToList(Duration)
        /// A watch failed or ended at once; it is opened again after a delay, from the same version.
        case waitingToWatch(resourceVersion: String, Duration)
        /// The cluster has no such kind; it is looked for again after a delay.
        case absent(Duration)
    }

    /// What is to be done next.
    public enum Action: Sendable, Hashable {
        /// Send this list; `isFirstPage` says that a new list begins with it.
        case list(APIRequest, isFirstPage: Bool)
        /// Open this watch, and give up on it if nothing comes for `idleLimit`.
        case watch(APIRequest, idleLimit: Duration)
        /// Wait.
        case wait(Duration)
    }

    /// Limits and times.
    public struct Settings: Sendable, Hashable {
        /// How many objects a page of a list has at most.
        public var pageLimit = 200
        /// How often a kind that the cluster does not have is looked for.
        public var absentPollInterval: Duration
        /// The shortest time after which the server is asked to end a watch; the longest is twice that.
        public var watchSeconds = 240
        /// How much longer than that a silent watch is waited for.
        public var idleMargin: Duration = .seconds(30)
        /// A watch that lived less than this and brought no change counts as failed; a bookmark is no change.
        public var shortestWatch: Duration = .seconds(1)
        /// How many shorter watches in a row may bring changes before the next one is waited for.
        public var shortWatchesMax = 5
        /// After a watch that lived so long the delays are short again.
        public var calmWatch: Duration = .seconds(10)
        /// The most objects of a list; one that goes on does not end.
        public var objectsMax = 100_000
        /// After how many failed watches in a row everything is listed again.
        public var watchFailuresMax = 5

        /// Makes the usual settings.
        public init(absentPollInterval: Duration = .seconds(10)) {
            self.absentPollInterval = absentPollInterval
        }
    }

    /// Where the machine stands.
    public private(set) var state: State = .listing(continueToken: nil)
    /// The resource that is asked for: of several that hold the same objects the first that the cluster has.
    public var resource: Resource { resources[min(alternative, resources.count - 1)] }

    private let resources: [Resource]
    private let selection: Selection
    private let settings: Settings
    private var alternative = 0
    private var pageLimit: Int
    private var jitter: Jitter
    private var backoff: Backoff
    private var watchFailures = 0
    /// How often in a row a version was too old, and a watch was short.
    private var goneInARow = 0
    private var shortWatches = 0
    /// How many objects the list has so far.
    private var listedObjects = 0
    /// Whether the running watch brought a change.
    private var watchIsFruitful = false

    /// Makes a machine for objects that one of these resources holds, the better one first; at least one.
    public init(
        resources: [Resource], selection: Selection = Selection(), settings: Settings = Settings(), seed: UInt64
    ) {
        precondition(!resources.isEmpty, "a machine has something to list")
        self.resources = resources
        self.selection = selection
        self.settings = settings
        pageLimit = max(1, settings.pageLimit)
        jitter = Jitter(seed: seed)
        backoff = Backoff(jitter: Jitter(seed: jitter.next()))
    }

    /// What is to be done now.
    public mutating func next() -> Action {
        switch state {
        case .listing(let token):
            return .list(
                .list(resource, selection: selection, limit: pageLimit, continueToken: token), isFirstPage: token == nil
            )
        case .watching(let version):
            watchIsFruitful = false
            // Different ends, so that not all watches of all clients begin anew at the same moment.
            let seconds = Int(Double(settings.watchSeconds) * jitter.fraction(in: 1...2))
            return .watch(
                .watch(resource, selection: selection, resourceVersion: version, timeoutSeconds: seconds),
                idleLimit: .seconds(seconds) + settings.idleMargin)
        case .waitingToList(let delay), .waitingToWatch(_, let delay), .absent(let delay):
            return .wait(delay)
        }
    }

    /// A delay is over.
    public mutating func waited() {
        switch state {
        case .waitingToList, .absent: beginList()
        case .waitingToWatch(let version, _): state = .watching(resourceVersion: version)
        case .listing, .watching: break
        }
    }

    private mutating func beginList() {
        listedObjects = 0
        state = .listing(continueToken: nil)
    }

    /// Throws if a page belongs to a list that does not end: it leads nowhere, back, or too far.
    ///
    /// Call it before `listed`.
    public func check(_ page: ListPage) throws(ClusterError) {
        guard let token = page.continueToken, case .listing(let asked) = state else { return }
        if token == asked || page.itemCount == 0 {
            throw .unreadable("a list that does not end: it goes on where it was before")
        }
        if listedObjects + page.itemCount > settings.objectsMax {
            throw .unreadable("a list that does not end: it has more than \(settings.objectsMax) objects")
        }
    }

    /// A page was read, and its objects are stored; true if it was the last one, so that everything is known.
    public mutating func listed(_ page: ListPage) -> Bool {
        listedObjects += page.itemCount
        if let token = page.continueToken {
            state = .listing(continueToken: token)
            return false
        }
        watchFailures = 0
        state = .watching(resourceVersion: page.resourceVersion)
        return true
    }

    /// A list failed; true if the cluster has no such kind, so that the store is to be cleared.
    public mutating func listFailed(_ error: ClusterError) -> Bool {
        if error.isNotFound {
            if alternative + 1 < resources.count {
                alternative += 1
                beginList()
                return false
            }
            alternative = 0
            state = .absent(settings.absentPollInterval * jitter.fraction(in: 0.8...1.2))
            return true
        }
        if case .tooLarge = error, pageLimit > 1 {
            pageLimit /= 2
        }
        // What was read of the list so far is of no use: its remaining pages may be gone.
        state = .waitingToList(backoff.next(after: error))
        return false
    }

    /// An event of the running watch is stored.
    mutating func received(_ event: WatchEvent) {
        if case .bookmark = event {} else { watchIsFruitful = true }
        if case .watching = state, let version = event.resourceVersion { state = .watching(resourceVersion: version) }
    }

    /// The running watch was ended by the server, in good order, after it lived for `elapsed`.
    public mutating func watchEnded(after elapsed: Duration) {
        lived(elapsed)
        guard case .watching(let version) = state, elapsed < settings.shortestWatch else { return }
        shortWatches += 1
        if watchIsFruitful && shortWatches <= settings.shortWatchesMax { return }
        state = .waitingToWatch(resourceVersion: version, backoff.next())
    }

    /// Forgets earlier failures if a watch lived long: what it brought does not matter, since a server that fails in a
    /// circle can bring anything.
    private mutating func lived(_ elapsed: Duration) {
        if elapsed >= settings.shortestWatch {
            watchFailures = 0
            shortWatches = 0
        }
        if elapsed >= settings.calmWatch {
            goneInARow = 0
            backoff.reset()
        }
    }

    /// The watch could not be opened, or broke after it lived for `elapsed`.
    public mutating func watchFailed(_ error: ClusterError, after elapsed: Duration = .zero) {
        let failures = watchFailures
        lived(elapsed)
        // One that was silent to its end may never have been heard: such ones are no proof that nothing happens.
        if !watchIsFruitful { watchFailures = failures }
        guard case .watching(let version) = state else { return }
        watchFailures += 1
        if error.isGone {
            // The version is older than what etcd still has; if that happens again, go slowly.
            goneInARow += 1
            if goneInARow == 1 { beginList() } else { state = .waitingToList(backoff.next()) }
        } else if error.isNotFound {
            // The kind is gone, or no longer served in this version: the list finds out.
            alternative = 0
            goneInARow += 1
            if goneInARow == 1 { beginList() } else { state = .waitingToList(backoff.next()) }
        } else if watchFailures >= settings.watchFailuresMax {
            watchFailures = 0
            state = .waitingToList(backoff.next(after: error))
        } else {
            state = .waitingToWatch(resourceVersion: version, backoff.next(after: error))
        }
    }
}
