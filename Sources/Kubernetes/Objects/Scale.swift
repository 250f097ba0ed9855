public import Wire

/// What we read of an `autoscaling/v1` `Scale`, which carries neither labels nor annotations.
public struct Scale: Sendable, Hashable {
    /// Its metadata: name, namespace and version of the object behind it.
    public var meta: ObjectMeta
    /// How many replicas are asked for; an absent field means 0, as Go leaves a 0 out.
    public var replicas: Int32
    /// How many replicas there are.
    public var currentReplicas: Int32
    /// The selector; empty if there is none.
    public var selector: String

    /// Makes a scale.
    public init(meta: ObjectMeta, replicas: Int32, currentReplicas: Int32 = 0, selector: String = "") {
        self.meta = meta
        self.replicas = replicas
        self.currentReplicas = currentReplicas
        self.selector = selector
    }

    /// Reads a scale.
    public init(_ value: JSONValue) throws(ObjectError) {
        meta = try ObjectMeta(of: value)
        replicas =
            try value.optionalObject("spec") { (spec) throws(ObjectError) in
                try spec.optionalInt32("replicas") ?? 0
            } ?? 0
        let status = try value.optionalObject("status") { (status) throws(ObjectError) in
            (try status.optionalInt32("replicas") ?? 0, try status.optionalString("selector") ?? "")
        }
        currentReplicas = status?.0 ?? 0
        selector = status?.1 ?? ""
    }
}
