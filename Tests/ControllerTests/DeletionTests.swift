import Kubernetes
import Synchronization
import Testing
import Wire

@testable import Controller
@testable import Simulation

@Suite struct `The deletion of a worker set` {
    private final class Changes: Sendable {
        let all = Mutex<[Store.Change]>([])
    }

    static let set = ObjectKey(namespace: "data", name: "hbase-worker")
    static let labels: JSON = ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]
    static let key = ObjectKey(namespace: "data", name: "hbase")

    /// What is told after the set of 3 was seen, and then went out of sight while the cluster changed so.
    func told(_ change: (SimServer) -> Void) throws -> (events: [String], count: Double?) {
        let bench = DrainBench { plan, _ in plan.installations = 0 }
        let uid = try #require(bench.workerSet?.at("metadata", "uid")?.string)
        let metrics = Metrics()
        let teller = DeletionTeller(cluster: bench.world.client(), store: Store(), metrics: metrics, log: { _ in })
        change(bench.world.server)
        bench.world.perform { await teller.tell(Self.key, .init(kind: .statefulSet, uid: uid, workers: 3)) }
        return (bench.events.map(\.reason), metrics.value(.workerSetsDeleted, ["data", "hbase"]))
    }

    @Test func `of a living runtime is counted and told`() throws {
        let told = try told { $0.remove(.statefulSets, Self.set) }
        #expect(told.events == ["WorkerSetDeleted"])
        #expect(told.count == 1)
    }

    @Test func `is told where another has taken its name`() throws {
        let told = try told { server in
            server.remove(.statefulSets, Self.set)
            server.create(.statefulSets, Self.set, ["metadata": ["labels": Self.labels]], by: .fluid)
        }
        #expect(told.events == ["WorkerSetDeleted"])
    }

    @Test func `is none where it only lost its labels, or its runtime goes or is gone`() throws {
        #expect(try told { $0.change(.statefulSets, Self.set) { $0.set(["metadata", "labels"], [:]) } }.events == [])
        let going = try told {
            $0.remove(.statefulSets, Self.set)
            $0.change(.alluxioRuntimes, Self.key) {
                $0.set(["metadata", "deletionTimestamp"], "2026-11-26T08:00:00Z")
            }
        }
        #expect(going.events == [])
        let gone = try told {
            $0.remove(.statefulSets, Self.set)
            $0.remove(.alluxioRuntimes, Self.key)
        }
        #expect(gone.events == [] && gone.count == nil)
    }

    @Test func `is noticed by the watch, once`() throws {
        let changes = Changes()
        let store = Store { change in changes.all.withLock { $0.append(change) } }
        let cluster = SimWorld(SimPlan(), seed: 1).client()
        let teller = DeletionTeller(cluster: cluster, store: store, metrics: Metrics(), log: { _ in })
        let labels = ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]
        let meta = ObjectMeta(name: "hbase-worker", namespace: "data", uid: "set-1", labels: labels)
        store.update(.workerSet(WorkerSet(kind: .statefulSet, meta: meta, replicas: 3)), kind: .statefulSets)
        let change = try #require(changes.all.withLock { $0.first })
        teller.noteChange(change)
        #expect(teller.waiting == 0)
        store.remove(meta.key, kind: .statefulSets)
        teller.noteChange(change)
        teller.noteChange(change)
        #expect(teller.waiting == 1)
    }

    @Test(arguments: [true, false])
    func `while nobody led is told by whoever leads next, and the one before that by who led then`(isNobody: Bool)
        throws
    {
        let bench = DrainBench { plan, _ in plan.installations = 0 }
        let uid = try #require(bench.workerSet?.at("metadata", "uid")?.string)
        let labels = ["app": "alluxio", "role": "alluxio-worker", "release": "hbase"]
        let meta = ObjectMeta(name: Self.set.name, namespace: Self.set.namespace, uid: uid, labels: labels)
        let set = WorkerSet(kind: .statefulSet, meta: meta, replicas: 3)
        let changes = Changes()
        let store = Store { change in changes.all.withLock { $0.append(change) } }
        let cluster = bench.world.client()
        let teller = DeletionTeller(cluster: cluster, store: store, metrics: Metrics(), log: { _ in })
        store.update(.workerSet(set), kind: .statefulSets)
        let change = try #require(changes.all.withLock { $0.first })
        teller.noteChange(change)
        bench.world.server.remove(.statefulSets, Self.set)
        store.remove(Self.set, kind: .statefulSets)
        teller.noteChange(change)
        let ledUntil = cluster.monotonicTime() + .seconds(isNobody ? -1 : 1)
        let task = Task(executorPreference: bench.world.executor) { await teller.run(ledUntil: ledUntil) }
        bench.run(minutes: 2)
        task.cancel()
        #expect(bench.events.map(\.reason).contains("WorkerSetDeleted") == isNobody, "\(bench.events)")
    }
}
