public import Wire

/// A `Lease` (`coordination.k8s.io/v1`), by which leaders are elected.
public struct Lease: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// Who holds it; empty if nobody does.
    public var holder: String
    /// For how long a renewal holds, in seconds.
    public var durationSeconds: Int32
    /// When it was taken, in milliseconds since 1970; nil if it never was.
    public var acquiredMilliseconds: Int64?
    /// When it was last renewed, in milliseconds since 1970; nil if it never was.
    public var renewedMilliseconds: Int64?
    /// How often it changed hands.
    public var transitions: Int32

    /// Makes a lease.
    public init(
        meta: ObjectMeta, holder: String = "", durationSeconds: Int32 = 15, acquiredMilliseconds: Int64? = nil,
        renewedMilliseconds: Int64? = nil, transitions: Int32 = 0
    ) {
        self.meta = meta
        self.holder = holder
        self.durationSeconds = durationSeconds
        self.acquiredMilliseconds = acquiredMilliseconds
        self.renewedMilliseconds = renewedMilliseconds
        self.transitions = transitions
    }

    /// Reads a lease; a time that can't be read counts as absent.
    public init(_ value: JSONValue) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value))
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in
            holder = try spec.optionalString("holderIdentity") ?? ""
            durationSeconds = try spec.optionalInt32("leaseDurationSeconds") ?? 0
            acquiredMilliseconds = try spec.optionalString("acquireTime").flatMap(RFC3339.parse)
            renewedMilliseconds = try spec.optionalString("renewTime").flatMap(RFC3339.parse)
            transitions = try spec.optionalInt32("leaseTransitions") ?? 0
        }
    }

    /// The lease as it is written; its version is the precondition of a replace, and absent on a create.
    public var json: JSON {
        var metadata: JSON = ["name": .string(meta.name), "namespace": .string(meta.namespace)]
        if !meta.resourceVersion.isEmpty { metadata["resourceVersion"] = .string(meta.resourceVersion) }
        if !meta.labels.isEmpty {
            metadata["labels"] = .object(
                meta.labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
        }
        var spec: JSON = [
            "holderIdentity": .string(holder), "leaseDurationSeconds": .integer(Int64(durationSeconds)),
            "leaseTransitions": .integer(Int64(transitions)),
        ]
        spec["acquireTime"] = acquiredMilliseconds.map { .string(RFC3339.micro($0)) }
        spec["renewTime"] = renewedMilliseconds.map { .string(RFC3339.micro($0)) }
        return ["apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec]
    }
}
