import Kubernetes
import Wire

/// An Alluxio of one master and one worker a pod, in the words of 2.9.
enum FakeAlluxio {
    static func masterInfo(_ state: FakeCluster.State) -> JSON {
        let workers = state.objects.filter { $0.key.contains("/pods/hbase-worker-") }.values.map { pod -> JSON in
            let host = pod["status"]?["hostIP"] ?? ""
            return [
                "address": ["host": host, "containerHost": "", "webPort": 30000], "usedBytes": 0, "state": "In Service",
            ]
        }
        return [
            "version": .string(state.alluxioVersion), "startTimeMs": 7, "workers": .array(workers), "lostWorkers": [],
        ]
    }

    static func workerInfo(_ pod: String, _ state: FakeCluster.State) -> JSON {
        let bytes = (state.held[pod] ?? []).reduce(state.uploading[pod] ?? 0) { $0 + $1.bytes }
        let total = JSON.integer(state.capacity[pod] ?? 1_000_000)
        guard let reserved = state.reserved else {
            return [
                "capacity": ["used": .integer(bytes), "total": total], "startTimeMs": 5,
                "tierPaths": ["MEM": ["/dev/shm/alluxioworker"]],
            ]
        }
        return [
            "capacity": ["used": .integer(bytes + 2 * reserved), "total": total], "startTimeMs": 5,
            "tierPaths": ["MEM": ["/dev/shm/alluxioworker"], "SSD": ["/ssd/alluxioworker"]],
            "configuration": [
                "alluxio.worker.management.tier.align.enabled": true,
                "alluxio.worker.management.tier.align.reserved.bytes": .string("\(reserved)B"),
            ],
        ]
    }

    static func list(_ pod: String, offset: Int, limit: Int, _ state: FakeCluster.State) -> JSON {
        let files = state.held[pod] ?? []
        let page = files.enumerated().dropFirst(offset).prefix(limit).map { index, file -> JSON in
            [
                "id": .integer(Int64(index + 1)), "absolutePath": .string(file.path), "pinned": .bool(file.isPinned),
                "persistenceState": file.isPersisted ? "PERSISTED" : "NOT_PERSISTED",
                "blocksOnTier": ["MEM": [["blockLength": .integer(file.bytes)]]],
            ]
        }
        return [
            "ntotalFile": .integer(Int64(files.count)), "fatalError": "", "orderedTierAliases": ["MEM"],
            "fileInfos": .array(Array(page)),
        ]
    }

    /// `alluxio fs free`: on all workers, partial on refusal, and gone only a second later.
    static func run(_ command: [String], _ state: inout FakeCluster.State) -> ExecResult {
        if let code = state.exitCode { return result(code, "") }
        if command.contains("decommissionWorker"), let host = command.last?.split(separator: ":").first {
            state.takenOut.append((String(host), []))
        }
        if command.contains("capacity") { return result(0, report(state)) }
        guard command.contains("free"), let path = command.last else {
            return result(0, "")
        }
        var hasFound = false
        for (pod, files) in state.held {
            for file in files where file.path == path || path == "/" || file.path.hasPrefix(path + "/") {
                hasFound = true
                guard file.isPersisted else {
                    return result(255, "Cannot free file \(file.path) which is not persisted\n")
                }
                state.leaving[pod, default: [:]][file.path] = state.milliseconds + 1000
            }
        }
        return hasFound || path == "/"
            ? result(0, "\(path) was successfully freed from Alluxio space.\n")
            : result(255, "Path \"\(path)\" does not exist.\n")
    }

    /// `fsadmin report capacity`, with the states that 2.9.4 and later print.
    private static func report(_ state: FakeCluster.State) -> String {
        var lines = ["Capacity information for all workers: ", "", "Worker Name  State  Last Heartbeat  Storage  MEM"]
        for ordinal in 0..<state.held.count {
            let host = "10.1.1.\(ordinal)"
            let isOut = state.takenOut.contains { $0.host == host }
            lines.append("\(host)  \(isOut ? "Decommissioned" : "ACTIVE")  0  capacity  1.00GB")
            lines.append("      used  0B (0%)")
        }
        return lines.joined(separator: "\n")
    }

    private static func result(_ code: Int32, _ text: String) -> ExecResult {
        ExecResult(exitCode: code, standardOutput: Array(text.utf8))
    }
}
