import Kubernetes
import Wire

/// The controllers and kubelets of the cluster, by their real rules.
final class SimKubernetes {
    unowned let world: SimWorld
    private(set) var nodes: [SimNode] = []
    var pods: [SimPod] = []
    /// Whether pods can be created at all: a quota may be used up.
    var isQuotaUsedUp = false
    /// How many addresses pods were given.
    var addressCount = 0
    private var synced: Set<ObjectKey> = []
    private var unlabelled: [ObjectKey: (user: SimUser, at: Int64)] = [:]
    /// The lowerings of each set that are in force, the first one first.
    private var lowered: [ObjectKey: [(user: SimUser, at: Int64, to: Int)]] = [:]

    init(_ world: SimWorld) {
        self.world = world
    }

    var random: SimRandom { world.random }
    var server: SimServer { world.server }

    func addNode(_ number: Int) {
        let node = SimNode(name: "node-\(number)", address: "10.0.0.\(number + 1)")
        nodes.append(node)
        server.create(.nodes, ObjectKey(namespace: "", name: node.name), ["metadata": ["labels": [:]]], by: .kubernetes)
    }

    func pod(_ key: ObjectKey) -> SimPod? { pods.first { $0.key == key } }

    /// The workers of a runtime, in the order of their names.
    func workers(of runtime: SimRuntime) -> [SimPod] {
        pods.filter { $0.runtime === runtime && !$0.isMaster }.sorted { $0.key < $1.key }
    }

    // MARK: Changes

    /// Looks at a change of any object, as informers do.
    func changed(_ resource: Resource, _ key: ObjectKey, _ before: JSON?, _ after: JSON?, by user: SimUser) {
        switch resource {
        case .statefulSets, .daemonSets:
            if let old = before?.at("spec", "replicas")?.int64, let new = after?.at("spec", "replicas")?.int64,
                new != old
            {
                world.note("\(user) writes \(key.name) \(old) -> \(new)")
                // What is raised over takes nobody any more.
                lowered[key] = lowered[key]?.map { ($0.user, $0.at, new > old ? max($0.to, Int(new)) : $0.to) }
                if new < old {
                    lowered[key, default: []].append((user, world.now, Int(new)))
                    world.oracle.lowered(key, from: Int(old), to: Int(new), by: user)
                }
            }
            wake(key)
        case .pods:
            if let pod = pod(key), after?.at("metadata", "deletionTimestamp") != nil, !pod.isDeleting {
                pod.isDeleting = true
                if pod.end == nil {
                    pod.end = .deleted(user, world.now)
                    world.oracle.deleted(pod, by: user)
                }
                terminate(pod)
            }
            if let release = (after ?? before)?.at("metadata", "labels", "release")?.string {
                wake(ObjectKey(namespace: key.namespace, name: "\(release)-worker"))
            }
        case .nodes:
            for runtime in world.runtimes where runtime.plan.era.isDaemon {
                world.oracle.relabelled(key.name, before, after, by: user, runtime)
                wake(runtime.setKey, by: user)
            }
        default: break
        }
    }

    /// Has a set looked at soon.
    func wake(_ key: ObjectKey, by user: SimUser? = nil) {
        if let user { unlabelled[key] = (user, world.now) }
        guard synced.insert(key).inserted else { return }
        world.after(random.between(.milliseconds(5), .milliseconds(200))) { [self] in
            synced.remove(key)
            guard let runtime = world.runtimes.first(where: { $0.setKey == key }) else { return }
            if runtime.plan.era.isDaemon { syncDaemonSet(runtime) } else { syncStatefulSet(runtime) }
        }
    }

    /// Who lowered the set first so far that it has no room for its pod of this index, and when.
    func lowering(_ key: ObjectKey, index: Int) -> SimPod.End {
        lowered[key]?.first { $0.to <= index }.map { .lowered($0.user, $0.at) } ?? .replaced
    }

    func unlabelling(_ key: ObjectKey) -> SimPod.End {
        unlabelled[key].map { .unlabelled($0.user, $0.at) } ?? .replaced
    }

    // MARK: Pods

    @discardableResult
    func createPod(_ runtime: SimRuntime, name: String, ordinal: Int?, revision: String, isMaster: Bool = false)
        -> SimPod?
    {
        let key = ObjectKey(namespace: runtime.namespace, name: name)
        guard server.object(.pods, key) == nil, isMaster || !isQuotaUsedUp else { return nil }
        let role: JSON = .string(isMaster ? "alluxio-master" : "alluxio-worker")
        let labels: JSON = [
            "app": "alluxio", "release": .string(runtime.name), "role": role,
            "controller-revision-hash": .string(revision),
        ]
        let owner: JSON = [
            "apiVersion": "apps/v1", "kind": runtime.plan.era.isDaemon && !isMaster ? "DaemonSet" : "StatefulSet",
            "name": .string(isMaster ? "\(runtime.name)-master" : runtime.setKey.name), "controller": true,
            "uid": (isMaster ? nil : server.object(runtime.setResource, runtime.setKey)?.at("metadata", "uid")) ?? "m",
        ]
        let object: JSON = [
            "metadata": ["labels": labels, "ownerReferences": [owner]], "spec": [:], "status": ["phase": "Pending"],
        ]
        server.create(.pods, key, object, by: .kubernetes)
        let uid = server.object(.pods, key)?.at("metadata", "uid")?.string ?? ""
        let pod = SimPod(
            key: key, uid: uid, runtime: runtime, isMaster: isMaster, ordinal: ordinal, revision: revision)
        if !runtime.plan.hasHostNetwork {
            pod.webPort = isMaster ? 19_999 : 30_000
        } else {
            pod.webPort = runtime.workerWebPort + (isMaster ? 6_000 : 0)
        }
        pod.isImageMissing = runtime.isImageMissing && !isMaster
        pods.append(pod)
        world.note("pod \(name) \(uid) is made")
        return pod
    }

    /// Writes what a pod has become.
    func publish(_ pod: SimPod) {
        server.change(.pods, pod.key) { object in
            if let node = pod.node { object.set(["spec", "nodeName"], .string(node.name)) }
            object.set(["spec", "containers"], pod.containers)
            object["status"] = pod.status(wall: world.wallText)
        }
    }
}
