internal import Kubernetes
internal import Rules
internal import Wire

/// Reads the objects that a drain is judged by, live.
struct ObjectReader<Base: Cluster>: Sendable {
    let cluster: Base
    let settings: ReconcilerSettings

    /// Reads runtime, worker set and drain; what can't be read is the target's trouble.
    func objects(of key: ObjectKey) async -> DrainTarget {
        var target = DrainTarget(key: key)
        target.begunAt = cluster.monotonicTime()
        await attempt(&target, "get alluxioruntimes") { (target) throws(ClusterError) in
            target.runtime = try await read(.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)) {
                (value) throws(ObjectError) in try AlluxioRuntime(value, keeping: .ours)
            }
        }
        let setName = AlluxioRuntime.workerSetName(of: key.name)
        await attempt(&target, "get statefulsets") { (target) throws(ClusterError) in
            target.workerSet = try await read(.get(.statefulSets, namespace: key.namespace, name: setName)) {
                (value) throws(ObjectError) in try WorkerSet(value, kind: .statefulSet, keeping: .labelsAndOurs)
            }
        }
        if target.workerSet == nil, target.trouble == nil {
            await attempt(&target, "get daemonsets") { (target) throws(ClusterError) in
                target.workerSet = try await read(.get(.daemonSets, namespace: key.namespace, name: setName)) {
                    (value) throws(ObjectError) in try WorkerSet(value, kind: .daemonSet, keeping: .labelsAndOurs)
                }
            }
        }
        // Only what Fluid labelled as this runtime's workers is ever touched.
        if target.workerSet?.runtimeKey?.name != key.name { target.workerSet = nil }
        await attempt(&target, "get workerdrains") { (target) throws(ClusterError) in
            target.drain = try await read(.get(.workerDrains, namespace: key.namespace, name: key.name)) {
                (value) throws(ObjectError) in try WorkerDrain(value)
            }
        }
        return target
    }

    /// Reads the pods, the masters, and for a DaemonSet the nodes.
    func pods(of target: inout DrainTarget) async {
        guard let set = target.workerSet else { return }
        let (namespace, name) = (target.key.namespace, target.key.name)
        await attempt(&target, "list pods") { (target) throws(ClusterError) in
            let labels = AlluxioRuntime.workerSelector(name: name)
            target.pods = try await list(.list(.pods, namespace: namespace, selection: Selection(labels: labels))) {
                (value) throws(ObjectError) in try Pod(value)
            }
            try await masters(of: &target)
        }
        // A set that asks for no label was not placed by Fluid.
        guard set.kind == .daemonSet, settings.daemonRemoval != .unattended, !set.nodeSelector.isEmpty else { return }
        let selector = set.nodeSelector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        await attempt(&target, "list nodes") { (target) throws(ClusterError) in
            let selection = Selection(labels: selector.joined(separator: ","))
            target.placedNodes = Set(
                try await list(.list(.nodes, selection: selection)) { (value) throws(ObjectError) in
                    try ObjectMeta(of: value, keeping: .none).name
                })
            target.usedNodes = Set(
                try await list(.list(.pods, namespace: namespace)) { (value) throws(ObjectError) in
                    Self.mounts(value, claim: name) ? try Pod(value).nodeName : ""
                })
        }
    }

    private func masters(of target: inout DrainTarget) async throws(ClusterError) {
        let labels = "app=alluxio,release=\(target.key.name),role=alluxio-master"
        let pods = try await list(
            .list(.pods, namespace: target.key.namespace, selection: Selection(labels: labels))
        ) { (value) throws(ObjectError) in try Pod(value) }
        target.masters = pods.filter { pod in
            pod.isReady && !pod.meta.isDeleting && pod.container(named: DrainTarget.masterContainer)?.isRunning == true
        }.sorted { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
        target.masterTrouble =
            !target.masters.isEmpty
            ? nil
            : pods.first.map { "\($0.meta.name) is \($0.meta.isDeleting ? "being deleted" : "not ready (\($0.phase))")" }
                ?? "there is no master pod"
    }

    /// Whether a pod that has not ended mounts this claim.
    private static func mounts(_ pod: JSONValue, claim: String) -> Bool {
        let phase = pod["status"]?["phase"]?.string
        guard phase != "Succeeded", phase != "Failed", let volumes = pod["spec"]?["volumes"] else { return false }
        return volumes.elements.contains { $0["persistentVolumeClaim"]?["claimName"]?.string == claim }
    }

    /// Tries one reading; its failure is the target's trouble, unless there is one already.
    private func attempt(
        _ target: inout DrainTarget, _ what: String,
        _ body: (inout DrainTarget) async throws(ClusterError) -> Void
    ) async {
        target.cost += 1
        do throws(ClusterError) {
            try await body(&target)
        } catch {
            target.trouble = target.trouble ?? .cluster(error, what)
            target.retryAfter = error.status?.retryAfter ?? target.retryAfter
        }
    }

    /// Reads one object; nil if it is not there.
    func read<Object>(
        _ request: APIRequest, _ decode: (JSONValue) throws(ObjectError) -> Object
    ) async throws(ClusterError) -> Object? {
        let value: JSONValue
        do throws(ClusterError) {
            value = try await cluster.send(request).json()
        } catch  where error.isNotFound {
            return nil
        }
        return try decoded(value, decode)
    }

    /// Reads a list in one answer; what is longer than an answer may be is an error.
    private func list<Object>(
        _ request: APIRequest, _ decode: (JSONValue) throws(ObjectError) -> Object
    ) async throws(ClusterError) -> [Object] {
        let value = try await cluster.send(request).json()
        var result: [Object] = []
        guard let items = value["items"] else { throw .unreadable("a list without items") }
        for element in items.elements { result.append(try decoded(element, decode)) }
        return result
    }

    private func decoded<Object>(
        _ value: JSONValue, _ decode: (JSONValue) throws(ObjectError) -> Object
    ) throws(ClusterError) -> Object {
        do throws(ObjectError) {
            return try decode(value)
        } catch {
            throw .unreadable(error.description)
        }
    }
}

extension DrainObstacle {
    /// What a request that failed means; constant while it fails in the same way.
    static func cluster(_ error: ClusterError, _ what: String) -> DrainObstacle {
        if error.isForbidden { return .forbidden(what) }
        switch error {
        case .status(let status): return .apiServer("\(what): \(status.reason.isEmpty ? "status" : status.reason) \(status.code)")
        case .transport, .cancelled: return .apiServer("\(what): the connection broke")
        case .timeout: return .apiServer("\(what): no answer in time")
        case .tooLarge, .unreadable: return .apiServer("\(what): \(error.description)")
        }
    }
}
