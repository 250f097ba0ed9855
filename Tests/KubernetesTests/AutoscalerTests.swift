import Kubernetes
import Testing
import Wire

@Suite struct `An autoscaler` {
    func hpa(_ version: String, _ spec: JSON, annotations: JSON? = nil) -> JSON {
        var metadata: JSON = ["name": "h"]
        metadata["annotations"] = annotations
        return [
            "apiVersion": .string("autoscaling/\(version)"), "kind": "HorizontalPodAutoscaler", "metadata": metadata,
            "spec": spec,
        ]
    }

    @Test func `of version 1 has its metrics and its pace in annotations`() {
        let old = hpa(
            "v1", ["maxReplicas": 4, "targetCPUUtilizationPercentage": 50],
            annotations: [
                "autoscaling.alpha.kubernetes.io/metrics":
                    #"[{"type":"Object","object":{"target":{"kind":"Dataset","name":"a"},"metricName":"m","targetValue":"90"}}]"#,
                "autoscaling.alpha.kubernetes.io/behavior":
                    #"{"ScaleDown":{"SelectPolicy":"Disabled","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}"#,
                "other": "stays",
            ])
        let new = AutoscalerConversion.latest(old)
        #expect(new["apiVersion"] == "autoscaling/v2")
        #expect(new["metadata"]?["annotations"] == ["other": "stays"])
        #expect(
            new["spec"]?["metrics"] == [
                [
                    "type": "Object",
                    "object": [
                        "describedObject": ["kind": "Dataset", "name": "a"], "metric": ["name": "m"],
                        "target": ["type": "Value", "value": "90"],
                    ],
                ],
                [
                    "type": "Resource",
                    "resource": ["name": "cpu", "target": ["type": "Utilization", "averageUtilization": 50]],
                ],
            ])
        #expect(new["spec"]?["targetCPUUtilizationPercentage"] == nil)
        #expect(new["spec"]?["behavior"]?["scaleDown"]?["selectPolicy"] == "Disabled")
        #expect(new["spec"]?["behavior"]?["scaleDown"]?["policies"]?[0]?["periodSeconds"] == 60)
    }

    @Test func `with annotations that can't be read has none`() {
        let old = hpa("v1", ["maxReplicas": 4], annotations: ["autoscaling.alpha.kubernetes.io/metrics": "[{"])
        #expect(AutoscalerConversion.latest(old)["spec"] == ["maxReplicas": 4])
        #expect(AutoscalerConversion.latest(hpa("v3", [:]))["apiVersion"] == "autoscaling/v3")
        #expect(AutoscalerConversion.latest(["apiVersion": "autoscaling/v1", "spec": "text"])["spec"] == "text")
    }

    @Test(
        arguments: [
            (
                "object", ["target": ["kind": "X", "name": "a"], "metricName": "m", "targetValue": 3],
                ["type": "Value", "value": 3]
            ),
            ("object", ["metricName": "m"], ["type": "Value", "value": "0"]),
            ("pods", ["metricName": "m", "targetAverageValue": "1k"], ["type": "AverageValue", "averageValue": "1k"]),
            (
                "resource", ["name": "cpu", "targetAverageUtilization": 70],
                ["type": "Utilization", "averageUtilization": 70]
            ),
            ("external", ["metricName": "m", "targetValue": "5"], ["type": "Value", "value": "5"]),
        ] as [(String, JSON, JSON)])
    func `of version 2beta1 has targets without a type`(kind: String, source: JSON, target: JSON) {
        let type = kind.prefix(1).uppercased() + kind.dropFirst()
        let old = hpa("v2beta1", ["metrics": [["type": .string(type), JSON.string(kind).string ?? "": source]]])
        #expect(AutoscalerConversion.latest(old)["spec"]?["metrics"]?[0]?[kind]?["target"] == target)
    }

    @Test func `is checked beyond its types`() {
        let reference: JSON = ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "a"]
        func fields(_ spec: JSON) -> [String] { AutoscalerValidation.violations(hpa("v2", spec)).map(\.field) }
        #expect(fields(["maxReplicas": 3, "scaleTargetRef": reference]) == [])
        #expect(fields([:]) == ["spec.maxReplicas", "spec.scaleTargetRef.kind", "spec.scaleTargetRef.name"])
        #expect(fields(["minReplicas": 5, "maxReplicas": 3, "scaleTargetRef": reference]) == ["spec.maxReplicas"])
        #expect(fields(["minReplicas": 0, "maxReplicas": 3, "scaleTargetRef": reference]) == ["spec.minReplicas"])
        func metric(_ metric: JSON) -> [String] {
            fields(["maxReplicas": 3, "scaleTargetRef": reference, "metrics": [metric]]).map {
                String($0.dropFirst(15))
            }
        }
        #expect(metric(["type": "Custom"]) == [".type"])
        #expect(metric(["type": "Object"]) == [".object"])
        #expect(
            metric([
                "type": "Pods",
                "pods": ["metric": ["name": "m"], "target": ["type": "AverageValue", "averageValue": "0"]],
            ])
                == [".pods.target.averageValue"])
        #expect(
            metric(["type": "Resource", "resource": ["name": "cpu", "target": ["type": "Utilization"]], "pods": [:]])
                == [".pods", ".resource.target"])
        func pace(_ rules: JSON) -> [String] {
            fields(["maxReplicas": 3, "scaleTargetRef": reference, "behavior": ["scaleDown": rules]]).map {
                String($0.dropFirst(23))
            }
        }
        #expect(
            pace(["selectPolicy": "max", "stabilizationWindowSeconds": 3601, "policies": []])
                == [".stabilizationWindowSeconds", ".selectPolicy", ".policies"])
        #expect(
            pace(["policies": [["type": "Pods", "value": 0, "periodSeconds": 1801]]])
                == [".policies[0].value", ".policies[0].periodSeconds"])
    }
}
