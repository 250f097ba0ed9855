import Rules

/// Era B: Fluid removes what a lower count says at once, and the gate denies it until it is drained.
extension SimWorld {
    /// Somebody writes `spec.replicas`; in era B an HPA writes it again until it is admitted.
    mutating func want(_ count: Int?) {
        guard era == .b else {
            wanted = count
            return
        }
        asked = count
        ask()
    }

    /// Asks for what is still to be had; the gate is the real one.
    mutating func ask() {
        guard era == .b, exists, let asked, let old = wanted else {
            return
        }
        askedAt = now
        let isBound = record?.workerSetUID == setUID && record?.runtimeUID == runtimeUID
        var cluster = ClusterFacts(isKnown: true, target: .present(TargetRuntime()))
        if policy.mode != .removeAtOnce {
            cluster.daemonWorkers = DaemonWorkers(
                present: Int64(max(placed.count, desired)), record: isBound ? record : nil, now: timestamp)
        }
        let verdict = ScaleRules.validateUpdate(
            ScaleFacts(
                namespace: "n", name: "w", oldReplicas: .present(Int64(old)), newReplicas: .present(Int64(asked))),
            cluster: cluster, policy: AdmissionPolicy(daemonRemoval: .gated))
        if verdict.allowed {
            wanted = asked
        }
        if let new = verdict.wish, new.renews(wish) {
            wish = new
            touchSet()
        }
    }

    /// Fluid brings its nodes to a count: the least used of those that nobody uses go.
    mutating func stripOrPlace(_ wanted: Int) {
        for node in 0..<Self.nodes where wanted > desired && placed.count < wanted {
            placed.insert(node)
        }
        let free = placed.subtracting(usedNodes).sorted {
            (holding($0).usedBytes, $0) < (holding($1).usedBytes, $1)
        }
        if wanted < desired {
            placed.subtract(free.prefix(max(0, placed.count - wanted)))
        }
        desired = placed.count
    }
}
