internal import Kubernetes
internal import Rules
internal import Wire

extension ScaledObjectFacts {
    /// The most triggers that are looked at.
    private static let triggersMax = 64

    /// Reads what the rules look at out of a `ScaledObject`.
    ///
    /// - Parameters:
    ///   - object: the object as received.
    ///   - namespace: the request's namespace, for an object that does not say.
    init(_ object: JSONValue, namespace: String) {
        let parts = JSONFields("metadata", "spec", of: object)
        let metadata = JSONFields("namespace", "name", "uid", "deletionTimestamp", "annotations", of: parts["metadata"])
        let spec = JSONFields(
            "scaleTargetRef", "minReplicaCount", "maxReplicaCount", "idleReplicaCount", "triggers", of: parts["spec"])
        self.init(
            namespace: metadata["namespace"]?.string(bytesMax: FactLimits.nameBytes) ?? namespace,
            name: metadata["name"]?.nameText ?? "", target: ScaleTarget(spec["scaleTargetRef"]))
        uid = metadata["uid"]?.nameText ?? ""
        isBeingDeleted = metadata["deletionTimestamp"]?.kind == .string
        minReplicas = Field(spec["minReplicaCount"])
        maxReplicas = Field(spec["maxReplicaCount"])
        idleReplicas = Field(spec["idleReplicaCount"])
        let paused = metadata["annotations"]?[name: Self.pausedReplicasAnnotation]
        pausedReplicas = (paused?.word).flatMap { Int64($0) }
        triggers = spec["triggers"]?.elements.prefix(Self.triggersMax).map(Trigger.init) ?? []
    }
}

extension ScaledObjectFacts.Trigger {
    fileprivate init(_ trigger: JSONValue) {
        self.init(
            type: trigger["type"]?.word ?? "", metricType: trigger["metricType"]?.word ?? "",
            readsCacheMetric: Scaler.triggerReadsCacheMetric(trigger))
    }
}
