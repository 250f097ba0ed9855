public import Wire

/// What we read of the definition of `alluxioruntimes.data.fluid.io`, of `apiextensions.k8s.io/v1` or `v1beta1`.
public struct RuntimeDefinition: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// Whether `v1alpha1` is served.
    public var isServed: Bool
    /// The fields that the schema names below `spec`; empty if there is no schema.
    public var specFields: Set<String>
    /// The fields that the schema names below `spec.fuse`.
    public var fuseFields: Set<String>
    /// The fields that the schema names in each of `spec.tieredstore.levels`.
    public var tierFields: Set<String>
    /// Whether fields that the schema does not name are kept.
    public var keepsUnknownFields: Bool
    /// The scale subresource; nil if there is none.
    public var scale: Scale?

    /// Where `/scale` reads and writes.
    public struct Scale: Sendable, Hashable {
        /// Such as `.spec.replicas`.
        public var specReplicasPath: String
        /// Such as `.status.currentWorkerNumberScheduled`.
        public var statusReplicasPath: String
        /// Such as `.status.selector`; nil if there is none, and then no autoscaler works.
        public var labelSelectorPath: String?

        /// Makes a scale subresource.
        public init(specReplicasPath: String, statusReplicasPath: String, labelSelectorPath: String?) {
            self.specReplicasPath = specReplicasPath
            self.statusReplicasPath = statusReplicasPath
            self.labelSelectorPath = labelSelectorPath
        }

        init(_ value: JSONValue) throws(ObjectError) {
            specReplicasPath = try value.optionalString("specReplicasPath") ?? ""
            statusReplicasPath = try value.optionalString("statusReplicasPath") ?? ""
            let path = try value.optionalString("labelSelectorPath") ?? ""
            labelSelectorPath = path.isEmpty ? nil : path
        }
    }

    /// The definition's name.
    public static let name = "alluxioruntimes.data.fluid.io"

    /// Makes a definition.
    public init(
        meta: ObjectMeta, isServed: Bool = true, specFields: Set<String> = [], fuseFields: Set<String> = [],
        tierFields: Set<String> = [], keepsUnknownFields: Bool = false, scale: Scale? = nil
    ) {
        self.meta = meta
        self.isServed = isServed
        self.specFields = specFields
        self.fuseFields = fuseFields
        self.tierFields = tierFields
        self.keepsUnknownFields = keepsUnknownFields
        self.scale = scale
    }

    /// Whether the schema has the proposal's metrics switch.
    public var hasMonitoring: Bool { specFields.contains("monitoring") }
    /// Whether the schema has the metrics switch of Fluid's releases.
    public var hasDisablePrometheus: Bool { specFields.contains("disablePrometheus") }

    /// Reads a definition; of `v1beta1` what stands beside the versions holds where a version says nothing of its own.
    public init(_ value: JSONValue) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value, keeping: .none), isServed: false)
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in
            // An element of a list has no apiVersion; only v1beta1 has `spec.version`, and always.
            let isBeta = spec.field("version") != nil
            // v1beta1 keeps unknown fields if nothing is said, v1 does not.
            keepsUnknownFields = try spec.optionalBool("preserveUnknownFields") ?? isBeta
            try read(version: spec, schemaField: "validation")
            if isBeta, let name = try spec.optionalString("version") { isServed = name == "v1alpha1" }
            _ = try spec.objects("versions") { (version) throws(ObjectError) in
                guard version["name"]?.isString("v1alpha1") == true else { return }
                isServed = try version.optionalBool("served") ?? false
                try read(version: version, schemaField: "schema")
            }
        }
    }

    private mutating func read(version: JSONValue, schemaField: StaticString) throws(ObjectError) {
        _ = try version.optionalObject("subresources") { (subresources) throws(ObjectError) in
            scale = try subresources.optionalObject("scale") { (scale) throws(ObjectError) in try Scale(scale) }
        }
        guard let schema = version.field(schemaField)?.field("openAPIV3Schema") else { return }
        let spec = schema["properties"]?["spec"]
        specFields = Self.fields(of: spec)
        fuseFields = Self.fields(of: spec?["properties"]?["fuse"])
        tierFields = Self.fields(of: spec?["properties"]?["tieredstore"]?["properties"]?["levels"]?["items"])
        for part in [schema, spec] where part?["x-kubernetes-preserve-unknown-fields"]?.bool == true {
            keepsUnknownFields = true
        }
    }

    private static func fields(of schema: JSONValue?) -> Set<String> {
        guard let properties = schema?["properties"] else { return [] }
        return Set(
            properties.members.prefix(StoreLimits.definitionFields).map { $0.name(bytesMax: StoreLimits.nameBytes) })
    }
}
