internal import Synchronization
internal import Wire

/// A parsed text takes several times its length: of long ones all reflectors read one at a time.
private let longTexts = Mutex(())

/// Keeps one kind of object in a store as it is in the cluster: drives a `ListWatch` until it is cancelled.
public struct Reflector<Source: Cluster>: Sendable {
    private let kind: StoredKind
    private let cluster: Source
    private let store: Store
    private let settings: ListWatch.Settings
    private let seed: UInt64
    private let onNotice: @Sendable (ReflectorNotice) -> Void

    /// Makes a reflector, with the kind's usual settings if none are given; `onNotice` is called on the task that runs it.
    public init(
        _ kind: StoredKind, from cluster: Source, to store: Store, settings: ListWatch.Settings? = nil, seed: UInt64,
        onNotice: @escaping @Sendable (ReflectorNotice) -> Void = { _ in }
    ) {
        self.kind = kind
        self.cluster = cluster
        self.store = store
        self.settings = settings ?? ListWatch.Settings(absentPollInterval: kind.absentPollInterval)
        self.seed = seed
        self.onNotice = onNotice
    }

    /// Lists and watches until the task is cancelled.
    public func run() async {
        var machine = ListWatch(
            resources: kind.resources, selection: kind.selection, settings: settings, seed: seed)
        while !Task.isCancelled {
            switch machine.next() {
            case .wait(let delay):
                do {
                    try await cluster.sleep(for: delay)
                } catch {
                    return
                }
                machine.waited()
            case .list(let request, let isFirstPage):
                await list(request, isFirstPage: isFirstPage, &machine)
            case .watch(let request, let idleLimit):
                await watch(request, idleLimit: idleLimit, &machine)
            }
        }
    }

    private func list(_ request: APIRequest, isFirstPage: Bool, _ machine: inout ListWatch) async {
        do throws(ClusterError) {
            let response = try await cluster.send(request)
            if isFirstPage { store.beginList(kind) }
            var parser = Self.parser
            try read(response.body, &parser) { (value) throws(ClusterError) in
                let page = try ListPage(value)
                try machine.check(page)
                for item in page.items { update(item) }
                guard machine.listed(page) else { return }
                store.endList(kind)
                notify(.listed(count: store.count(kind)))
            }
        } catch {
            guard !Task.isCancelled else { return }
            let wasPresent = store.isPresent(kind) || !store.isSynced(kind)
            if machine.listFailed(error) {
                store.clear(kind)
                if wasPresent { notify(.absent) }
            } else if !error.isNotFound {
                notify(.listFailed(error))
            }
        }
    }

    private func watch(_ request: APIRequest, idleLimit: Duration, _ machine: inout ListWatch) async {
        let start = cluster.monotonicTime()
        var lines = LineSplitter()
        var parser = Self.parser
        do throws(ClusterError) {
            try await cluster.watch(request, idleLimit: idleLimit) { (chunk) throws(ClusterError) in
                for line in try lines.take(chunk) {
                    try read(line, &parser) { (value) throws(ClusterError) in try apply(value, &machine) }
                }
            }
            machine.watchEnded(after: cluster.monotonicTime() - start)
        } catch {
            guard !Task.isCancelled else { return }
            machine.watchFailed(error, after: cluster.monotonicTime() - start)
            notify(.watchFailed(error))
        }
    }

    /// What is a page, or an event, has far fewer values than this; each takes memory.
    private static var parser: JSONParser {
        JSONParser(bytesMax: APIRequest.pageResponseBytesMax, valuesMax: 1_000_000)
    }

    private func read(
        _ text: [UInt8], _ parser: inout JSONParser, _ body: (JSONValue) throws(ClusterError) -> Void
    ) throws(ClusterError) {
        func parse() throws(ClusterError) {
            let value: JSONValue
            do throws(JSONError) {
                value = try parser.parse(text)
            } catch {
                throw .unreadable(error.message)
            }
            try body(value)
        }
        guard text.count > JSONParser.retainedBytesMax else { return try parse() }
        try longTexts.withLock { _ throws(ClusterError) in try parse() }
    }

    private func apply(_ value: JSONValue, _ machine: inout ListWatch) throws(ClusterError) {
        guard let event = try WatchEvent(value) else { return }
        switch event {
        case .updated(let object):
            guard store.count(kind) < settings.objectsMax || store.object(kind, Self.key(of: object)) != nil else {
                throw .unreadable("more than \(settings.objectsMax) objects")
            }
            update(object)
        case .deleted(let object): remove(object)
        case .bookmark: break
        case .failed(let error): throw error
        }
        machine.received(event)
    }

    /// Stores an object; one that can't be read or is none of ours is not kept, and an older state of it neither.
    private func update(_ object: JSONValue) {
        do throws(ObjectError) {
            if let stored = try StoredObject(object, kind: kind) {
                store.update(stored, kind: kind)
            } else {
                remove(object)
            }
        } catch {
            remove(object)
            notify(.unreadable(Self.key(of: object), error))
        }
    }

    private func remove(_ object: JSONValue) {
        store.remove(Self.key(of: object), kind: kind)
    }

    private static func key(of object: JSONValue) -> ObjectKey {
        let meta = object["metadata"]
        return ObjectKey(namespace: meta?["namespace"]?.string ?? "", name: meta?["name"]?.string ?? "")
    }

    private func notify(_ event: ReflectorNotice.Event) { onNotice(ReflectorNotice(kind: kind, event: event)) }
}

/// Something about a reflector that is worth a log line or a metric.
public struct ReflectorNotice: Sendable, Hashable {
    /// What happened.
    public enum Event: Sendable, Hashable {
        /// Everything was listed; so many objects are kept.
        case listed(count: Int)
        /// The cluster has no such kind (any more).
        case absent
        /// A list failed and is tried again.
        case listFailed(ClusterError)
        /// A watch failed and is tried again.
        case watchFailed(ClusterError)
        /// An object can't be read and is not kept.
        case unreadable(ObjectKey, ObjectError)
    }

    /// The kind that is kept.
    public var kind: StoredKind
    /// What happened.
    public var event: Event
}

/// Keeps kinds in a store, each by a reflector of its own, until the task is cancelled.
public func reflectAll<Source: Cluster>(
    _ kinds: [StoredKind] = StoredKind.base, from cluster: Source, to store: Store,
    settings: ListWatch.Settings? = nil, seed: UInt64,
    onNotice: @escaping @Sendable (ReflectorNotice) -> Void = { _ in }
) async {
    await withDiscardingTaskGroup { group in
        for (place, kind) in kinds.enumerated() {
            let reflector = Reflector(
                kind, from: cluster, to: store, settings: settings, seed: seed &+ UInt64(place), onNotice: onNotice)
            group.addTask { await reflector.run() }
        }
    }
}
