/// The rules that keep undrained workers: a lowered count of a worker set is put back, and so are the labels by which it
/// is known, without which nobody would ask about the next count.
public enum HoldRules {
    /// What comes of an update.
    public enum Decision: Sendable, Hashable {
        /// It goes on as it is; `reason` is for the log.
        case pass(reason: String)
        /// It goes on; the verdict has the warning, and for a hold the patch that puts the old count back.
        case answer(Verdict)
        /// Only a live read of the runtime can tell: call again with `live` set, to `failed` if it could not be had.
        case needsLiveRead
    }

    /// Decides about an update; for `/mutate` on UPDATE of `statefulsets` and `statefulsets/scale`.
    ///
    /// Looks at `spec.replicas` and the labels `app` and `role`, and at nothing else. Where the store shows nothing that speaks against the hold, it holds
    /// at once; that the runtime is gone, is being deleted or wants no drain is believed only by a live read, since a
    /// store may still show a deleted predecessor. If that read fails, the hold stands.
    public static func mutateUpdate(_ facts: HoldFacts, policy: AdmissionPolicy) -> Decision {
        guard facts.isLowered || !facts.lostLabels.isEmpty else { return .pass(reason: "not lowered") }
        guard facts.identity != .somethingElse, HoldFacts.runtimeName(ofWorkerSet: facts.name) != nil else {
            return .pass(reason: "no Alluxio worker set")
        }
        if !policy.reconcilerUser.isEmpty, facts.user == policy.reconcilerUser {
            return .pass(reason: "lowered by the reconciler")
        }
        if facts.stored == .present { return .answer(hold(facts)) }
        if facts.stored == .noCluster || facts.live == .noCluster {
            return .answer(facts.identity == .workerSet ? hold(facts) : notChecked(facts))
        }
        switch facts.live {
        case nil: return .needsLiveRead
        case .beingDeleted: return .pass(reason: "the runtime is being deleted")
        case .drainsNothing: return .pass(reason: "drain policy None")
        case .absent: return .pass(reason: "no runtime")
        case .present, .failed, .noCluster: return .answer(hold(facts))
        }
    }

    private static func hold(_ facts: HoldFacts) -> Verdict {
        var findings: [Finding] = []
        var patches: [Patch] = []
        if !facts.lostLabels.isEmpty {
            findings.append(
                Finding(
                    .labelsHeld, "metadata.labels",
                    facts.lostLabels.map { "\($0.key) stays \($0.value)" }.joined(separator: ", "),
                    remedy: "without it workers could go undrained"))
            patches += labelPatches(facts)
        }
        if facts.isLowered {
            let isScaled = facts.wanted == max(facts.newReplicas, 0)
            findings.append(
                Finding(
                    .held, "spec.replicas", "stays \(facts.oldReplicas), \(leaving(facts)) not drained",
                    remedy: isScaled ? "Sluice drains, then lowers it" : "scale the runtime: Sluice drains first"))
            patches += countPatches(facts)
        }
        return Verdict(findings: findings, patches: patches)
    }

    private static func countPatches(_ facts: HoldFacts) -> [Patch] {
        var patches: [Patch] = []
        let why = "put back to \(facts.oldReplicas): the leaving workers are not drained"
        if facts.specContainer == .absent {
            patches.append(Patch(.add, ["spec"], .object([]), code: .held, reason: "absent: made for what follows"))
        }
        patches.append(
            Patch(
                facts.hasReplicas && facts.specContainer == .object ? .replace : .add, ["spec", "replicas"],
                .integer(facts.oldReplicas), code: .held, reason: why))
        return patches
    }

    private static func labelPatches(_ facts: HoldFacts) -> [Patch] {
        let why = "put back: the worker set is known by it"
        // A label can't be added to a map that is not there.
        if let labels = facts.vanishedLabels {
            return [Patch(.add, ["metadata", "labels"], .object(labels), code: .labelsHeld, reason: why)]
        }
        return facts.lostLabels.map { label in
            Patch(
                label.isReplaced ? .replace : .add, ["metadata", "labels", label.key], .string(label.value),
                code: .labelsHeld, reason: why)
        }
    }

    /// The leaving workers by name, in bounded space: `hbase-worker-2 is`, `hbase-worker-1 and -2 are`.
    ///
    /// Depends on nothing but the name and the counts: Fluid logs each distinct text once.
    private static func leaving(_ facts: HoldFacts) -> String {
        // oldReplicas > newReplicas, but the former may be negative too, in theory, and either at the end of 64 bits.
        let kept = max(facts.newReplicas, 0)
        let others = max(facts.oldReplicas - 1, kept) - kept
        func ordinal(_ place: Int64) -> Int64 {
            let (sum, isBeyond) = place.addingReportingOverflow(facts.firstOrdinal)
            return isBeyond ? .max : sum
        }
        let first = ordinal(kept)
        let last = ordinal(kept + others)
        let name = clipped(facts.name, toBytes: 52)
        return switch others {
        case 0: "\(name)-\(first) is"
        case 1: "\(name)-\(first) and -\(last) are"
        default: "\(name)-\(first) to -\(last) are"
        }
    }

    private static func notChecked(_ facts: HoldFacts) -> Verdict {
        Verdict(findings: [
            Finding(
                .workerSetNotChecked, "spec.replicas", "lowered unchecked",
                remedy: "without a cluster nobody can say whether these are Alluxio workers")
        ])
    }
}
