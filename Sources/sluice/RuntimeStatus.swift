internal import Controller
internal import Kubernetes
internal import Rules
internal import Wire

/// What `sluice status` knows of one runtime.
struct RuntimeStatus: Sendable, Equatable {
    let key: ObjectKey
    /// `spec.replicas` of the runtime; nil if it is absent.
    let wanted: Int?
    /// The worker set's count; nil if there is no worker set.
    let present: Int?
    /// The pods of the set that are ready.
    let ready: Int?
    /// What the runtime's `WorkerDrain` says; nil if there is none, or none that can be read.
    let drain: DrainReport?
    /// Whether the workers are a DaemonSet's, which Sluice drains only where it is told to.
    var isDaemonSet = false

    /// What the state of affairs is called.
    var state: String {
        if let drain, drain.blocked != nil { return "Blocked" }
        if let drain, drain.state != .idle { return drain.state.rawValue }
        guard let present else { return "NoWorkerSet" }
        let wanted = wanted ?? 0
        if wanted == present { return "Idle" }
        return wanted < present ? "Waiting" : "Growing"
    }

    /// What stands in the way and what to do, in a line each.
    var remarks: [String] {
        if let blocked = drain?.blocked { return ["\(blocked.reason): \(blocked.text) \(blocked.remedy)"] }
        if drain?.state == .coolingDown, let wanted, let present, wanted < present {
            return ["the next drain begins when the cool-down has ended"]
        }
        guard state == "Waiting" else { return [] }
        if isDaemonSet {
            return ["the workers are a DaemonSet's: see --remove-by-node-label and --gate-runtime-scale-in"]
        }
        return ["no drain has begun; if that lasts, see whether a reconciler runs and leads (metric sluice_leader)"]
    }

    /// Puts together what belongs together, sorted by namespace and name.
    static func join(_ runtimes: [AlluxioRuntime], _ sets: [WorkerSet], _ drains: [WorkerDrain]) -> [RuntimeStatus] {
        var ofRuntime: [ObjectKey: WorkerSet] = [:]
        for set in sets {
            guard let key = set.runtimeKey else { continue }
            // A stateful set wins over a daemon set that an older Fluid left behind.
            if ofRuntime[key] == nil || set.kind == .statefulSet { ofRuntime[key] = set }
        }
        return runtimes.sorted { $0.meta.key < $1.meta.key }.map { runtime in
            let set = ofRuntime[runtime.meta.key]
            let drain = drains.first { $0.meta.key == runtime.meta.key }
            return RuntimeStatus(
                key: runtime.meta.key, wanted: runtime.replicas.map(Int.init), present: set.map { Int($0.replicas) },
                ready: set.map { Int($0.readyPods) }, drain: drain.flatMap { DrainReport($0, runtime: runtime) },
                isDaemonSet: set?.kind == .daemonSet)
        }
    }
}

extension RuntimeStatus {
    /// One runtime for programs.
    var json: JSON {
        var json: JSON = [
            "namespace": .string(key.namespace), "runtime": .string(key.name), "state": .string(state),
        ]
        json["wanted"] = wanted.map { .integer(Int64($0)) } ?? .null
        json["present"] = present.map { .integer(Int64($0)) } ?? .null
        json["ready"] = ready.map { .integer(Int64($0)) } ?? .null
        guard let drain else { return json }
        var entry: JSON = [
            "state": .string(drain.state.rawValue), "seconds": .integer(drain.seconds),
            "bytesAtStart": .integer(drain.bytesAtStart), "workers": .array(drain.workers.map(worker)),
        ]
        entry["target"] = drain.target.map { .integer(Int64($0)) }
        entry["bytesLeft"] = drain.bytesLeft.map(JSON.integer)
        entry["bytesPerSecond"] = drain.bytesPerSecond.map { .integer(Int64(exactly: $0.rounded()) ?? 0) }
        entry["secondsLeft"] = drain.secondsLeft.map(JSON.integer)
        entry["blocked"] = drain.blocked.map { blocked in
            [
                "reason": .string(blocked.reason), "text": .string(blocked.text), "remedy": .string(blocked.remedy),
            ]
        }
        json["drain"] = entry
        return json
    }

    private func worker(_ worker: DrainReport.Worker) -> JSON {
        var json: JSON = ["name": .string(worker.name)]
        json["files"] = worker.files.map { .integer(Int64($0)) }
        json["bytes"] = worker.bytes.map(JSON.integer)
        return json
    }
}
