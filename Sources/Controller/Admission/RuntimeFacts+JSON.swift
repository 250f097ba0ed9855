public import Rules
public import Wire

extension RuntimeFacts {
    private static let legacyPatterns = LegacyField.patterns.map(FieldPattern.init)

    /// Reads what the rules look at out of an `AlluxioRuntime`.
    ///
    /// - Parameters:
    ///   - object: the object as received.
    ///   - namespace: the request's namespace, for an object that does not say.
    ///   - lastApplied: what the user wrote, if that is known and this request changed it.
    public init(_ object: JSONValue, namespace: String, lastApplied: LastApplied? = nil) {
        let parts = JSONFields("metadata", "spec", of: object)
        let metadata = JSONFields(
            "namespace", "name", "generateName", "deletionTimestamp", "annotations", of: parts["metadata"])
        self.init(
            namespace: metadata["namespace"]?.string(bytesMax: FactLimits.nameBytes) ?? namespace,
            name: metadata["name"]?.nameText ?? "")
        generateName = metadata["generateName"]?.nameText ?? ""
        isBeingDeleted = metadata["deletionTimestamp"]?.kind == .string
        annotationsContainer = Container(metadata["annotations"])
        if let annotations = metadata["annotations"] { read(annotations: annotations) }
        isMaximumInLastApplied =
            lastApplied?.root.at("metadata", "annotations")?[name: Annotation.maxReplicas] != nil
        prunedFields = lastApplied?.prunedPaths(in: object) ?? []

        specContainer = Container(parts["spec"])
        // With what the legacy patterns begin with.
        let spec = JSONFields(
            "replicas", "monitoring", "disablePrometheus", "worker", "tieredstore", "fuse", of: parts["spec"])
        replicas = Field(spec["replicas"])
        monitoring = Field(spec["monitoring"])
        disablePrometheus = Field(spec["disablePrometheus"])
        workerReplicas = Field(spec["worker"]?["replicas"])
        if let levels = spec["tieredstore"]?["levels"]?.elements {
            tierLevels = levels.prefix(Self.tierLevelsMax).map(TierFacts.init)
            hasMoreTierLevels = levels.dropFirst(Self.tierLevelsMax).contains { _ in true }
        }
        legacyFields = Self.legacyPatterns.flatMap { $0.paths(in: spec, path: "spec") }
    }
}

extension RuntimeFacts {
    private static let knownAnnotations = Annotation.ofRuntimes.map { (name: $0, length: $0.utf8.count) }

    private mutating func read(annotations members: JSONValue) {
        var unknown = 0
        for member in members.members where member.hasPrefix("sluice.dev/") {
            // Compared byte by byte: hashing a long name takes Swift many times as long.
            let length = member.nameLength
            let known = Self.knownAnnotations.first { $0.length == length && member.isNamed($0.name) }?.name
            if known == nil {
                unknown += 1
                guard unknown <= FactLimits.unknownAnnotations else { continue }
            }
            annotations[known ?? member.name(bytesMax: FactLimits.nameBytes)] =
                known == Annotation.drainPaths
                ? member.value.pathsText
                : member.value.string(bytesMax: FactLimits.nameBytes)
        }
    }
}

extension JSONValue {
    /// A list of paths; one that is too long ends in a NUL, so that what is left of it can't be read as another list.
    fileprivate var pathsText: String? {
        string(bytesMax: FactLimits.pathsBytes).map { (utf8Count ?? 0) > FactLimits.pathsBytes ? $0 + "\u{0}" : $0 }
    }
}

extension TierFacts {
    fileprivate init(_ level: JSONValue) {
        self.init()
        let fields = JSONFields("path", "quota", "quotaList", "high", "low", of: level)
        path = Field(fields["path"])
        quota = Field(quantity: fields["quota"])
        quotaList = Field(quantity: fields["quotaList"])
        high = Field(quantity: fields["high"])
        low = Field(quantity: fields["low"])
    }
}
