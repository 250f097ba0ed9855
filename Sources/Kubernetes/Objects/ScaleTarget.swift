internal import Wire

/// What an autoscaler scales.
public struct ScaleTarget: Sendable, Hashable {
    /// The API group; empty for the core group, and where `apiVersion` is left out.
    public var group: String
    /// The kind; empty where it is left out.
    public var kind: String
    /// The name, in the autoscaler's namespace.
    public var name: String

    /// Makes a target.
    public init(group: String, kind: String, name: String) {
        self.group = group
        self.kind = kind
        self.name = name
    }

    init(_ value: JSONValue) throws(ObjectError) {
        group = APIVersion.group(try value.optionalString("apiVersion", bytesMax: StoreLimits.nameBytes) ?? "")
        kind = try value.optionalString("kind", bytesMax: StoreLimits.nameBytes) ?? ""
        name = try value.optionalString("name", bytesMax: StoreLimits.nameBytes) ?? ""
    }

    /// Reads `spec.scaleTargetRef`; nil if there is none.
    init?(of value: JSONValue) throws(ObjectError) {
        let target = try value.optionalObject("spec") { (spec) throws(ObjectError) in
            try spec.optionalObject("scaleTargetRef") { (target) throws(ObjectError) in try ScaleTarget(target) }
        }
        guard let target = target ?? nil else { return nil }
        self = target
    }

    /// Whether it is an `AlluxioRuntime`; a target without `apiVersion` is judged by its kind.
    public var isAlluxioRuntime: Bool {
        kind == AlluxioRuntime.kind && (group.isEmpty || group == AlluxioRuntime.group)
    }
}
