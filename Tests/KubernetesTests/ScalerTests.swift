import Kubernetes
import Testing
import Wire

@Suite struct ScalerTests {
    @Test(arguments: [
        ("data.fluid.io", "AlluxioRuntime", true), ("", "AlluxioRuntime", true), ("apps", "AlluxioRuntime", false),
        ("data.fluid.io", "JindoRuntime", false),
    ])
    func `a runtime is told by group and kind`(group: String, kind: String, isOurs: Bool) {
        #expect(ScaleTarget(group: group, kind: kind, name: "a").isAlluxioRuntime == isOurs)
    }

    @Test func `scalers of other targets are left out`() throws {
        let keda = "metadata: {name: s, namespace: ns}\nspec: {scaleTargetRef: {name: app}}"
        #expect(try Scaler(object(keda), kind: .scaledObject) == nil)
        #expect(try Scaler(object("metadata: {name: s}"), kind: .scaledObject) == nil)
        let ours = keda.replacing(
            "{name: app}", with: "{apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}")
        for kind in Scaler.Kind.allCases {
            let scaler = try #require(try Scaler(object(ours), kind: kind))
            #expect(scaler.runtimeKey == ObjectKey(namespace: "ns", name: "hbase"))
        }
    }

    @Test func `the definition is read in both of its versions`() throws {
        let schema = """
            openAPIV3Schema:
                  properties:
                    spec:
                      properties:
                        monitoring: {type: boolean}
                        fuse: {properties: {global: {}, args: {}}}
                        tieredstore: {properties: {levels: {items: {properties: {quota: {}, path: {}}}}}}
            """
        let scale =
            "{specReplicasPath: .spec.replicas, statusReplicasPath: .status.d, labelSelectorPath: .status.selector}"
        let beta = try RuntimeDefinition(
            object(
                "metadata: {name: x}\nspec:\n  version: v1alpha1\n  subresources: {scale: \(scale)}\n  validation:\n    \(schema)"
            ))
        #expect(beta.isServed && beta.keepsUnknownFields && beta.hasMonitoring && !beta.hasDisablePrometheus)
        #expect(beta.fuseFields == ["global", "args"])
        #expect(beta.tierFields == ["quota", "path"])
        #expect(beta.scale?.labelSelectorPath == ".status.selector")
        let current = try RuntimeDefinition(
            object(
                """
                metadata: {name: x}
                spec:
                  versions:
                  - {name: v2, served: true, subresources: {scale: \(scale)}}
                  - name: v1alpha1
                    served: true
                    subresources: {scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.c}, status: {}}
                    schema: {openAPIV3Schema: {properties: {spec: {properties: {disablePrometheus: {}}}}}}
                """))
        #expect(
            current.isServed && !current.keepsUnknownFields && current.hasDisablePrometheus && !current.hasMonitoring)
        #expect(current.scale?.labelSelectorPath == nil)
        #expect(current.scale?.statusReplicasPath == ".status.c")
    }
}

extension ScalerTests {
    @Test func `what a scaler reads is told by its metrics or its triggers`() throws {
        let target = "scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}"
        func reads(_ spec: String, _ kind: Scaler.Kind) throws -> Bool {
            let text = "metadata: {name: s, creationTimestamp: '2026-11-26T08:00:00Z'}\nspec: {\(target), \(spec)}"
            let scaler = try #require(try Scaler(object(text), kind: kind))
            #expect(scaler.createdAt == 1_795_680_000_000)
            return scaler.readsCacheMetric
        }
        let metric = "metrics: [{type: External, external: {metric: {name: s0-capacity_used_rate}}}]"
        #expect(try reads(metric, .horizontalPodAutoscaler))
        #expect(try !reads("metrics: [{type: Resource, resource: {name: cpu}}]", .horizontalPodAutoscaler))
        #expect(try reads("triggers: [{metadata: {query: max(capacity_used_rate)}}]", .scaledObject))
        #expect(try !reads("triggers: [{metadata: {query: up}}]", .scaledObject))
        #expect(try !reads("jobs: []", .cronHorizontalPodAutoscaler))
    }
}
