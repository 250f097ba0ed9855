import Kubernetes
import Testing
import Wire

@testable import Controller
@testable import Rules

@Suite struct `A review of what scales a runtime` {
    static let target: JSON = ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "hbase"]
    static let autoscalers = "autoscaling/v2/horizontalpodautoscalers"
    static let scaledObjects = "keda.sh/v1alpha1/scaledobjects"

    /// A handler whose store has the runtime `hbase` with the bounds 2 to 4.
    static func bench(users: Set<String> = ["keda"]) -> Bench {
        let store = Store()
        var meta = ObjectMeta(name: "hbase", namespace: "default")
        meta.annotations = [Annotation.minReplicas: "2", Annotation.maxReplicas: "4"]
        store.update(.runtime(AlluxioRuntime(meta: meta, replicas: 3)), kind: .runtimes)
        return Bench(store: store, policy: AdmissionPolicy(scalerUsers: users))
    }

    static func scaledObject(_ spec: JSON = [:], annotations: JSON = [:], finalizers: JSON = []) -> JSON {
        var spec = spec
        spec["scaleTargetRef"] = target
        return [
            "apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
            "metadata": ["name": "so", "annotations": annotations, "finalizers": finalizers], "spec": spec,
        ]
    }

    func message(_ response: JSON) -> String { response["status"]?["message"]?.string ?? "" }

    func create(_ object: JSON) throws -> JSON {
        try Self.bench().send("/validate", review("CREATE", Self.scaledObjects, object: object)).response
    }

    @Test(
        arguments: [
            (["maxReplicaCount": 6], "E203 spec.maxReplicaCount"), ([:], "E203 spec.maxReplicaCount: unset means 100"),
            (["maxReplicaCount": 4, "minReplicaCount": 1], "E202 spec.minReplicaCount"),
            (["maxReplicaCount": 4, "minReplicaCount": 3, "idleReplicaCount": 1], "E202 spec.idleReplicaCount"),
        ] as [(JSON, String)])
    func `refuses a ScaledObject whose counts are beyond the bounds`(_ spec: JSON, _ text: String) throws {
        let response = try create(Self.scaledObject(spec))
        #expect(response["allowed"] == false)
        #expect(message(response).contains(text), "\(message(response))")
    }

    @Test func `refuses a count at which it is paused`() throws {
        let spec: JSON = ["minReplicaCount": 2, "maxReplicaCount": 4]
        let paused = Self.scaledObject(spec, annotations: ["autoscaling.keda.sh/paused-replicas": "9"])
        #expect(message(try create(paused)).hasPrefix("E209 metadata.annotations[autoscaling.keda.sh/paused-replicas]"))
        #expect(try create(Self.scaledObject(spec))["allowed"] == true)
    }

    @Test func `lets KEDA's own updates pass, whatever is wrong`() throws {
        let old = Self.scaledObject(["maxReplicaCount": 9])
        let bench = Self.bench()
        for new in [
            Self.scaledObject(["maxReplicaCount": 9], finalizers: ["finalizer.keda.sh"]),
            Self.scaledObject(["maxReplicaCount": 9, "advanced": ["scalingModifiers": [:]]]),
        ] {
            let body = review("UPDATE", Self.scaledObjects, object: new, old: old)
            #expect(try bench.send("/validate", body).response["allowed"] == true)
        }
    }

    @Test func `brings a controller's count to the bound, and leaves a person's alone`() throws {
        func scale(_ count: Int64) -> JSON {
            ["kind": "Scale", "metadata": ["name": "hbase"], "spec": ["replicas": .integer(count)]]
        }
        func ask(_ old: Int64, _ new: Int64, by user: String) throws -> JSON {
            try Self.bench().send(
                "/mutate",
                review(
                    "UPDATE", "data.fluid.io/v1alpha1/alluxioruntimes", object: scale(new), old: scale(old),
                    subresource: "scale", user: user)
            ).response
        }
        let brought = try ask(3, 6, by: "keda")
        #expect(try Bench.patch(brought) == [["op": "replace", "path": "/spec/replicas", "value": 4]])
        #expect(brought["warnings"]?.elements.first?.string?.hasPrefix("H301 ") == true)
        #expect(try Bench.patch(ask(0, 1, by: "keda")).first?["value"] == 2)
        #expect(try ask(4, 6, by: "keda")["patch"] == nil)
        #expect(try ask(3, 6, by: "system:admin")["patch"] == nil)
    }

    @Test func `takes what an Apply entry of managedFields has not for not written`() throws {
        func applied(_ fields: JSON, operation: String = "Apply") -> JSON {
            [
                "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
                "metadata": [
                    "name": "hpa",
                    "managedFields": [
                        ["manager": "kubectl", "operation": .string(operation), "fieldsV1": ["f:spec": fields]]
                    ],
                ],
                "spec": [
                    "scaleTargetRef": Self.target, "minReplicas": 1, "maxReplicas": 4,
                    "metrics": [
                        [
                            "type": "Resource",
                            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
                        ]
                    ],
                ],
            ]
        }
        func patched(_ object: JSON) throws -> Set<String> {
            let body = review("CREATE", Self.autoscalers, object: object)
            return Set(try Bench.patch(Self.bench().send("/mutate", body).response).compactMap { $0["path"]?.string })
        }
        let minimal = try patched(applied(["f:maxReplicas": [:], "f:scaleTargetRef": [:]]))
        #expect(minimal.isSuperset(of: ["/spec/metrics", "/spec/minReplicas"]))
        let written = try patched(applied(["f:metrics": [:], "f:minReplicas": [:]]))
        #expect(written.isDisjoint(with: ["/spec/metrics", "/spec/minReplicas"]))
        let posted = try patched(applied(["f:maxReplicas": [:]], operation: "Update"))
        #expect(posted.isDisjoint(with: ["/spec/metrics", "/spec/minReplicas"]))
    }

    @Test func `warns where an update has lost the metric`() throws {
        func hpa(_ metric: JSON) -> JSON {
            [
                "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": ["name": "hpa"],
                "spec": ["scaleTargetRef": Self.target, "minReplicas": 2, "maxReplicas": 4, "metrics": [metric]],
            ]
        }
        let ours = hpa([
            "type": "Object",
            "object": ["metric": ["name": "capacity_used_rate"], "target": ["type": "Value", "value": "90"]],
        ])
        let cpu = hpa([
            "type": "Resource",
            "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 80]],
        ])
        let body = review("UPDATE", Self.autoscalers, object: cpu, old: ours)
        let warnings = try Self.bench().send("/validate", body).response["warnings"]
        #expect(warnings?.elements.contains { $0.string?.hasPrefix("W213 spec.metrics: ") == true } == true)
    }
}
