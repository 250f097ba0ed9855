internal import Synchronization

/// What is known of the cluster, indexed by what the rules ask: for loops' threads to read, for reflectors to write.
///
/// Every call may come from any thread; it holds one lock, for less than a microsecond when reading one object.
public final class Store: Sendable {
    /// A change of one object.
    public struct Change: Sendable, Hashable {
        /// The object's kind.
        public var kind: StoredKind
        /// The object.
        public var key: ObjectKey
        /// The runtime that it concerns; nil for the definition and for what concerns none.
        public var runtime: ObjectKey?
    }

    struct State: Sendable {
        var tables: [StoredKind: StoreTable<StoredObject>] = [:]
        /// The scalers of each runtime, sorted by kind and name.
        var scalers: [ObjectKey: [ScalerReference]] = [:]
        /// The names of each runtime's pods.
        var pods: [ObjectKey: Set<String>] = [:]
        /// What is served by `custom.metrics.k8s.io`.
        var customMetrics: ServedMetrics?
    }

    struct ScalerReference: Sendable, Hashable {
        var kind: StoredKind
        var scalerKind: Scaler.Kind
        var name: String

        func precedes(_ other: ScalerReference) -> Bool {
            (scalerKind.rawValue, name) < (other.scalerKind.rawValue, other.name)
        }
    }

    private let state = Mutex(State())
    private let onChange: @Sendable (Change) -> Void

    /// Makes an empty store; `onChange` is called after each change, on the writer's thread, without the lock.
    public init(onChange: @escaping @Sendable (Change) -> Void = { _ in }) {
        self.onChange = onChange
    }

    // MARK: Reading

    func readState<Result: Sendable>(_ body: (borrowing State) -> Result) -> Result { state.withLock { body($0) } }

    /// The object of this kind and key.
    public func object(_ kind: StoredKind, _ key: ObjectKey) -> StoredObject? {
        state.withLock { $0.tables[kind]?[key] }
    }

    /// The runtime of this key.
    public func runtime(_ key: ObjectKey) -> AlluxioRuntime? {
        guard case .runtime(let runtime)? = object(.runtimes, key) else { return nil }
        return runtime
    }

    /// All runtimes, sorted by key.
    public func runtimes() -> [AlluxioRuntime] {
        let all = state.withLock { $0.tables[.runtimes]?.values ?? [] }
        return all.compactMap { if case .runtime(let runtime) = $0 { runtime } else { nil } }
            .sorted { $0.meta.key < $1.meta.key }
    }

    /// The drain of this runtime.
    public func drain(_ runtime: ObjectKey) -> WorkerDrain? {
        guard case .drain(let drain)? = object(.drains, runtime) else { return nil }
        return drain
    }

    /// Everything that scales this runtime, sorted by kind and name.
    public func scalers(of runtime: ObjectKey) -> [Scaler] {
        state.withLock { state in
            guard let references = state.scalers[runtime] else { return [] }
            return references.compactMap { reference in
                let key = ObjectKey(namespace: runtime.namespace, name: reference.name)
                guard case .scaler(let scaler)? = state.tables[reference.kind]?[key] else { return nil }
                return scaler
            }
        }
    }

    /// The worker set of this key and kind, as `statefulsets` and `statefulsets/scale` name it.
    public func workerSet(_ key: ObjectKey, kind: WorkerSet.Kind) -> WorkerSet? {
        guard case .workerSet(let set)? = object(kind == .statefulSet ? .statefulSets : .daemonSets, key) else {
            return nil
        }
        return set
    }

    /// The worker set of this runtime; a stateful set wins over a daemon set that an older Fluid left behind.
    public func workerSet(of runtime: ObjectKey) -> WorkerSet? {
        let key = ObjectKey(namespace: runtime.namespace, name: AlluxioRuntime.workerSetName(of: runtime.name))
        for kind in [WorkerSet.Kind.statefulSet, .daemonSet] {
            if let set = workerSet(key, kind: kind), set.runtimeName == runtime.name { return set }
        }
        return nil
    }

    /// The definition of `AlluxioRuntime`; nil if the cluster has none, or it is not known yet.
    public var definition: RuntimeDefinition? {
        let key = ObjectKey(namespace: "", name: RuntimeDefinition.name)
        guard case .definition(let definition)? = object(.definitions, key) else { return nil }
        return definition
    }

    /// What is served by `custom.metrics.k8s.io`; nil if that is not known.
    public var customMetrics: ServedMetrics? { state.withLock { $0.customMetrics } }

    /// Whether all objects of this kind are known, or it is known that the cluster has no such kind.
    public func isSynced(_ kind: StoredKind) -> Bool { state.withLock { $0.tables[kind]?.isSynced ?? false } }

    /// Whether the cluster was seen to have this kind.
    public func isPresent(_ kind: StoredKind) -> Bool { state.withLock { $0.tables[kind]?.isPresent ?? false } }

    /// Whether all kinds are synced that admissions and drains need.
    public var isSynced: Bool {
        state.withLock { state in StoredKind.base.allSatisfy { state.tables[$0]?.isSynced ?? false } }
    }

    /// How many objects of this kind are kept.
    public func count(_ kind: StoredKind) -> Int { state.withLock { $0.tables[kind]?.count ?? 0 } }

    // MARK: Writing

    /// Notes what is served by `custom.metrics.k8s.io`.
    public func note(customMetrics served: ServedMetrics) { state.withLock { $0.customMetrics = served } }

    /// Stores an object; without a new resource version nothing changes and nobody is told.
    public func update(_ object: StoredObject, kind: StoredKind) {
        let key = object.meta.key
        let changes: [Change] = state.withLock { state in
            let old = state.tables[kind, default: StoreTable()].update(object, for: key)
            if let old, old.runtimeKey != object.runtimeKey || old.meta.uid != object.meta.uid {
                state.unlink(old, kind: kind)
            }
            state.link(object, kind: kind)
            if let old, !old.meta.resourceVersion.isEmpty, old.meta.resourceVersion == object.meta.resourceVersion {
                return []
            }
            var changes = [Change(kind: kind, key: key, runtime: object.runtimeKey)]
            // A scaler that turned to another runtime concerns both.
            if let before = old?.runtimeKey, before != object.runtimeKey {
                changes.append(Change(kind: kind, key: key, runtime: before))
            }
            return changes
        }
        changes.forEach(onChange)
    }

    /// Removes an object, because it was deleted or became none of ours.
    public func remove(_ key: ObjectKey, kind: StoredKind) {
        let gone = state.withLock { state -> StoredObject? in
            guard let old = state.tables[kind]?.remove(key) else { return nil }
            state.unlink(old, kind: kind)
            return old
        }
        if let gone { onChange(Change(kind: kind, key: key, runtime: gone.runtimeKey)) }
    }

    /// Begins a list of all objects of this kind; each is then updated, and `endList` removes the rest.
    public func beginList(_ kind: StoredKind) {
        state.withLock { $0.tables[kind, default: StoreTable()].beginList() }
    }

    /// Ends a list: what it did not see is gone, and the kind is synced.
    public func endList(_ kind: StoredKind) {
        drop(kind) { $0.endList() }
    }

    /// Notes that the cluster has no such kind: it is synced, and empty.
    public func clear(_ kind: StoredKind) {
        drop(kind) { $0.clear() }
    }

    private func drop(
        _ kind: StoredKind, _ body: (inout StoreTable<StoredObject>) -> [(key: ObjectKey, value: StoredObject)]
    ) {
        let gone = state.withLock { state in
            let gone = body(&state.tables[kind, default: StoreTable()])
            for entry in gone { state.unlink(entry.value, kind: kind) }
            return gone
        }
        for entry in gone { onChange(Change(kind: kind, key: entry.key, runtime: entry.value.runtimeKey)) }
    }
}

extension Store.State {
    mutating func link(_ object: StoredObject, kind: StoredKind) {
        if case .pod(let pod) = object, let runtime = pod.runtimeKey {
            pods[runtime, default: []].insert(pod.meta.name)
        }
        guard case .scaler(let scaler) = object else { return }
        let reference = Store.ScalerReference(kind: kind, scalerKind: scaler.kind, name: scaler.meta.name)
        let place = place(of: reference, at: scaler.runtimeKey)
        if isAt(place, reference, of: scaler.runtimeKey) { return }
        scalers[scaler.runtimeKey, default: []].insert(reference, at: place)
    }

    /// Where a reference is, or belongs, among the sorted ones of a runtime.
    private func place(of reference: Store.ScalerReference, at runtime: ObjectKey) -> Int {
        guard let references = scalers[runtime] else { return 0 }
        var range = references.startIndex..<references.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range = references[middle].precedes(reference) ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private func isAt(_ place: Int, _ reference: Store.ScalerReference, of runtime: ObjectKey) -> Bool {
        guard let references = scalers[runtime], references.indices.contains(place) else { return false }
        return references[place] == reference
    }

    mutating func unlink(_ object: StoredObject, kind: StoredKind) {
        if case .pod(let pod) = object, let runtime = pod.runtimeKey {
            pods[runtime]?.remove(pod.meta.name)
            if pods[runtime]?.isEmpty == true { pods[runtime] = nil }
        }
        guard case .scaler(let scaler) = object else { return }
        let reference = Store.ScalerReference(kind: kind, scalerKind: scaler.kind, name: scaler.meta.name)
        let place = place(of: reference, at: scaler.runtimeKey)
        guard isAt(place, reference, of: scaler.runtimeKey) else { return }
        scalers[scaler.runtimeKey]?.remove(at: place)
        if scalers[scaler.runtimeKey]?.isEmpty == true { scalers[scaler.runtimeKey] = nil }
    }
}
