public import Rules
public import Wire

extension RuntimeFacts {
    /// The most levels of the tiered store that are looked at; Alluxio itself knows three media.
    private static let tierLevelsMax = 64
    private static let legacyPatterns = LegacyField.patterns.map(FieldPattern.init)

    /// Reads what the rules look at out of an `AlluxioRuntime`.
    ///
    /// - Parameters:
    ///   - object: the object as received.
    ///   - namespace: the request's namespace, for an object that does not say.
    ///   - lastApplied: what the user wrote, if that is known and this request changed it.
    public init(_ object: JSONValue, namespace: String, lastApplied: LastApplied? = nil) {
        let metadata = object["metadata"]
        self.init(
            namespace: metadata?["namespace"]?.string ?? namespace, name: metadata?["name"]?.string ?? "")
        generateName = metadata?["generateName"]?.string ?? ""
        isBeingDeleted = metadata?["deletionTimestamp"]?.string != nil
        annotationsContainer = Container(metadata?["annotations"])
        if let members = metadata?["annotations"]?.members {
            for member in members where member.hasPrefix("sluice.dev/") {
                annotations[member.name] = member.value.string
            }
        }
        isMaximumInLastApplied =
            lastApplied?.root.at("metadata", "annotations")?[name: Annotation.maxReplicas] != nil
        prunedFields = lastApplied?.prunedPaths(in: object) ?? []

        let spec = object["spec"]
        specContainer = Container(spec)
        replicas = Field(spec?["replicas"])
        monitoring = Field(spec?["monitoring"])
        disablePrometheus = Field(spec?["disablePrometheus"])
        workerReplicas = Field(spec?.at("worker", "replicas"))
        if let levels = spec?.at("tieredstore", "levels")?.elements {
            tierLevels = levels.prefix(Self.tierLevelsMax).map(TierFacts.init)
        }
        if let spec { legacyFields = Self.legacyPatterns.flatMap { $0.paths(in: spec, path: "spec") } }
    }
}

extension TierFacts {
    fileprivate init(_ level: JSONValue) {
        self.init()
        path = Field(level["path"])
        quota = Field(quantity: level["quota"])
        quotaList = Field(quantity: level["quotaList"])
        high = Field(quantity: level["high"])
        low = Field(quantity: level["low"])
    }
}
