internal import Kubernetes
internal import Rules
internal import Wire

/// Keeps the record on the worker set, and writes its count in the same patch where it changes.
struct DrainKeeper<Base: Cluster>: Sendable {
    let cluster: Base

    /// How often what is left is written while nothing else changes, in milliseconds.
    static var leftInterval: Int64 { 2_000 }

    /// What a write of the worker set led to.
    enum Kept: Sendable {
        /// Nothing was to be written.
        case unchanged
        /// It was written; the set's count is now this.
        case written(replicas: Int)
        /// It was not.
        case failed(ClusterError)
    }

    /// Writes what has changed, only if the set is still the one that was looked at.
    func keep(
        _ decision: DrainDecision, seen: DrainObservation, target: DrainTarget, memory: inout DrainMemory,
        now: Timestamp
    ) async -> Kept {
        guard let set = target.workerSet, !set.meta.isDeleting else {
            return .unchanged
        }
        let left = Self.left(decision.record, seen)
        let old = target.recordText.flatMap { DrainRecordCoding.record($0) }
        var isChanged = decision.record != old || (decision.record == nil && target.recordText != nil)
        if !isChanged, decision.record != nil, left != memory.leftWritten, !left.isEmpty,
            memory.leftWrittenAt.map({ now.milliseconds(since: $0) >= Self.leftInterval }) ?? true
        {
            isChanged = true
        }
        var body: JSON = [:]
        var changes = isChanged ? annotations(decision.record, seen, left, now) : [:]
        if isWishOver(seen, target, now) {
            changes[Annotation.scaleInWish] = .null
        }
        if !changes.members.isEmpty {
            body["metadata"] = ["annotations": changes]
        }
        if case .setReplicas(_, let count) = decision.action {
            body["spec"] = ["replicas": .integer(Int64(count))]
        }
        guard !body.members.isEmpty else {
            return .unchanged
        }
        var metadata = body["metadata"] ?? [:]
        metadata["uid"] = .string(set.meta.uid)
        metadata["resourceVersion"] = .string(set.meta.resourceVersion)
        body["metadata"] = metadata
        do throws(ClusterError) {
            let answer = try await cluster.send(
                .patch(
                    target.resource, namespace: target.key.namespace, name: set.meta.name, type: .merge, body: body)
            ).json()
            memory.leftWritten = left
            memory.leftWrittenAt = now
            return .written(
                replicas: answer["spec"]?["replicas"]?.int64.flatMap { Int(exactly: $0) } ?? Int(set.replicas))
        } catch {
            return .failed(error)
        }
    }

    /// Whether a noted wish was granted, withdrawn or forgotten: it must not speak again when the count is what it was.
    private func isWishOver(_ seen: DrainObservation, _ target: DrainTarget, _ now: Timestamp) -> Bool {
        guard let set = seen.workerSet, set.kind == .daemon(.gated), target.wishText != nil else {
            return false
        }
        return set.wish?.isOpen(replicas: seen.runtime?.wanted, at: now) != true
    }

    private func annotations(
        _ record: DrainRecord?, _ seen: DrainObservation, _ left: [DrainWorkerLeft], _ now: Timestamp
    ) -> JSON {
        guard let record else {
            return [Annotation.drainRecord: nil, Annotation.drainStatus: nil]
        }
        return [
            Annotation.drainRecord: .string(DrainRecordCoding.text(record, left: left, at: now)),
            Annotation.drainStatus: .string(Self.status(record, present: seen.workerSet?.present ?? 0, left)),
        ]
    }

    /// What each leaving worker holds, as far as it says.
    static func left(_ record: DrainRecord?, _ seen: DrainObservation) -> [DrainWorkerLeft] {
        guard let record, record.state.isBeforeRemoval else {
            return []
        }
        let seen = seen.recalling(record)
        return record.leaving.map { entry in
            let holding = seen.workers.first { $0.uid == entry.uid }?.holding
            return DrainWorkerLeft(
                name: entry.name, files: holding?.fileCount, bytes: holding.map { max($0.usedBytes, $0.listedBytes) })
        }
    }

    /// How a drain goes, in one line for people.
    static func status(_ record: DrainRecord, present: Int, _ left: [DrainWorkerLeft]) -> String {
        let before = max(present, record.target + record.leaving.count)
        var text = "\(record.state.rawValue) \(before) -> \(record.target)"
        text += " since \(RFC3339.seconds(record.startedAt.millisecondsSinceEpoch))"
        for worker in left {
            let what = worker.files.map { "\($0) files, \(worker.bytes ?? 0) bytes" } ?? "unknown"
            text += "; \(worker.name): \(what)"
        }
        if let blocked = record.blocked {
            text += "; blocked: \(blocked.reason): \(blocked.text) \(blocked.remedy)"
        }
        return text
    }
}
