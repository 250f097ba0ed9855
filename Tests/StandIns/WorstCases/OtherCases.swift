extension WorstCase {
    /// Every case that there is.
    public static let all = runtimes + autoscalers + scaledObjects + others

    /// What somebody who may write a HorizontalPodAutoscaler can make large.
    static let autoscalers: [WorstCase] = [
        WorstCase(
            "metrics",
            Frame.createdAutoscaler(
                Frame.autoscaler(spec: Frame.member("metrics", "[", "]") { metric("m\($0)", "Value") }))),
        WorstCase(
            "metrics-kept",
            Frame.updatedAutoscaler(
                Frame.autoscaler(spec: Frame.member("metrics", "[", share: 0.5, "]") { metric("m\($0)", "Value") }),
                Frame.autoscaler(
                    spec: Frame.member("metrics", "[", share: 0.5, "]") { metric("m\($0)", "AverageValue") }))),
        WorstCase(
            "metric-name",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    spec: [.text(#","metrics":[{"type":"Pods","pods":{"metric":{"a":1"#)]
                        + Frame.text("name", "\u{0301}\u{0323}") + [.text("}}}]")]))),
        WorstCase(
            "owners",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    metadata: Frame.member("ownerReferences", "[", "]") {
                        #"{"kind":"ScaledObject","name":"\#($0)","uid":"\#($0)"}"#
                    }))),
        WorstCase(
            "scale-down",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    spec: Frame.member("behavior", #"{"scaleDown":{"policies":["#, "]}}") {
                        #"{"type":"Pods","value":\#($0),"periodSeconds":60}"#
                    }))),
        WorstCase(
            "scale-down-fields",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    spec: Frame.member("behavior", #"{"scaleDown":{"#, "}}") { _ in #""policies":null"# }))),
        WorstCase(
            "target",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    spec: [.text(#","scaleTargetRef":{"apiVersion":"data.fluid.io/v1","kind":"AlluxioRuntime""#)]
                        + Frame.text("name", "\u{0301}\u{0323}") + [.text("}")]))),
        WorstCase(
            "applied-autoscaler",
            Frame.createdAutoscaler(
                Frame.autoscaler(
                    metadata: [.text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#)]
                        + [.text(#"{\"spec\":{\"a\":1"#)]
                        + [.repeated(share: 0.08) { #",\"p\#($0)\":1"# }, .text(#"}}""#), .text("}")],
                    spec: [.repeated(share: 0.92) { ",\"p\($0)\":1" }]))),
    ]

    /// What reaches us as a part of a review, or as no review at all.
    static let others: [WorstCase] = [
        WorstCase(
            "worker-set-labels", path: "/mutate",
            Frame.request(
                "UPDATE", "apps", "v1", "statefulsets", "StatefulSet", name: "hbase-worker",
                rest: [.text(#","oldObject":{"metadata":{"labels":{"app":"alluxio"},"a":{}},"spec":{"replicas":3}}"#)]
                    + [.text(#","object":{"metadata":{"name":"hbase-worker""#)]
                    + Frame.member("labels", "{", "}") { "\"a\($0)\":\"\"" } + [.text(#"},"spec":{"replicas":2}}"#)])),
        WorstCase(
            "worker-set-labels-lost", path: "/mutate",
            Frame.request(
                "UPDATE", "apps", "v1", "statefulsets", "StatefulSet", name: "hbase-worker",
                rest: [.text(#","oldObject":{"metadata":{"a":1"#)]
                    + Frame.member("labels", #"{"app":"alluxio","role":"alluxio-worker","#, "}") { "\"a\($0)\":\"\"" }
                    + [.text(#"},"spec":{"replicas":3}},"object":{"metadata":{},"spec":{"replicas":2}}"#)])),
        WorstCase(
            "worker-set-owner", path: "/mutate",
            Frame.request(
                "UPDATE", "apps", "v1", "statefulsets", "StatefulSet", name: "hbase-worker",
                rest: [.text(#","object":{"spec":{"replicas":2}},"oldObject":{"spec":{"replicas":3},"metadata":{"#)]
                    + [.text(#""ownerReferences":[{"kind":"AlluxioRuntime","name":"hbase""#)]
                    + Frame.text("apiVersion", "\u{0301}\u{0323}") + [.text("}]}}")])),
        WorstCase(
            "scale-selector", path: "/mutate",
            Frame.request(
                "UPDATE", "apps", "v1", "statefulsets", "Scale", subresource: "scale", name: "hbase-worker",
                rest: [.text(#","object":{"spec":{"replicas":2}},"oldObject":{"spec":{"replicas":3},"status":{"a":1"#)]
                    + Frame.text("selector", "a,") + [.text("}}")])),
        WorstCase(
            "scale",
            Frame.request(
                "UPDATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "Scale", subresource: "scale",
                rest: [.text(#","oldObject":{"spec":{"replicas":3}},"object":{"spec":{"replicas":2"#)] + members
                    + [.text("}}")])),
        WorstCase(
            "request",
            Frame.request(
                "CREATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "AlluxioRuntime",
                rest: [.text(#","object":{}"#)] + members)),
        WorstCase(
            "pod",
            Frame.request(
                "CREATE", "", "v1", "pods", "Pod", rest: [.text(#","object":{"a":1"#)] + members + [.text("}")])),
        WorstCase(
            "uid", Frame.request("CREATE", "", "v1", "pods", "Pod", rest: Frame.text("uid", "a"))),
        WorstCase(
            "kind",
            Frame.request(
                "CREATE", "", "v1", "pods", "Pod",
                rest: [.text(#","object":{},"kind":{"group":"","version":"v1""#)] + Frame.text("kind", "a")
                    + [.text("}")])),
        WorstCase(
            "user",
            Frame.request(
                "CREATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "AlluxioRuntime",
                rest: [.text(#","object":{},"userInfo":{"a":1"#)] + Frame.text("username", #"\u202e"#) + [.text("}")])),
        WorstCase(
            "groups",
            Frame.request(
                "CREATE", "data.fluid.io", "v1alpha1", "alluxioruntimes", "AlluxioRuntime",
                rest: [.text(#","object":{},"userInfo":{"a":1"#)] + Frame.member("groups", "[", "]") { "\"\($0)\"" }
                    + [.text("}")])),
        WorstCase("numbers", [.text("[0"), .repeated(share: 1) { _ in ",0" }, .text("]")]),
        WorstCase(
            "long-numbers", [.text("[0"), .repeated(share: 1) { _ in ",1.234567890123456789012345678e-3" }, .text("]")]),
        WorstCase(
            "slow-numbers",
            Frame.created(
                Frame.runtime(spec: Frame.member("a", "[", "]") { _ in "1.23456789012345678901234e+300" }))),
        WorstCase(
            "exponents",
            Frame.created(Frame.runtime(spec: Frame.member("a", "[", "]") { _ in "1234567890123456789e-309" }))),
        WorstCase("digits", [.repeated(share: 1) { _ in "1" }]),
        WorstCase("escapes", [.text("[\""), .repeated(share: 1) { _ in #"\u00e9"# }, .text("\"]")]),
        WorstCase("unclosed", [.repeated(share: 1) { _ in "[" }]),
    ]

    private static func metric(_ name: String, _ type: String) -> String {
        """
        {"type":"Object","object":{"metric":{"name":"\(name)"},"target":{"type":"\(type)","averageValue":"1"}}}
        """
    }
}
