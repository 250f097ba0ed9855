public import Wire

/// What we read of a `StatefulSet` or `DaemonSet` that runs the workers of a runtime.
public struct WorkerSet: Sendable, Hashable {
    /// What kind of set it is.
    public enum Kind: String, Sendable, Hashable {
        /// Fluid from 0.7 on.
        case statefulSet = "StatefulSet"
        /// Older Fluid; its pods are placed by node labels.
        case daemonSet = "DaemonSet"
    }

    /// What kind of set it is.
    public var kind: Kind
    /// Its metadata.
    public var meta: ObjectMeta
    /// `spec.replicas` of a stateful set, 1 if it is absent; for a daemon set the nodes that it wants.
    public var replicas: Int32
    /// The pods that there are.
    public var currentPods: Int32
    /// The pods that are ready.
    public var readyPods: Int32
    /// How pods are replaced: `RollingUpdate` or `OnDelete`; empty if it is absent.
    public var updateStrategy: String
    /// How many of a stateful set's pods, from the lowest on, a rolling update leaves as they are.
    public var partition: Int32 = 0
    /// The newest revision; empty for a daemon set.
    public var updateRevision: String
    /// Which generation the status is about; a status is stale while it is below `meta.generation`.
    public var observedGeneration: Int64
    /// The lowest ordinal of a stateful set's pods (`spec.ordinals.start`, from Kubernetes 1.27 on).
    public var firstOrdinal: Int32 = 0
    /// Whether a stateful set's pods come and go one by one (`podManagementPolicy: OrderedReady`, which is the default).
    public var isOrdered = false
    /// The labels of its pods.
    public var matchLabels: [String: String]
    /// The node labels that its pods ask for, which place a daemon set's pods.
    public var nodeSelector: [String: String]

    /// Makes a worker set.
    public init(
        kind: Kind, meta: ObjectMeta, replicas: Int32, currentPods: Int32 = 0, readyPods: Int32 = 0,
        updateStrategy: String = "", updateRevision: String = "", observedGeneration: Int64 = 0,
        matchLabels: [String: String] = [:], nodeSelector: [String: String] = [:]
    ) {
        self.kind = kind
        self.meta = meta
        self.replicas = replicas
        self.currentPods = currentPods
        self.readyPods = readyPods
        self.updateStrategy = updateStrategy
        self.updateRevision = updateRevision
        self.observedGeneration = observedGeneration
        self.matchLabels = matchLabels
        self.nodeSelector = nodeSelector
    }

    /// Reads a worker set.
    public init(
        _ value: JSONValue, kind: Kind, keeping retention: ObjectMeta.Retention = .all
    ) throws(ObjectError) {
        self.init(kind: kind, meta: try ObjectMeta(of: value, keeping: retention), replicas: kind == .daemonSet ? 0 : 1)
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in try read(spec: spec) }
        _ = try value.optionalObject("status") { (status) throws(ObjectError) in try read(status: status) }
    }

    private mutating func read(spec: JSONValue) throws(ObjectError) {
        if kind == .statefulSet {
            replicas = try spec.optionalInt32("replicas") ?? 1
            isOrdered = try spec.optionalString("podManagementPolicy") ?? "OrderedReady" == "OrderedReady"
            firstOrdinal =
                try spec.optionalObject("ordinals") { (ordinals) throws(ObjectError) in
                    try ordinals.optionalInt32("start") ?? 0
                } ?? 0
        }
        matchLabels =
            try spec.optionalObject("selector") { (selector) throws(ObjectError) in
                try selector.stringMap("matchLabels", entriesMax: StoreLimits.labels)
            } ?? [:]
        _ = try spec.optionalObject("updateStrategy") { (strategy) throws(ObjectError) in
            updateStrategy = try strategy.optionalString("type", bytesMax: StoreLimits.nameBytes) ?? ""
            guard kind == .statefulSet else { return }
            _ = try strategy.optionalObject("rollingUpdate") { (update) throws(ObjectError) in
                partition = try update.optionalInt32("partition") ?? 0
            }
        }
        let selector = try spec.optionalObject("template") { (template) throws(ObjectError) in
            try template.optionalObject("spec") { (pod) throws(ObjectError) in
                try pod.stringMap("nodeSelector", entriesMax: StoreLimits.labels)
            }
        }
        nodeSelector = (selector ?? nil) ?? [:]
    }

    private mutating func read(status: JSONValue) throws(ObjectError) {
        observedGeneration = try status.optionalInt64("observedGeneration") ?? 0
        switch kind {
        case .statefulSet:
            currentPods = try status.optionalInt32("replicas") ?? 0
            readyPods = try status.optionalInt32("readyReplicas") ?? 0
            updateRevision = try status.optionalString("updateRevision", bytesMax: StoreLimits.nameBytes) ?? ""
        case .daemonSet:
            replicas = try status.optionalInt32("desiredNumberScheduled") ?? 0
            currentPods = try status.optionalInt32("currentNumberScheduled") ?? 0
            readyPods = try status.optionalInt32("numberReady") ?? 0
        }
    }

    /// The labels that every era of Fluid puts on worker sets, as a selector for lists and watches.
    public static let labelSelector = "app=alluxio,role=alluxio-worker"

    /// The runtime whose workers it runs, told by the labels `app`, `role` and `release` and by its name; nil if they say
    /// anything else, since owner references came only with Fluid 0.9.
    ///
    /// The labels of its pods count as well as its own: those anybody may change, the selector nobody.
    public var runtimeName: String? { runtimeName(meta.labels) ?? runtimeName(matchLabels) }

    private func runtimeName(_ labels: [String: String]) -> String? {
        guard labels["app"] == "alluxio", labels["role"] == "alluxio-worker",
            let release = labels["release"], meta.name == AlluxioRuntime.workerSetName(of: release)
        else { return nil }
        return release
    }

    /// Namespace and name of the runtime whose workers it runs.
    public var runtimeKey: ObjectKey? { runtimeName.map { ObjectKey(namespace: meta.namespace, name: $0) } }
}
