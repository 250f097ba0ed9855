extension RuntimeRules {
    /// E103 to E106, W106, W107: the number of workers, and how it stands to the bounds.
    static func checkReplicas(_ runtime: RuntimeFacts, old: RuntimeFacts?, _ findings: inout [Finding]) {
        let field = "spec.replicas"
        let isChanged = old.map { $0.replicas != runtime.replicas } ?? true
        if case .unreadable(let seen) = runtime.replicas {
            if isChanged { findings.append(wrongType(field, seen, "a whole number")) }
            return
        }
        if isChanged, let before = old?.replicas.value, before > 0, runtime.replicas.isAbsent {
            findings.append(
                Finding(
                    .replicasDropped, field,
                    "the update drops the field, which was \(before): Fluid reads its absence as 0 and empties the cache",
                    remedy:
                        "Write 0 if that is meant, or keep \(before): an HPA changes it through /scale, whatever the "
                        + "manifest says"))
            return
        }
        let count = runtime.replicas.value ?? 0
        if count < 0 || count > Int64(Int32.max) {
            if isChanged {
                findings.append(
                    Finding(
                        .replicasNotACount, field,
                        "\(count) is no number of workers; Fluid would take it and never come to rest",
                        remedy: "Write a whole number from 0 to \(Int32.max); 0 suspends the cache"))
            }
            return
        }
        let bounds = Bounds(runtime)
        let boundsBefore = old.map(Bounds.init)
        guard isChanged || bounds != boundsBefore, !bounds.isContradictory else { return }
        var before: (count: Int64, bounds: Bounds)?
        if let old, let boundsBefore { before = (old.replicas.value ?? 0, boundsBefore) }
        switch bounds.judge(count, before: before) {
        case .inside:
            break
        case .below(let minimum):
            findings.append(
                Finding(
                    .replicasBelowMinimum, field,
                    "\(count) is below the minimum of \(minimum) that \(Annotation.minReplicas) sets",
                    remedy: "Write at least \(minimum), or 0 to suspend the cache, or lower the annotation"))
        case .above(let maximum):
            findings.append(
                Finding(
                    .replicasAboveMaximum, field,
                    "\(count) is above the maximum of \(maximum) that \(Annotation.maxReplicas) sets",
                    remedy: "Write at most \(maximum), or raise the annotation in the same change"))
        case .aboveFilledIn(let maximum):
            findings.append(
                Finding(
                    .replicasAboveFilledMaximum, field,
                    "\(count) is above the filled-in maximum of \(maximum)",
                    remedy: "set \(Annotation.maxReplicas)"))
        case .stillOutside:
            findings.append(
                Finding(
                    .replicasStillOutside, field, "\(count) is still outside the bounds of \(bounds.words)",
                    remedy: "passes, as it is no farther out"))
        }
    }

    /// E112: a field that the API server's schema would refuse too; seen where a file is reviewed.
    static func wrongType(_ field: String, _ seen: String, _ wanted: String) -> Finding {
        Finding(
            .wrongType, field, "\(clipped(seen, toBytes: 60)) is not \(wanted)", remedy: "Write \(wanted)")
    }
}

extension Bounds {
    /// True if the minimum is above the maximum, so that nothing can be inside.
    var isContradictory: Bool {
        if let minimum, let maximum { minimum > maximum } else { false }
    }
}
