import Kubernetes
import Synchronization
import Testing
import Wire

@testable import Controller

@Suite struct `Leader election` {
    static let key = ObjectKey(namespace: "sluice-system", name: "sluice")
    static let path = "/apis/coordination.k8s.io/v1/namespaces/sluice-system/leases/sluice"

    static func election(
        _ cluster: FakeCluster, _ identity: String, _ leadership: Leadership
    ) -> LeaderElection<FakeCluster> {
        LeaderElection(
            cluster: cluster, settings: .init(lease: key, identity: identity), leadership: leadership)
    }

    static func holder(_ cluster: FakeCluster) -> String? {
        cluster.state.withLock { $0.objects[path]?["spec"]?["holderIdentity"]?.string }
    }

    @Test(.timeLimit(.minutes(5)))
    func `one of two works, and the other takes over when the lease is left`() async {
        let cluster = FakeCluster(workers: 1, wanted: 1)
        let one = Leadership()
        let two = Leadership()
        let order = Shared<[String]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await Self.election(cluster, "one", one).run {
                    order.change { $0.append("one") }
                    #expect(one.isHeld(at: cluster.monotonicTime()))
                }
                // `run` returns only when it is cancelled.
            }
            while order.value.isEmpty { await Task.yield() }
            #expect(Self.holder(cluster) == "one")
            group.cancelAll()
            await group.waitForAll()
        }
        #expect(!one.isHeld(at: cluster.monotonicTime()))
        await Self.election(cluster, "one", one).release()
        #expect(Self.holder(cluster) == "")
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await Self.election(cluster, "two", two).run { order.change { $0.append("two") } } }
            while order.value.count < 2 { await Task.yield() }
            group.cancelAll()
        }
        #expect(Array(order.value.prefix(2)) == ["one", "two"])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a lease that moves is not taken, one that stands still for its duration is`() async throws {
        let cluster = FakeCluster(workers: 1, wanted: 1)
        let now = cluster.wallClockMilliseconds()
        let lease = Lease(
            meta: ObjectMeta(name: "sluice", namespace: "sluice-system"), holder: "other", durationSeconds: 15,
            acquiredMilliseconds: now, renewedMilliseconds: now)
        _ = try await cluster.send(.create(.leases, namespace: "sluice-system", body: lease.json))
        let leadership = Leadership()
        let ledAt = Shared<Int64?>(nil)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                await Self.election(cluster, "us", leadership).run {
                    ledAt.change { $0 = $0 ?? cluster.wallClockMilliseconds() }
                }
            }
            while ledAt.value == nil { await Task.yield() }
            group.cancelAll()
        }
        #expect((ledAt.value ?? 0) - now >= 15_000)
        #expect(cluster.state.withLock { $0.objects[Self.path]?["spec"]?["leaseTransitions"]?.int64 } == 1)
    }

    @Test func `nothing is written once the lease may be someone else's`() async throws {
        let cluster = FakeCluster(workers: 1, wanted: 1)
        let leadership = Leadership()
        let guarded = LeadingCluster(cluster, leadership: leadership)
        let write = APIRequest.patch(
            .alluxioRuntimes, namespace: "data", name: "hbase", type: .merge, body: ["spec": [:]])
        let command = ExecRequest(
            namespace: "data", pod: "hbase-master-0", container: "alluxio-master", command: ["alluxio"],
            timeout: .seconds(1))
        await #expect(throws: ClusterError.self) { try await guarded.send(write) }
        await #expect(throws: ClusterError.self) { try await guarded.exec(command) }
        _ = try await guarded.send(.get(.alluxioRuntimes, namespace: "data", name: "hbase"))
        leadership.hold(until: cluster.monotonicTime() + .seconds(10))
        _ = try await guarded.send(write)
        cluster.advance(.seconds(10))
        await #expect(throws: ClusterError.self) { try await guarded.send(write) }
        #expect(cluster.state.withLock { state in state.requests.count { $0.method == .patch } } == 1)
    }
}

/// A value that several tasks of a test share.
private final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) {
        mutex.withLock { body(&$0) }
    }
}
