import Kubernetes
import Rules
import Synchronization
import Testing
import Wire

@testable import Controller

/// The small cluster with Fluid's older worker sets: pods whose names end at random, each on a labelled node of its own.
struct DaemonBench {
    let cluster: FakeCluster
    var memory = DrainMemory()
    let removal: DaemonRemoval
    static let pods = ["hbase-worker-24567", "hbase-worker-bcdfg", "hbase-worker-zxwv9"]

    init(wanted: Int, _ removal: DaemonRemoval) {
        self.removal = removal
        cluster = FakeCluster(workers: 0, wanted: wanted)
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

    mutating func settle(limit: Int = 200, until isDone: (DaemonBench) -> Bool = { _ in false }) async throws {
        var settings = ReconcilerSettings()
        settings.daemonRemoval = removal
        let pass = DrainPass(cluster: cluster, settings: settings, metrics: Metrics(), log: { _ in })
        for _ in 0..<limit {
            let again = try await pass.run(ObjectKey(namespace: "data", name: "hbase"), memory: &memory)
            if isDone(self) || again == nil { break }
            cluster.advance(max(again ?? .zero, .milliseconds(10)))
        }
    }

    func node(_ name: String) -> JSON? { cluster.state.withLock { $0.objects["\(FakeCluster.nodesPath)/\(name)"] } }
    var placed: [String] {
        ["n0", "n1", "n2"].filter { node($0)?["metadata"]?["labels"]?[FakeObjects.placing] != nil }
    }
    var status: String {
        let set = cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        return set?["metadata"]?["annotations"]?[Annotation.drainStatus]?.string ?? ""
    }
    var record: DrainRecord? {
        let set = cluster.state.withLock { $0.objects[FakeCluster.daemonPath] }
        return set?["metadata"]?["annotations"]?[Annotation.drainRecord]?.string.flatMap(DrainRecordCoding.record)
    }
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

    func note(_ wish: ScaleInWish?) {
        cluster.state.withLock { state in
            state.version += 1
            state.objects[FakeCluster.daemonPath]?["metadata"]?["resourceVersion"] = .string("\(state.version)")
            var annotations = state.objects[FakeCluster.daemonPath]?["metadata"]?["annotations"] ?? [:]
            annotations[Annotation.scaleInWish] = wish.map { .string($0.text) }
            state.objects[FakeCluster.daemonPath]?["metadata"]?["annotations"] = annotations
        }
    }
    func wish(_ count: Int, of replicas: Int = 3) -> ScaleInWish {
        ScaleInWish(
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
