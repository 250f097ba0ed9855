public import Wire

/// What we read of Fluid's `Dataset` (`data.fluid.io/v1alpha1`), which has the name of its runtime.
public struct Dataset: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// How much data it has in the under storage, as Fluid writes it; empty before it is known.
    public var ufsTotal: String

    /// Makes a data set.
    public init(meta: ObjectMeta, ufsTotal: String = "") {
        self.meta = meta
        self.ufsTotal = ufsTotal
    }

    /// Reads a data set, with its labels alone of what people may write.
    public init(_ value: JSONValue) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value, keeping: .none))
        meta.labels = try value.storedLabels()
        ufsTotal =
            try value.optionalObject("status") { (status) throws(ObjectError) in
                try status.optionalString("ufsTotal", bytesMax: StoreLimits.statusBytes) ?? ""
            } ?? ""
    }

    /// The kind.
    public static let kind = "Dataset"
}

extension JSONValue {
    /// The object's labels, as many as a store keeps; more is an error.
    func storedLabels() throws(ObjectError) -> [String: String] {
        try optionalObject("metadata") { (meta) throws(ObjectError) in
            try meta.stringMap("labels", entriesMax: StoreLimits.labels)
        } ?? [:]
    }
}
