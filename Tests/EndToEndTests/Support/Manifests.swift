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

/// A worker set as Fluid >= 0.7 makes it; without its labels, any other StatefulSet.
func workerSet(of runtime: String, replicas: Int, labelled: Bool = true) -> [String: Any] {
    let selected = ["app": "alluxio", "release": runtime, "role": "alluxio-worker"]
    let labels = labelled ? selected : ["app": "something-else"]
    return [
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": ["name": "\(runtime)-worker", "labels": labels] as [String: Any],
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
