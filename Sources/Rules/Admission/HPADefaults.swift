extension HPARules {
    /// The name of the metric that tells how full the cache is, in percent.
    static let capacityMetric = "capacity_used_rate"

    /// The patches of D201 to D204, parents first.
    static func defaults(_ hpa: HPAFacts, cluster: ClusterFacts) -> [Patch] {
        let target = cluster.target.runtime
        let bounds = target?.bounds ?? Bounds()
        let maximum = maxDefault(hpa, bounds: bounds)
        var patches = [maximum, minDefault(hpa, bounds: bounds, filledIn: maximum)].compactMap { $0 }
        if hpa.version.hasBehavior {
            // Without metrics from the runtime the metric could never have a value, and the gate would refuse it.
            if target?.monitoring != .off, let metric = metricDefault(hpa, cluster: cluster) { patches.append(metric) }
            patches += scaleDownDefaults(hpa)
        }
        return patches
    }

    private static func maxDefault(_ hpa: HPAFacts, bounds: Bounds) -> Patch? {
        guard let maximum = bounds.maximum, hpa.maxReplicas.isAbsent || hpa.maxReplicas == .present(0) else {
            return nil
        }
        return Patch(
            hpa.maxReplicas.isAbsent ? .add : .replace, ["spec", "maxReplicas"], .integer(maximum),
            code: .defaultMaxReplicas, reason: "absent: set to \(maximum), the runtime's maximum")
    }

    private static func minDefault(_ hpa: HPAFacts, bounds: Bounds, filledIn: Patch?) -> Patch? {
        guard let least = bounds.minimum else { return nil }
        let minimum = max(least, 1)
        let isFilledInByServer = hpa.minReplicas == .present(1) && hpa.written?.minReplicas == false
        guard hpa.minReplicas.isAbsent || (isFilledInByServer && minimum != 1) else { return nil }
        // Never above the HPA's own maximum: the API server would refuse that before anybody could say why.
        if filledIn == nil, let maximum = hpa.maxReplicas.value, minimum > maximum { return nil }
        if filledIn != nil, let maximum = bounds.maximum, minimum > maximum { return nil }
        return Patch(
            hpa.minReplicas.isAbsent ? .add : .replace, ["spec", "minReplicas"], .integer(minimum),
            code: .defaultMinReplicas, reason: "not written: set to \(minimum), the runtime's minimum")
    }

    private static func metricDefault(_ hpa: HPAFacts, cluster: ClusterFacts) -> Patch? {
        let isFilledInByServer = isServerCPUMetric(hpa) && hpa.written?.metrics == false
        guard hpa.metrics.isEmpty || isFilledInByServer else { return nil }
        let whose = describedKind(cluster)
        let metric = PatchValue.object([
            .init("type", .string("Object")),
            .init(
                "object",
                .object([
                    .init("metric", .object([.init("name", .string(capacityMetric))])),
                    .init(
                        "describedObject",
                        .object([
                            .init("apiVersion", .string("data.fluid.io/v1alpha1")), .init("kind", .string(whose)),
                            .init("name", .string(hpa.target.name)),
                        ])),
                    .init("target", .object([.init("type", .string("Value")), .init("value", .string("90"))])),
                ])),
        ])
        return Patch(
            hpa.hasMetrics ? .replace : .add, ["spec", "metrics"], .array([metric]), code: .defaultMetric,
            reason: "none written: scale when the cache is above 90 % full (\(capacityMetric) of the \(whose))")
    }

    /// Whose metric D203 writes: the Dataset's, as Fluid documents it, or the runtime's where only that has it.
    ///
    /// Never the pods': whoever has it of pods alone measures the master by the proposal's rule, and of one pod an HPA's
    /// arithmetic makes 1 or 2 workers, however many there are. W214 then says that a rule for Datasets is missing.
    private static func describedKind(_ cluster: ClusterFacts) -> String {
        guard let served = cluster.capacityResources, !served.contains(datasets) else { return "Dataset" }
        return served.contains(runtimes) ? "AlluxioRuntime" : "Dataset"
    }

    private static func scaleDownDefaults(_ hpa: HPAFacts) -> [Patch] {
        let pace = PatchValue.object([
            .init("stabilizationWindowSeconds", .integer(60)),
            .init(
                "policies",
                .array([
                    .object([
                        .init("type", .string("Pods")), .init("value", .integer(1)),
                        .init("periodSeconds", .integer(60)),
                    ])
                ])),
        ])
        let path = ["spec", "behavior", "scaleDown"]
        let why = "not written: at most 1 worker a minute; the default may remove all at once"
        if let scaleDown = hpa.scaleDown {
            let isFilledInByServer = scaleDown.isFilledIn && hpa.hasScaleUp && hpa.written?.scaleDown != true
            return isFilledInByServer ? [Patch(.replace, path, pace, code: .defaultScaleDown, reason: why)] : []
        }
        let patch = Patch(.add, path, pace, code: .defaultScaleDown, reason: why)
        switch hpa.behaviorContainer {
        case .object: return [patch]
        case .unreadable: return []
        case .absent:
            let parent = Patch(
                .add, ["spec", "behavior"], .object([]), code: .defaultScaleDown,
                reason: "absent: made for what follows")
            return [parent, patch]
        }
    }

    /// Says whether the HPA has just the metric that the API server fills in where none was written: CPU at 80 %.
    static func isServerCPUMetric(_ hpa: HPAFacts) -> Bool {
        guard hpa.metrics.count == 1, let metric = hpa.metrics.first else { return false }
        return metric.type == "Resource" && metric.name == "cpu" && metric.averageUtilization == 80
            && !metric.hasValue && !metric.hasAverageValue
    }
}
