import Kubernetes
import Synchronization
import Testing

@Suite struct StoreTests {
    private func runtime(_ name: String, version: String = "1") -> StoredObject {
        .runtime(
            AlluxioRuntime(meta: ObjectMeta(name: name, namespace: "ns", uid: "u-" + name, resourceVersion: version)))
    }

    private func scaler(
        _ name: String, of runtime: String, kind: Scaler.Kind = .horizontalPodAutoscaler, version: String = "1"
    ) -> StoredObject {
        .scaler(
            Scaler(
                kind: kind, meta: ObjectMeta(name: name, namespace: "ns", resourceVersion: version),
                target: ScaleTarget(group: "data.fluid.io", kind: "AlluxioRuntime", name: runtime)))
    }

    private func workerSet(_ kind: WorkerSet.Kind, _ name: String, release: String) -> StoredObject {
        .workerSet(
            WorkerSet(
                kind: kind,
                meta: ObjectMeta(
                    name: name, namespace: "ns",
                    labels: ["app": "alluxio", "role": "alluxio-worker", "release": release]),
                replicas: 3))
    }

    private func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "ns", name: name) }

    private final class Recorder: Sendable {
        private let changes = Mutex<[Store.Change]>([])
        func add(_ change: Store.Change) { changes.withLock { $0.append(change) } }
        func take() -> [String] {
            changes.withLock { changes in
                defer { changes = [] }
                return changes.map { "\($0.kind) \($0.key.name) \($0.runtime?.name ?? "-")" }
            }
        }
    }

    @Test func `scalers are found by their target, whatever their kind`() {
        let store = Store()
        store.update(scaler("b", of: "hbase"), kind: .autoscalers)
        store.update(scaler("a", of: "hbase"), kind: .autoscalers)
        store.update(scaler("a", of: "hbase", kind: .scaledObject), kind: .scaledObjects)
        store.update(scaler("a", of: "hbase", kind: .cronHorizontalPodAutoscaler), kind: .cronAutoscalers)
        store.update(scaler("c", of: "spark"), kind: .autoscalers)
        #expect(
            store.scalers(of: key("hbase")).map { "\($0.kind.rawValue)/\($0.meta.name)" } == [
                "CronHorizontalPodAutoscaler/a", "HorizontalPodAutoscaler/a", "HorizontalPodAutoscaler/b",
                "ScaledObject/a",
            ])
        #expect(store.scalers(of: ObjectKey(namespace: "other", name: "hbase")).isEmpty)
        store.remove(key("a"), kind: .autoscalers)
        #expect(store.scalers(of: key("hbase")).count == 3)
        store.update(scaler("b", of: "spark", version: "2"), kind: .autoscalers)
        #expect(
            store.scalers(of: key("hbase")).map(\.kind.rawValue) == ["CronHorizontalPodAutoscaler", "ScaledObject"])
        #expect(store.scalers(of: key("spark")).map(\.meta.name) == ["b", "c"])
    }

    @Test func `each change is told once, and one without a new version not at all`() {
        let changes = Recorder()
        let store = Store { changes.add($0) }
        store.update(runtime("a"), kind: .runtimes)
        store.update(runtime("a"), kind: .runtimes)
        #expect(changes.take() == ["runtimes a a"])
        store.update(runtime("a", version: "2"), kind: .runtimes)
        #expect(changes.take() == ["runtimes a a"])
        store.update(scaler("h", of: "a"), kind: .autoscalers)
        store.update(scaler("h", of: "b", version: "2"), kind: .autoscalers)
        #expect(changes.take() == ["autoscalers h a", "autoscalers h b", "autoscalers h a"])
        store.remove(key("h"), kind: .autoscalers)
        store.remove(key("h"), kind: .autoscalers)
        #expect(changes.take() == ["autoscalers h b"])
        store.update(workerSet(.statefulSet, "a-worker", release: "a"), kind: .statefulSets)
        #expect(changes.take() == ["statefulSets a-worker a"])
    }

    @Test func `a list sweeps away what it did not see, and only then`() {
        let changes = Recorder()
        let store = Store { changes.add($0) }
        #expect(!store.isSynced(.runtimes))
        store.beginList(.runtimes)
        store.update(runtime("a"), kind: .runtimes)
        store.update(runtime("b"), kind: .runtimes)
        store.endList(.runtimes)
        #expect(store.isSynced(.runtimes))
        _ = changes.take()
        store.beginList(.runtimes)
        store.update(runtime("b"), kind: .runtimes)
        #expect(store.count(.runtimes) == 2)
        store.endList(.runtimes)
        #expect(store.runtimes().map(\.meta.name) == ["b"])
        #expect(changes.take() == ["runtimes a a"])
    }

    @Test func `it is synced when all kinds are, those included that the cluster does not have`() {
        let store = Store()
        for kind in StoredKind.base {
            #expect(!store.isSynced)
            if kind == .scaledObjects { store.clear(kind) } else { store.endList(kind) }
        }
        #expect(store.isSynced)
        #expect(!store.isPresent(.scaledObjects))
        #expect(store.isPresent(.runtimes))
    }

    @Test func `a cleared kind leaves no scalers behind`() {
        let store = Store()
        store.update(scaler("a", of: "hbase", kind: .scaledObject), kind: .scaledObjects)
        store.clear(.scaledObjects)
        #expect(store.scalers(of: key("hbase")).isEmpty)
        #expect(store.count(.scaledObjects) == 0)
        store.update(scaler("a", of: "spark", kind: .scaledObject), kind: .scaledObjects)
        #expect(store.scalers(of: key("hbase")).isEmpty)
        #expect(store.scalers(of: key("spark")).count == 1)
    }

    @Test func `a runtime's worker set is told by labels and name`() {
        let store = Store()
        store.update(workerSet(.daemonSet, "a-worker", release: "a"), kind: .daemonSets)
        #expect(store.workerSet(of: key("a"))?.kind == .daemonSet)
        store.update(workerSet(.statefulSet, "a-worker", release: "a"), kind: .statefulSets)
        #expect(store.workerSet(of: key("a"))?.kind == .statefulSet)
        store.update(workerSet(.statefulSet, "b-worker", release: "other"), kind: .statefulSets)
        #expect(store.workerSet(of: key("b")) == nil)
        #expect(store.workerSet(key("b-worker"), kind: .statefulSet)?.runtimeKey == nil)
    }

    @Test func `readers and writers on many threads do not disturb each other`() async {
        let store = Store()
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    for round in 0..<500 {
                        store.update(
                            self.scaler("h\(task)", of: "r\(round % 3)", version: "\(round)"), kind: .autoscalers)
                        _ = store.scalers(of: self.key("r1"))
                    }
                    store.remove(self.key("h\(task)"), kind: .autoscalers)
                }
            }
        }
        for name in ["r0", "r1", "r2"] { #expect(store.scalers(of: key(name)).isEmpty) }
    }
}
