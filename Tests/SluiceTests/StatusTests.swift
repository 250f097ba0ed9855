import Controller
import Kubernetes
import Rules
import Testing
import Wire

@testable import sluice

@Suite struct `The status of drains` {
    let now = Timestamp(millisecondsSinceEpoch: 1_800_000_060_000)

    func ago(_ seconds: Int64) -> Timestamp {
        Timestamp(millisecondsSinceEpoch: now.millisecondsSinceEpoch - seconds * 1000)
    }

    func runtime(_ name: String, _ wanted: Int32?) -> AlluxioRuntime {
        AlluxioRuntime(meta: ObjectMeta(name: name, namespace: "default"), replicas: wanted)
    }

    func set(_ name: String, _ present: Int32, record: String? = nil) -> WorkerSet {
        var meta = ObjectMeta(name: "\(name)-worker", namespace: "default")
        meta.labels = ["app": "alluxio", "role": "alluxio-worker", "release": name]
        if let record { meta.annotations[Annotation.drainRecord] = record }
        return WorkerSet(kind: .statefulSet, meta: meta, replicas: present, readyPods: present)
    }

    /// A record as the reconciler writes it.
    func record(_ state: String, more: String = "") -> String {
        """
        {"version":1,"state":"\(state)","workerSet":"u","runtime":"r","target":1,"startedAt":1800000000000,
        "stateSince":1800000050000,"round":1,"ran":0,"bytesAtStart":104857600,
        "leaving":[{"name":"hbase-worker-1","uid":"a"},{"name":"hbase-worker-2","uid":"b"}],
        "left":[{"name":"hbase-worker-1","files":3,"bytes":1024},{"name":"hbase-worker-2","files":41,"bytes":52427776}],
        "leftAt":1800000050000\(more)}
        """
    }

    @Test func `shows each leaving worker with what is left, how fast, and how long`() {
        let runtimes = RuntimeStatus.join(
            [runtime("idle", 2), runtime("hbase", 1)], [set("hbase", 3, record: record("Settling")), set("idle", 2)])
        #expect(
            StatusOutput.table(runtimes, now: now) == """
                RUNTIME         WANTED   PRESENT   STATE      SINCE   LEAVING          FILES   LEFT    RATE     TIME LEFT
                default/hbase   1        3         Settling   10s     hbase-worker-1   3       1KiB    1MiB/s   50s
                                                                      hbase-worker-2   41      50MiB
                default/idle    2        2         Idle       -       -                -       -       -        -

                """)
    }

    @Test func `says what blocks, since when, and what to do`() {
        let blocked = """
            ,"blocked":{"reason":"Unpersisted","text":"hbase-worker-2 holds /a that is not persisted.",
            "remedy":"Persist it.","since":1800000000000}
            """
        let runtimes = RuntimeStatus.join(
            [runtime("hbase", 1)], [set("hbase", 3, record: record("Checking", more: blocked))])
        let table = StatusOutput.table(runtimes, now: now)
        #expect(table.contains("   Blocked   10s "))
        #expect(table.contains("\n  Unpersisted for 1m: hbase-worker-2 holds /a that is not persisted. Persist it.\n"))
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
        let status = RuntimeStatus.join([runtime("hbase", expected.wanted)], sets).first
        #expect(status?.state == expected.state)
        #expect(status?.remarks(now: now).isEmpty == (expected.state != "Waiting"))
    }

    @Test func `takes no record that it can't read for a drain`() {
        for text in ["", "{}", "{\"version\":2}", "[", record("Idle"), record("Dancing")] {
            #expect(DrainReport(recordText: text) == nil)
        }
        #expect(StatusOutput.table([], now: now) == "there are no AlluxioRuntimes\n")
    }

    @Test func `claims no speed that nobody saw`() throws {
        var report = try #require(DrainReport(recordText: record("Freeing")))
        #expect(report.bytesLeft == 52_428_800)
        #expect(report.bytesPerSecond == 1_048_576)
        report.workers[0].bytes = nil
        #expect(report.bytesLeft == nil)
        #expect(report.bytesPerSecond == nil)
        report.workers[0].bytes = .max
        #expect(report.bytesLeft == nil)
        report.workers = [.init(name: "a", files: 1, bytes: report.bytesAtStart)]
        #expect(report.secondsLeft == nil)
        report.workers = [.init(name: "a", files: 0, bytes: 0)]
        #expect(report.secondsLeft == 0)
        report.lookedAt = report.startedAt
        #expect(report.bytesPerSecond == nil)
    }

    @Test func `says the same to programs`() throws {
        let runtimes = RuntimeStatus.join([runtime("hbase", 1)], [set("hbase", 3, record: record("Settling"))])
        var parser = JSONParser()
        let root = try parser.parse(Array(StatusOutput.json(runtimes).utf8))
        let entry = try #require(root["runtimes"]?.elements.map { $0 }.first)
        #expect(entry["state"]?.string == "Settling")
        #expect(entry["drain"]?["bytesLeft"]?.int64 == 52_428_800)
        #expect(entry["drain"]?["secondsLeft"]?.int64 == 50)
        #expect(entry["drain"]?["stateSince"]?.string == "2027-01-15T08:00:50Z")
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
