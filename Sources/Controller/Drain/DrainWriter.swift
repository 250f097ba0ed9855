internal import Kubernetes
internal import Rules
internal import Wire

/// Executes the writes of a drain, each with the preconditions of what was looked at.
struct DrainWriter<Base: Cluster>: Sendable {
    let cluster: Base
    let reader: ObjectReader<Base>

    /// Executes one write and says what came of it.
    func execute(_ write: DrainWrite, on target: DrainTarget) async -> DrainWriteResult {
        do throws(ClusterError) {
            switch write {
            case .fence(let fence, let out):
                var marks = Self.withoutFirstVersion
                marks[Annotation.drainFence] = .string(fence)
                marks[Annotation.outOfService] = OutOfService.text(out).map(JSON.string) ?? .null
                return try await annotate(marks, target)
            case .clearFence:
                var marks = Self.withoutFirstVersion
                marks[Annotation.drainFence] = .null
                marks[Annotation.outOfService] = .null
                return try await annotate(marks, target)
            case .clearRequest: return try await annotate([Annotation.scaleInRequest: .null], target)
            case .setReplicas(_, let count, let fence):
                let marks: JSON = fence.map { [Annotation.drainFence: .string($0)] } ?? [:]
                let answer = try await patchSet(marks, spec: ["replicas": .integer(Int64(count))], target)
                return .replicas(answer["spec"]?["replicas"]?.int64.flatMap { Int(exactly: $0) } ?? count)
            case .noteLabels(let node): return placingLabels(node, target).map { .unlabelled($0) } ?? .done
            case .unlabel(let node): return try await unlabel(node, target)
            case .relabel(let removed): return try await relabel(removed, target)
            case .lowerStatusCounts(let count):
                let number = JSON.integer(Int64(count))
                return try await patchRuntime(
                    ["status": ["desiredWorkerNumberScheduled": number, "currentWorkerNumberScheduled": number]],
                    subresource: "status", target)
            case .touch:
                let time = JSON.string(RFC3339.micro(cluster.wallClockMilliseconds()))
                return try await patchRuntime(
                    ["metadata": ["annotations": [Annotation.touched: time]]], subresource: nil, target)
            case .deletePod(let name, let uid):
                _ = try await cluster.send(
                    .delete(
                        .pods, namespace: target.key.namespace, name: name,
                        preconditions: APIRequest.Preconditions(uid: uid)))
                return .done
            }
        } catch {
            if error.isConflict || error == .cancelled { return .conflict }
            if error.isNotFound, case .deletePod = write { return .done }
            return .refused(
                .cluster(error, Self.what(write, target)), retryAfter: error.status?.retryAfter,
                mayBeDone: Self.mayBeDone(error))
        }
    }

    /// Whether a write that failed so may have been stored all the same: a webhook is asked before that, a store's own
    /// time limit is met after it.
    private static func mayBeDone(_ error: ClusterError) -> Bool {
        guard let status = error.status else { return true }
        return status.code >= 500 && !status.message.contains("webhook")
    }

    /// The verb and the resource, as RBAC names them.
    private static func what(_ write: DrainWrite, _ target: DrainTarget) -> String {
        switch write {
        case .fence, .clearFence, .clearRequest, .setReplicas: "patch \(target.resource.plural)"
        case .noteLabels, .unlabel, .relabel: "patch nodes"
        case .lowerStatusCounts: "patch alluxioruntimes/status"
        case .touch: "patch alluxioruntimes"
        case .deletePod: "delete pods"
        }
    }

    /// What the first version left was taken over when this drain's object was written.
    private static var withoutFirstVersion: JSON {
        [Annotation.firstDrainRecord: .null, Annotation.firstDrainStatus: .null]
    }

    private func annotate(_ marks: JSON, _ target: DrainTarget) async throws(ClusterError) -> DrainWriteResult {
        _ = try await patchSet(marks, spec: nil, target)
        return .done
    }

    /// Only if the set is still the one that was looked at, in every respect.
    private func patchSet(_ marks: JSON, spec: JSON?, _ target: DrainTarget) async throws(ClusterError) -> JSONValue {
        guard let set = target.workerSet else { throw .unreadable("there is no worker set") }
        var body: JSON = [
            "metadata": [
                "uid": .string(set.meta.uid), "resourceVersion": .string(set.meta.resourceVersion),
                "annotations": marks,
            ]
        ]
        body["spec"] = spec
        var request = APIRequest.patch(
            target.resource, namespace: target.key.namespace, name: set.meta.name, type: .merge, body: body)
        if spec != nil { request.limit(to: timeLeft(target)) }
        return try await cluster.send(request).json()
    }

    private func patchRuntime(
        _ change: JSON, subresource: String?, _ target: DrainTarget
    ) async throws(ClusterError) -> DrainWriteResult {
        guard let runtime = target.runtime else { throw .unreadable("there is no runtime") }
        var body = change
        var metadata = body["metadata"] ?? [:]
        metadata["uid"] = .string(runtime.meta.uid)
        body["metadata"] = metadata
        _ = try await cluster.send(
            .patch(
                .alluxioRuntimes, namespace: target.key.namespace, name: target.key.name, subresource: subresource,
                type: .merge, body: body))
        return .done
    }

    /// Takes the labels away that place a worker on a node, only if it is still as it was looked at, and says which they were.
    private func unlabel(_ node: String, _ target: DrainTarget) async throws(ClusterError) -> DrainWriteResult {
        guard let meta = target.placedNodes?[node], let removed = placingLabels(node, target) else { return .done }
        let labels = removed.labels.keys.sorted().map { JSON.Member($0, .null) }
        try await patchNode(meta, labels: .object(labels), within: timeLeft(target))
        return .unlabelled(removed)
    }

    /// The labels by which this runtime has its worker on a node; nil if it has none there.
    private func placingLabels(_ node: String, _ target: DrainTarget) -> RemovedLabels? {
        guard let meta = target.placedNodes?[node] else { return nil }
        let names = NodeLabels.placing(
            meta.labels, namespace: target.key.namespace, name: target.key.name,
            selector: target.workerSet?.nodeSelector ?? [:])
        return RemovedLabels(node: node, labels: meta.labels.filter { names.contains($0.key) })
    }

    /// How long a removal may take that was decided by what was looked at: the server is told, too, so that it does not
    /// carry it out later.
    private func timeLeft(_ target: DrainTarget) -> Duration {
        max(.seconds(1), DrainTiming.lookAgeMaximum - (cluster.monotonicTime() - target.begunAt))
    }

    /// Puts labels back, and none but those that place workers of this runtime: which they were, the drain's object says,
    /// and that anybody may have written.
    private func relabel(_ removed: RemovedLabels, _ target: DrainTarget) async throws(ClusterError) -> DrainWriteResult
    {
        let names = NodeLabels.placing(
            removed.labels, namespace: target.key.namespace, name: target.key.name,
            selector: target.workerSet?.nodeSelector ?? [:])
        guard !names.isEmpty, let meta = try await nodeMeta(removed.node) else { return .done }
        let labels = names.map { JSON.Member($0, .string(removed.labels[$0] ?? "")) }
        try await patchNode(meta, labels: .object(labels))
        return .done
    }

    private func nodeMeta(_ node: String) async throws(ClusterError) -> ObjectMeta? {
        try await reader.read(.get(.nodes, name: node)) { (value) throws(ObjectError) in try ObjectMeta(of: value) }
            .get()
    }

    private func patchNode(_ meta: ObjectMeta, labels: JSON, within limit: Duration? = nil) async throws(ClusterError) {
        var request = APIRequest.patch(
            .nodes, name: meta.name, type: .merge,
            body: [
                "metadata": [
                    "uid": .string(meta.uid), "resourceVersion": .string(meta.resourceVersion), "labels": labels,
                ]
            ])
        if let limit { request.limit(to: limit) }
        _ = try await cluster.send(request)
    }
}
