import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

/// The small cluster with Fluid's older worker sets: pods whose names end at random, each on a labelled node of its own.
struct DaemonBench {
    let cluster: FakeCluster
    private var bench: DrainBench
    static let pods = ["hbase-worker-24567", "hbase-worker-bcdfg", "hbase-worker-zxwv9"]

    init(wanted: Int, _ removal: DaemonRemoval) {
        cluster = FakeCluster(workers: 0, wanted: wanted)
        bench = DrainBench(cluster)
        bench.settings.daemonRemoval = removal
        cluster.state.withLock { state in
            state.objects[FakeCluster.setPath] = nil
            state.objects[FakeCluster.daemonPath] = FakeObjects.daemonSet(workers: 3)
            for (index, name) in Self.pods.enumerated() {
                let node = "n\(index)"
                state.objects["\(FakeCluster.nodesPath)/\(node)"] = FakeObjects.node(node)
                var pod = FakeObjects.pod(name, role: "worker", address: "10.1.1.\(index)")
                pod["spec"]?["nodeName"] = .string(node)
                state.objects["\(FakeCluster.podsPath)/\(name)"] = pod
                state.held[name] = (0..<(index + 1)).map { FakeCluster.File(path: "/\(index)/\($0)") }
            }
        }
    }

    mutating func settle(
        limit: Int = 300, seconds: Int64 = 100_000, until isDone: (DaemonBench) -> Bool = { _ in false }
    )
        async
    {
        let copy = self
        var next = bench
        await next.settle(limit: limit, seconds: seconds) { _ in isDone(copy) }
        bench = next
    }

    func node(_ name: String) -> JSON? { cluster.state.withLock { $0.objects["\(FakeCluster.nodesPath)/\(name)"] } }
    var placed: [String] {
        ["n0", "n1", "n2"].filter { node($0)?["metadata"]?["labels"]?[FakeObjects.placing] != nil }
    }
    var state: String { cluster.drainState }
    var blocked: String { cluster.blocked }
    var leaving: [String] { cluster.drain?["spec"]?["workers"]?.elements.compactMap { $0["name"]?.string } ?? [] }
    var looks: Int64 { cluster.drain?["status"]?["looks"]?.int64 ?? 0 }
    var counted: Int64? {
        cluster.state.withLock {
            $0.objects[FakeCluster.runtimePath]?["status"]?["currentWorkerNumberScheduled"]?.int64
        }
    }

    /// A pod of the application on this node.
    func use(_ node: String) {
        var pod = FakeObjects.pod("user-\(node)", role: "user", address: "10.1.2.1")
        pod["spec"]?["nodeName"] = .string(node)
        pod["spec"]?["volumes"] = [["name": "data", "persistentVolumeClaim": ["claimName": "hbase"]]]
        cluster.state.withLock { $0.objects["\(FakeCluster.podsPath)/user-\(node)"] = pod }
    }
    func leave(_ node: String) { cluster.state.withLock { $0.objects["\(FakeCluster.podsPath)/user-\(node)"] = nil } }

    func note(_ request: ScaleInRequest?) {
        cluster.state.withLock { state in
            state.version += 1
            state.objects[FakeCluster.daemonPath]?["metadata"]?["resourceVersion"] = .string("\(state.version)")
            var annotations = state.objects[FakeCluster.daemonPath]?["metadata"]?["annotations"] ?? [:]
            annotations[Annotation.scaleInRequest] = request.map { .string($0.text) }
            state.objects[FakeCluster.daemonPath]?["metadata"]?["annotations"] = annotations
        }
    }
    func request(_ count: Int, of replicas: Int = 3) -> ScaleInRequest {
        ScaleInRequest(
            count: count, replicas: replicas,
            at: Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds()))
    }

    /// What Fluid 0.5 does to the nodes.
    func strip(_ node: String) {
        cluster.state.withLock {
            $0.objects["\(FakeCluster.nodesPath)/\(node)"]?["metadata"]?["labels"] = ["disk": "ssd"]
        }
    }
}
