import Kubernetes
import Testing
import Wire

@testable import Controller
@testable import Simulation

@Suite struct `Leader election` {
    static let key = ObjectKey(namespace: "sluice-system", name: "sluice")
    let bench = DrainBench { plan, _ in plan.installations = 0 }

    private func election(_ identity: String, _ leadership: Leadership) -> LeaderElection<SimCluster> {
        LeaderElection(
            cluster: bench.world.client(), settings: .init(lease: Self.key, identity: identity), leadership: leadership)
    }

    /// Stands for election, and writes down when it leads, until it is cancelled.
    private func stand(_ identity: String, _ leadership: Leadership, _ leaders: Leaders) -> Task<Void, Never> {
        let world = bench.world
        let cluster = world.client()
        let election = election(identity, leadership)
        return Task(executorPreference: world.executor) {
            await election.run { _ in
                leaders.all.append((identity, world.now))
                #expect(leadership.isHeld(at: cluster.monotonicTime()))
                // Until the lease is lost, or nobody wants it any more.
                try? await cluster.sleep(for: .seconds(3600))
            }
        }
    }

    private final class Leaders: @unchecked Sendable {
        // The world's one thread is the only one that touches it.
        var all: [(name: String, at: Int64)] = []
    }

    private var lease: JSON? { bench.world.server.object(.leases, Self.key)?["spec"] }

    @Test func `one of two works, and the other takes over when the lease is left`() {
        let leaders = Leaders()
        let leadership = Leadership()
        let one = stand("one", leadership, leaders)
        bench.run(seconds: 5)
        let two = stand("two", Leadership(), leaders)
        bench.run(minutes: 2)
        #expect(leaders.all.map(\.name) == ["one"] && lease?["holderIdentity"] == "one")
        one.cancel()
        bench.run(seconds: 1)
        let left = election("one", leadership)
        bench.world.perform { await left.release() }
        bench.run(seconds: 5)
        #expect(!leadership.isHeld(at: .microseconds(bench.world.now)))
        #expect(leaders.all.map(\.name) == ["one", "two"] && lease?["holderIdentity"] == "two")
        two.cancel()
    }

    @Test func `a lease that moves is not taken, one that stands still for its duration is`() {
        let leaders = Leaders()
        func renew() {
            let now = bench.world.wallClock / 1_000
            let lease = Lease(
                meta: ObjectMeta(name: "sluice", namespace: "sluice-system"), holder: "other", durationSeconds: 15,
                acquiredMilliseconds: now, renewedMilliseconds: now)
            if self.lease == nil { bench.world.server.create(.leases, Self.key, lease.json, by: .person) }
            bench.world.server.change(.leases, Self.key) { $0["spec"] = lease.json["spec"] }
        }
        renew()
        let us = stand("us", Leadership(), leaders)
        for _ in 0..<6 {
            bench.run(seconds: 10)
            renew()
        }
        let last = bench.world.now
        bench.run(seconds: 30)
        #expect(leaders.all.count == 1 && leaders.all.first.map { $0.at - last >= .seconds(15) } == true)
        #expect(lease?["leaseTransitions"] == 1)
        us.cancel()
    }

    @Test func `nobody leads by a lease that can't be written`() {
        let leaders = Leaders()
        bench.fail("create leases", .status(500, retryAfter: nil))
        let us = stand("us", Leadership(), leaders)
        bench.run(minutes: 1)
        #expect(leaders.all.isEmpty && lease == nil)
        bench.mend()
        bench.run(seconds: 10)
        #expect(leaders.all.count == 1)
        us.cancel()
    }

    @Test func `nothing is written once the lease may be someone else's`() {
        let leadership = Leadership()
        let guarded = LeadingCluster(bench.world.client(), leadership: leadership)
        let write = APIRequest.patch(
            .alluxioRuntimes, namespace: "data", name: "hbase", type: .merge, body: ["spec": [:]])
        let command = ExecRequest(
            namespace: "data", pod: "hbase-master-0", container: "alluxio-master", command: ["alluxio"],
            timeout: .seconds(1))
        func isDone(_ request: APIRequest) -> Bool? {
            bench.world.perform { (try? await guarded.send(request)) != nil }
        }
        #expect(isDone(write) == false && isDone(.get(.alluxioRuntimes, namespace: "data", name: "hbase")) == true)
        #expect(bench.world.perform { (try? await guarded.exec(command)) != nil } == false)
        leadership.hold(until: .microseconds(bench.world.now) + .seconds(10))
        #expect(isDone(write) == true)
        bench.run(seconds: 10)
        #expect(isDone(write) == false && bench.asked("PATCH").count == 1)
    }
}
