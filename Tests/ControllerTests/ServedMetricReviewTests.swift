import Kubernetes
import Testing
import Wire

@testable import Controller
@testable import Rules

/// Reviews of HPAs where the background poll of discovery knows what the cluster serves.
@Suite struct `A review of an HPA where custom metrics are served` {
    private static func bench(serving resources: Set<String>?) -> Bench {
        let store = Store()
        store.note(customMetrics: ServedMetrics(isServed: resources != [], capacityResources: resources))
        store.update(
            .runtime(AlluxioRuntime(meta: ObjectMeta(name: "hbase", namespace: "default"), replicas: 3)),
            kind: .runtimes)
        return Bench(store: store)
    }

    private static func hpa(_ metrics: JSON, version: String = "v2") -> JSON {
        [
            "apiVersion": .string("autoscaling/\(version)"), "kind": "HorizontalPodAutoscaler",
            "metadata": ["name": "hpa"],
            "spec": [
                "scaleTargetRef": `A review of what scales a runtime`.target, "minReplicas": 1, "maxReplicas": 3,
                "metrics": metrics,
            ],
        ]
    }

    @Test(
        arguments: [
            (["pods", "datasets.data.fluid.io", "alluxioruntimes.data.fluid.io"], "Dataset"),
            (["pods", "alluxioruntimes.data.fluid.io"], "AlluxioRuntime"), (["pods"], "Dataset"), (nil, "Dataset"),
        ] as [(Set<String>?, String)])
    func `fills in the metric of what has it`(_ served: Set<String>?, _ kind: String) throws {
        let body = review("CREATE", `A review of what scales a runtime`.autoscalers, object: Self.hpa([]))
        let patches = try Bench.patch(Self.bench(serving: served).send("/mutate", body).response)
        let metrics = try #require(patches.first { $0["path"] == "/spec/metrics" }?["value"])
        let described = metrics.elements.first?["object"]?["describedObject"]
        #expect(described?["kind"]?.string == kind && described?["name"]?.string == "hbase")
        // What was filled in is no reason for a warning of its own, unless nothing that is served would do.
        let filled = review("CREATE", `A review of what scales a runtime`.autoscalers, object: Self.hpa(metrics))
        let warnings = try Self.bench(serving: served).send("/validate", filled).response["warnings"]?.elements ?? []
        #expect(warnings.contains { $0.string?.hasPrefix("W214") == true } == (served == ["pods"]), "\(warnings)")
    }

    /// In `v2beta1` the object is called `target`.
    @Test(arguments: [("v2", "describedObject"), ("v2beta2", "describedObject"), ("v2beta1", "target")])
    func `reads whose metric was written`(_ version: String, _ member: String) throws {
        var object: JSON = ["metric": ["name": "capacity_used_rate"], "metricName": "capacity_used_rate"]
        object[member] = ["kind": "AlluxioRuntime", "name": "hbase"]
        let written = Self.hpa([["type": "Object", "object": object]], version: version)
        let body = review("CREATE", "autoscaling/\(version)/horizontalpodautoscalers", object: written)
        let warnings = try Self.bench(serving: ["datasets.data.fluid.io"]).send("/validate", body).response["warnings"]
        #expect(
            warnings?.elements.contains { $0.string?.contains("no capacity_used_rate of AlluxioRuntimes") == true }
                == true,
            "\(warnings ?? .null)")
    }
}
