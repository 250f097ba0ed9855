internal import Kubernetes
internal import Wire

/// The documents of `custom.metrics.k8s.io`, as its clients read them.
enum MetricDocuments {
    private static let groupName = "custom.metrics.k8s.io"

    /// The group, and which versions it has.
    static var group: JSON {
        let versions = MetricQuery.Version.allCases.map { version -> JSON in
            ["groupVersion": .string("\(groupName)/\(version.rawValue)"), "version": .string(version.rawValue)]
        }
        return [
            "kind": "APIGroup", "apiVersion": "v1", "name": .string(groupName), "versions": .array(versions),
            "preferredVersion": versions.first ?? .null,
        ]
    }

    /// What a version has.
    static func resources(_ version: MetricQuery.Version) -> JSON {
        var resources: [JSON] = []
        for resource in MetricQuery.Resource.allCases {
            for metric in CacheMetric.allCases {
                resources.append([
                    "name": .string("\(resource.rawValue)/\(metric.rawValue)"), "singularName": "", "namespaced": true,
                    "kind": "MetricValueList", "verbs": ["get"],
                ])
            }
        }
        return [
            "kind": "APIResourceList", "apiVersion": "v1",
            "groupVersion": .string("\(groupName)/\(version.rawValue)"), "resources": .array(resources),
        ]
    }

    /// One figure of one object.
    struct Item: Sendable, Hashable {
        var name: String
        var value: Int64
        /// When the cache was asked, in milliseconds since 1970.
        var askedMilliseconds: Int64
    }

    /// The answer to a query.
    static func list(_ items: [Item], of query: MetricQuery, resource: MetricQuery.Resource) -> JSON {
        let values = items.map { item -> JSON in
            var value: JSON = [
                "describedObject": [
                    "kind": .string(resource.object.kind), "namespace": .string(query.namespace),
                    "name": .string(item.name), "apiVersion": .string(resource.object.apiVersion),
                ]
            ]
            switch query.version {
            case .v1beta1: value["metricName"] = .string(query.metric)
            case .v1beta2: value["metric"] = ["name": .string(query.metric), "selector": nil]
            }
            value["timestamp"] = .string(RFC3339.seconds(item.askedMilliseconds))
            value["value"] = .string("\(item.value)")
            if query.version == .v1beta1 { value["selector"] = nil as JSON }
            return value
        }
        return [
            "kind": "MetricValueList", "apiVersion": .string("\(groupName)/\(query.version.rawValue)"),
            "metadata": [:], "items": .array(values),
        ]
    }
}
