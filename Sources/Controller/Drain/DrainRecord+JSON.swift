internal import Kubernetes
public import Rules
public import Wire

/// A drain as the `spec` and `status` of its object: durations in milliseconds, so that no clock is needed to read them.
extension DrainRecord {
    /// The version of what is written; a newer one is not read, and never written over.
    static var version: Int64 { 1 }

    /// What is drained.
    var spec: JSON {
        [
            "version": .integer(Self.version), "runtimeUID": .string(ledger.runtimeUID),
            "workerSetUID": .string(ledger.workerSetUID), "epoch": .integer(ledger.epoch),
            "from": plan.map { .integer(Int64($0.from)) } ?? .null,
            "target": plan.map { .integer(Int64($0.target)) } ?? .null,
            "workers": .array(
                (plan?.leaving ?? []).map {
                    ["name": .string($0.name), "uid": .string($0.uid), "node": .string($0.node)]
                }),
        ]
    }

    /// How far it is; what there is none of is null, so that a merge takes it away.
    var status: JSON {
        [
            "state": .string(state.rawValue), "left": left.map(JSON.string) ?? .null,
            "blocked": blocked.map { blocked in
                [
                    "reason": .string(blocked.reason), "message": .string(blocked.text),
                    "remedy": .string(blocked.remedy),
                ]
            } ?? .null,
            "workers": .array((plan?.leaving ?? []).map(Self.worker)),
            "bytesPerSecond": bytesPerSecond.flatMap { Int64(exactly: $0.rounded()) }.map(JSON.integer) ?? .null,
            "secondsLeft": secondsLeft.map(JSON.integer) ?? .null, "outcome": .string(ledger.outcome?.rawValue ?? ""),
            "elapsed": Self.milliseconds(ledger.elapsed), "quiet": Self.milliseconds(ledger.quiet),
            "stalled": Self.milliseconds(ledger.stalled), "cooled": Self.milliseconds(cooled),
            "lowestFiles": ledger.lowestFiles.map { .integer(Int64($0)) } ?? .null,
            "lowestBytes": ledger.lowestBytes.map(JSON.integer) ?? .null,
            "calls": .integer(Int64(ledger.answered)), "putBacks": .integer(Int64(ledger.putBacks)),
            "present": ledger.present.map { .integer(Int64($0)) } ?? .null,
            "looks": .integer(ledger.looks), "places": .array(ledger.places.sorted().map(JSON.string)),
            "emptied": .array(ledger.emptied.sorted().map(JSON.string)),
            "outOfService": OutOfService.text(ledger.outOfService).map(JSON.string) ?? .null,
            "removedLabels": .array(
                ledger.removedLabels.map { removed in
                    let labels = removed.labels.sorted { $0.key < $1.key }
                    return [
                        "node": .string(removed.node),
                        "labels": .object(labels.map { JSON.Member($0.key, .string($0.value)) }),
                    ]
                }),
        ]
    }

    /// What is left, in a few words for a column.
    private var left: String? {
        guard let plan, state != .idle, state != .coolingDown, state != .confirming else { return nil }
        guard let bytes = plan.bytesLeft else { return "?" }
        let size = bytes >= 10 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
        return plan.filesLeft.map { "\($0) \($0 == 1 ? "file" : "files"), \(size)" } ?? size
    }

    private static func worker(_ worker: LeavingWorker) -> JSON {
        var json: JSON = ["name": .string(worker.name)]
        json["filesAtStart"] = worker.start?.files.map { .integer(Int64($0)) }
        json["bytesAtStart"] = worker.start.map { .integer($0.bytes) }
        json["files"] = worker.now?.files.map { .integer(Int64($0)) }
        json["bytes"] = worker.now.map { .integer($0.bytes) }
        json["capacityBytes"] = worker.capacityBytes.map(JSON.integer)
        return json
    }

    private static func milliseconds(_ duration: Duration) -> JSON {
        .integer(duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000)
    }
}

extension DrainRecord {
    /// The whole object of a runtime of this name, as tests and reports show it.
    public func object(name: String, namespace: String) -> JSON {
        [
            "apiVersion": .string(Resource.workerDrains.apiVersion), "kind": .string(WorkerDrain.kind),
            "metadata": ["name": .string(name), "namespace": .string(namespace)], "spec": spec, "status": status,
        ]
    }
}

/// Why a drain's object can't be read: it is never taken for none.
struct DrainRecordError: Error {
    var problem: String
}

extension DrainRecord {
    /// The longest duration, count and number that is believed: anybody may write an object.
    private static var durationMaximum: Int64 { 366 * 24 * 3_600_000 }

    /// Reads a drain's object.
    init(_ drain: WorkerDrain) throws(DrainRecordError) {
        let (spec, status) = (drain.spec, drain.status)
        guard let version = spec["version"]?.int64, (1...Self.version).contains(version) else {
            throw DrainRecordError(problem: "spec.version is \(spec["version"]?.int64.map { "\($0)" } ?? "missing")")
        }
        guard let state = DrainPhase.Kind(rawValue: status["state"]?.string ?? "Checking") else {
            throw DrainRecordError(problem: "status.state is unknown")
        }
        var ledger = DrainLedger()
        ledger.runtimeUID = spec["runtimeUID"]?.string ?? ""
        ledger.workerSetUID = spec["workerSetUID"]?.string ?? ""
        ledger.epoch = max(0, spec["epoch"]?.int64 ?? 0)
        ledger.outcome = status["outcome"]?.string.flatMap { DrainLedger.Outcome(rawValue: $0) }
        ledger.elapsed = Self.duration(status["elapsed"])
        ledger.quiet = Self.duration(status["quiet"])
        ledger.stalled = Self.duration(status["stalled"])
        ledger.lowestFiles = Self.count(status["lowestFiles"])
        ledger.lowestBytes = Self.bytes(status["lowestBytes"])
        ledger.answered = Self.count(status["calls"]) ?? 0
        ledger.putBacks = Self.count(status["putBacks"]) ?? 0
        ledger.present = Self.count(status["present"])
        ledger.looks = max(0, status["looks"]?.int64 ?? 0)
        ledger.places = Self.names(status["places"], DrainTiming.placesMaximum)
        ledger.emptied = Self.names(status["emptied"], DrainTiming.emptiedMaximum)
        ledger.outOfService = OutOfService.read(status["outOfService"]?.string)
        for entry in (status["removedLabels"]?.elements ?? []).prefix(DrainTiming.leavingMaximum) {
            guard let node = entry["node"]?.string else { continue }
            var labels: [String: String] = [:]
            for label in entry["labels"]?.members ?? [] { labels[label.name] = label.value.string }
            ledger.removedLabels.append(RemovedLabels(node: node, labels: labels))
        }
        let blocked = status["blocked"]
        self.init(
            state: state, plan: try Self.plan(spec, status), ledger: ledger, cooled: Self.duration(status["cooled"]),
            blocked: blocked?["reason"]?.string.map { reason in
                Blocked(
                    reason: reason, text: blocked?["message"]?.string ?? "", remedy: blocked?["remedy"]?.string ?? "")
            },
            secondsLeft: status["secondsLeft"]?.int64)
    }

    private static func plan(_ spec: JSON, _ status: JSON) throws(DrainRecordError) -> DrainPlan? {
        guard let target = count(spec["target"]), let from = count(spec["from"]) else { return nil }
        var figures: [String: JSON] = [:]
        for entry in status["workers"]?.elements ?? [] { figures[entry["name"]?.string ?? ""] = entry }
        var leaving: [LeavingWorker] = []
        for entry in spec["workers"]?.elements ?? [] {
            guard let name = entry["name"]?.string, let uid = entry["uid"]?.string else {
                throw DrainRecordError(problem: "spec.workers names no pod")
            }
            var worker = LeavingWorker(name: name, uid: uid, node: entry["node"]?.string ?? "")
            if let seen = figures[name] {
                worker.start = bytes(seen["bytesAtStart"]).map { .init(files: count(seen["filesAtStart"]), bytes: $0) }
                worker.capacityBytes = bytes(seen["capacityBytes"])
                worker.now = bytes(seen["bytes"]).map { .init(files: count(seen["files"]), bytes: $0) }
            }
            leaving.append(worker)
        }
        guard leaving.count <= DrainTiming.leavingMaximum else {
            throw DrainRecordError(problem: "spec.workers names more than \(DrainTiming.leavingMaximum) pods")
        }
        return DrainPlan(from: from, target: target, leaving: leaving)
    }

    private static func names(_ value: JSON?, _ most: Int) -> Set<String> {
        Set((value?.elements ?? []).prefix(most).compactMap(\.string))
    }

    private static func duration(_ value: JSON?) -> Duration {
        .milliseconds(min(max(0, value?.int64 ?? 0), durationMaximum))
    }

    private static func bytes(_ value: JSON?) -> Int64? { value?.int64.map { max(0, $0) } }

    private static func count(_ value: JSON?) -> Int? {
        value?.int64.flatMap { (0...Int64(Int32.max)).contains($0) ? Int($0) : nil }
    }
}
