extension SimAlluxio {
    func report(_ call: SimClientCall) -> SimSaid {
        switch call.arguments.first ?? "summary" {
        case "capacity": return capacity(call)
        case "summary":
            return isInSafeMode ? .failed("Alluxio master is in safe mode. Please try again later.") : summary()
        default: return .failed("report category is invalid.")
        }
    }

    private func summary() -> SimSaid {
        let live = registrations.filter { $0.state == .live }
        var lines = [
            "Alluxio cluster summary: ", "    Master Address: \(runtime.name)-master-0:19998", "    Web Port: 19999",
            "    Rpc Port: 19998", "    Started: 11-26-2026 00:00:00:000",
            "    Uptime: 0 day(s), 0 hour(s), 0 minute(s), and \((now - masterStartedAt) / 1_000_000) second(s)",
            "    Version: \(runtime.plan.version)", "    Safe Mode: false", "    Zookeeper Enabled: false",
            "    Raft-based Journal: false",
        ]
        if hasWorkerCommands {
            lines.append("    Master Address                   State    Version                         ")
            lines.append("    \(runtime.name)-master-0:19998           PRIMARY  \(runtime.plan.version)     ")
        }
        lines += [
            "    Live Workers: \(live.count)",
            "    Lost Workers: \(registrations.count { $0.state == .lost })",
            "    Total Capacity: \(Self.size(live.reduce(0) { $0 + $1.worker.capacityBytes }))",
            "    Used Capacity: \(Self.size(live.reduce(0) { $0 + $1.usedBytes }))",
        ]
        return .ok(lines.joined(separator: "\n"))
    }

    private func capacity(_ call: SimClientCall) -> SimSaid {
        if isInSafeMode { return .failed("Alluxio master is in safe mode. Please try again later.") }
        let isLive = call.has("-live")
        let rows = registrations.filter { !isLive || $0.state == .live }
            .sorted { (-$0.lastHeartbeatAge(now), $0.id) > (-$1.lastHeartbeatAge(now), $1.id) }
        guard !rows.isEmpty else { return .ok("No workers found.") }
        let tiers = runtime.plan.tiers
        var lines = ["Capacity information for \(isLive ? "live" : "all") workers: "]
        if hasWorkerCommands { lines.append("    Total vCPUs: \(rows.count * 8)") }
        lines.append("    Total Capacity: \(Self.size(rows.reduce(0) { $0 + $1.worker.capacityBytes }))")
        lines.append("    Used Capacity: \(Self.size(rows.reduce(0) { $0 + $1.usedBytes }))")
        lines += ["    Used Percentage: 0%", "    Free Percentage: 100%", ""]
        var header = ["Worker Name"]
        if hasWorkerCommands { header.append("State") }
        header += ["Last Heartbeat", "Storage"]
        if tiers.count > 1 { header.append("Total") }
        header += tiers.map(\.alias)
        if hasWorkerCommands { header += ["Version", "Revision"] }
        lines.append(Self.row(header))
        for row in rows.reversed() { lines += self.lines(row) }
        return .ok(lines.joined(separator: "\n"))
    }

    private func lines(_ row: SimRegistration) -> [String] {
        let tiers = runtime.plan.tiers
        var capacity = [row.worker.host]
        if hasWorkerCommands {
            let names: [SimRegistration.State: String] = [
                .live: "ACTIVE", .lost: "LOST", .decommissioned: "Decommissioned",
            ]
            capacity.append(names[row.state] ?? "")
        }
        capacity += ["\(row.lastHeartbeatAge(now))", "capacity"]
        let total = Self.size(row.worker.capacityBytes)
        capacity.append(total)
        if tiers.count > 1 { capacity += tiers.map { Self.size($0.bytes * Int64($0.folders)) } }
        if hasWorkerCommands { capacity += [runtime.plan.version, "8681841b4b67"] }
        let share = row.worker.capacityBytes > 0 ? row.usedBytes * 100 / row.worker.capacityBytes : 0
        var used = ["used", "\(Self.size(row.usedBytes)) (\(share)%)"]
        if tiers.count > 1 {
            var rest = row.usedBytes
            for tier in tiers {
                let part = min(rest, runtime.plan.reservedBytes * Int64(tier.folders))
                rest -= part
                used.append(Self.size(tier.alias == tiers[tiers.count - 1].alias ? part + rest : part))
            }
        }
        return [Self.row(capacity), String(repeating: " ", count: 34) + Self.row(used)]
    }

    private static func row(_ cells: [String]) -> String {
        cells.map { $0 + String(repeating: " ", count: max(1, 17 - $0.count)) }.joined()
    }

    /// A size as `FormatUtils.getSizeFromBytes` writes it: rounded, and up to 5 x 1024 in the smaller unit.
    static func size(_ bytes: Int64) -> String {
        if bytes <= 5 * 1024 { return "\(bytes)B" }
        var unit: Int64 = 1024
        for name in ["KB", "MB", "GB", "TB"] {
            if bytes <= 5 * 1024 * unit || name == "TB" {
                let hundredths = (bytes * 100 + unit / 2) / unit
                let rest = hundredths % 100
                return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)\(name)"
            }
            unit *= 1024
        }
        return "\(bytes)B"
    }
}

extension SimRegistration {
    /// Seconds since the last heartbeat.
    func lastHeartbeatAge(_ now: Int64) -> Int64 { isReached ? 0 : max(0, now - lastHeartbeat) / 1_000_000 }
}
