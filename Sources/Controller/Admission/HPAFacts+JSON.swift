public import Rules
public import Wire

extension ScaleTarget {
    /// Reads a `scaleTargetRef`; what is missing is empty.
    init(_ reference: JSONValue?) {
        self.init(
            apiVersion: reference?["apiVersion"]?.nameText ?? "", kind: reference?["kind"]?.nameText ?? "",
            name: reference?["name"]?.nameText ?? "")
    }
}

extension HPAFacts {
    /// Reads what the rules look at out of a `HorizontalPodAutoscaler`; nil for a version that nobody knows.
    ///
    /// - Parameters:
    ///   - object: the object as received.
    ///   - namespace: the request's namespace, for an object that does not say.
    ///   - lastApplied: what the user wrote, if that is known.
    public init?(_ object: JSONValue, namespace: String, lastApplied: LastApplied? = nil) {
        let parts = JSONFields("apiVersion", "metadata", "spec", of: object)
        guard let apiVersion = parts["apiVersion"]?.nameText, apiVersion.hasPrefix("autoscaling/"),
            let version = Version(rawValue: String(apiVersion.dropFirst("autoscaling/".count)))
        else { return nil }
        let metadata = JSONFields(
            "namespace", "name", "uid", "deletionTimestamp", "ownerReferences", of: parts["metadata"])
        let spec = JSONFields(
            "scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "targetCPUUtilizationPercentage", "behavior",
            of: parts["spec"])
        self.init(
            namespace: metadata["namespace"]?.string(bytesMax: FactLimits.nameBytes) ?? namespace,
            name: metadata["name"]?.nameText ?? "", version: version, target: ScaleTarget(spec["scaleTargetRef"]))
        uid = metadata["uid"]?.nameText ?? ""
        isBeingDeleted = metadata["deletionTimestamp"]?.kind == .string
        owners = OwnerFacts.few(of: metadata["ownerReferences"])
        minReplicas = Field(spec["minReplicas"])
        maxReplicas = Field(spec["maxReplicas"])
        if let list = spec["metrics"], !list.isNull {
            hasMetrics = true
            metrics = list.elements.prefix(Self.metricsMax).map(MetricFacts.init)
            hasMoreMetrics = list.elements.dropFirst(Self.metricsMax).contains { _ in true }
        } else if version == .v1, let percentage = spec["targetCPUUtilizationPercentage"], !percentage.isNull {
            hasMetrics = true
        }
        behaviorContainer = Container(spec["behavior"])
        let behavior = JSONFields("scaleUp", "scaleDown", of: spec["behavior"])
        hasScaleUp = behavior["scaleUp"].map { !$0.isNull } ?? false
        if let rules = behavior["scaleDown"], !rules.isNull { scaleDown = ScaleDownFacts(rules) }
        written = lastApplied.map { HPAWrittenFields($0.root) }
    }
}

extension HPAWrittenFields {
    /// The annotation in which `autoscaling/v1` carries the metrics of later versions.
    private static let metricsAnnotation: StaticString = "autoscaling.alpha.kubernetes.io/metrics"
    /// The annotation in which `autoscaling/v1` carries the behaviour of later versions.
    private static let behaviorAnnotation: StaticString = "autoscaling.alpha.kubernetes.io/behavior"

    fileprivate init(_ root: JSONValue) {
        let parts = JSONFields("metadata", "spec", of: root)
        let spec = JSONFields(
            "minReplicas", "metrics", "targetCPUUtilizationPercentage", "behavior", of: parts["spec"])
        let annotations = JSONFields(
            Self.metricsAnnotation, Self.behaviorAnnotation, of: parts["metadata"]?["annotations"])
        func isWritten(_ value: JSONValue?) -> Bool { value.map { !$0.isNull } ?? false }
        self.init(
            minReplicas: isWritten(spec["minReplicas"]),
            metrics: isWritten(spec["metrics"]) || isWritten(spec["targetCPUUtilizationPercentage"])
                || isWritten(annotations[Self.metricsAnnotation]),
            scaleDown: isWritten(spec["behavior"]?["scaleDown"])
                || isWritten(annotations[Self.behaviorAnnotation]))
    }
}

extension OwnerFacts {
    /// The first owners, and the one that controls wherever it is: it decides whether an autoscaler is left alone.
    fileprivate static func few(of list: JSONValue?) -> [OwnerFacts] {
        guard let list else { return [] }
        var owners: [OwnerFacts] = []
        var hasController = false
        for (index, reference) in list.elements.enumerated() {
            let isController = !hasController && reference["controller"]?.bool == true
            hasController = hasController || isController
            if index < FactLimits.listEntries || isController { owners.append(OwnerFacts(reference)) }
        }
        return owners
    }

    private init(_ reference: JSONValue) {
        self.init(
            kind: reference["kind"]?.nameText ?? "", name: reference["name"]?.nameText ?? "",
            uid: reference["uid"]?.nameText ?? "", isController: reference["controller"]?.bool ?? false)
    }
}

extension MetricFacts {
    /// Reads one metric, in the shape of `v2` and `v2beta2` or in that of `v2beta1`, which has no `target` object.
    fileprivate init(_ metric: JSONValue) {
        let type = metric["type"]?.word ?? ""
        let source: JSONValue? =
            switch type {
            case "Object": metric["object"]
            case "Pods": metric["pods"]
            case "Resource": metric["resource"]
            case "External": metric["external"]
            case "ContainerResource": metric["containerResource"]
            default: nil
            }
        let name = source?.at("metric", "name") ?? source?["name"] ?? source?["metricName"]
        self.init(type: type, name: name?.nameText ?? "")
        // In `v2beta1` the object is the `target`.
        if type == "Object" {
            describedKind = (source?["describedObject"] ?? source?["target"])?["kind"]?.nameText ?? ""
        }
        func has(_ value: JSONValue?) -> Bool { value.map { !$0.isNull } ?? false }
        if let target = source?["target"], target["type"] != nil || type != "Object" {
            targetType = target["type"]?.word ?? ""
            hasValue = has(target["value"])
            hasAverageValue = has(target["averageValue"])
            averageUtilization = target["averageUtilization"]?.int64
        } else {
            hasValue = has(source?["targetValue"])
            hasAverageValue = has(source?["averageValue"]) || has(source?["targetAverageValue"])
            averageUtilization = source?["targetAverageUtilization"]?.int64
        }
    }
}

extension ScaleDownFacts {
    fileprivate init(_ rules: JSONValue) {
        self.init()
        selectPolicy = rules["selectPolicy"]?.word ?? ""
        stabilizationWindowSeconds = rules["stabilizationWindowSeconds"]?.int64
        policies =
            rules["policies"]?.elements.prefix(FactLimits.listEntries).map { policy in
                Pace(
                    type: policy["type"]?.word ?? "", value: policy["value"]?.int64 ?? 0,
                    periodSeconds: policy["periodSeconds"]?.int64 ?? 0)
            } ?? []
        hasOtherFields = rules.members.contains { member in
            !member.value.isNull && !member.isNamed("selectPolicy") && !member.isNamed("stabilizationWindowSeconds")
                && !member.isNamed("policies")
        }
    }
}
