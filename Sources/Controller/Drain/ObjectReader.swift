internal import Kubernetes
internal import Rules
internal import Wire

/// Reads the objects that a drain is judged by, live.
struct ObjectReader<Base: Cluster>: Sendable {
    let cluster: Base
    let settings: ReconcilerSettings

    /// Reads runtime, worker set and drain, side by side; what can't be read is the target's trouble.
    func objects(of key: ObjectKey) async -> DrainTarget {
        var target = DrainTarget(key: key)
        target.begunAt = cluster.monotonicTime()
        async let runtime = read(.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)) {
            (value) throws(ObjectError) in try AlluxioRuntime(value, keeping: .ours)
        }
        async let set = workerSet(of: key, .statefulSet)
        async let drain = read(.get(.workerDrains, namespace: key.namespace, name: key.name)) {
            (value) throws(ObjectError) in try WorkerDrain(value)
        }
        target.runtime = target.take(await runtime, "get alluxioruntimes") ?? nil
        target.workerSet = target.take(await set, "get statefulsets") ?? nil
        let found = await drain
        if case .success = found { target.isDrainRead = true }
        target.drain = target.take(found, "get workerdrains") ?? nil
        if target.workerSet == nil, target.trouble == nil {
            target.workerSet = target.take(await workerSet(of: key, .daemonSet), "get daemonsets") ?? nil
        }
        // Only what Fluid labelled as this runtime's workers is ever touched.
        if target.workerSet?.runtimeKey?.name != key.name { target.workerSet = nil }
        return target
    }

    private func workerSet(of key: ObjectKey, _ kind: WorkerSet.Kind) async -> Result<WorkerSet?, ClusterError> {
        let name = AlluxioRuntime.workerSetName(of: key.name)
        let resource = kind == .statefulSet ? Resource.statefulSets : .daemonSets
        return await read(.get(resource, namespace: key.namespace, name: name)) {
            (value) throws(ObjectError) in try WorkerSet(value, kind: kind, keeping: .labelsAndOurs)
        }
    }

    /// Reads the pods, the masters, and for a DaemonSet the nodes, side by side.
    func pods(of target: inout DrainTarget) async {
        guard let set = target.workerSet else { return }
        let (namespace, name) = (target.key.namespace, target.key.name)
        async let workers = pods(namespace, AlluxioRuntime.workerSelector(name: name))
        async let masters = pods(namespace, "app=alluxio,release=\(name),role=alluxio-master")
        // A set that asks for no label was not placed by Fluid.
        if set.kind == .daemonSet, settings.daemonRemoval != .unattended, !set.nodeSelector.isEmpty {
            let selector = set.nodeSelector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            let selection = Selection(labels: selector.joined(separator: ","))
            async let nodes = list(.list(.nodes, selection: selection)) { (value) throws(ObjectError) in
                try ObjectMeta(of: value, keeping: .labelsAndOurs)
            }
            async let users = list(.list(.pods, namespace: namespace)) { (value) throws(ObjectError) in
                Self.mounts(value, claim: name) ? try Pod(value).nodeName : ""
            }
            target.placedNodes = target.take(await nodes, "list nodes").map { nodes in
                Dictionary(nodes.map { ($0.name, $0) }) { first, _ in first }
            }
            target.usedNodes = Set(target.take(await users, "list pods") ?? [])
        }
        // Anybody may give a pod the workers' labels; only the set's controller makes it their owner.
        target.pods = (target.take(await workers, "list pods") ?? []).filter { $0.meta.controller?.uid == set.meta.uid }
        Self.choose(target.take(await masters, "list pods") ?? [], for: &target)
    }

    private func pods(_ namespace: String, _ labels: String) async -> Result<[Pod], ClusterError> {
        await list(.list(.pods, namespace: namespace, selection: Selection(labels: labels))) {
            (value) throws(ObjectError) in try Pod(value)
        }
    }

    private static func choose(_ pods: [Pod], for target: inout DrainTarget) {
        target.masters = pods.filter { pod in
            pod.isReady && !pod.meta.isDeleting && pod.container(named: DrainTarget.masterContainer)?.isRunning == true
        }.sorted { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
        target.mastersMayBeMore = pods.count > 1
        target.masterTrouble =
            !target.masters.isEmpty
            ? nil
            : pods.first.map {
                "\($0.meta.name) is \($0.meta.isDeleting ? "being deleted" : "not ready (\($0.phase))")"
            }
                ?? "there is no master pod"
    }

    /// Whether a pod that has not ended mounts this claim.
    private static func mounts(_ pod: JSONValue, claim: String) -> Bool {
        let phase = pod["status"]?["phase"]?.string
        guard phase != "Succeeded", phase != "Failed", let volumes = pod["spec"]?["volumes"] else { return false }
        return volumes.elements.contains { $0["persistentVolumeClaim"]?["claimName"]?.string == claim }
    }

    /// Reads one object; nil if it is not there.
    func read<Object: Sendable>(
        _ request: APIRequest, _ decode: @Sendable (JSONValue) throws(ObjectError) -> Object
    ) async -> Result<Object?, ClusterError> {
        do throws(ClusterError) {
            return .success(try decoded(try await cluster.send(request).json(), decode))
        } catch {
            return error.isNotFound ? .success(nil) : .failure(error)
        }
    }

    /// Reads a list in one answer; what is longer than an answer may be is an error.
    private func list<Object: Sendable>(
        _ request: APIRequest, _ decode: @Sendable (JSONValue) throws(ObjectError) -> Object
    ) async -> Result<[Object], ClusterError> {
        do throws(ClusterError) {
            let value = try await cluster.send(request).json()
            guard let items = value["items"] else { throw .unreadable("a list without items") }
            var result: [Object] = []
            for element in items.elements { result.append(try decoded(element, decode)) }
            return .success(result)
        } catch {
            return .failure(error)
        }
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
        // What refused it, such as another webhook, stands in the message alone.
        case .status(let status) where status.code == 403:
            return .apiServer("\(what): \(printable(status.message, limit: 300))")
        case .status(let status):
            return .apiServer("\(what): \(status.reason.isEmpty ? "status" : status.reason) \(status.code)")
        case .transport, .cancelled: return .apiServer("\(what): the connection broke")
        case .timeout: return .apiServer("\(what): no answer in time")
        case .tooLarge, .unreadable: return .apiServer("\(what): \(error.description)")
        }
    }
}
