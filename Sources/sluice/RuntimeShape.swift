internal import Kubernetes
internal import Wire

/// The flavours that the CRD of `AlluxioRuntime` has come in.
enum CRDFlavour: String, Sendable, CaseIterable {
    /// The 2021 proposal's: `spec.monitoring`, unknown fields are kept.
    case monitoring
    /// That of Fluid's releases: `spec.disablePrometheus`, unknown fields are pruned.
    case disablePrometheus
}

/// Which fields the CRD of `AlluxioRuntime` names: what an API server keeps of a manifest.
///
/// The same fields as in webhook-config/crds; a test compares them.
indirect enum RuntimeShape: Sendable, Equatable {
    /// Whatever is there is kept.
    case anything
    /// An object with these fields and no others.
    case object([String: RuntimeShape])
    /// A list of these.
    case list(RuntimeShape)

    /// What is kept of a value; what is of another type than it should be is left to the schema's own checks.
    func pruned(_ value: JSON) -> JSON {
        switch (self, value) {
        case (.object(let fields), .object(let members)):
            .object(
                members.compactMap { member in
                    fields[member.name].map { JSON.Member(member.name, $0.pruned(member.value)) }
                })
        case (.list(let shape), .array(let elements)): .array(elements.map(shape.pruned))
        default: value
        }
    }

    private static func fields(_ names: String...) -> RuntimeShape {
        .object(Dictionary(uniqueKeysWithValues: names.map { ($0, RuntimeShape.anything) }))
    }

    private static let secrets = RuntimeShape.list(fields("name"))

    private static let component: RuntimeShape = .object([
        "replicas": .anything, "enabled": .anything, "jvmOptions": .anything, "properties": .anything,
        "ports": .anything, "env": .anything, "nodeSelector": .anything, "resources": .anything,
        "networkMode": .anything, "volumeMounts": .anything, "podMetadata": .anything, "imagePullSecrets": secrets,
    ])

    private static let fuse: [String: RuntimeShape] = [
        "image": .anything, "imageTag": .anything, "imagePullPolicy": .anything, "imagePullSecrets": secrets,
        "jvmOptions": .anything, "properties": .anything, "env": .anything, "args": .anything,
        "nodeSelector": .anything, "resources": .anything, "cleanPolicy": .anything, "networkMode": .anything,
        "volumeMounts": .anything, "podMetadata": .anything,
    ]

    private static let tier: [String: RuntimeShape] = [
        "mediumtype": .anything, "volumeType": .anything, "volumeSource": .anything, "path": .anything,
        "quota": .anything, "quotaList": .anything, "high": .anything, "low": .anything,
    ]

    /// The fields of `spec` in Fluid's releases.
    static let spec: [String: RuntimeShape] = [
        "replicas": .anything, "disablePrometheus": .anything,
        "alluxioVersion": fields("image", "imageTag", "imagePullPolicy"),
        "initUsers": fields("image", "imageTag", "imagePullPolicy", "env", "resources"),
        "imagePullSecrets": secrets, "master": component, "jobMaster": component, "worker": component,
        "jobWorker": component, "apiGateway": component, "fuse": .object(fuse), "properties": .anything,
        "jvmOptions": .anything, "tieredstore": .object(["levels": .list(.object(tier))]),
        "data": fields("replicas", "pin"), "runAs": fields("uid", "gid", "user", "group"),
        "hadoopConfig": .anything, "volumes": .anything, "podMetadata": .anything,
        "management": .object([
            "cleanCachePolicy": fields("gracePeriodSeconds", "maxRetryAttempts"),
            "metadataSyncPolicy": fields("autoSync"),
        ]),
    ]

    /// A runtime as the API server of a cluster with this flavour has it after pruning.
    static func pruned(_ runtime: JSON, flavour: CRDFlavour) -> JSON {
        guard flavour == .disablePrometheus, let written = runtime["spec"] else { return runtime }
        var runtime = runtime
        runtime["spec"] = RuntimeShape.object(spec).pruned(written)
        return runtime
    }

    /// The definition that a cluster of this flavour has.
    static func definition(_ flavour: CRDFlavour) -> RuntimeDefinition {
        var names = Set(spec.keys)
        if flavour == .monitoring {
            names.remove("disablePrometheus")
            names.insert("monitoring")
        }
        let count = flavour == .monitoring ? "desiredWorkerNumberScheduled" : "currentWorkerNumberScheduled"
        return RuntimeDefinition(
            meta: ObjectMeta(name: RuntimeDefinition.name, namespace: ""), specFields: names,
            fuseFields: Set(fuse.keys), tierFields: Set(tier.keys), keepsUnknownFields: flavour == .monitoring,
            scale: RuntimeDefinition.Scale(
                specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.\(count)",
                labelSelectorPath: ".status.selector"))
    }
}
