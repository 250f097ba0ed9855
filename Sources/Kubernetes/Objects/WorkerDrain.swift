public import Wire

/// The object that says how the drain of a runtime's workers goes (`sluice.dev/v1alpha1`), of the runtime's name.
///
/// What stands in it is kept as it was read: the controller writes it and reads it, and knows what it means.
public struct WorkerDrain: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// `spec`: what is drained.
    public var spec: JSON
    /// `status`: how far it is; empty before the first write.
    public var status: JSON

    /// Makes one.
    public init(meta: ObjectMeta, spec: JSON = [:], status: JSON = [:]) {
        self.meta = meta
        self.spec = spec
        self.status = status
    }

    /// Reads one.
    public init(_ value: JSONValue) throws(ObjectError) {
        meta = try ObjectMeta(of: value, keeping: .none)
        spec = value.field("spec").map { JSON($0) } ?? [:]
        status = value.field("status").map { JSON($0) } ?? [:]
    }

    /// The kind.
    public static let kind = "WorkerDrain"
}
