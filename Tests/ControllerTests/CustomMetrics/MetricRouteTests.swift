import Testing

@testable import Controller

@Suite struct `A request of custom metrics` {
    static let base = "/apis/custom.metrics.k8s.io"

    func asked(_ target: String) -> MetricQuery? {
        if case .query(let query) = MetricRoute(target) { query } else { nil }
    }

    @Test(arguments: ["*", "%2A", "%2a"])
    func `for all pods names them by a star, encoded or not`(name: String) throws {
        let selector = "app%3Dalluxio%2Crelease%3Dhbase%2Crole%3Dalluxio-worker"
        let query = try #require(
            asked("\(Self.base)/v1beta2/namespaces/data/pods/\(name)/capacity_used_rate?labelSelector=\(selector)"))
        #expect(query.version == .v1beta2 && query.namespace == "data" && query.name == "*")
        #expect(query.resource == "pods" && query.metric == "capacity_used_rate")
        #expect(query.labelSelector.value(of: "release") == "hbase")
    }

    @Test func `for one object needs no selector, and may have one of the metric's labels`() throws {
        let path = "\(Self.base)/v1beta1/namespaces/data/datasets.data.fluid.io/hbase/capacity_used_rate"
        #expect(try #require(asked(path)).labelSelector == .everything)
        let query = try #require(asked(path + "?metricLabelSelector=a%3Db"))
        #expect(query.labelSelector == .everything && query.metricLabelSelector == LabelSelector("a=b"))
    }

    @Test func `for a document leads to it`() {
        #expect(MetricRoute(Self.base) == .group && MetricRoute(Self.base + "/") == .group)
        #expect(MetricRoute(Self.base + "/v1beta1?timeout=32s") == .version(.v1beta1))
        #expect(MetricRoute(Self.base + "/v1beta2") == .version(.v1beta2))
    }

    @Test(arguments: [
        "/apis", "/", "", "/apis/custom.metrics.k8s.io.evil", base + "/v1", base + "/v1beta1/namespaces/data",
        base + "/v1beta1/nodes/*/x", base + "/v1beta1/namespaces/data/metrics/x",
        base + "/v1beta1/namespaces/a/pods/b/c/d",
    ])
    func `for anything else leads nowhere`(target: String) { #expect(MetricRoute(target) == .nothing) }

    @Test(arguments: [
        base + "/v1beta1/namespaces/%ZZ/pods/*/x", base + "/v1beta1/namespaces/%ff/pods/*/x",
        base + "/v1beta1/namespaces/a/pods/*/x?labelSelector=a%3D%3D%3D",
        base + "/v1beta1/namespaces/a/pods/*/x?metricLabelSelector=a%3D%3D%3D",
        base + "/v1beta1/namespaces/a/pods/*/x?labelSelector=%zz", base + "/" + String(repeating: "x", count: 9_000),
    ])
    func `that can't be read says so`(target: String) {
        guard case .unreadable = MetricRoute(target) else {
            Issue.record("\(MetricRoute(target))")
            return
        }
    }

    @Test(arguments: [
        ("", true), ("app=alluxio", true), ("app==alluxio", true), ("app = alluxio , role=alluxio-worker", true),
        ("app!=alluxio", false), ("gone!=x", true), ("role in (a, alluxio-worker)", true), ("role in (a,b)", false),
        ("role notin (a,b)", true), ("gone notin (a)", true), ("app", true), ("gone", false), ("!gone", true),
        ("!app", false), ("app=", false), ("in=x", false), ("fluid.io/x-y_z=1", true),
        ("role in (alluxio-worker),app", true),
    ])
    func `takes the labels that its selector means`(text: String, isMet: Bool) throws {
        let labels = ["app": "alluxio", "role": "alluxio-worker", "fluid.io/x-y_z": "1"]
        #expect(try #require(LabelSelector(text)).matches(labels) == isMet)
    }

    @Test(arguments: ["a=b,", ",a=b", "a in b", "a in (b", "a in", "a=b=c", "a>1", "=b", "a ! b", "!", "a b", "ä=1"])
    func `has no selector that can't be read`(text: String) { #expect(LabelSelector(text) == nil) }

    @Test func `has as many requirements as anybody writes, and no more`() {
        func text(_ count: Int) -> String { (0..<count).map { "!a\($0)" }.joined(separator: ",") }
        #expect(LabelSelector(text(LabelSelector.requirementsMax))?.requirements.count == LabelSelector.requirementsMax)
        #expect(LabelSelector(text(LabelSelector.requirementsMax + 1)) == nil)
    }

    @Test func `has a selector whose name is encoded, and one that is empty`() throws {
        let path = "\(Self.base)/v1beta2/namespaces/data/pods/*/capacity_used_rate"
        #expect(try #require(asked(path + "?label%53elector=a%3Db")).labelSelector == LabelSelector("a=b"))
        #expect(try #require(asked(path + "?labelSelector")).labelSelector == .everything)
    }
}
