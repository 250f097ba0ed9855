import Testing

@testable import sluice

@Suite struct `A review says what was meant` {
    func remarks(_ text: String) throws -> [String] {
        try review(text: text).objects.flatMap { object in
            object.remarks.map { "\($0.denies ? "!" : "")\($0.text)" }
        }
    }

    @Test(
        arguments: [
            ("data.fluid.io/v1alpha1", "alluxioruntime", "Did you mean AlluxioRuntime?"),
            ("data.fluid.io/v1alpha1", "AlluxioRuntimes", "Did you mean AlluxioRuntime?"),
            ("autoscaling/v2", "HorizontalPodAutoScaler", "Did you mean HorizontalPodAutoscaler?"),
            ("fluid.io/v1alpha1", "AlluxioRuntime", "Write data.fluid.io/v1alpha1"),
        ])
    func `of a kind that nobody has`(version: String, kind: String, remedy: String) throws {
        let said = try remarks("apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: a}\n")
        #expect(said.contains { $0.hasPrefix("!kubectl: ") && $0.hasSuffix(remedy) }, "\(said)")
    }

    @Test(arguments: [
        ("data.fluid.io/v1alpha1", "JindoRuntime"), ("data.fluid.io/v1alpha1", "Dataset"),
        ("keda.sh/v1alpha1", "ScaledJob"),
        ("keda.sh/v1alpha1", "TriggerAuthentication"), ("v1", "ConfigMap"),
    ])
    func `and nothing of others`(version: String, kind: String) throws {
        #expect(try remarks("apiVersion: \(version)\nkind: \(kind)\nmetadata: {name: a}\n") == [])
    }

    static func hpa(_ version: String, _ spec: String) -> String {
        """
        apiVersion: autoscaling/\(version)
        kind: HorizontalPodAutoscaler
        metadata: {name: a}
        spec:
          scaleTargetRef: {apiVersion: data.fluid.io/v1alpha1, kind: AlluxioRuntime, name: a}
          maxReplicas: 3
          \(spec)

        """
    }
    static let flat =
        "{type: Object, object: {metricName: m, targetValue: 5, target: {apiVersion: v1, kind: Pod, name: a}}}"
    static let deep = """
        {type: Object, object: {metric: {name: m}, target: {type: Value, value: 5}, describedObject: \
        {apiVersion: v1, kind: Pod, name: a}}}
        """

    @Test(
        arguments: [
            ("v2", flat, "v2beta1"), ("v2beta2", flat, "v2beta1"), ("v2beta1", deep, "v2"),
            ("v2", "{type: Resource, resource: {name: cpu, targetAverageUtilization: 50}}", "v2beta1"),
            ("v2beta1", "{type: Pods, pods: {metric: {name: m}, target: {type: AverageValue, averageValue: 5}}}", "v2"),
            ("v2", "{type: External, external: {metricName: m, targetAverageValue: 5}}", "v2beta1"),
        ])
    func `of a metric in the shape of another version, once`(version: String, metric: String, owner: String) throws {
        let said = try remarks(Self.hpa(version, "metrics: [\(metric)]")).filter { !$0.hasPrefix("W201") }
        let told = said.filter { $0.hasPrefix("!API server: spec.metrics[0]: that is \(owner)'s shape") }
        #expect(told.count == 1, "\(said)")
        #expect(
            !said.contains { $0.hasPrefix("kubectl: spec.metrics") || $0.hasPrefix("!API server: spec.metrics[0].") })
    }

    @Test func `of a metric in the right shape nothing`() throws {
        for (version, metric) in [("v2", Self.deep), ("v2beta2", Self.deep), ("v2beta1", Self.flat)] {
            let said = try remarks(Self.hpa(version, "metrics: [\(metric)]")).filter { !$0.hasPrefix("W201") }
            #expect(said == [], "\(version)")
        }
    }

    @Test(
        arguments: [
            ("v1", "metrics: []", "autoscaling/v2 has it"), ("v1", "behavior: {}", "autoscaling/v2 has it"),
            ("v2", "targetCPUUtilizationPercentage: 50", "autoscaling/v1 has it"),
            ("v2beta2", "behavior: {scaleDown: {tolerance: 0.1}}", "autoscaling/v2 has it"),
        ])
    func `of a field that another version has`(version: String, spec: String, remedy: String) throws {
        let said = try remarks(Self.hpa(version, spec))
        #expect(said.contains { $0.hasPrefix("kubectl: spec.") && $0.hasSuffix(remedy) }, "\(said)")
    }
}
