/// What is known of a runtime's workers where their set is a DaemonSet: Fluid up to 0.6.
public struct DaemonWorkers: Sendable, Hashable {
    /// How many workers there are, by what shows the most: a lower count than this removes some.
    public var present: Int64
    /// The drain that is under way for this runtime and this worker set.
    public var record: DrainRecord?
    /// The time of the request.
    public var now: Timestamp

    /// Makes the facts.
    public init(present: Int64, record: DrainRecord? = nil, now: Timestamp) {
        self.present = present
        self.record = record
        self.now = now
    }

    /// Whether the workers above this count are drained, by a look that is fresh, and nothing stands in the way.
    public func areDrained(to count: Int64) -> Bool {
        guard let record, record.state == .removing, record.blocked == nil, Int64(record.target) == count,
            let drainedAt = record.drainedAt
        else { return false }
        return now.milliseconds(since: drainedAt) <= DrainTiming.gateAgeMaximum
    }
}

/// The gate on lower counts of runtimes whose workers Fluid removes as soon as the count is written (Fluid 0.5 and 0.6).
enum ScaleInRules {
    /// What a write of `spec.replicas` comes to.
    struct Judgement {
        var findings: [Finding] = []
        /// What was denied, to be noted where the reconciler sees it.
        var wish: ScaleInWish?
    }

    /// Judges a count; both codes are the caller's, since they name the object.
    static func judge(
        from old: Int64, to new: Int64, _ workers: DaemonWorkers?, policy: AdmissionPolicy, denial: RuleCode,
        warning: RuleCode
    ) -> Judgement {
        guard let workers, policy.daemonRemoval != .byNodeLabel, new >= 0, new < old, new < workers.present,
            let count = Int(exactly: new), let replicas = Int(exactly: old)
        else { return Judgement() }
        let field = "spec.replicas"
        guard policy.daemonRemoval == .gated else {
            return Judgement(findings: [
                Finding(
                    warning, field, "lowered, and nothing is drained: the workers are a DaemonSet's",
                    remedy: "see --gate-runtime-scale-in")
            ])
        }
        if workers.areDrained(to: new) { return Judgement() }
        let finding = Finding(
            denial, field,
            "\(new) instead of \(counted(old, "worker")): those that leave are drained first (\(progress(workers)))",
            remedy: remedy(workers))
        return Judgement(findings: [finding], wish: ScaleInWish(count: count, replicas: replicas, at: workers.now))
    }

    /// How far the drain is, constant while the situation is.
    private static func progress(_ workers: DaemonWorkers) -> String {
        guard let record = workers.record else { return "not begun" }
        let state = "\(record.state.rawValue) to \(record.target)"
        guard let blocked = record.blocked else { return state }
        // It is part of a sentence here.
        let text = blocked.text.hasSuffix(".") ? String(blocked.text.dropLast()) : blocked.text
        return "\(state), blocked: \(blocked.reason): \(text)"
    }

    private static func remedy(_ workers: DaemonWorkers) -> String {
        let again = "Ask again until it is admitted; an HPA does so by itself"
        guard let blocked = workers.record?.blocked else { return again }
        return "\(blocked.remedy) \(again)"
    }
}
