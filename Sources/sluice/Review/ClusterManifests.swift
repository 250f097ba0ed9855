internal import Kubernetes
internal import Wire

/// What a cluster has today of what the webhooks are asked about.
enum ClusterManifests {
    /// What was found.
    struct Found: Sendable {
        /// The definition of AlluxioRuntime, read and whole; nil if the cluster has none.
        var definition: (read: RuntimeDefinition, whole: JSON)?
        /// Runtimes, then what scales them, the older first: of two that refuse each other the older one stays.
        var manifests: [Manifest]
    }

    /// How many objects are asked for at once.
    private static let pageSize = 500
    private static let kinds: [(kind: StoredKind, name: String)] = [
        (.runtimes, "AlluxioRuntime"), (.scaledObjects, "ScaledObject"),
        (.cronAutoscalers, "CronHorizontalPodAutoscaler"), (.autoscalers, "HorizontalPodAutoscaler"),
    ]

    /// Asks a cluster for all of them, in one namespace or in all.
    static func list(_ cluster: some Cluster, namespace: String?) async -> Result<Found, ClusterError> {
        do throws(ClusterError) {
            var found = Found(definition: nil, manifests: [])
            let definitions = try await list(cluster, .definitions, namespace: nil)
            for value in definitions?.items ?? [] {
                do {
                    found.definition = (try RuntimeDefinition(value), JSON(value))
                } catch {
                    throw ClusterError.unreadable("the definition of AlluxioRuntime: \(error)")
                }
            }
            guard found.definition != nil else { return .success(found) }
            for (kind, name) in kinds {
                guard let list = try await list(cluster, kind, namespace: namespace) else { continue }
                let manifests = list.items.map { manifest(JSON($0), name, list.resource) }
                found.manifests += manifests.sorted { age($0) < age($1) }
            }
            return .success(found)
        } catch {
            return .failure(error)
        }
    }

    /// Whether an object concerns a runtime.
    static func isOurs(_ manifest: Manifest) -> Bool {
        manifest.kind == "AlluxioRuntime" || manifest.written["spec"]?["scaleTargetRef"]?["kind"] == "AlluxioRuntime"
    }

    private static func age(_ manifest: Manifest) -> String {
        "\(manifest.written["metadata"]?["creationTimestamp"]?.string ?? "") \(manifest.namespace)/\(manifest.name)"
    }

    /// An element of a list; one of a built-in kind does not say what it is.
    private static func manifest(_ value: JSON, _ kind: String, _ resource: Resource) -> Manifest {
        var members = value.members.filter { $0.name != "kind" && $0.name != "apiVersion" }
        members.insert(JSON.Member("kind", .string(kind)), at: 0)
        members.insert(JSON.Member("apiVersion", .string(resource.apiVersion)), at: 0)
        var object = JSON.object(members)
        if var metadata = object["metadata"] {
            // Nobody reads it, and kubectl leaves it out as well.
            metadata["managedFields"] = nil
            object["metadata"] = metadata
        }
        let name = object["metadata"]?["name"]?.string ?? ""
        let namespace = object["metadata"]?["namespace"]?.string ?? ""
        return Manifest(path: "\(resource.plural)/\(namespace)/\(name)", node: nil, written: object)
    }

    private static func list(
        _ cluster: some Cluster, _ kind: StoredKind, namespace: String?
    ) async throws(ClusterError) -> (resource: Resource, items: [JSONValue])? {
        for resource in kind.resources {
            do throws(ClusterError) {
                var items: [JSONValue] = []
                var token: String?
                repeat {
                    let answer = try await cluster.send(
                        .list(
                            resource, namespace: namespace, selection: kind.selection, limit: pageSize,
                            continueToken: token)
                    ).json()
                    items += answer["items"]?.elements.map { $0 } ?? []
                    token = answer["metadata"]?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
                } while token != nil
                return (resource, items)
            } catch {
                guard error.isNotFound else { throw error }
            }
        }
        return nil
    }
}
