import Kubernetes
import Wire

/// An answer of a worker's or a master's web server, and how long it takes.
struct SimPage {
    var status = 200
    var body: [UInt8] = []
    var takes: Int64 = .milliseconds(3)
    /// How many bytes its body stands for, where those of a large one are not made.
    var bytes: Int?

    static func json(_ value: JSON, takes: Int64 = .milliseconds(3)) -> SimPage {
        SimPage(body: value.encoded(), takes: takes)
    }
}

extension SimAlluxio {
    /// What a worker's own web server says; nil if nothing listens there.
    func page(of worker: SimWorker, _ path: String, _ query: [APIRequest.QueryItem], isHidden: Bool) -> SimPage? {
        guard worker.isUp else { return nil }
        switch path {
        case "/api/v1/worker/webui_blockinfo": return blocks(of: worker, query, isHidden: isHidden)
        case "/api/v1/worker/info": return .json(info(of: worker))
        case "/api/v1/worker/operations" where hasWorkerCommands:
            return .json(["operationCount": worker.isBusy(now) ? 1 : 0, "rpcQueueLength": 0])
        default: return SimPage(status: 404)
        }
    }

    private func info(of worker: SimWorker) -> JSON {
        var paths: JSON = [:]
        var capacities: JSON = [:]
        var number = 0
        for tier in runtime.plan.tiers {
            var names: [JSON] = []
            for folder in 0..<tier.folders {
                if number != worker.disk.failingFolder { names.append(.string("/cache/\(tier.alias)/\(folder)")) }
                number += 1
            }
            paths[tier.alias] = .array(names)
            capacities[tier.alias] = ["total": .integer(tier.bytes * Int64(names.count)), "used": 0]
        }
        var configuration: JSON = [
            "alluxio.worker.management.tier.align.enabled": "true",
            "alluxio.worker.management.tier.align.reserved.bytes": .string(runtime.plan.reservedText),
            "alluxio.worker.tieredstore.levels": .string("\(runtime.plan.tiers.count)"),
        ]
        for (level, tier) in runtime.plan.tiers.enumerated() {
            let paths = (0..<tier.folders).map { "/cache/\(tier.alias)/\($0)" }.joined(separator: ",")
            configuration["alluxio.worker.tieredstore.level\(level).alias"] = .string(tier.alias)
            configuration["alluxio.worker.tieredstore.level\(level).dirs.path"] = .string(paths)
            let quotas = Array(repeating: "\(tier.bytes)", count: tier.folders).joined(separator: ",")
            configuration["alluxio.worker.tieredstore.level\(level).dirs.quota"] = .string(quotas)
        }
        return [
            "capacity": ["total": .integer(worker.capacityBytes), "used": .integer(worker.usedBytes)],
            "configuration": configuration,
            "metrics": [:], "rpcAddress": .string("\(worker.host):29999"),
            "startTimeMs": .integer((worker.startedAt + world.wallBase) / 1_000), "tierCapacity": capacities,
            "tierPaths": paths, "uptimeMs": .integer((now - worker.startedAt) / 1_000),
            "version": .string(runtime.plan.version),
        ]
    }

    private func blocks(of worker: SimWorker, _ query: [APIRequest.QueryItem], isHidden: Bool) -> SimPage {
        if isHidden {
            return .json([
                "orderedTierAliases": nil, "invalidPathError": "", "fatalError": "", "ntotalFile": 0, "fileInfos": nil,
            ])
        }
        func number(_ name: String, _ standard: Int) -> Int {
            query.first { $0.name == name }.flatMap { Int($0.value) } ?? standard
        }
        let (offset, limit) = (number("offset", 0), number("limit", 20))
        let copies = worker.disk.visible
        var order: [SimFile] = []
        var held: [Int64: [SimCopy]] = [:]
        for copy in copies {
            if held[copy.file.id] == nil { order.append(copy.file) }
            held[copy.file.id, default: []].append(copy)
        }
        let aliases = JSON.array(runtime.plan.tiers.map { .string($0.alias) })
        guard isMasterUp || now - masterLostAt < .seconds(78) else {
            return .json([
                "orderedTierAliases": aliases, "invalidPathError": "", "fatalError": "",
                "ntotalFile": .integer(Int64(order.count)), "fileInfos": [],
            ])
        }
        guard offset <= order.count else {
            return .json([
                "orderedTierAliases": aliases, "invalidPathError": "", "fatalError": "Error: offset is past the end",
                "ntotalFile": .integer(Int64(order.count)), "fileInfos": nil,
            ])
        }
        let page = order[offset..<min(order.count, offset + limit)]
        if page.count * runtime.plan.entryBytes > 4 << 20 {
            return SimPage(takes: .seconds(2), bytes: page.count * runtime.plan.entryBytes)
        }
        var body = "{\"path\":null,\"orderedTierAliases\":\(String(decoding: aliases.encoded(), as: UTF8.self)),"
        body += "\"invalidPathError\":\"\",\"fatalError\":\"\",\"ntotalFile\":\(order.count),\"fileInfos\":["
        body += page.map { entry($0, held[$0.id] ?? []) }.joined(separator: ",")
        body += "]}"
        return SimPage(
            body: Array(body.utf8), takes: .milliseconds(2) + Int64(page.count) * runtime.plan.listMicroseconds)
    }

    private func entry(_ file: SimFile, _ copies: [SimCopy]) -> String {
        let alias = runtime.plan.tiers[0].alias
        let blocks = copies.map {
            "{\"blockLength\":\(file.blockBytes),\"isInHighestTier\":true,\"id\":\($0.block),\"lastAccessTimeMs\":-1,\"locations\":[]}"
        }
        let ids = copies.map { "\($0.block)" }.joined(separator: ",")
        let name = String(decoding: JSON.string(file.path).encoded(), as: UTF8.self)
        return "{\"name\":\(name),\"id\":\(file.id),\"absolutePath\":\(name),"
            + "\"persistenceState\":\"\(file.persistence.rawValue)\",\"pinned\":\(file.isPinned),"
            + "\"inAlluxioPercentage\":100,\"isDirectory\":false,\"blockIds\":[\(ids)],"
            + "\"blocksOnTier\":{\"\(alias)\":[\(blocks.joined(separator: ","))]},\"onTierPercentages\":{\"\(alias)\":100}}"
    }

    /// What a master's web server says; nil if nothing listens there.
    func masterPage(_ path: String, of pod: SimPod) -> SimPage? {
        guard isMasterUp, pod.ordinal == leader || runtime.plan.hasStandbyPages else { return nil }
        guard path == "/api/v1/master/info" else { return SimPage(status: 404) }
        guard pod.ordinal == leader else {
            return .json(["version": .string(runtime.plan.version), "startTimeMs": 1, "workers": [], "lostWorkers": []])
        }
        if now - masterPageAt > .seconds(10) || masterPageAt < masterStartedAt {
            masterPageAt = now
            masterWorkers = registrations.filter { $0.state == .live }.map(entry)
        }
        return .json([
            "configuration": [:], "lostWorkers": .array(registrations.filter { $0.state == .lost }.map(entry)),
            "rpcAddress": .string("\(runtime.name)-master-0:19998"),
            "startTimeMs": .integer((masterStartedAt + world.wallBase) / 1_000),
            "uptimeMs": .integer((now - masterStartedAt) / 1_000), "version": .string(runtime.plan.version),
            "workers": .array(masterWorkers),
        ])
    }

    private func entry(_ registration: SimRegistration) -> JSON {
        let worker = registration.worker
        let states: [SimRegistration.State: String] =
            hasWorkerCommands
            ? [.live: "ACTIVE", .lost: "LOST", .decommissioned: "Decommissioned"]
            : [.live: "In Service", .lost: "Out of Service"]
        return [
            "id": .integer(registration.id),
            "address": [
                "host": .string(worker.host),
                "containerHost": .string(runtime.plan.hasHostNetwork ? "" : worker.pod.address),
                "rpcPort": .integer(worker.pod.webPort - 1), "webPort": .integer(worker.pod.webPort),
            ],
            "lastContactSec": .integer(registration.lastHeartbeatAge(now)),
            "state": .string(states[registration.state] ?? ""),
            "capacityBytes": .integer(worker.capacityBytes), "usedBytes": .integer(registration.usedBytes),
            "startTimeMs": .integer((registration.at + world.wallBase) / 1_000),
            "blockCount": .integer(Int64(worker.disk.visible.count)),
        ]
    }
}
