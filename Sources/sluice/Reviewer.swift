internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// Judges the manifests of a bundle, each as the API server of an otherwise empty cluster would have it.
struct Reviewer {
    private static let lastApplied = "\(LastApplied.annotation)"

    /// The kinds that are judged against each other, in this order.
    private static let autoscalers = ["ScaledObject", "HorizontalPodAutoscaler"]

    private let options: ReviewOptions
    private let bundle: BundleReview

    init(_ options: ReviewOptions) {
        self.options = options
        bundle = BundleReview(policy: options.policy, definition: RuntimeShape.definition(options.flavour))
    }

    /// Judges all, and gives them back in the order of the files.
    ///
    /// Runtimes come first, whatever the order, with every scaler known; then ScaledObjects and then HPAs in their order,
    /// each with those before it: the second on one runtime is the one that is refused.
    func review(_ manifests: [Manifest]) -> [ReviewedObject] {
        for manifest in manifests { bundle.remember(received(manifest), namespace: namespace(manifest)) }
        var reviewed: [Int: ReviewedObject] = [:]
        for (index, manifest) in manifests.enumerated() where manifest.kind == "AlluxioRuntime" {
            let object = review(manifest)
            bundle.remember(object.admitted, namespace: object.namespace)
            reviewed[index] = object
        }
        for manifest in manifests where Self.autoscalers.contains(manifest.kind) {
            bundle.forget(received(manifest), namespace: namespace(manifest))
        }
        for kind in Self.autoscalers {
            for (index, manifest) in manifests.enumerated() where manifest.kind == kind {
                let object = review(manifest)
                bundle.remember(object.admitted, namespace: object.namespace)
                reviewed[index] = object
            }
        }
        for (index, manifest) in manifests.enumerated() where reviewed[index] == nil {
            reviewed[index] = review(manifest)
        }
        return manifests.indices.compactMap { reviewed[$0] }
    }

    private func review(_ manifest: Manifest) -> ReviewedObject {
        let namespace = namespace(manifest)
        let received = received(manifest)
        var patches: [Patch] = []
        var findings: [Finding] = []
        var admitted = received
        if let resource = resource(manifest) {
            let outcome = bundle.review(received, namespace: namespace, resource: resource)
            patches = outcome.defaults.patches
            // What /mutate refuses already is refused by /validate in the same words.
            let known = Set(outcome.defaults.findings)
            findings = outcome.defaults.findings + outcome.verdict.findings.filter { !known.contains($0) }
            admitted = outcome.admitted
        }
        let hadAnnotations = manifest.written["metadata"]?["annotations"] != nil
        let jsonPatch = jsonPatch(patches, makesAnnotations: !hadAnnotations)
        let name = text(manifest.written["metadata"]?["name"])
        let generated = text(manifest.written["metadata"]?["generateName"])
        return ReviewedObject(
            manifest: manifest, title: "\(namespace)/\(name.isEmpty ? generated + "*" : name)", namespace: namespace,
            name: name, patches: patches.filter { patch in !isParent(patch, of: patches) }, jsonPatch: jsonPatch,
            findings: findings, admitted: withoutLastApplied(admitted))
    }

    /// Whether a patch only makes the empty object that another one puts something into.
    private func isParent(_ patch: Patch, of patches: [Patch]) -> Bool {
        patch.value == .object([])
            && patches.contains { $0.path.count > patch.path.count && $0.path.starts(with: patch.path) }
    }

    private func namespace(_ manifest: Manifest) -> String {
        let written = text(manifest.written["metadata"]?["namespace"])
        return written.isEmpty ? options.namespace : written
    }

    private func text(_ value: JSON?) -> String {
        if case .string(let text)? = value { text } else { "" }
    }

    /// What the webhooks are registered for; nil for everything else.
    private func resource(_ manifest: Manifest) -> Resource? {
        let parts = text(received(manifest)["apiVersion"]).split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch (parts[0], manifest.kind) {
        case ("data.fluid.io", "AlluxioRuntime"):
            return Resource(group: parts[0], version: parts[1], plural: "alluxioruntimes")
        case ("autoscaling", "HorizontalPodAutoscaler"):
            return Resource(group: parts[0], version: parts[1], plural: "horizontalpodautoscalers")
        case ("keda.sh", "ScaledObject"):
            return Resource(group: parts[0], version: parts[1], plural: "scaledobjects")
        default: return nil
        }
    }
}

extension Reviewer {
    /// The object as it reaches the webhooks of a `kubectl apply`: pruned, converted, with what was written beside it.
    private func received(_ manifest: Manifest) -> JSON {
        var object = manifest.written
        if manifest.kind == "AlluxioRuntime" { object = RuntimeShape.pruned(object, flavour: options.flavour) }
        if manifest.kind == "HorizontalPodAutoscaler" { object = AutoscalerConversion.latest(object) }
        var metadata = object["metadata"] ?? .object([])
        var annotations = metadata["annotations"] ?? .object([])
        annotations[Self.lastApplied] = .string(String(decoding: manifest.written.encoded(), as: UTF8.self))
        metadata["annotations"] = annotations
        object["metadata"] = metadata
        return object
    }

    private func withoutLastApplied(_ object: JSON) -> JSON {
        var object = object
        var metadata = object["metadata"] ?? .object([])
        var annotations = metadata["annotations"]
        annotations?[Self.lastApplied] = nil
        metadata["annotations"] = annotations == .object([]) ? nil : annotations
        object["metadata"] = metadata
        return object
    }

    /// The patch of the object as it was written: without `kubectl apply` there may be no annotations to add to.
    private func jsonPatch(_ patches: [Patch], makesAnnotations: Bool) -> JSON {
        var operations = patches.map { patch -> JSON in
            ["op": .string(patch.operation.rawValue), "path": .string(patch.pointer), "value": JSON(patch.value)]
        }
        let first = patches.firstIndex { $0.path.starts(with: ["metadata", "annotations"]) && $0.path.count > 2 }
        if makesAnnotations, let first {
            operations.insert(["op": "add", "path": "/metadata/annotations", "value": JSON.object([])], at: first)
        }
        return .array(operations)
    }
}

/// What the API server makes of an autoscaler in an old version before it asks the webhooks, as far as it matters here.
enum AutoscalerConversion {
    /// `autoscaling/v1` as `v2`; anything else as it is.
    static func latest(_ object: JSON) -> JSON {
        guard object["apiVersion"] == "autoscaling/v1", var spec = object["spec"], case .object = spec else {
            return object
        }
        var object = object
        object["apiVersion"] = "autoscaling/v2"
        if let percentage = spec["targetCPUUtilizationPercentage"] {
            spec["targetCPUUtilizationPercentage"] = nil
            let target: JSON = ["type": "Utilization", "averageUtilization": percentage]
            spec["metrics"] = [["type": "Resource", "resource": ["name": "cpu", "target": target]]]
        }
        object["spec"] = spec
        return object
    }
}
