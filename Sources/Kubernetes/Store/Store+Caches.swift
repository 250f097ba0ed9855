extension Store {
    /// The pods of this runtime's cache, sorted by name; none where figures are not kept.
    public func pods(of runtime: ObjectKey) -> [CachePod] {
        lookUp(.pods, namespace: runtime.namespace) { $0.pods[runtime] ?? [] }.compactMap {
            if case .pod(let pod) = $0 { pod } else { nil }
        }
    }

    /// The pod of this key, if it is a cache's.
    public func pod(_ key: ObjectKey) -> CachePod? {
        guard case .pod(let pod)? = object(.pods, key) else { return nil }
        return pod
    }

    /// The pods of all caches in a namespace, sorted by name.
    public func pods(in namespace: String) -> [CachePod] {
        objects(.pods, in: namespace).compactMap { if case .pod(let pod) = $0 { pod } else { nil } }
    }

    /// The objects of a kind in a namespace, sorted by name.
    public func objects(_ kind: StoredKind, in namespace: String) -> [StoredObject] {
        readState { $0.tables[kind]?.values.filter { $0.meta.namespace == namespace } ?? [] }
            .sorted { $0.meta.name < $1.meta.name }
    }

    /// The data set of this runtime's name.
    public func dataset(_ runtime: ObjectKey) -> Dataset? {
        guard case .dataset(let dataset)? = object(.datasets, runtime) else { return nil }
        return dataset
    }

    /// The runtimes that something scales, in no order.
    public func scaledRuntimes() -> [ObjectKey] { readState { Array($0.scalers.keys) } }

    private func lookUp(
        _ kind: StoredKind, namespace: String, _ names: (borrowing State) -> Set<String>
    ) -> [StoredObject] {
        readState { state in
            names(state).sorted().compactMap { state.tables[kind]?[ObjectKey(namespace: namespace, name: $0)] }
        }
    }
}
