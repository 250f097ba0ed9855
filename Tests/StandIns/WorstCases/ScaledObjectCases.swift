extension WorstCase {
    /// What somebody who may write a ScaledObject of KEDA can make large.
    static let scaledObjects: [WorstCase] = [
        WorstCase("scaled-object-metadata", scaledObject(metadata: members)),
        WorstCase("scaled-object-spec", scaledObject(spec: members)),
        WorstCase(
            "scaled-object-names",
            scaledObject(metadata: Frame.text("name", share: 0.5, "a") + Frame.text("uid", share: 0.5, "b"))),
        WorstCase(
            "scaled-object-paused",
            scaledObject(
                metadata: [.text(#","annotations":{"a":"""#)] + Frame.text("autoscaling.keda.sh/paused-replicas", "1")
                    + [.text("}")])),
        WorstCase(
            "scaled-object-triggers",
            scaledObject(
                spec: Frame.member("triggers", "[", "]") { #"{"type":"t\#($0)","metadata":{"query":"capacity_"}}"# })),
        WorstCase(
            "scaled-object-types",
            scaledObject(spec: [.text(#","triggers":[{"a":1"#)] + Frame.text("type", "a") + [.text("}]")])),
        WorstCase(
            "scaled-object-query",
            scaledObject(
                spec: [.text(#","triggers":[{"metadata":{"a":"""#)] + Frame.text("query", "capacity_used_rat\u{0301}")
                    + [.text("}}]")])),
        WorstCase(
            "scaled-object-letters",
            scaledObject(
                spec: [.text(#","triggers":[{"metadata":{"a":"""#)] + Frame.text("query", "c") + [.text("}}]")])),
    ]

    private static func scaledObject(metadata: [Part] = [], spec: [Part] = []) -> [Part] {
        let head: [Part] = [.text(#","object":{"metadata":{"namespace":"default""#)]
        let target =
            #"},"spec":{"scaleTargetRef":{"apiVersion":"data.fluid.io/v1","kind":"AlluxioRuntime","name":"hbase"}"#
        return Frame.request(
            "CREATE", "keda.sh", "v1alpha1", "scaledobjects", "ScaledObject",
            rest: head + metadata + [.text(target)] + spec + [.text("}}")])
    }
}
