import Controller
import Kubernetes
import Rules
import Testing
import Wire

@testable import sluice

@Suite struct `The status of drains` {
    func runtime(_ name: String, _ wanted: Int32?) -> AlluxioRuntime {
        AlluxioRuntime(meta: ObjectMeta(name: name, namespace: "default", uid: "r"), replicas: wanted)
    }

    func set(_ name: String, _ present: Int32, kind: WorkerSet.Kind = .statefulSet) -> WorkerSet {
        var meta = ObjectMeta(name: "\(name)-worker", namespace: "default")
        meta.labels = ["app": "alluxio", "role": "alluxio-worker", "release": name]
        return WorkerSet(kind: kind, meta: meta, replicas: present, readyPods: present)
    }

    func record(_ state: DrainPhase.Kind, blocked: DrainRecord.Blocked? = nil) -> DrainRecord {
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID, ledger.elapsed) = ("r", "u", .seconds(50))
        func worker(_ name: String, _ files: Int, _ bytes: Int64) -> LeavingWorker {
            var worker = LeavingWorker(name: name, uid: name)
            worker.start = .init(files: 100, bytes: 52_428_800)
            worker.now = .init(files: files, bytes: bytes)
            return worker
        }
        let leaving = [worker("hbase-worker-1", 3, 1024), worker("hbase-worker-2", 41, 52_427_776)]
        return DrainRecord(
            state: state, plan: DrainPlan(from: 3, target: 1, leaving: leaving), ledger: ledger, blocked: blocked,
            secondsLeft: blocked == nil ? 50 : nil)
    }

    /// The drain's object as the reconciler writes it, read back through JSON.
    func drain(_ record: DrainRecord) throws -> WorkerDrain {
        // What a drain's object holds is the controller's matter; here it is only carried.
        let object = record.object(name: "hbase", namespace: "default")
        var parser = JSONParser()
        return try WorkerDrain(parser.parse(object.encoded()))
    }

    @Test func `shows each leaving worker with what is left, how fast, and how long`() throws {
        let runtimes = RuntimeStatus.join(
            [runtime("idle", 2), runtime("hbase", 1)], [set("hbase", 3), set("idle", 2)], [try drain(record(.settling))]
        )
        #expect(
            StatusOutput.table(runtimes) == """
                RUNTIME         WANTED   PRESENT   STATE      FOR   LEAVING          FILES   LEFT    RATE     TIME LEFT
                default/hbase   1        3         Settling   50s   hbase-worker-1   3       1KiB    1MiB/s   50s
                                                                    hbase-worker-2   41      50MiB
                default/idle    2        2         Idle       -     -                -       -       -        -

                """)
    }

    @Test func `says what blocks a runtime that never had a drain`() throws {
        var paused = DrainRecord(state: .idle, plan: nil, ledger: DrainLedger())
        paused.blocked = .init(reason: "Paused", text: "disks are changed.", remedy: "Remove it.")
        let runtimes = RuntimeStatus.join([runtime("hbase", 1)], [set("hbase", 3)], [try drain(paused)])
        #expect(runtimes.map(\.state) == ["Blocked"])
        #expect(runtimes.map(\.remarks) == [["Paused: disks are changed. Remove it."]])
    }

    @Test func `says what blocks, and what to do`() throws {
        let blocked = DrainRecord.Blocked(
            reason: "Unpersisted", text: "hbase-worker-2 holds /a that is not persisted.", remedy: "Persist it.")
        let runtimes = RuntimeStatus.join(
            [runtime("hbase", 1)], [set("hbase", 3)], [try drain(record(.checking, blocked: blocked))])
        let table = StatusOutput.table(runtimes)
        #expect(table.contains("   Blocked   50s "))
        #expect(table.contains("\n  Unpersisted: hbase-worker-2 holds /a that is not persisted. Persist it.\n"))
        #expect(runtimes.first?.drain?.secondsLeft == nil)
    }

    struct Case: Sendable {
        let wanted: Int32?
        let present: Int32?
        let state: String
    }

    static let cases = [
        Case(wanted: 3, present: 3, state: "Idle"), Case(wanted: 1, present: 3, state: "Waiting"),
        Case(wanted: 3, present: 1, state: "Growing"), Case(wanted: nil, present: 2, state: "Waiting"),
        Case(wanted: 2, present: nil, state: "NoWorkerSet"),
    ]

    @Test(arguments: cases) func `names what goes on without a drain`(expected: Case) {
        let sets = expected.present.map { [set("hbase", $0)] } ?? []
        let status = RuntimeStatus.join([runtime("hbase", expected.wanted)], sets, []).first
        #expect(status?.state == expected.state)
        #expect(status?.remarks.isEmpty == (expected.state != "Waiting"))
    }

    @Test func `says which flag drains a DaemonSet`() {
        let status = RuntimeStatus.join([runtime("hbase", 1)], [set("hbase", 3, kind: .daemonSet)], []).first
        #expect(status?.remarks.first?.contains("--remove-by-node-label") == true)
    }

    @Test func `takes no drain of another runtime, or of another version, for this one`() throws {
        var other = record(.freeing)
        other.ledger.runtimeUID = "r-0"
        var future = try drain(record(.freeing))
        future.spec["version"] = 99
        for object in [try drain(other), future] {
            let status = RuntimeStatus.join([runtime("hbase", 1)], [set("hbase", 3)], [object]).first
            #expect(status?.drain == nil && status?.state == "Waiting")
        }
        #expect(StatusOutput.table([]) == "there are no AlluxioRuntimes\n")
    }

    @Test func `leaves out what can't be read, and says so`() throws {
        func runtime(_ name: String, _ replicas: JSON) -> JSON {
            ["metadata": ["name": .string(name), "namespace": "default"], "spec": ["replicas": replicas]]
        }
        let list: JSON = [runtime("hbase", 3), runtime("broken", "three"), 7]
        var parser = JSONParser()
        let items = try parser.parse(list.encoded())
        let read = ReadableItems(items, of: "AlluxioRuntime") { (item) throws(ObjectError) in
            try AlluxioRuntime(item)
        }
        #expect(read.objects.map(\.meta.name) == ["hbase"])
        #expect(
            read.problems == [
                "AlluxioRuntime default/broken is left out: spec.replicas is not an integer of 32 bits",
                "AlluxioRuntime ?/? is left out: metadata is missing",
            ])
    }

    @Test func `says the same to programs`() throws {
        let runtimes = RuntimeStatus.join([runtime("hbase", 1)], [set("hbase", 3)], [try drain(record(.settling))])
        var parser = JSONParser()
        let root = try parser.parse(Array(StatusOutput.json(runtimes).utf8))
        let entry = try #require(root["runtimes"]?.elements.map { $0 }.first)
        #expect(entry["state"]?.string == "Settling")
        #expect(entry["drain"]?["bytesLeft"]?.int64 == 52_428_800)
        #expect(entry["drain"]?["secondsLeft"]?.int64 == 50)
        #expect(entry["drain"]?["seconds"]?.int64 == 50)
        #expect(
            entry["drain"]?["workers"]?.elements.map { $0["name"]?.string } == ["hbase-worker-1", "hbase-worker-2"])
    }

    @Test(arguments: [
        (0.0, "0B"), (999, "999B"), (1000, "1KiB"), (1024, "1KiB"), (1536, "1.5KiB"), (10_240, "10KiB"),
        (1_048_576, "1MiB"), (52_427_776, "50MiB"), (1_600_000_000, "1.5GiB"), (-5, "0B"),
        (9e30, "8185452315956354048TiB"),
    ])
    func `counts bytes in three digits`(count: Double, text: String) {
        #expect(TextTable.bytes(count) == text)
    }

    @Test(arguments: [
        (Int64(0), "0s"), (59, "59s"), (60, "1m"), (603, "10m3s"), (7500, "2h5m"), (3661, "1h1m"), (273_600, "3d4h"),
        (-1, "0s"),
    ])
    func `counts time in two units`(seconds: Int64, text: String) {
        #expect(TextTable.seconds(seconds) == text)
    }
}
