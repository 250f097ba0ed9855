import Kubernetes

/// What a request's path names.
struct SimRoute {
    var resource: Resource
    var namespace = ""
    var name: String?
    var subresource: String?
    /// What stands behind `proxy`.
    var inner = ""

    init?(_ path: String) {
        var parts = path.split(separator: "/").map(String.init)[...]
        guard let root = parts.popFirst() else { return nil }
        var group = ""
        if root == "apis" {
            guard let named = parts.popFirst() else { return nil }
            group = named
        } else if root != "api" {
            return nil
        }
        guard let version = parts.popFirst() else { return nil }
        if parts.first == "namespaces", parts.count >= 3 {
            parts.removeFirst()
            namespace = parts.removeFirst()
        }
        guard let plural = parts.popFirst() else { return nil }
        resource = Resource(group: group, version: version, plural: plural)
        name = parts.popFirst()
        subresource = parts.popFirst()
        inner = "/" + parts.joined(separator: "/")
    }

    var key: ObjectKey { ObjectKey(namespace: namespace, name: name ?? "") }

    /// The right that a request with this verb needs, such as `patch statefulsets/scale`.
    func right(_ verb: String) -> String {
        "\(verb) \(resource.plural)" + (subresource.map { "/\($0)" } ?? "")
    }
}
