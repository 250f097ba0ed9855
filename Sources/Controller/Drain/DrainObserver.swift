internal import Kubernetes
internal import Rules
internal import Wire

/// Reads everything that a drain is judged by, live, and no more than its state needs.
struct DrainObserver<Base: Cluster>: Sendable {
    let cluster: Base
    let settings: ReconcilerSettings

    /// Reads the objects of a runtime.
    func target(_ key: ObjectKey) async throws(ClusterError) -> DrainTarget {
        var target = DrainTarget(key: key)
        target.runtime = try await read(.get(.alluxioRuntimes, namespace: key.namespace, name: key.name)) {
            (value) throws(ObjectError) in try AlluxioRuntime(value, keeping: .ours)
        }
        let setName = AlluxioRuntime.workerSetName(of: key.name)
        target.workerSet = try await read(.get(.statefulSets, namespace: key.namespace, name: setName)) {
            (value) throws(ObjectError) in try WorkerSet(value, kind: .statefulSet, keeping: .labelsAndOurs)
        }
        if target.workerSet == nil {
            target.workerSet = try await read(.get(.daemonSets, namespace: key.namespace, name: setName)) {
                (value) throws(ObjectError) in try WorkerSet(value, kind: .daemonSet, keeping: .labelsAndOurs)
            }
        }
        // Only what Fluid labelled as this runtime's workers is ever touched.
        if target.workerSet?.runtimeKey?.name != key.name {
            target.workerSet = nil
        }
        return target
    }

    /// Reads the pods, and for a DaemonSet the nodes.
    func pods(of target: inout DrainTarget) async throws(ClusterError) {
        guard let set = target.workerSet else {
            return
        }
        let labels = AlluxioRuntime.workerSelector(name: target.key.name)
        target.pods = try await list(
            .list(.pods, namespace: target.key.namespace, selection: Selection(labels: labels))
        ) { (value) throws(ObjectError) in try Pod(value) }
        // A set that asks for no label was not placed by Fluid.
        guard set.kind == .daemonSet, settings.daemonRemoval != .unattended, !set.nodeSelector.isEmpty else {
            return
        }
        let selector = set.nodeSelector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let nodes = try await list(.list(.nodes, selection: Selection(labels: selector.joined(separator: ",")))) {
            (value) throws(ObjectError) in try ObjectMeta(of: value, keeping: .none).name
        }
        target.placedNodes = Set(nodes)
        target.usedNodes = Set(
            try await list(.list(.pods, namespace: target.key.namespace)) { (value) throws(ObjectError) in
                Self.mounts(value, claim: target.key.name) ? try Pod(value).nodeName : ""
            })
    }

    /// Whether a pod that has not ended mounts this claim.
    private static func mounts(_ pod: JSONValue, claim: String) -> Bool {
        let phase = pod["status"]?["phase"]?.string
        guard phase != "Succeeded", phase != "Failed", let volumes = pod["spec"]?["volumes"] else {
            return false
        }
        return volumes.elements.contains { $0["persistentVolumeClaim"]?["claimName"]?.string == claim }
    }

    /// Finds the ready master pods.
    func masters(of target: inout DrainTarget) async throws(ClusterError) {
        let labels = "app=alluxio,release=\(target.key.name),role=alluxio-master"
        let pods = try await list(
            .list(.pods, namespace: target.key.namespace, selection: Selection(labels: labels))
        ) { (value) throws(ObjectError) in try Pod(value) }
        target.masters = pods.filter { pod in
            pod.isReady && !pod.meta.isDeleting && pod.container(named: DrainTarget.masterContainer)?.isRunning == true
        }.sorted { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
        if target.masters.isEmpty, let pod = pods.first {
            target.masterTrouble = "\(pod.meta.name) is \(pod.isReady ? "being deleted" : "not ready (\(pod.phase))")"
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

    /// Reads a list whole, page by page.
    func list<Object>(
        _ request: APIRequest, _ decode: (JSONValue) throws(ObjectError) -> Object
    ) async throws(ClusterError) -> [Object] {
        let value = try await cluster.send(request).json()
        var result: [Object] = []
        guard let items = value["items"] else {
            return []
        }
        for element in items.elements {
            result.append(try decoded(element, decode))
        }
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
