import Kubernetes
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `The deletion of a worker set` {
    private final class Changes: Sendable {
        let all = Mutex<[Store.Change]>([])
    }

    static let key = ObjectKey(namespace: FakeCluster.namespace, name: "hbase")

    /// What is told after the set of 3 was seen, and then went out of sight while the cluster changed so.
    func told(_ change: (inout FakeCluster.State) -> Void) async throws -> (events: [String], count: Double?) {
        let cluster = FakeCluster(workers: 3, wanted: 3)
        let set = try #require(cluster.state.withLock { $0.objects[FakeCluster.setPath] })
        let store = Store()
        let metrics = Metrics()
        let teller = DeletionTeller(cluster: cluster, store: store, metrics: metrics, log: { _ in })
        let uid = set["metadata"]?["uid"]?.string ?? ""
        cluster.state.withLock { change(&$0) }
        await teller.tell(Self.key, .init(kind: .statefulSet, uid: uid, workers: 3))
        return (
            cluster.state.withLock { $0.events.map(\.reason) }, metrics.value(.workerSetsDeleted, ["data", "hbase"])
        )
    }

    @Test func `of a living runtime is counted and told`() async throws {
        let told = try await told { $0.objects[FakeCluster.setPath] = nil }
        #expect(told.events == ["WorkerSetDeleted"])
        #expect(told.count == 1)
    }

    @Test func `is told where another has taken its name`() async throws {
        let told = try await told { $0.objects[FakeCluster.setPath]?["metadata"]?["uid"] = "another" }
        #expect(told.events == ["WorkerSetDeleted"])
    }

    @Test func `is none where it only lost its labels, or its runtime goes or is gone`() async throws {
        #expect(try await told { $0.objects[FakeCluster.setPath]?["metadata"]?["labels"] = [:] }.events == [])
        let going = try await told {
            $0.objects[FakeCluster.setPath] = nil
            $0.objects[FakeCluster.runtimePath]?["metadata"]?["deletionTimestamp"] = "2026-11-26T08:00:00Z"
        }
        #expect(going.events == [])
        let gone = try await told {
            $0.objects[FakeCluster.setPath] = nil
            $0.objects[FakeCluster.runtimePath] = nil
        }
        #expect(gone.events == [] && gone.count == nil)
    }

    @Test func `is noticed by the watch, once`() throws {
        let changes = Changes()
        let store = Store { change in changes.all.withLock { $0.append(change) } }
        let cluster = FakeCluster(workers: 3, wanted: 3)
        let teller = DeletionTeller(cluster: cluster, store: store, metrics: Metrics(), log: { _ in })
        let labels = ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]
        let meta = ObjectMeta(name: "hbase-worker", namespace: FakeCluster.namespace, uid: "set-1", labels: labels)
        store.update(.workerSet(WorkerSet(kind: .statefulSet, meta: meta, replicas: 3)), kind: .statefulSets)
        let change = try #require(changes.all.withLock { $0.first })
        teller.noteChange(change)
        #expect(teller.waiting == 0)
        store.remove(meta.key, kind: .statefulSets)
        teller.noteChange(change)
        teller.noteChange(change)
        #expect(teller.waiting == 1)
    }
}
