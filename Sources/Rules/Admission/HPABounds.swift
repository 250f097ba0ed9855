extension HPARules {
    /// E202, E203, W202 to W204, W209: the HPA's bounds against the runtime's.
    static func checkBounds(_ hpa: HPAFacts, old: HPAFacts?, bounds: Bounds, _ findings: inout [Finding]) {
        // Absent means 1 to the API server; what is no number, or too small, it refuses itself.
        let minimum = hpa.minReplicas.isAbsent ? 1 : hpa.minReplicas.value
        let minimumBefore = old.flatMap { $0.minReplicas.isAbsent ? 1 : $0.minReplicas.value }
        let fields = [
            ("spec.minReplicas", RuleCode.minReplicasOutside, minimum, minimumBefore),
            ("spec.maxReplicas", .maxReplicasOutside, hpa.maxReplicas.value, old?.maxReplicas.value),
        ]
        for (field, code, count, before) in fields {
            let check = BoundCheck(claim: hpa.claim, field: field, code: code, bounds: bounds)
            if let finding = check.finding(count, before: before) { findings.append(finding) }
        }
    }

    /// W209: an HPA that may scale to nothing, after which it never scales again.
    static func checkZero(_ hpa: HPAFacts, old: HPAFacts?, _ findings: inout [Finding]) {
        guard hpa.minReplicas == .present(0), old?.minReplicas != .present(0) else { return }
        findings.append(
            Finding(
                .minReplicasZero, "spec.minReplicas", "0 lets the HPA empty the cache",
                remedy: "without workers there are no metrics to scale up by"))
    }
}
