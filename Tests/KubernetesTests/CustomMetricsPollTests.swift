import Kubernetes
import Testing

@Suite struct `A poll of who serves custom metrics` {
    /// Whether the store knows of somebody after these answers.
    func known(_ answers: [Result<String, ClusterError>], before: Bool? = nil) async -> Bool? {
        await served(answers, before: before)?.isServed
    }

    /// What the store knows after these answers.
    func served(_ answers: [Result<String, ClusterError>], before: Bool? = nil) async -> ServedMetrics? {
        let cluster = ScriptedCluster(answers.map { .answer($0) })
        let store = Store()
        if let before { store.note(customMetrics: ServedMetrics(isServed: before)) }
        await withTaskGroup { group in
            group.addTask { await CustomMetricsPoll(of: cluster, to: store).run() }
            await cluster.over()
            group.cancelAll()
        }
        return store.customMetrics
    }

    static let group = #"{"kind":"APIGroup","versions":[{"version":"v1beta2"},{"version":"v1beta1"}]}"#

    @Test func `tells a group that is not there from one that answers`() async {
        #expect(await known([.failure(status(404, "NotFound"))]) == false)
        #expect(await known([.success(Self.group), .success("{}")]) == true)
        #expect(await known([.success(Self.group), .failure(status(503)), .success("{}")]) == true)
    }

    @Test func `takes a registered server that is down for none`() async {
        #expect(await known([.success(Self.group), .failure(status(503)), .failure(status(503))]) == false)
        #expect(await known([.success("{}")], before: true) == false)
    }

    @Test func `keeps what is known where nobody can say`() async {
        #expect(await known([.failure(.timeout)]) == nil)
        #expect(await known([.failure(status(403))], before: true) == true)
        #expect(await known([.success(Self.group), .failure(.timeout)], before: false) == false)
        #expect(await known([.success(Self.group), .success("{}"), .failure(.timeout)]) == true)
    }

    @Test func `knows what has the metric of a cache`() async {
        let list =
            #"{"resources":[{"name":"pods/capacity_used_rate"},{"name":"datasets.data.fluid.io/capacity_used_rate"},"#
            + #"{"name":"pods/other"},{"name":"capacity_used_rate"},{"name":7}]}"#
        let expected: Set = ["pods", "datasets.data.fluid.io"]
        #expect(await served([.success(Self.group), .success(list)])?.capacityResources == expected)
        let long = await served([.success(Self.group), .failure(.tooLarge(bytesMax: 1))])
        #expect(long == ServedMetrics(isServed: true, capacityResources: nil))
    }
}
