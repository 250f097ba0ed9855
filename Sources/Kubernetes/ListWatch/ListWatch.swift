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
        /// A watch that lived less than this and brought nothing counts as failed.
        public var shortestWatch: Duration = .seconds(1)
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
    /// Whether the running watch brought anything.
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
        case .waitingToList, .absent: state = .listing(continueToken: nil)
        case .waitingToWatch(let version, _): state = .watching(resourceVersion: version)
        case .listing, .watching: break
        }
    }

    /// A page was read, and its objects are stored; true if it was the last one, so that everything is known.
    public mutating func listed(_ page: ListPage) -> Bool {
        backoff.reset()
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
                state = .listing(continueToken: nil)
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
        watchIsFruitful = true
        watchFailures = 0
        backoff.reset()
        if case .watching = state, let version = event.resourceVersion { state = .watching(resourceVersion: version) }
    }

    /// The running watch was ended by the server, in good order, after it lived for `elapsed`.
    public mutating func watchEnded(after elapsed: Duration) {
        guard case .watching(let version) = state, !watchIsFruitful, elapsed < settings.shortestWatch else { return }
        state = .waitingToWatch(resourceVersion: version, backoff.next())
    }

    /// The watch could not be opened or broke.
    public mutating func watchFailed(_ error: ClusterError) {
        guard case .watching(let version) = state else { return }
        watchFailures += 1
        if error.isGone {
            // The version is older than what etcd still has; if that happens again at once, go slowly.
            state = watchFailures == 1 ? .listing(continueToken: nil) : .waitingToList(backoff.next())
        } else if error.isNotFound {
            // The kind is gone, or no longer served in this version: the list finds out.
            alternative = 0
            state = .listing(continueToken: nil)
        } else if watchFailures >= settings.watchFailuresMax {
            watchFailures = 0
            state = .waitingToList(backoff.next(after: error))
        } else {
            state = .waitingToWatch(resourceVersion: version, backoff.next(after: error))
        }
    }
}
