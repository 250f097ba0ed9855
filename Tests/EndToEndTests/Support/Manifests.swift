// Objects as people and controllers write them, down to what a test is about.

/// A tier that is all right.
var memory: [String: Any] {
    ["mediumtype": "MEM", "path": "/dev/shm", "quota": "2Gi", "high": "0.95", "low": "0.7"]
}

/// An AlluxioRuntime; without arguments one that says nothing.
func runtime(
    _ name: String, replicas: Int? = nil, annotations: [String: String] = [:], tiers: [[String: Any]]? = nil,
    spec more: [String: Any] = [:]
) -> [String: Any] {
    var spec = more
    if let replicas { spec["replicas"] = replicas }
    if let tiers { spec["tieredstore"] = ["levels": tiers] }
    var metadata: [String: Any] = ["name": name]
    if !annotations.isEmpty { metadata["annotations"] = annotations }
    return ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "metadata": metadata, "spec": spec]
}

/// The annotations of bounds that a person wrote.
func bounds(_ minimum: Int, _ maximum: Int) -> [String: String] {
    ["sluice.dev/min-replicas": String(minimum), "sluice.dev/max-replicas": String(maximum)]
}

/// An HPA; its target is an AlluxioRuntime unless told otherwise.
func hpa(
    _ name: String, of target: String, version: String = KubernetesVersion.newestAutoscaling, minimum: Int? = nil,
    maximum: Int? = nil, kind: String = "AlluxioRuntime", group: String = "data.fluid.io/v1alpha1",
    owner: [String: Any]? = nil,
    spec more: [String: Any] = [:]
) -> [String: Any] {
    var spec = more
    spec["scaleTargetRef"] = ["apiVersion": group, "kind": kind, "name": target]
    if let minimum { spec["minReplicas"] = minimum }
    if let maximum { spec["maxReplicas"] = maximum }
    var metadata: [String: Any] = ["name": name]
    if let owner { metadata["ownerReferences"] = [owner] }
    return [
        "apiVersion": "autoscaling/\(version)", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec,
    ]
}

/// The metric that works: how full the cache is, measured on the Dataset.
func capacityMetric(of dataset: String, target: [String: Any] = ["type": "Value", "value": "90"]) -> [String: Any] {
    [
        "type": "Object",
        "object": [
            "describedObject": ["apiVersion": "data.fluid.io/v1alpha1", "kind": "Dataset", "name": dataset],
            "metric": ["name": "capacity_used_rate"], "target": target,
        ],
    ]
}

/// By what a worker set is known; all of it is what Fluid >= 0.9 makes.
struct Marks: OptionSet {
    let rawValue: Int
    static let labels = Marks(rawValue: 1)
    static let owner = Marks(rawValue: 2)
    static let selector = Marks(rawValue: 4)
}

/// A worker set as Fluid >= 0.7 makes it; without any of its marks, any other StatefulSet.
func workerSet(
    of runtime: String, replicas: Int, marks: Marks = [.labels, .selector], owner uid: String = ""
) -> [String: Any] {
    let ours = ["app": "alluxio", "release": runtime, "role": "alluxio-worker"]
    let selected = marks.contains(.selector) ? ours : ["app": "celery"]
    let labels = marks.contains(.labels) ? ours : ["app": "something-else"]
    var metadata: [String: Any] = ["name": "\(runtime)-worker", "labels": labels]
    if marks.contains(.owner) {
        metadata["ownerReferences"] = [
            ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": runtime, "uid": uid]
        ]
    }
    return [
        "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata,
        "spec": [
            "replicas": replicas, "serviceName": "\(runtime)-worker", "podManagementPolicy": "Parallel",
            "selector": ["matchLabels": selected],
            "template": [
                "metadata": ["labels": selected],
                "spec": [
                    "terminationGracePeriodSeconds": 1,
                    "containers": [
                        ["name": "alluxio-worker", "image": "alluxio-worker:none", "imagePullPolicy": "Never"]
                    ],
                ] as [String: Any],
            ] as [String: Any],
        ] as [String: Any],
    ]
}
