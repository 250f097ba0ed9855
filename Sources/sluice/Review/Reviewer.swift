internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// Judges the manifests of a call, each as the API server of a cluster with the others in it would have it.
struct Reviewer {
    private let options: ReviewOptions
    private let schemas: KnownSchemas
    private let definition: RuntimeDefinition

    /// - Parameters:
    ///   - schemas: what the API server knows; else what is compiled in for the flavour.
    ///   - definition: the definition that a cluster has; else that of the schemas.
    init(_ options: ReviewOptions, schemas: KnownSchemas? = nil, definition: RuntimeDefinition? = nil) {
        self.options = options
        self.schemas = schemas ?? KnownSchemas(options.flavour)
        self.definition = definition ?? self.schemas.definition
    }

    /// Judges all, and gives them back in the order of the files.
    func review(_ manifests: [Manifest]) -> [ReviewedObject] {
        var reviewed = [ReviewedObject?](repeating: nil, count: manifests.count)
        let places = Dictionary(grouping: manifests.indices) { manifests[$0].environment }
        for environment in places.keys.sorted() {
            let indices = places[environment] ?? []
            let others = twins(indices.map { manifests[$0] })
            for part in clusters(indices, of: manifests) {
                let cluster = ClusterReview(options, schemas, definition)
                for (index, object) in zip(part, cluster.review(part.map { manifests[$0] }, twins: others)) {
                    reviewed[index] = object
                }
            }
        }
        return reviewed.compactMap { $0 }
    }

    /// Parts of one environment of which each has a runtime once: where one stands a second time, a new part begins.
    ///
    /// kubectl would apply the second over the first, and what stands behind it knows the second alone.
    private func clusters(_ indices: [Int], of manifests: [Manifest]) -> [[Int]] {
        var parts: [[Int]] = [[]]
        var seen: Set<Identity> = []
        for index in indices {
            let manifest = manifests[index]
            if manifest.kind == "AlluxioRuntime", !manifest.name.isEmpty, !seen.insert(identity(manifest)).inserted {
                parts.append([])
                seen = [identity(manifest)]
            }
            parts[parts.count - 1].append(index)
        }
        return parts
    }

    /// Where each object that stands twice stood first, for those that come after it.
    private func twins(_ manifests: [Manifest]) -> [Identity: String] {
        var first: [Identity: String] = [:]
        var twins: [Identity: String] = [:]
        for manifest in manifests where !manifest.name.isEmpty {
            let identity = identity(manifest)
            if let place = first[identity] {
                twins[identity] = place
            } else {
                first[identity] = manifest.place
            }
        }
        return twins
    }

    private func identity(_ manifest: Manifest) -> Identity { Identity(manifest, namespace: options.namespace) }
}

/// What tells an object from all others of a cluster.
struct Identity: Hashable {
    private let group: Substring
    private let kind: String
    private let namespace: String
    private let name: String

    /// - Parameter namespace: that of an object that names none.
    init(_ manifest: Manifest, namespace: String) {
        group = manifest.apiVersion.contains("/") ? manifest.apiVersion.prefix { $0 != "/" } : ""
        kind = manifest.kind
        self.namespace = manifest.namespace.isEmpty ? namespace : manifest.namespace
        name = manifest.name
    }
}
