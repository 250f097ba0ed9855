/// What the rules look at in an `AlluxioRuntime`.
public struct RuntimeFacts: Sendable, Hashable {
    /// `metadata.namespace`; from the request where the object has none.
    public var namespace: String
    /// `metadata.name`; empty where the API server still has to make one.
    public var name: String
    /// `metadata.generateName`, or empty.
    public var generateName = ""
    /// Says whether `metadata.deletionTimestamp` is set.
    public var isBeingDeleted = false
    /// Whether `metadata.annotations` is there at all.
    public var annotationsContainer = Container.absent
    /// The annotations whose name starts with `Annotation.prefix`, and no others.
    public var annotations: [String: String] = [:]
    /// Whether `kubectl.kubernetes.io/last-applied-configuration` shows `sluice.dev/max-replicas`: a person wrote it.
    public var isMaximumInLastApplied = false
    /// Whether `spec` is there.
    public var specContainer = Container.object
    /// `spec.replicas`.
    public var replicas = Field<Int64>.absent
    /// `spec.monitoring`, the metrics switch of the AutoScale proposal.
    public var monitoring = Field<Bool>.absent
    /// `spec.disablePrometheus`, the metrics switch of every release of Fluid.
    public var disablePrometheus = Field<Bool>.absent
    /// `spec.worker.replicas`, which Fluid ignores.
    public var workerReplicas = Field<Int64>.absent
    /// The most levels that are looked at; Alluxio itself knows three media.
    public static let tierLevelsMax = 64
    /// `spec.tieredstore.levels`, in order, the first `tierLevelsMax`.
    public var tierLevels: [TierFacts] = []
    /// Whether there are more levels than `tierLevels` has, which nobody looked at.
    public var hasMoreTierLevels = false
    /// Field paths that were written and that the object as received does not have: the API server pruned them.
    ///
    /// From `last-applied-configuration`: every path under `spec` in it that the object lacks, the outermost only;
    /// on UPDATE only where that annotation changed with this update. At most a few dozen.
    public var prunedFields: [String] = []
    /// Field paths, in the object as received, that not every version of Fluid's CRD has (`LegacyField.patterns`).
    public var legacyFields: [String] = []

    /// Makes the facts of a runtime with nothing in it; set the rest by name.
    public init(namespace: String, name: String) {
        self.namespace = namespace
        self.name = name
    }
}

/// What the rules look at in one level of the tiered store.
public struct TierFacts: Sendable, Hashable {
    /// Comma-separated directories.
    public var path = Field<String>.absent
    /// One quantity for all directories together; a number counts as its text.
    public var quota = Field<String>.absent
    /// Comma-separated quantities, one per directory; wins over `quota`.
    public var quotaList = Field<String>.absent
    /// The high watermark, a ratio written as a string.
    public var high = Field<String>.absent
    /// The low watermark, a ratio written as a string.
    public var low = Field<String>.absent

    /// Makes the facts of an empty level; set the rest by name.
    public init() {}
}

/// Whether a runtime's metrics can be scraped.
public enum MonitoringState: Sendable, Hashable {
    case on
    case off
    /// The CRD is not known, and the object doesn't say.
    case unknown
}

extension RuntimeFacts {
    /// Reads the metrics switch as Fluid does under the given CRD.
    ///
    /// `disablePrometheus` absent means on (all releases); `monitoring` absent means off (the proposal's images).
    public func monitoringState(_ schema: RuntimeSchema) -> MonitoringState {
        switch schema.metricsSwitch {
        case .monitoring: monitoring.value == true ? .on : .off
        case .disablePrometheus: disablePrometheus.value == true ? .off : .on
        case .neither: .unknown
        case .unknown:
            if disablePrometheus.value == true || monitoring.value == false {
                .off
            } else {
                disablePrometheus.value == false || monitoring.value == true ? .on : .unknown
            }
        }
    }
}
