import Kubernetes
import Rules
import Testing
import Wire

@testable import Controller

@Suite struct `The record of a drain` {
    @Test func `is read as it was written`() throws {
        var ledger = DrainLedger()
        (ledger.runtimeUID, ledger.workerSetUID, ledger.epoch) = ("r", "s", 7)
        (ledger.elapsed, ledger.stalled) = (.seconds(90), .milliseconds(1500))
        ledger.outOfService = [OutOfService(name: "a", uid: "b", host: "10.0.0.1", webPort: 1)]
        ledger.removedLabels = [RemovedLabels(node: "n", labels: ["x/y": "1", "z": ""])]
        ledger.places = ["w-1", "w-0"]
        ledger.emptied = ["10.0.0.1:30001"]
        ledger.outcome = .cancelled
        var worker = LeavingWorker(name: "w-1", uid: "u", node: "n")
        worker.start = .init(files: 3, bytes: 9)
        worker.now = .init(files: nil, bytes: 4)
        let record = DrainRecord(
            state: .freeing, plan: DrainPlan(from: 2, target: 1, leaving: [worker]), ledger: ledger,
            blocked: .init(reason: "Budget", text: "t", remedy: "r"))
        let drain = WorkerDrain(meta: ObjectMeta(name: "hbase"), spec: record.spec, status: record.status)
        #expect(try DrainRecord(drain) == record)
        for version in [JSON.null, 0, 2, "1"] {
            var other = drain
            other.spec["version"] = version
            #expect(throws: DrainRecordError.self) { try DrainRecord(other) }
        }
    }

    /// 500 workers with long names, out of service, all remembered: still far below what an object may have.
    @Test func `says what is left only as long as something may be`() {
        var worker = LeavingWorker(name: "w-1", uid: "u", node: "n")
        worker.now = .init(files: 1, bytes: 2048)
        let plan = DrainPlan(from: 2, target: 1, leaving: [worker])
        for state in DrainPhase.Kind.allCases {
            let left = DrainRecord(state: state, plan: plan, ledger: DrainLedger()).status["left"]?.string
            let isOver = [.idle, .coolingDown, .confirming].contains(state)
            #expect(left == (isOver ? nil : "1 file, 2 KiB"), "\(state)")
        }
    }

    @Test func `of the largest drain fits into its object`() throws {
        var ledger = DrainLedger()
        let name = "a-runtime-with-a-name-as-long-as-it-may-be-worker-"
        let uid = "01234567-89ab-cdef-0123-456789abcdef"
        ledger.places = Set((0..<DrainTiming.placesMaximum).map { name + "\($0)" })
        ledger.emptied = Set((0..<DrainTiming.emptiedMaximum).map { "2001:db8:1234:5678:9abc:def0:1234:\($0):30001" })
        var leaving: [LeavingWorker] = []
        for index in 0..<DrainTiming.leavingMaximum {
            var worker = LeavingWorker(name: name + "\(index)", uid: uid, node: "node-\(index).example.internal")
            worker.start = .init(files: 1_000_000, bytes: 1 << 50)
            worker.now = .init(files: 1_000_000, bytes: 1 << 50)
            worker.capacityBytes = 1 << 50
            leaving.append(worker)
            ledger.outOfService.append(
                OutOfService(name: worker.name, uid: uid, host: "10.100.100.100", webPort: 20000))
        }
        let record = DrainRecord(
            state: .removing, plan: DrainPlan(from: 1000, target: 500, leaving: leaving), ledger: ledger)
        let drain = WorkerDrain(meta: ObjectMeta(name: "hbase"), spec: record.spec, status: record.status)
        #expect(drain.spec.encoded().count + drain.status.encoded().count < 300_000)
        #expect(OutOfService.text(ledger.outOfService)?.utf8.count ?? 0 < 100_000)
        #expect(try DrainRecord(drain) == record)
    }
}
