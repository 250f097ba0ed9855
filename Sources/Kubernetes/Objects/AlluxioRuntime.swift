public import Wire

/// What we read of Fluid's `AlluxioRuntime` (`data.fluid.io/v1alpha1`).
public struct AlluxioRuntime: Sendable, Hashable {
    /// Its metadata.
    public var meta: ObjectMeta
    /// How many workers are wanted; nil if the field is absent, which Fluid reads as 0.
    public var replicas: Int32?
    /// The metrics switch of the proposal's CRD: off unless true.
    public var monitoring: Bool?
    /// The metrics switch of all of Fluid's releases: on unless true.
    public var disablePrometheus: Bool?
    /// What Fluid last wrote of its state; nil before its first write.
    public var status: Status?
    /// Whether `last-applied-configuration` names `sluice.dev/max-replicas`: then a person wrote that annotation.
    public var isMaximumApplied: Bool

    /// What Fluid writes of its state.
    public struct Status: Sendable, Hashable {
        /// The selector that `/scale` shows; empty where Fluid never filled it.
        public var selector: String
        /// How many workers Fluid believes are wanted.
        public var desiredWorkers: Int32
        /// How many workers Fluid believes there are.
        public var currentWorkers: Int32
        /// How many workers are ready.
        public var readyWorkers: Int32
        /// The master's phase: empty, `NotReady`, `PartialReady` or `Ready`.
        public var masterPhase: String
        /// The workers' phase, likewise.
        public var workerPhase: String
        /// Whether the 13 fields are there that the CRD requires; a patch of the status is refused before.
        public var isComplete: Bool

        /// Makes a status.
        public init(
            selector: String = "", desiredWorkers: Int32 = 0, currentWorkers: Int32 = 0, readyWorkers: Int32 = 0,
            masterPhase: String = "", workerPhase: String = "", isComplete: Bool = true
        ) {
            self.selector = selector
            self.desiredWorkers = desiredWorkers
            self.currentWorkers = currentWorkers
            self.readyWorkers = readyWorkers
            self.masterPhase = masterPhase
            self.workerPhase = workerPhase
            self.isComplete = isComplete
        }

        init(_ value: JSONValue) throws(ObjectError) {
            selector = try value.optionalString("selector", bytesMax: StoreLimits.statusBytes) ?? ""
            desiredWorkers = try value.optionalInt32("desiredWorkerNumberScheduled") ?? 0
            currentWorkers = try value.optionalInt32("currentWorkerNumberScheduled") ?? 0
            readyWorkers = try value.optionalInt32("workerNumberReady") ?? 0
            masterPhase = try value.optionalString("masterPhase", bytesMax: StoreLimits.statusBytes) ?? ""
            workerPhase = try value.optionalString("workerPhase", bytesMax: StoreLimits.statusBytes) ?? ""
            let required: [StaticString] = [
                "valueFile", "masterPhase", "workerPhase", "fusePhase", "desiredMasterNumberScheduled",
                "currentMasterNumberScheduled", "masterNumberReady", "desiredWorkerNumberScheduled",
                "currentWorkerNumberScheduled", "workerNumberReady", "desiredFuseNumberScheduled",
                "currentFuseNumberScheduled", "fuseNumberReady",
            ]
            isComplete = required.allSatisfy { value[$0] != nil }
        }
    }

    /// Makes a runtime.
    public init(
        meta: ObjectMeta, replicas: Int32? = nil, monitoring: Bool? = nil, disablePrometheus: Bool? = nil,
        status: Status? = nil,
        isMaximumApplied: Bool = false
    ) {
        self.meta = meta
        self.replicas = replicas
        self.monitoring = monitoring
        self.disablePrometheus = disablePrometheus
        self.status = status
        self.isMaximumApplied = isMaximumApplied
    }

    /// Reads a runtime.
    public init(_ value: JSONValue, keeping retention: ObjectMeta.Retention = .all) throws(ObjectError) {
        self.init(meta: try ObjectMeta(of: value, keeping: retention))
        isMaximumApplied = Self.namesMaximum(value)
        _ = try value.optionalObject("spec") { (spec) throws(ObjectError) in try read(spec: spec) }
        status =
            try value.optionalObject("status") { (status) throws(ObjectError) in
                status.isEmpty ? nil : try Status(status)
            } ?? nil
    }

    /// Looks for the annotation's name, in quotes, in the text that `kubectl apply` left: cheap, and kept instead of it.
    private static func namesMaximum(_ value: JSONValue) -> Bool {
        let applied = value["metadata"]?["annotations"]?["kubectl.kubernetes.io/last-applied-configuration"]
        return applied?.contains("\"sluice.dev/max-replicas\"") ?? false
    }

    private mutating func read(spec: JSONValue) throws(ObjectError) {
        replicas = try spec.optionalInt32("replicas")
        monitoring = try spec.optionalBool("monitoring")
        disablePrometheus = try spec.optionalBool("disablePrometheus")
    }

    /// The API group.
    public static let group = "data.fluid.io"
    /// The kind.
    public static let kind = "AlluxioRuntime"
    /// The labels of a runtime's workers, sorted by key, as `status.selector` has to name them.
    public static func workerSelector(name: String) -> String {
        "app=alluxio,release=\(name),role=alluxio-worker"
    }
    /// The name of a runtime's worker set.
    public static func workerSetName(of name: String) -> String { "\(name)-worker" }
}
