/// What is known of a runtime's workers where their set is a DaemonSet: Fluid up to 0.6.
public struct DaemonWorkers: Sendable, Hashable {
    /// How many workers there are, by what shows the most: a lower count than this removes some.
    public var present: Int64
    /// The drain of this runtime and this worker set, if there is one.
    public var drain: DrainRecord?
    /// Whether its drained workers are watched: its looks were seen to grow within the last seconds, by our own clock.
    public var isWatched = false
    /// The time of the request, for people.
    public var now: Timestamp

    /// Makes the facts.
    public init(present: Int64, drain: DrainRecord? = nil, isWatched: Bool = false, now: Timestamp) {
        self.present = present
        self.drain = drain
        self.isWatched = isWatched
        self.now = now
    }

    /// Whether the workers above this count are drained and their nodes have lost their labels, and nothing stands in the way.
    public func areDrained(to count: Int64) -> Bool {
        guard let drain, drain.state == .removing, drain.blocked == nil, let plan = drain.plan else { return false }
        return Int64(plan.target) == count && isWatched
    }
}

/// The gate on lower counts of runtimes whose workers Fluid removes as soon as the count is written (Fluid 0.5 and 0.6).
enum ScaleInRules {
    /// What a write of `spec.replicas` comes to.
    struct Judgement {
        var findings: [Finding] = []
        /// What was denied, to be noted where the reconciler sees it.
        var request: ScaleInRequest?
    }

    /// Judges a count; both codes are the caller's, since they name the object.
    static func judge(
        from old: Int64, to new: Int64, _ cluster: ClusterFacts, policy: AdmissionPolicy, denial: RuleCode,
        warning: RuleCode
    ) -> Judgement {
        guard let workers = cluster.daemonWorkers, policy.daemonRemoval != .byNodeLabel, new >= 0, new < old,
            new < workers.present, let count = Int(exactly: new), let replicas = Int(exactly: old)
        else { return Judgement() }
        let field = "spec.replicas"
        guard policy.daemonRemoval == .gated else {
            return Judgement(findings: [
                Finding(
                    warning, field, "lowered, and nothing is drained: the workers are a DaemonSet's",
                    remedy: "see \(flag(cluster.schema))")
            ])
        }
        if workers.areDrained(to: new) { return Judgement() }
        let finding = Finding(
            denial, field,
            "\(new) instead of \(counted(old, "worker")): those that leave are drained first (\(progress(workers)))",
            remedy: remedy(workers))
        return Judgement(
            findings: [finding], request: ScaleInRequest(count: count, replicas: replicas, at: workers.now))
    }

    /// The flag that drains this Fluid's workers, told by the metrics switch that its definition has.
    private static func flag(_ schema: RuntimeSchema) -> String {
        switch schema.metricsSwitch {
        case .neither, .monitoring: "--remove-by-node-label"
        case .disablePrometheus, .unknown: "--gate-runtime-scale-in"
        }
    }

    /// How far the drain is, constant while the situation is.
    private static func progress(_ workers: DaemonWorkers) -> String {
        guard let drain = workers.drain, let plan = drain.plan, drain.state.isBeforeRemoval else { return "not begun" }
        let state = "\(drain.state.rawValue) to \(plan.target)"
        guard let blocked = drain.blocked else { return state }
        // It is part of a sentence here.
        let text = blocked.text.hasSuffix(".") ? String(blocked.text.dropLast()) : blocked.text
        return "\(state), blocked: \(blocked.reason): \(text)"
    }

    private static func remedy(_ workers: DaemonWorkers) -> String {
        let again = "Ask again until it is admitted; an HPA does so by itself"
        guard let blocked = workers.drain?.blocked else { return again }
        return "\(blocked.remedy) \(again)"
    }
}
