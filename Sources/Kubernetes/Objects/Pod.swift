public import Wire

/// What we read of a pod.
public struct Pod: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// The node; empty before it is placed.
    public var nodeName: String
    /// The node's address, by which Alluxio knows a worker; empty before the kubelet wrote it.
    public var hostIP: String
    /// The pod's own address; empty before the kubelet wrote it.
    public var podIP: String
    /// `Pending`, `Running`, `Succeeded`, `Failed` or `Unknown`.
    public var phase: String
    /// Whether the condition `Ready` is `True`.
    public var isReady: Bool
    /// Whether the scheduler found no node for it (condition `PodScheduled`, reason `Unschedulable`).
    public var isUnschedulable: Bool
    /// The containers, without init containers.
    public var containers: [Container]

    /// One container of a pod.
    public struct Container: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The ports that have a name; on the host's network their numbers are random.
        public var ports: [Port]
        /// The memory limit as written; nil if there is none.
        public var memoryLimit: String?
        /// Whether it runs now.
        public var isRunning: Bool
        /// Whether it is ready.
        public var isReady: Bool
        /// Whether it runs, or ran before.
        public var hasEverStarted: Bool
        /// How often it was started again.
        public var restartCount: Int32
        /// Why it waits, such as `ContainerCreating` or `ImagePullBackOff`; empty if it does not, or nobody said.
        public var waitingReason: String

        /// A port with a name.
        public struct Port: Sendable, Hashable {
            /// The name, such as `web`.
            public var name: String
            /// The number.
            public var number: Int32

            /// Makes a port.
            public init(name: String, number: Int32) {
                self.name = name
                self.number = number
            }
        }

        /// Makes a container.
        public init(
            name: String, ports: [Port] = [], memoryLimit: String? = nil, isRunning: Bool = false,
            isReady: Bool = false, hasEverStarted: Bool = false, restartCount: Int32 = 0, waitingReason: String = ""
        ) {
            self.name = name
            self.ports = ports
            self.memoryLimit = memoryLimit
            self.isRunning = isRunning
            self.isReady = isReady
            self.hasEverStarted = hasEverStarted
            self.restartCount = restartCount
            self.waitingReason = waitingReason
        }

        /// The number of the port with this name.
        public func port(named name: String) -> Int32? { ports.first { $0.name == name }?.number }
        /// The memory limit in bytes; nil if there is none or it can't be read.
        public var memoryLimitBytes: Int64? { memoryLimit.flatMap(Quantity.integer) }
    }

    /// Makes a pod.
    public init(
        meta: ObjectMeta, nodeName: String = "", hostIP: String = "", podIP: String = "", phase: String = "",
        isReady: Bool = false, isUnschedulable: Bool = false, containers: [Container] = []
    ) {
        self.meta = meta
        self.nodeName = nodeName
        self.hostIP = hostIP
        self.podIP = podIP
        self.phase = phase
        self.isReady = isReady
        self.isUnschedulable = isUnschedulable
        self.containers = containers
    }

    /// Reads a pod.
    public init(_ value: JSONValue) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value))
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in
            nodeName = try spec.optionalString("nodeName") ?? ""
            containers = try spec.objects("containers") { (container) throws(ObjectError) in
                try Self.container(container)
            }
        }
        _ = try value.optionalObject("status") { (status) throws(ObjectError) in try read(status: status) }
    }

    /// The container of this name.
    public func container(named name: String) -> Container? { containers.first { $0.name == name } }
    /// The revision of its set that it was made from; empty if it has none.
    public var revisionHash: String { meta.labels["controller-revision-hash"] ?? "" }
    /// Whether its container of this name, or if it has none any, runs or ran before.
    public func hasRun(_ name: String) -> Bool {
        container(named: name)?.hasEverStarted ?? containers.contains(where: \.hasEverStarted)
    }

    /// Whether a container that never ran will, as far as anyone can tell: nothing has failed yet.
    ///
    /// The reasons are those of a kubelet that is at work (`pkg/kubelet/kubelet_pods.go`); any other tells of a failure.
    public func isAboutToStart(_ container: Container?) -> Bool {
        let reason = container?.waitingReason ?? ""
        return !isUnschedulable && phase != "Failed" && phase != "Succeeded"
            && ["", "ContainerCreating", "PodInitializing"].contains(reason)
    }

    /// The number at the end of a stateful set's pod's name; nil if there is none.
    public var ordinal: Int? {
        guard let dash = meta.name.lastIndex(of: "-") else { return nil }
        let digits = meta.name[meta.name.index(after: dash)...]
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return Int(digits)
    }

    private static func container(_ value: JSONValue) throws(ObjectError) -> Container {
        var container = Container(name: try value.optionalString("name") ?? "")
        for port in try value.objects(
            "ports",
            { (port) throws(ObjectError) in
                (try port.optionalString("name"), try port.optionalInt32("containerPort"))
            })
        {
            if case (let name?, let number?) = port { container.ports.append(.init(name: name, number: number)) }
        }
        let limit = try value.optionalObject("resources") { (resources) throws(ObjectError) in
            try resources.optionalObject("limits") { (limits) throws(ObjectError) in
                try limits.optionalScalarText("memory")
            }
        }
        container.memoryLimit = (limit ?? nil) ?? nil
        return container
    }

    private mutating func read(status: JSONValue) throws(ObjectError) {
        hostIP = try status.optionalString("hostIP") ?? ""
        podIP = try status.optionalString("podIP") ?? ""
        phase = try status.optionalString("phase") ?? ""
        let conditions = try status.objects("conditions") { (condition) throws(ObjectError) in
            (
                type: try condition.optionalString("type"), status: try condition.optionalString("status"),
                reason: try condition.optionalString("reason")
            )
        }
        isReady = conditions.contains { $0.type == "Ready" && $0.status == "True" }
        isUnschedulable = conditions.contains { $0.type == "PodScheduled" && $0.reason == "Unschedulable" }
        for state in try status.objects(
            "containerStatuses", { (state) throws(ObjectError) in try ContainerState(state) })
        {
            guard let place = containers.firstIndex(where: { $0.name == state.name }) else { continue }
            containers[place].isRunning = state.isRunning
            containers[place].isReady = state.isReady
            containers[place].hasEverStarted = state.hasEverStarted
            containers[place].restartCount = state.restartCount
            containers[place].waitingReason = state.waitingReason
        }
    }

    /// One element of `status.containerStatuses`.
    private struct ContainerState {
        var name: String
        var isRunning: Bool
        var isReady: Bool
        var hasEverStarted: Bool
        var restartCount: Int32
        var waitingReason: String

        init(_ value: JSONValue) throws(ObjectError) {
            name = try value.optionalString("name") ?? ""
            isReady = try value.optionalBool("ready") ?? false
            restartCount = try value.optionalInt32("restartCount") ?? 0
            let state = value.field("state")
            isRunning = state?.field("running") != nil
            waitingReason = try state?.field("waiting")?.optionalString("reason") ?? ""
            // `terminated` without a time of start stands for a container that never began (ContainerCannotRun).
            let ended = [state, value.field("lastState")].contains { part in
                part?.field("terminated")?.field("startedAt") != nil
            }
            hasEverStarted = isRunning || ended || restartCount > 0
        }
    }
}
