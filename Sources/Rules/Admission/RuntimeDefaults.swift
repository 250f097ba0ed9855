extension RuntimeRules {
    /// The patches of D101, D102 and D103, parents first.
    static func defaults(_ runtime: RuntimeFacts, schema: RuntimeSchema, policy: AdmissionPolicy) -> [Patch] {
        var patches = boundsDefaults(runtime, policy: policy)
        let fields = [replicasDefault(runtime), monitoringDefault(runtime, schema: schema)].compactMap { $0 }
        if let first = fields.first, runtime.specContainer != .unreadable {
            if runtime.specContainer == .absent {
                patches.append(
                    Patch(.add, ["spec"], .object([]), code: first.code, reason: "absent: made for what follows"))
            }
            patches += fields
        }
        return patches
    }

    private static func replicasDefault(_ runtime: RuntimeFacts) -> Patch? {
        guard runtime.replicas.isAbsent else { return nil }
        // An annotated minimum of 0 does not mean that a new cache should start suspended.
        let minimum = Bounds(runtime).minimum ?? 1
        let count = max(minimum, 1)
        let why =
            count == 1
            ? "absent: set to 1; Fluid reads it as 0 and starts no worker"
            : "absent: set to \(count), the annotated minimum; Fluid reads it as 0"
        return Patch(.add, ["spec", "replicas"], .integer(count), code: .defaultReplicas, reason: why)
    }

    private static func monitoringDefault(_ runtime: RuntimeFacts, schema: RuntimeSchema) -> Patch? {
        switch schema.metricsSwitch {
        case .neither:
            return nil
        case .monitoring:
            guard runtime.monitoring.isAbsent else { return nil }
            return Patch(
                .add, ["spec", "monitoring"], .bool(true), code: .defaultMonitoring,
                reason: "absent: set to true; without it there are no metrics to scale by")
        case .disablePrometheus, .unknown:
            // Somebody who wrote the proposal's flag said what they mean: an unknown CRD may well be the proposal's,
            // and `monitoring: false` must not be contradicted.
            let isSaid =
                schema.metricsSwitch == .unknown ? !runtime.monitoring.isAbsent : runtime.monitoring.value == false
            guard runtime.disablePrometheus.isAbsent, !isSaid else { return nil }
            return Patch(
                .add, ["spec", "disablePrometheus"], .bool(false), code: .defaultMonitoring,
                reason: "absent: set to false; metrics stay on, as an HPA needs them")
        }
    }

    private static func boundsDefaults(_ runtime: RuntimeFacts, policy: AdmissionPolicy) -> [Patch] {
        guard runtime.annotationsContainer != .unreadable else { return [] }
        let writtenMinimum = runtime.annotations[Annotation.minReplicas]
        let writtenMaximum = runtime.annotations[Annotation.maxReplicas]
        var patches: [Patch] = []
        func add(_ name: String, _ value: String, _ reason: String) {
            patches.append(
                Patch(.add, ["metadata", "annotations", name], .string(value), code: .defaultBounds, reason: reason))
        }
        if writtenMinimum == nil, writtenMaximum.map({ Bounds.readMaximum($0) != nil }) ?? true {
            add(Annotation.minReplicas, "1", "absent: autoscaling keeps at least 1 worker")
        }
        if writtenMaximum == nil {
            let minimum = writtenMinimum.flatMap(Bounds.readMinimum) ?? 1
            let replicas = min(runtime.replicas.value ?? 0, Int64(Int32.max))
            let maximum = max(policy.defaultMaximum, replicas, minimum)
            add(
                Annotation.maxReplicas, String(maximum),
                "absent: autoscaling asks for at most \(counted(maximum, "worker"))")
            if runtime.annotations[Annotation.defaulted] == nil {
                add(Annotation.defaulted, Annotation.defaultedBounds, "marks the maximum as filled in by Sluice")
            }
        }
        if !patches.isEmpty, runtime.annotationsContainer == .absent {
            patches.insert(
                Patch(
                    .add, ["metadata", "annotations"], .object([]), code: .defaultBounds,
                    reason: "absent: made for what follows"), at: 0)
        }
        return patches
    }
}
