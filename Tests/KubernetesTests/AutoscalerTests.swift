import Kubernetes
import Testing
import Wire

@Suite struct AutoscalerTests {
    private func autoscaler(_ spec: String) throws -> HorizontalPodAutoscaler {
        try HorizontalPodAutoscaler(object("metadata: {name: h, namespace: ns}\nspec:\n" + spec))
    }

    @Test func `v2 and v2beta2 are read`() throws {
        let read = try autoscaler(
            """
              scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: hbase}
              minReplicas: 1
              maxReplicas: 3
              metrics:
              - type: Object
                object:
                  metric: {name: capacity_used_rate, selector: {}}
                  describedObject: {apiVersion: data.fluid.io/v1alpha1, kind: Dataset, name: hbase}
                  target: {type: Value, value: "90"}
              - type: Pods
                pods: {metric: {name: capacity_used_rate}, target: {type: Value, averageValue: 15}}
              - type: Resource
                resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
              - type: External
                external: {metric: {name: q}, target: {type: AverageValue, averageValue: 500m}}
              - type: ContainerResource
                containerResource: {name: memory, container: c, target: {type: Utilization, averageUtilization: 50}}
              - {type: New, new: {}}
              behavior:
                scaleUp: {policies: [{type: Pods, value: 2, periodSeconds: 600}]}
                scaleDown: {selectPolicy: Disabled, stabilizationWindowSeconds: 60}
            """)
        #expect(read.target == ScaleTarget(group: "data.fluid.io", kind: "AlluxioRuntime", name: "hbase"))
        #expect(read.target?.isAlluxioRuntime == true)
        #expect(read.minReplicas == 1 && read.maxReplicas == 3)
        #expect(
            read.metrics == [
                .init(
                    type: .object, name: "capacity_used_rate",
                    describedObject: ScaleTarget(group: "data.fluid.io", kind: "Dataset", name: "hbase"),
                    targetType: .value,
                    value: "90", hasSelector: true),
                .init(type: .pods, name: "capacity_used_rate", targetType: .value, averageValue: "15"),
                .init(type: .resource, name: "cpu", targetType: .utilization, utilization: 80),
                .init(type: .external, name: "q", targetType: .averageValue, averageValue: "500m"),
                .init(type: .containerResource, name: "memory", targetType: .utilization, utilization: 50),
                .init(type: .other("New"), name: "", targetType: .other("")),
            ])
        #expect(read.scaleUp?.policies == [.init(type: "Pods", value: 2, periodSeconds: 600)])
        #expect(read.scaleDown?.selectPolicy == "Disabled")
        #expect(read.scaleDown?.stabilizationWindowSeconds == 60)
        #expect(read.hasBehavior)
    }

    @Test func `v2beta1 is read into the same shape`() throws {
        let read = try autoscaler(
            """
              metrics:
              - {type: Resource, resource: {name: cpu, targetAverageUtilization: 80}}
              - {type: Resource, resource: {name: memory, targetAverageValue: 1Gi}}
              - {type: Pods, pods: {metricName: m, targetAverageValue: 15}}
              - {type: Object, object: {target: {kind: Dataset, name: d}, metricName: m, targetValue: 90}}
              - {type: Object, object: {target: {kind: Dataset, name: d}, metricName: m, targetValue: 0, averageValue: 5}}
              - {type: External, external: {metricName: m, metricSelector: {}, targetValue: 7}}
            """)
        let dataset = ScaleTarget(group: "", kind: "Dataset", name: "d")
        #expect(
            read.metrics == [
                .init(type: .resource, name: "cpu", targetType: .utilization, utilization: 80),
                .init(type: .resource, name: "memory", targetType: .averageValue, averageValue: "1Gi"),
                .init(type: .pods, name: "m", targetType: .averageValue, averageValue: "15"),
                .init(type: .object, name: "m", describedObject: dataset, targetType: .value, value: "90"),
                .init(
                    type: .object, name: "m", describedObject: dataset, targetType: .averageValue, value: "0",
                    averageValue: "5"),
                .init(type: .external, name: "m", targetType: .value, value: "7", hasSelector: true),
            ])
    }

    @Test func `v1 has one metric`() throws {
        let read = try autoscaler("  targetCPUUtilizationPercentage: 80\n  maxReplicas: 2\n")
        #expect(read.metrics == [.init(type: .resource, name: "cpu", targetType: .utilization, utilization: 80)])
        #expect(read.target == nil)
        #expect(!read.hasBehavior)
    }

    @Test func `a target of the wrong form in a metric is an error with its path`() throws {
        let error = try #require(throws: ObjectError.self) {
            try autoscaler("  metrics: [{type: Pods, pods: {metric: {name: 1}, target: {type: Value}}}]")
        }
        #expect(error.description == "spec.metrics[0].pods.metric.name is not a string")
    }

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
            #expect((scaler.autoscaler != nil) == (kind == .horizontalPodAutoscaler))
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
