import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller

/// What is made of what the API server and the workers say.
@Suite struct `A look` {
    private static func page(_ blocks: JSON) throws -> WorkerListPage {
        let file: JSON = [
            "id": 1, "absolutePath": "/f", "persistenceState": "PERSISTED", "pinned": false, "blocksOnTier": blocks,
        ]
        let body: JSON = ["ntotalFile": 1, "fatalError": "", "orderedTierAliases": [], "fileInfos": [file]]
        var parser = JSONParser()
        return WorkerListPage(try parser.parse(body.encoded()))
    }

    @Test func `a file's bytes are the sum of its blocks, and unknown where one has none`() throws {
        let block: JSON = ["blockLength": 5]
        #expect(try Self.page(["MEM": [block, block], "SSD": [block]]).entries?.map(\.file.bytes) == [15])
        #expect(try Self.page([:]).entries?.map(\.file.bytes) == [0])
        for wrong in [["MEM": [["blockLength": -1]]], ["MEM": [[:]]], ["MEM": [["blockLength": "5"]]], "MEM", [block]]
            as [JSON]
        {
            #expect(try Self.page(wrong).entries == nil, "\(wrong)")
        }
    }

    @Test func `whoever was asked and has ended by the end of the look is not forgotten`() {
        func pod(_ uid: String) -> Pod { Pod(meta: ObjectMeta(name: uid, namespace: "d", uid: uid)) }
        var target = DrainTarget(key: ObjectKey(namespace: "d", name: "r"))
        target.pods = [pod("a")]
        let snapshots = Snapshots(settings: ReconcilerSettings())
        #expect(snapshots.snapshot(of: target, asked: [pod("a"), pod("b")]).departed.map(\.uid) == ["b"])
        target.trouble = .definitionMissing
        #expect(snapshots.snapshot(of: target, asked: [pod("b")]).departed.isEmpty)
    }

    /// Three workers from this ordinal on, of the old revision where they are not the highest.
    private static func target(
        first: Int32 = 0, replicas: Int32? = 3, strategy: String = "RollingUpdate", partition: Int32 = 0
    ) -> DrainTarget {
        var target = DrainTarget(key: ObjectKey(namespace: "d", name: "r"))
        target.runtime = AlluxioRuntime(meta: ObjectMeta(name: "r"), replicas: replicas)
        var set = WorkerSet(
            kind: .statefulSet, meta: ObjectMeta(name: "r-worker"), replicas: 3, updateStrategy: strategy,
            updateRevision: "2")
        (set.firstOrdinal, set.partition) = (first, partition)
        target.workerSet = set
        target.pods = (0..<3).map { index in
            let labels = ["controller-revision-hash": index == 2 ? "2" : "1"]
            return Pod(meta: ObjectMeta(name: "r-worker-\(Int(first) + index)", labels: labels))
        }
        return target
    }

    @Test func `ordinals may lie where 32 bits end`() {
        for first in [Int32.max - 1, .max, .min] {
            let seen = Snapshots(settings: ReconcilerSettings()).snapshot(of: Self.target(first: first))
            #expect(seen.workerSet?.firstOrdinal == Int(first))
            #expect(first < 0 || (seen.workers.last?.ordinal == Int(first) + 2 && seen.workerSet?.isRolling == true))
        }
    }

    @Test func `a count below zero is none`() {
        for count in [-1, Int32.min] {
            let seen = Snapshots(settings: ReconcilerSettings()).snapshot(of: Self.target(replicas: count))
            #expect(seen.runtime?.wanted == nil && seen.workerSet?.isRolling == false)
        }
    }

    @Test(
        arguments: [
            ("RollingUpdate", 0, true), ("RollingUpdate", 1, true), ("RollingUpdate", 2, false), ("OnDelete", 0, false),
            ("RollingUpdate", -1, true), ("RollingUpdate", .max, false),
        ] as [(String, Int32, Bool)])
    func `what is kept back by a partition, or until somebody deletes it, is no roll-out`(
        strategy: String, partition: Int32, isRolling: Bool
    ) {
        // A partition counts from the first ordinal on (`stateful_set_control.go`).
        for first: Int32 in [0, 5] {
            let target = Self.target(first: first, strategy: strategy, partition: partition)
            let seen = Snapshots(settings: ReconcilerSettings()).snapshot(of: target)
            #expect(seen.workerSet?.isRolling == isRolling)
        }
    }

    @Test(arguments: [
        #""workers":[],"lostWorkers":[{"address":{"host":null}}]"#, #""workers":[{}],"lostWorkers":[]"#,
        #""workers":[]"#,
    ])
    func `a list of workers that can't be read is not one without any`(fields: String) throws {
        var parser = JSONParser()
        #expect(MasterInfo(try parser.parse(Array("{\(fields)}".utf8))) == nil)
    }

    @Test func `a lost worker on a node that is shared is another than the one that runs there`() {
        let ports = [Pod.Container.Port(name: "web", number: 20001)]
        let container = Pod.Container(name: DrainTarget.workerContainer, ports: ports, hasEverStarted: true)
        var pod = Pod(meta: ObjectMeta(name: "a"), hostIP: "10.0.0.1", podIP: "10.0.0.1", containers: [container])
        func worker(_ port: Int) -> MasterInfo.Worker { .init(host: "10.0.0.1", containerHost: "", webPort: port) }
        let info = MasterInfo(version: nil, workers: [worker(20001)], lostWorkers: [worker(20002)])
        #expect(info.strangers(beside: [pod]) == ["10.0.0.1:20002"])
        // Without a port's name the host has to do.
        pod.containers[0].ports = []
        #expect(info.strangers(beside: [pod]) == [])
    }

    @Test func `what another webhook or a quota refuses is no missing right`() {
        func obstacle(_ message: String) -> DrainObstacle {
            .cluster(.status(APIStatus(code: 403, reason: "Forbidden", message: message)), "patch statefulsets")
        }
        for message in [
            #"admission webhook "a.b" denied the request: no scaling on Fridays"#,
            #"pods "a" is forbidden: exceeded quota: cpu, requested: 1, used: 2, limited: 2"#,
        ] {
            #expect(obstacle(message) == .apiServer("patch statefulsets: \(message)"))
        }
        let right =
            #"statefulsets.apps "a" is forbidden: User "s" cannot patch resource "statefulsets" in API group "apps""#
        #expect(obstacle(right) == .forbidden("patch statefulsets") && obstacle("") == obstacle(right))
    }

    @Test func `nobody removes a DaemonSet's workers unless that was said`() {
        #expect(ReconcilerSettings().daemonRemoval == .unattended)
    }
}
