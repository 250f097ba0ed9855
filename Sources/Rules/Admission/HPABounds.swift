extension HPARules {
    /// E202, E203, W202 to W204, W209: the HPA's bounds against the runtime's.
    static func checkBounds(_ hpa: HPAFacts, old: HPAFacts?, bounds: Bounds, _ findings: inout [Finding]) {
        // Absent means 1 to the API server; what is no number, or too small, it refuses itself.
        let minimum = hpa.minReplicas.isAbsent ? 1 : hpa.minReplicas.value
        let minimumBefore = old.flatMap { $0.minReplicas.isAbsent ? 1 : $0.minReplicas.value }
        checkBound("spec.minReplicas", .minReplicasOutside, minimum, before: minimumBefore)
        checkBound("spec.maxReplicas", .maxReplicasOutside, hpa.maxReplicas.value, before: old?.maxReplicas.value)

        func checkBound(_ field: String, _ code: RuleCode, _ count: Int64?, before: Int64?) {
            guard let count, count != before, !bounds.isContradictory else { return }
            let judgement = bounds.judge(count, before: before.map { ($0, bounds) })
            if judgement == .inside { return }
            let outside = "\(count) is outside of the runtime's bounds (\(bounds.words))"
            if let owner = hpa.controllerOwner {
                findings.append(
                    Finding(
                        .ownedBoundsOutside, field, outside, remedy: "set it in \(owner.kind) \(quoted(owner.name))"))
                return
            }
            switch judgement {
            case .inside:
                break
            case .stillOutside:
                findings.append(
                    Finding(.boundsStillOutside, field, outside, remedy: "passes, as it is no farther out"))
            case .aboveFilledIn(let maximum):
                findings.append(
                    Finding(
                        .maxReplicasAboveFilledMaximum, field, "\(count) is above the filled-in maximum of \(maximum)",
                        remedy: "set \(Annotation.maxReplicas) on the runtime"))
            case .below(let bound), .above(let bound):
                let annotation = count < bound ? Annotation.minReplicas : Annotation.maxReplicas
                let runtime = hpa.target.name
                findings.append(
                    Finding(
                        code, field,
                        "\(count) is outside of what AlluxioRuntime \(quoted(runtime)) allows (\(bounds.words)): the HPA "
                            + "would ask for what is refused",
                        remedy:
                            "Write \(count < bound ? "at least" : "at most") \(bound), or change the runtime: kubectl "
                            + "-n \(hpa.namespace) annotate alluxioruntime \(runtime) \(annotation)=\(count) --overwrite"
                    ))
            }
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
