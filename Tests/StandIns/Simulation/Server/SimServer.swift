import Kubernetes
import Wire

/// The API server's objects, as it would hold them, and what has happened to them.
final class SimServer {
    /// One change of one object, as watches tell it.
    struct Change {
        var version: Int64
        var at: Int64
        var before: JSON?
        var after: JSON?
        var line: [UInt8]
    }

    private struct Entry {
        var json: JSON
        var encoded: [UInt8]
    }

    private(set) var version: Int64 = 1_000
    /// Versions before this one are forgotten: a watch from there is answered with 410.
    var oldestVersion: Int64 = 0
    private var tables: [Resource: [ObjectKey: Entry]] = [:]
    private var changes: [Resource: [Change]] = [:]
    private var uids: Int64 = 0
    private let clock: () -> Int64
    /// Told of each change, by whom it was made.
    var onChange: (Resource, ObjectKey, JSON?, JSON?, SimUser) -> Void = { _, _, _, _, _ in }
    /// Told that a resource has changed, so that its watches are served.
    var onVersion: (Resource) -> Void = { _ in }

    /// What this cluster serves.
    var served: Set<Resource>
    /// What has a status that only its own subresource writes.
    static let withStatus: Set<Resource> = [
        .alluxioRuntimes, .statefulSets, .daemonSets, .pods, .workerDrains,
    ]

    init(served: Set<Resource>, clock: @escaping () -> Int64) {
        self.served = served
        self.clock = clock
        for resource in served { tables[resource] = [:] }
    }

    // MARK: Reading

    func object(_ resource: Resource, _ key: ObjectKey) -> JSON? { tables[resource]?[key]?.json }

    func bytes(_ resource: Resource, _ key: ObjectKey) -> [UInt8]? { tables[resource]?[key]?.encoded }

    /// The objects of a namespace, or of all, by name.
    func objects(_ resource: Resource, namespace: String = "", _ selection: SimSelection? = nil) -> [(
        key: ObjectKey, json: JSON, encoded: [UInt8]
    )] {
        (tables[resource] ?? [:])
            .filter { namespace.isEmpty || $0.key.namespace == namespace }
            .filter { selection?.matches($0.value.json) ?? true }
            .sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.json, $0.value.encoded) }
    }

    /// What happened to a resource after a version, the oldest first.
    func changes(_ resource: Resource, after version: Int64) -> ArraySlice<Change> {
        let all = changes[resource] ?? []
        var start = all.count
        while start > 0, all[start - 1].version > version { start -= 1 }
        return all[start...]
    }

    // MARK: Writing

    /// Makes an object and names it.
    func create(_ resource: Resource, _ key: ObjectKey, _ object: JSON, by user: SimUser) {
        var object = object
        uids += 1
        object.set(["metadata", "name"], .string(key.name))
        if !key.namespace.isEmpty { object.set(["metadata", "namespace"], .string(key.namespace)) }
        object.set(["metadata", "uid"], .string("\(resource.plural)-\(uids)"))
        object.set(["metadata", "generation"], 1)
        object.set(["metadata", "creationTimestamp"], .string(RFC3339.seconds(clock() / 1_000)))
        store(resource, key, before: nil, object, user)
    }

    /// Changes an object, whoever does it and without asking anyone; the change is not told if there is none.
    func change(_ resource: Resource, _ key: ObjectKey, by user: SimUser = .kubernetes, _ body: (inout JSON) -> Void) {
        guard let before = object(resource, key) else { return }
        var after = before
        body(&after)
        guard after != before else { return }
        replace(resource, key, before: before, with: after, by: user)
    }

    /// Puts an object in the place of what is there.
    func replace(_ resource: Resource, _ key: ObjectKey, before: JSON, with after: JSON, by user: SimUser) {
        var after = after
        if before["spec"] != after["spec"], let generation = before.at("metadata", "generation")?.int64 {
            after.set(["metadata", "generation"], .integer(generation + 1))
        }
        store(resource, key, before: before, after, user)
    }

    /// Takes an object away.
    func remove(_ resource: Resource, _ key: ObjectKey, by user: SimUser = .kubernetes) {
        guard var before = tables[resource]?.removeValue(forKey: key)?.json else { return }
        version += 1
        before.set(["metadata", "resourceVersion"], .string("\(version)"))
        note(resource, "DELETED", before: before, after: nil, before.encoded())
        onChange(resource, key, before, nil, user)
    }

    private func store(_ resource: Resource, _ key: ObjectKey, before: JSON?, _ object: JSON, _ user: SimUser) {
        var object = object
        version += 1
        object.set(["metadata", "resourceVersion"], .string("\(version)"))
        let encoded = object.encoded()
        tables[resource, default: [:]][key] = Entry(json: object, encoded: encoded)
        note(resource, before == nil ? "ADDED" : "MODIFIED", before: before, after: object, encoded)
        onChange(resource, key, before, object, user)
    }

    private func note(_ resource: Resource, _ type: String, before: JSON?, after: JSON?, _ encoded: [UInt8]) {
        let line = Array("{\"type\":\"\(type)\",\"object\":".utf8) + encoded + Array("}\n".utf8)
        changes[resource, default: []].append(
            Change(version: version, at: clock(), before: before, after: after, line: line))
        onVersion(resource)
    }
}
