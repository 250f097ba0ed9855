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
        let metadata = object["metadata"]
        let spec = object["spec"]
        self.init(
            namespace: metadata?["namespace"]?.string ?? namespace, name: metadata?["name"]?.string ?? "",
            target: ScaleTarget(spec?["scaleTargetRef"]))
        uid = metadata?["uid"]?.string ?? ""
        isBeingDeleted = metadata?["deletionTimestamp"]?.string != nil
        minReplicas = Field(spec?["minReplicaCount"])
        maxReplicas = Field(spec?["maxReplicaCount"])
        idleReplicas = Field(spec?["idleReplicaCount"])
        pausedReplicas = metadata?["annotations"]?[name: Self.pausedReplicasAnnotation]?.string.flatMap { Int64($0) }
        triggers = spec?["triggers"]?.elements.prefix(Self.triggersMax).map(Trigger.init) ?? []
    }
}

extension ScaledObjectFacts.Trigger {
    fileprivate init(_ trigger: JSONValue) {
        self.init(
            type: trigger["type"]?.string ?? "", metricType: trigger["metricType"]?.string ?? "",
            readsCacheMetric: Scaler.triggerReadsCacheMetric(trigger))
    }
}
