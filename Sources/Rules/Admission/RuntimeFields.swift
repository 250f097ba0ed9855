/// Fields of `AlluxioRuntime.spec` that some versions of Fluid's CRD have and others do not.
///
/// What is meant for one version and given to another is pruned by the API server, or kept and without effect.
public enum LegacyField {
    /// The fields' paths below `spec`, with `[]` for each index.
    public static let patterns = [
        "monitoring", "fuse.global", "fuse.shortCircuitPolicy", "tieredstore.levels[].storageType",
    ]

    /// What to say of a field, given its full path; nil for a field that is not in `patterns`.
    static func remedy(_ path: String) -> String? {
        if path == "spec.monitoring" { return "metrics are on unless disablePrometheus is true" }
        if path == "spec.fuse.global" { return "Fluid has removed it" }
        return patterns.contains { matches(path, $0) } ? "remove it" : nil
    }

    private static func matches(_ path: String, _ pattern: String) -> Bool {
        var plain: [UInt8] = []
        var isInIndex = false
        for byte in path.utf8 {
            if byte == UInt8(ascii: "]") { isInIndex = false }
            if !isInIndex { plain.append(byte) }
            if byte == UInt8(ascii: "[") { isInIndex = true }
        }
        return plain.elementsEqual("spec.\(pattern)".utf8)
    }
}

extension RuntimeRules {
    /// W103, W104 and E112: switches that don't do what they seem to.
    static func checkSwitches(
        _ runtime: RuntimeFacts, old: RuntimeFacts?, cluster: ClusterFacts, _ findings: inout [Finding]
    ) {
        let flags = [
            ("spec.monitoring", runtime.monitoring, old?.monitoring),
            ("spec.disablePrometheus", runtime.disablePrometheus, old?.disablePrometheus),
        ]
        for (field, flag, before) in flags {
            if case .unreadable(let seen) = flag, flag != before {
                findings.append(wrongType(field, seen, "true or false"))
            }
        }
        if runtime.workerReplicas != old?.workerReplicas ?? .absent {
            switch runtime.workerReplicas {
            case .absent:
                break
            case .unreadable(let seen):
                findings.append(wrongType("spec.worker.replicas", seen, "a whole number"))
            case .present(let count):
                findings.append(
                    Finding(
                        .workerReplicasIgnored, "spec.worker.replicas", "\(count) is ignored by Fluid",
                        remedy: "the number of workers is spec.replicas"))
            }
        }
        let isOff = runtime.monitoringState(cluster.schema) == .off
        let wasOff = old.map { $0.monitoringState(cluster.schema) == .off } ?? false
        // What a person wrote comes before what a controller made of it.
        func rank(_ scaler: ScalerFacts) -> (String, String, String) {
            (scaler.controller == nil ? "" : "made", scaler.kind, scaler.name)
        }
        if isOff, !wasOff, let first = cluster.scalers.filter(\.readsCacheMetric).min(by: { rank($0) < rank($1) }) {
            let isProposal = cluster.schema.metricsSwitch == .monitoring
            findings.append(
                Finding(
                    .monitoringOffUnderHPA, isProposal ? "spec.monitoring" : "spec.disablePrometheus",
                    "\(first.shortKind) \(quoted(first.name, limit: 20)) scales by these metrics",
                    remedy: "leave them on"))
        }
    }

    /// W105: fields that the CRD does not have.
    static func checkFields(
        _ runtime: RuntimeFacts, old: RuntimeFacts?, schema: RuntimeSchema, _ findings: inout [Finding]
    ) {
        for field in runtime.prunedFields {
            findings.append(
                Finding(
                    .fieldNotInCRD, clipped(field, toBytes: 50), "not in the CRD, so dropped",
                    remedy: LegacyField.remedy(field) ?? "it has no effect"))
        }
        let before = Set(old?.legacyFields ?? [])
        let pruned = Set(runtime.prunedFields)
        for field in runtime.legacyFields where !before.contains(field) {
            let isMonitoring = field == "spec.monitoring"
            let hasNoEffect =
                isMonitoring ? schema.metricsSwitch != .monitoring : schema.metricsSwitch == .unknown
            guard hasNoEffect, !pruned.contains(field) else { continue }
            findings.append(
                Finding(
                    .fieldNotInCRD, clipped(field, toBytes: 50),
                    isMonitoring ? "no release of Fluid reads it" : "not in every version of Fluid",
                    remedy: LegacyField.remedy(field) ?? "it has no effect"))
        }
    }
}
