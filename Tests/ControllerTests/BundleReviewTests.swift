import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller

@Suite struct `A bundle` {
    private let definition = RuntimeDefinition(meta: ObjectMeta(name: RuntimeDefinition.name, namespace: "", uid: "u"))

    private func autoscaler(_ name: String) -> JSON {
        [
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
            "metadata": ["name": .string(name), "uid": .string(name)],
            "spec": [
                "maxReplicas": 3,
                "scaleTargetRef": ["apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": "hbase"],
            ],
        ]
    }

    @Test func `of many scalers of one runtime looks at a few for each`() {
        let bundle = BundleReview(policy: AdmissionPolicy(), definition: definition)
        for number in 0..<200 { bundle.remember(autoscaler("hpa-\(number)"), namespace: "default") }
        let runtime = ObjectKey(namespace: "default", name: "hbase")
        #expect(bundle.scalerCount(of: runtime) == BundleReview.scalersMax)
        let outcome = bundle.review(
            autoscaler("one-more"), namespace: "default",
            resource: Resource(group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers"))
        #expect(outcome.verdict.denials.map(\.code).contains(.secondScaler))
        // What is there is brought up to date, and whoever goes makes room.
        bundle.remember(autoscaler("hpa-0"), namespace: "default")
        bundle.forget(autoscaler("hpa-0"), namespace: "default")
        #expect(bundle.scalerCount(of: runtime) == BundleReview.scalersMax - 1)
    }
}
