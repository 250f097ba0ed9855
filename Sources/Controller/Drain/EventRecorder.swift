internal import Kubernetes
internal import Rules
internal import Wire

/// Tells of a drain: events on the runtime, log lines, metrics.
struct EventRecorder<Base: Cluster>: Sendable {
    let cluster: Base
    let metrics: Metrics
    let log: LogSink

    /// What is remembered between two notices.
    struct Memory: Sendable {
        /// The last events that were written, by reason: one that is told again is counted, as long as it is there.
        var events: [String: WrittenEvent] = [:]
        /// Which state and which obstacle the metrics show.
        var state: String?
        var obstacle: String?

        struct WrittenEvent: Sendable {
            var name: String
            var message: String
            var firstMilliseconds: Int64
            var count: Int32
        }
    }

    /// Tells one notice: an event and a log line.
    func tell(_ notice: DrainNotice, _ machine: DrainMachine, about target: DrainTarget, memory: inout Memory) async {
        let level: LogRecord.Level = notice.isWarning ? .warning : .info
        log(
            LogRecord(
                level, "drain",
                fields(target) + [
                    ("state", .string(machine.phase.kind.rawValue)), ("reason", .string(notice.kind.rawValue)),
                    ("text", .string(notice.message)),
                ]))
        switch notice.kind {
        case .undrained: metrics.increment(.undrainedRemovals, labels(target))
        case .skipped: metrics.increment(.drainSkipped, labels(target))
        case .removed:
            metrics.increment(.workersRemoved, labels(target), by: Double(machine.lastPlan?.leaving.count ?? 0))
            metrics.observe(.drainDuration, ["removed"], seconds: Double(machine.ledger.elapsed.components.seconds))
        case .cancelled:
            metrics.observe(.drainDuration, ["cancelled"], seconds: Double(machine.ledger.elapsed.components.seconds))
        case .started, .progress, .compromised, .blocked, .waiting, .raised: break
        }
        await write(notice, about: target, memory: &memory)
    }

    private func labels(_ target: DrainTarget) -> [String] { [target.key.namespace, target.key.name] }

    func fields(_ target: DrainTarget) -> [(name: String, value: JSON)] {
        [("namespace", .string(target.key.namespace)), ("name", .string(target.key.name))]
    }

    private func write(_ notice: DrainNotice, about target: DrainTarget, memory: inout Memory) async {
        guard let runtime = target.runtime else { return }
        let now = cluster.wallClockMilliseconds()
        let subject = Event.Subject(
            apiVersion: Resource.alluxioRuntimes.apiVersion, kind: AlluxioRuntime.kind, key: target.key,
            uid: runtime.meta.uid)
        let message = printable(notice.message)
        let reason = notice.kind.rawValue
        var event = Event(
            subject: subject, isWarning: notice.isWarning, reason: reason, message: message, firstMilliseconds: now)
        if var written = memory.events[reason], written.message == message {
            written.count = written.count &+ 1
            memory.events[reason] = written
            (event.firstMilliseconds, event.count) = (written.firstMilliseconds, written.count)
            do throws(ClusterError) {
                _ = try await cluster.send(event.countRequest(name: written.name))
                return
            } catch {
                // Events expire, most often after an hour.
                guard error.isNotFound else { return }
            }
            (event.firstMilliseconds, event.count) = (now, 1)
        }
        let name = "\(target.key.name).\(String(UInt64(bitPattern: now), radix: 16)).\(reason.lowercased())"
        memory.events[reason] = nil
        // An event that is lost is in the log all the same, and written anew when the same is told again.
        guard (try? await cluster.send(event.createRequest(name: name))) != nil else { return }
        memory.events[reason] = .init(name: name, message: message, firstMilliseconds: now, count: 1)
    }

    /// Brings the gauges of a drain up to date, and logs a change of its state; without a machine they go.
    func show(_ machine: DrainMachine?, about target: DrainTarget, memory: inout Memory) {
        let labels = labels(target)
        let kind = machine?.phase.kind
        let state = kind == .idle ? nil : kind?.rawValue
        if memory.state != state {
            if let old = memory.state { metrics.remove(.drainState, labels + [old]) }
            if let state { metrics.set(.drainState, labels + [state], to: 1) }
            if machine != nil {
                log(
                    LogRecord(
                        .info, "drain state",
                        fields(target) + [
                            ("state", .string(state ?? DrainPhase.Kind.idle.rawValue)),
                            ("from", .string(memory.state ?? DrainPhase.Kind.idle.rawValue)),
                        ]))
            }
            memory.state = state
        }
        let obstacle = machine?.shown?.reason
        if memory.obstacle != obstacle {
            if let old = memory.obstacle { metrics.remove(.drainBlocked, labels + [old]) }
            if let obstacle { metrics.set(.drainBlocked, labels + [obstacle], to: 1) }
            memory.obstacle = obstacle
        }
        if let bytes = machine?.phase.plan?.bytesLeft, kind?.isBeforeRemoval == true {
            metrics.set(.drainBytes, labels, to: Double(bytes))
        } else {
            metrics.remove(.drainBytes, labels)
        }
    }
}
