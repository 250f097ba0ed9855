public import Wire

/// A pod of a cache, its master's or a worker's, with what a store keeps of it.
public struct CachePod: Sendable, Hashable {
    /// What runs in it.
    public enum Role: String, Sendable, Hashable {
        /// A master.
        case master = "alluxio-master"
        /// A worker.
        case worker = "alluxio-worker"
    }

    /// Its metadata: labels, and no annotations.
    public var meta: ObjectMeta
    /// What runs in it.
    public var role: Role
    /// The runtime's name; empty where its label is missing.
    public var runtime: String
    /// The node's address; empty before the kubelet wrote it.
    public var hostIP: String
    /// Its own address; empty before the kubelet wrote it.
    public var podIP: String
    /// Whether it is ready.
    public var isReady: Bool
    /// Whether it has ended, and is only still listed.
    public var hasEnded: Bool
    /// The number of its port `web`; nil if it has none.
    public var webPort: Int?

    /// The labels by which Fluid's master and worker pods are told from all others.
    public static let labelSelector = "app=alluxio,role in (alluxio-master,alluxio-worker)"

    /// Reads a pod; nil if it is neither a master's nor a worker's.
    public init?(_ value: JSONValue) throws(ObjectError) {
        let pod = try Pod(value)
        guard let role = pod.meta.labels["role"].flatMap(Role.init) else { return nil }
        meta = try ObjectMeta(of: value, keeping: .none)
        meta.labels = try value.storedLabels()
        self.role = role
        runtime = pod.meta.labels["release"] ?? ""
        hostIP = pod.hostIP
        podIP = pod.podIP
        isReady = pod.isReady
        hasEnded = pod.phase == "Succeeded" || pod.phase == "Failed"
        webPort = pod.container(named: role.rawValue)?.port(named: "web").map { Int($0) }
    }

    /// The runtime that it belongs to; nil where its label is missing.
    public var runtimeKey: ObjectKey? {
        runtime.isEmpty ? nil : ObjectKey(namespace: meta.namespace, name: runtime)
    }
}
