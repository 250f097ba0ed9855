internal import Kubernetes
internal import Rules
internal import Wire

/// Tells of a drain: events on the runtime, log lines, metrics.
struct DrainNarrator<Base: Cluster>: Sendable {
    let cluster: Base
    let metrics: Metrics
    let log: LogSink

    /// The most events that are remembered for one runtime, to count them up when they repeat.
    static var eventsMaximum: Int { 32 }

    /// Tells what a decision leads to.
    func tell(_ decision: DrainDecision, before: DrainRecord?, target: DrainTarget, memory: inout DrainMemory) async {
        show(decision, before: before, target: target, memory: &memory)
        for notice in decision.notices {
            let level: LogRecord.Level = notice.isWarning ? .warning : .info
            log(
                LogRecord(
                    level, "drain",
                    fields(decision, target) + [
                        ("reason", .string(notice.kind.rawValue)), ("text", .string(notice.message)),
                    ]))
            await write(notice, about: target, memory: &memory)
        }
        if decision.record?.state != before?.state {
            log(
                LogRecord(
                    .info, "drain state",
                    fields(decision, target) + [
                        ("from", .string(before?.state.rawValue ?? DrainState.idle.rawValue)),
                        ("event", .string(decision.event.rawValue)),
                    ]))
        }
    }

    private func fields(_ decision: DrainDecision, _ target: DrainTarget) -> [(name: String, value: JSON)] {
        var fields: [(name: String, value: JSON)] = [
            ("namespace", .string(target.key.namespace)), ("name", .string(target.key.name)),
            ("state", .string(decision.record?.state.rawValue ?? DrainState.idle.rawValue)),
        ]
        if let record = decision.record {
            fields.append(("target", .integer(Int64(record.target))))
        }
        return fields
    }

    private func write(_ notice: DrainNotice, about target: DrainTarget, memory: inout DrainMemory) async {
        guard let runtime = target.runtime else {
            return
        }
        let now = cluster.wallClockMilliseconds()
        let message = printable(notice.message)
        let subject = Event.Subject(
            apiVersion: Resource.alluxioRuntimes.apiVersion, kind: AlluxioRuntime.kind, key: target.key,
            uid: runtime.meta.uid)
        var written = memory.events[notice.kind.rawValue]
        let isRepeated = written?.message == message
        if !isRepeated {
            let name =
                "\(target.key.name).\(String(UInt64(bitPattern: now), radix: 16)).\(notice.kind.rawValue.lowercased())"
            written = .init(name: name, message: message, firstMilliseconds: now, count: 0)
        }
        guard var written else {
            return
        }
        written.count = written.count &+ 1
        let event = Event(
            subject: subject, isWarning: notice.isWarning, reason: notice.kind.rawValue, message: message,
            firstMilliseconds: written.firstMilliseconds, lastMilliseconds: now, count: written.count)
        if memory.events.count >= Self.eventsMaximum {
            memory.events = [:]
        }
        memory.events[notice.kind.rawValue] = written
        // An event that is lost is in the log all the same.
        _ = try? await cluster.send(
            isRepeated ? event.countRequest(name: written.name) : event.createRequest(name: written.name))
    }

    private func show(
        _ decision: DrainDecision, before: DrainRecord?, target: DrainTarget, memory: inout DrainMemory
    ) {
        let labels = [target.key.namespace, target.key.name]
        let state = decision.record?.state.rawValue
        if memory.shownState != state {
            if let old = memory.shownState {
                metrics.remove(.drainState, labels + [old])
            }
            if let state {
                metrics.set(.drainState, labels + [state], to: 1)
            }
            memory.shownState = state
        }
        let obstacle = decision.record?.blocked?.reason
        if memory.shownObstacle != obstacle {
            if let old = memory.shownObstacle {
                metrics.remove(.drainBlocked, labels + [old])
            }
            if let obstacle {
                metrics.set(.drainBlocked, labels + [obstacle], to: 1)
            }
            memory.shownObstacle = obstacle
        }
        if let round = decision.record?.round, round > (before?.round ?? 0) {
            metrics.increment(.drainAttempts, labels)
        }
        if decision.record == nil, before != nil {
            metrics.remove(.drainBytes, labels)
        }
        guard let record = before, decision.record?.state == .coolingDown, record.state != .coolingDown else {
            return
        }
        let isRemoved = record.state == .confirming
        let now = Timestamp(millisecondsSinceEpoch: cluster.wallClockMilliseconds())
        let milliseconds = max(0, now.milliseconds(since: record.startedAt))
        metrics.observe(.drainDuration, [isRemoved ? "removed" : "cancelled"], seconds: Double(milliseconds) / 1000)
        if isRemoved {
            metrics.increment(.workersRemoved, labels, by: Double(record.leaving.count))
        }
    }
}
