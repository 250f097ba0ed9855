/// The objects of one kind, and how far they are known.
///
/// A list marks what it sees with a new generation and then sweeps the rest away, so that the table never stands empty
/// while a list is read again.
struct StoreTable<Value: Sendable>: Sendable {
    private var entries: [ObjectKey: (value: Value, generation: UInt64)] = [:]
    private var generation: UInt64 = 0
    /// Whether all objects of this kind are known, or it is known that there is no such kind.
    private(set) var isSynced = false
    /// Whether the cluster has this kind at all.
    private(set) var isPresent = false

    var count: Int { entries.count }
    var values: [Value] { entries.values.map(\.value) }
    subscript(_ key: ObjectKey) -> Value? { entries[key]?.value }

    mutating func beginList() { generation &+= 1 }

    /// Ends a list and returns what it did not see.
    mutating func endList() -> [(key: ObjectKey, value: Value)] {
        isSynced = true
        isPresent = true
        let gone = entries.filter { $0.value.generation != generation }.map { (key: $0.key, value: $0.value.value) }
        for entry in gone { entries[entry.key] = nil }
        return gone
    }

    /// Stores a value and returns the one before.
    mutating func update(_ value: Value, for key: ObjectKey) -> Value? {
        entries.updateValue((value, generation), forKey: key)?.value
    }

    mutating func remove(_ key: ObjectKey) -> Value? { entries.removeValue(forKey: key)?.value }

    /// Forgets everything, because the cluster has no such kind (any more), and returns what there was.
    mutating func clear() -> [(key: ObjectKey, value: Value)] {
        isSynced = true
        isPresent = false
        let gone = entries.map { (key: $0.key, value: $0.value.value) }
        entries = [:]
        return gone
    }
}
