internal import Kubernetes
internal import Wire

/// The flavours that the CRD of `AlluxioRuntime` has come in.
enum CRDFlavour: String, Sendable, CaseIterable {
    /// The 2021 proposal's: `spec.monitoring`, unknown fields are kept.
    case monitoring
    /// That of Fluid's releases: `spec.disablePrometheus`, unknown fields are pruned.
    case disablePrometheus
}

/// What an API server knows of the kinds that are reviewed: the definitions that ship with this program, compiled in.
struct KnownSchemas: Sendable {
    /// What `metadata` may hold, of any kind.
    let metadata: Schema
    /// What `spec` of an AlluxioRuntime may hold.
    let runtime: Schema
    /// The definition of AlluxioRuntime that a cluster of this flavour has.
    let definition: RuntimeDefinition
    /// What `spec` of a HorizontalPodAutoscaler may hold, by version.
    let autoscalers: [String: Schema]

    init(_ flavour: CRDFlavour) {
        let crd =
            switch flavour {
            case .monitoring: PackageResources.alluxioruntimes_monitoring_yaml
            case .disablePrometheus: PackageResources.alluxioruntimes_yaml
            }
        do {
            self = try Self.read(definition: crd, kinds: PackageResources.kinds_yaml)
        } catch {
            preconditionFailure("what is compiled in can be read, as the tests say: \(error)")
        }
    }

    /// Those of a cluster that has this definition of AlluxioRuntime.
    init(cluster definition: JSON) throws {
        self = try Self.read(definition, kinds: PackageResources.kinds_yaml)
    }

    private init(metadata: Schema, runtime: Schema, definition: RuntimeDefinition, autoscalers: [String: Schema]) {
        self.metadata = metadata
        self.runtime = runtime
        self.definition = definition
        self.autoscalers = autoscalers
    }

    /// Reads a definition and the schemas of the kinds that an API server has itself.
    static func read(definition bytes: [UInt8], kinds: [UInt8]) throws -> KnownSchemas {
        try read(try document(bytes), kinds: kinds)
    }

    private static func read(_ crd: JSON, kinds: [UInt8]) throws -> KnownSchemas {
        var parser = JSONParser()
        let definition = try RuntimeDefinition(try parser.parse(crd.encoded()))
        let version = crd["spec"]?["versions"]?.elements.first { $0["name"] == "v1alpha1" }
        // Of v1beta1 the schema may stand beside the versions.
        let schema = version?["schema"] ?? crd["spec"]?["validation"]
        let spec = schema?["openAPIV3Schema"]?["properties"]?["spec"]
        let native = try document(kinds)
        var autoscalers: [String: Schema] = [:]
        for version in AutoscalerConversion.versions {
            autoscalers[version] = try Schema(native["autoscaling/\(version)"] ?? nil)
        }
        return KnownSchemas(
            metadata: try Schema(native["metadata"] ?? nil), runtime: try Schema(spec ?? nil), definition: definition,
            autoscalers: autoscalers)
    }

    private static func document(_ bytes: [UInt8]) throws -> JSON {
        guard let root = try YAMLReader.documents(bytes).first else { throw SchemaError(message: "no document") }
        return root.json
    }
}
