internal import Kubernetes
internal import Rules
internal import Wire

/// Writes a drain's object: made at the runtime's first drain, changed on change and else every few seconds.
struct DrainRecordWriter<Base: Cluster>: Sendable {
    let cluster: Base
    /// Which installation writes.
    let installation: String

    /// What is remembered of an object between two writes.
    struct Memory: Sendable {
        /// The object's uid; another one is another object, which has nothing of what was written.
        var uid = ""
        var record: DrainRecord?
        var at = Duration.zero
        /// When each condition last changed, and what it was.
        var conditions: [String: (status: Bool, since: Int64)] = [:]
        /// The verb and the resource of the last request, as RBAC names them.
        var attempt = "patch workerdrains/status"
    }

    /// Writes the drain, if there is anything new to say.
    func write(_ record: DrainRecord, about target: inout DrainTarget, memory: inout Memory) async throws(ClusterError)
    {
        // One that is being deleted may hang, and what is said of it has to be so until it is gone.
        guard let runtime = target.runtime, !runtime.meta.isDeleting || target.drain != nil else { return }
        if let drain = target.drain, drain.spec["runtimeUID"]?.string != runtime.meta.uid, record.state != .idle {
            _ = try await cluster.send(
                .delete(
                    .workerDrains, namespace: target.key.namespace, name: target.key.name,
                    preconditions: APIRequest.Preconditions(uid: drain.meta.uid)))
            target.drain = nil
        }
        guard target.drain != nil || record.state != .idle || record.blocked != nil else { return }
        let now = cluster.monotonicTime()
        var spec = record.spec
        spec["manager"] = .string(installation)
        if target.drain?.meta.uid != memory.uid { memory = Memory() }
        // What was taken over from another installation says so from its first write on.
        let isOurs = target.drain?.spec["manager"]?.string == installation
        if isOurs, let old = memory.record {
            guard record != old else { return }
            guard record.differs(from: old) || now - memory.at >= DrainTiming.recordInterval else { return }
        }
        let isNew = memory.record?.spec != record.spec || !isOurs
        // What a write did whose answer is lost nobody knows: then it is written again, whatever it says.
        memory.record = nil
        if target.drain == nil {
            let body = self.body(["spec": spec], target, owner: runtime)
            memory.attempt = "create workerdrains"
            let created = try await cluster.send(.create(.workerDrains, namespace: target.key.namespace, body: body))
                .json()
            target.drain = Self.decoded(created)
            memory = Memory()
        } else if isNew {
            memory.attempt = "patch workerdrains"
            try await patch(["spec": spec], subresource: nil, target)
        }
        memory.uid = target.drain?.meta.uid ?? ""
        var status = record.status
        status["conditions"] = conditions(record, target, &memory)
        status["observedGeneration"] = .integer(target.drain?.meta.generation ?? 0)
        memory.attempt = "patch workerdrains/status"
        try await patch(["status": status], subresource: "status", target)
        memory.record = record
        memory.at = now
    }

    /// What can't be read is still told to be so, beside what it says.
    func writeUnreadable(_ obstacle: DrainObstacle, about target: DrainTarget) async throws(ClusterError) {
        let blocked: JSON = [
            "reason": .string(obstacle.reason), "message": .string(obstacle.text), "remedy": .string(obstacle.remedy),
        ]
        guard target.drain?.status["blocked"] != blocked else { return }
        try await patch(["status": ["blocked": blocked]], subresource: "status", target)
    }

    private func patch(_ change: JSON, subresource: String?, _ target: DrainTarget) async throws(ClusterError) {
        guard let drain = target.drain else { return }
        var body = change
        body["metadata"] = ["uid": .string(drain.meta.uid)]
        _ = try await cluster.send(
            .patch(
                .workerDrains, namespace: target.key.namespace, name: target.key.name, subresource: subresource,
                type: .merge, body: body))
    }

    private func body(_ parts: JSON, _ target: DrainTarget, owner: AlluxioRuntime) -> JSON {
        var body: JSON = [
            "apiVersion": .string(Resource.workerDrains.apiVersion), "kind": .string(WorkerDrain.kind),
            "metadata": [
                "name": .string(target.key.name), "namespace": .string(target.key.namespace),
                "ownerReferences": [
                    [
                        "apiVersion": .string(Resource.alluxioRuntimes.apiVersion),
                        "kind": .string(AlluxioRuntime.kind),
                        "name": .string(owner.meta.name), "uid": .string(owner.meta.uid),
                    ]
                ],
            ],
        ]
        for part in parts.members { body[part.name] = part.value }
        return body
    }

    private static func decoded(_ value: JSONValue) -> WorkerDrain? {
        // An answer that can't be read is looked for at the next look.
        try? WorkerDrain(value)
    }

    /// `kubectl wait --for=condition=Drained` and people go by these.
    private func conditions(_ record: DrainRecord, _ target: DrainTarget, _ memory: inout Memory) -> JSON {
        let isUnderWay = record.state.isBeforeRemoval || record.state == .confirming
        let blocked = record.blocked
        let isDrained = !isUnderWay && record.ledger.outcome == .removed && !record.isLowerWanted
        let rows: [(type: String, status: Bool, reason: String, message: String)] = [
            ("Draining", isUnderWay, isUnderWay ? record.state.rawValue : "NotDraining", Self.sentence(record)),
            (
                "Blocked", blocked != nil, blocked?.reason ?? "NotBlocked",
                blocked.map { "\($0.text) \($0.remedy)" } ?? ""
            ),
            (
                "Drained", isDrained,
                record.isLowerWanted && !isUnderWay ? "Waiting" : record.ledger.outcome?.rawValue ?? "Draining", ""
            ),
        ]
        let wall = cluster.wallClockMilliseconds()
        let old = target.drain?.status["conditions"]?.elements ?? []
        return .array(
            rows.map { row in
                var since = memory.conditions[row.type]
                if since == nil, let before = old.first(where: { $0["type"]?.string == row.type }) {
                    // What an earlier process wrote goes on.
                    let time = before["lastTransitionTime"]?.string.flatMap(RFC3339.parse)
                    since = time.map { (before["status"]?.string == "True", $0) }
                }
                if since?.status != row.status { since = (row.status, wall) }
                memory.conditions[row.type] = since
                return [
                    "type": .string(row.type), "status": row.status ? "True" : "False", "reason": .string(row.reason),
                    "message": .string(row.message), "observedGeneration": .integer(target.drain?.meta.generation ?? 0),
                    "lastTransitionTime": .string(RFC3339.seconds(since?.since ?? wall)),
                ]
            })
    }

    private static func sentence(_ record: DrainRecord) -> String {
        guard let plan = record.plan, record.state != .idle else { return "" }
        let names = plan.leaving.prefix(8).map(\.name).joined(separator: ", ")
        return "From \(plan.from) to \(plan.target) workers: \(names.isEmpty ? "not chosen yet" : names)."
    }
}
