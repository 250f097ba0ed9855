internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// Judges objects that belong to one cluster: they know each other, and nothing else is there.
struct ClusterReview {
    private static let lastApplied = "\(LastApplied.annotation)"

    private let options: ReviewOptions
    private let schemas: KnownSchemas
    private let bundle: BundleReview

    init(_ options: ReviewOptions, _ schemas: KnownSchemas, _ definition: RuntimeDefinition) {
        self.options = options
        self.schemas = schemas
        bundle = BundleReview(policy: options.policy, definition: definition)
    }

    /// Judges all, and gives them back in their order.
    ///
    /// Runtimes come first, whatever the order, with every scaler known; then ScaledObjects and then HPAs in their order,
    /// each with those before it: the second on one runtime is the one that is refused.
    ///
    /// - Parameter twins: where an object stands that stands twice.
    func review(_ manifests: [Manifest], twins: [Identity: String]) -> [ReviewedObject] {
        for manifest in manifests { bundle.remember(received(manifest), namespace: namespace(manifest)) }
        var reviewed: [Int: ReviewedObject] = [:]
        func review(_ index: Int) {
            let manifest = manifests[index]
            let twin = twins[Identity(manifest, namespace: options.namespace)].flatMap {
                $0 == manifest.place ? nil : $0
            }
            reviewed[index] = self.review(manifest, twin: twin)
        }
        for index in manifests.indices where manifests[index].kind == "AlluxioRuntime" { review(index) }
        let autoscalers = ["ScaledObject", "HorizontalPodAutoscaler"]
        for manifest in manifests where autoscalers.contains(manifest.kind) {
            bundle.forget(received(manifest), namespace: namespace(manifest))
        }
        for kind in autoscalers {
            for index in manifests.indices where manifests[index].kind == kind { review(index) }
        }
        for index in manifests.indices where reviewed[index] == nil { review(index) }
        return manifests.indices.compactMap { reviewed[$0] }
    }

    private func review(_ manifest: Manifest, twin: String?) -> ReviewedObject {
        let namespace = namespace(manifest)
        var remarks = manifest.warnings.map { warning in
            var remark = Remark(.kubectl, denies: false, "", warning.message, remedy: "")
            remark.line = warning.line
            return remark
        }
        if let twin {
            remarks.append(
                Remark(
                    .kubectl, denies: false, "metadata.name", "this object stands twice, in \(twin) as well",
                    remedy:
                        "the later one is applied over the earlier; sluice review --each judges each path that it is given by itself"
                ))
        }
        guard let resource = manifest.resource else {
            let metadata = ServerChecks.metadataTypes(manifest.written, schemas).map { Remark($0) }
            return ReviewedObject(
                manifest, namespace: namespace, remarks: metadata + remarks + Intent.remarks(manifest))
        }
        let refused = ServerChecks.types(manifest.written, schemas).map { Remark($0) }
        let outcome = bundle.review(received(manifest), namespace: namespace, resource: resource)
        bundle.remember(outcome.admitted, namespace: namespace)
        // What /mutate refuses already is refused by /validate in the same words.
        let known = Set(outcome.defaults.findings)
        let findings = outcome.defaults.findings + outcome.verdict.findings.filter { !known.contains($0) }
        remarks += findings.map { Intent.explained(Remark($0), schemas) } + Intent.remarks(manifest)
        remarks += ServerChecks.unknownFields(manifest.written, schemas, told: remarks)
        // Where both refuse a field, a rule says better what to do.
        let told = Set(findings.filter(\.denies).map(\.field))
        let checks = refused.isEmpty ? ServerChecks.values(outcome.admitted).map { Remark($0) } : refused
        remarks = checks.filter { !told.contains($0.field) } + remarks
        remarks = MetricShape.explained(remarks, of: manifest.written, schemas)
        return ReviewedObject(
            manifest, namespace: namespace, patches: outcome.defaults.patches, remarks: remarks,
            isJudged: outcome.isJudged)
    }

    private func namespace(_ manifest: Manifest) -> String {
        manifest.namespace.isEmpty ? options.namespace : manifest.namespace
    }

    /// The object as it reaches the webhooks of a `kubectl apply`: pruned, converted, with what was written beside it.
    private func received(_ manifest: Manifest) -> JSON {
        var object = manifest.written
        if manifest.resource?.plural == "alluxioruntimes" {
            object["spec"] = object["spec"].map(schemas.runtime.pruned)
        }
        object = AutoscalerConversion.latest(object)
        guard case .object? = object["metadata"] ?? .object([]) else { return object }
        var metadata = object["metadata"] ?? .object([])
        var annotations = metadata["annotations"] ?? .object([])
        // A null among texts becomes an empty one on its way.
        if case .object(let members) = annotations {
            annotations = .object(members.map { JSON.Member($0.name, $0.value.isNull ? "" : $0.value) })
        } else {
            annotations = .object([])
        }
        if options.isServer == false {
            annotations[Self.lastApplied] = .string(String(decoding: manifest.written.encoded(), as: UTF8.self))
        }
        metadata["annotations"] = annotations
        object["metadata"] = metadata
        return object
    }
}
