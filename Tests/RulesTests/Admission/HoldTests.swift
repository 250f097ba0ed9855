import Testing

@testable import Rules

@Suite struct `The hold` {
    static let lookUps: [RuntimeLookUp] = [.present, .beingDeleted, .drainsNothing, .absent, .failed, .noCluster]
    /// What lets a lowered count pass, and only from a live read.
    static let releases: Set<RuntimeLookUp> = [.beingDeleted, .drainsNothing, .absent]

    /// Every combination of who, what, store and live read, for small counts.
    @Test
    func `lets a count be lowered only by the reconciler, or where a live read says that nothing is to be drained`() {
        for identity in [HoldFacts.Identity.workerSet, .somethingElse, .unknown] {
            for stored in `The hold`.lookUps {
                for live in `The hold`.lookUps.map(Optional.some) + [nil] {
                    for user in [policy.reconcilerUser, "someone", ""] {
                        for old in Int64(0)...3 {
                            for new in Int64(0)...3 {
                                var facts = HoldFacts(
                                    namespace: "default", name: "hbase-worker", identity: identity, oldReplicas: old,
                                    newReplicas: new, user: user, stored: stored)
                                facts.live = live
                                judge(facts)
                            }
                        }
                    }
                }
            }
        }
    }

    private func judge(_ facts: HoldFacts) {
        let comment = Comment("\(facts)")
        let mayPass =
            facts.newReplicas >= facts.oldReplicas || facts.identity == .somethingElse
            || facts.user == policy.reconcilerUser
            || (facts.stored != .present && facts.stored != .noCluster
                && facts.live.map(`The hold`.releases.contains) ?? false)
        switch HoldRules.mutateUpdate(facts, policy: policy) {
        case .pass: #expect(mayPass, comment)
        case .needsLiveRead: #expect(!mayPass && facts.live == nil && facts.stored != .present, comment)
        case .answer(let verdict):
            #expect(!mayPass && verdict.allowed, comment)
            if verdict.codes == [.workerSetNotChecked] {
                #expect(facts.identity == .unknown && [facts.stored, facts.live].contains(.noCluster), comment)
                #expect(verdict.patches.isEmpty, comment)
            } else {
                #expect(verdict.codes == [.held], comment)
                #expect(verdict.patches.map(\.value) == [.integer(facts.oldReplicas)], comment)
                #expect(verdict.patches.map(\.pointer) == ["/spec/replicas"], comment)
            }
        }
    }

    /// Whoever sends a review may write any count, and a process that traps holds nothing.
    @Test func `puts back a count at either end of 64 bits, wherever the first worker is`() {
        let counts = [Int64.min, .min + 1, -1, 0, 1, Int64(Int32.max), .max - 1, .max]
        for old in counts {
            for new in counts where new < old {
                for first in [0, 1, Int64(Int32.max), .max] {
                    var facts = HoldFacts(
                        namespace: "default", name: "hbase-worker", identity: .workerSet, oldReplicas: old,
                        newReplicas: new, user: "someone", stored: .present)
                    facts.firstOrdinal = first
                    judge(facts)
                }
            }
        }
    }

    @Test func `takes a runtime for one without a drain only where its policy can be read and says so`() {
        var nothing = DrainPolicy()
        nothing.mode = .removeAtOnce
        let byDefault = AdmissionPolicy(drainDefaults: nothing)
        func lookUp(_ annotations: [String: String], _ policy: AdmissionPolicy, deleting: Bool = false) -> RuntimeLookUp
        {
            RuntimeLookUp(isBeingDeleted: deleting, annotations: annotations, policy: policy)
        }
        #expect(lookUp([:], policy) == .present)
        #expect(lookUp([:], byDefault) == .drainsNothing)
        for mode in ["Free", "Decommission", "Auto"] {
            #expect(lookUp([Annotation.drain: mode], byDefault) == .present)
        }
        #expect(lookUp([Annotation.drain: "None"], policy) == .drainsNothing)
        #expect(lookUp([Annotation.drain: "none"], byDefault) == .present)
        #expect(lookUp([Annotation.drain: "None", Annotation.cooldown: "soon"], policy) == .present)
        #expect(lookUp([:], policy, deleting: true) == .beingDeleted)
    }

    @Test func `needs a name for the reconciler: an empty one is nobody's`() {
        let facts = HoldFacts(
            namespace: "default", name: "hbase-worker", identity: .workerSet, oldReplicas: 3, newReplicas: 2, user: "",
            stored: .present)
        guard case .answer(let verdict) = HoldRules.mutateUpdate(facts, policy: AdmissionPolicy()) else {
            Issue.record("passed")
            return
        }
        #expect(verdict.codes == [.held])
    }

    @Test func `is idempotent: what it puts back is not lowered any more`() {
        var facts = HoldFacts(
            namespace: "default", name: "hbase-worker", identity: .workerSet, oldReplicas: 3, newReplicas: 1, user: "u",
            stored: .present)
        guard case .answer(let verdict) = HoldRules.mutateUpdate(facts, policy: policy),
            case .integer(let count)? = verdict.patches.last?.value
        else {
            Issue.record("not held")
            return
        }
        facts.newReplicas = count
        #expect(HoldRules.mutateUpdate(facts, policy: policy) == .pass(reason: "not lowered"))
    }

    @Test func `speaks in bounded space, whatever the counts and the name`() {
        let counts: [Int64] = [.min, -5, -1, 0, 1, 2, 3, Int64(Int32.max), .max - 1, .max]
        for old in counts {
            for new in counts where new < old {
                for length in [1, 45, 52, 253] {
                    let facts = HoldFacts(
                        namespace: "n", name: String(repeating: "x", count: length) + "-worker", identity: .workerSet,
                        oldReplicas: old, newReplicas: new, user: "u", stored: .present)
                    guard case .answer(let verdict) = HoldRules.mutateUpdate(facts, policy: policy) else { continue }
                    #expect(verdict.warnings.allSatisfy { $0.utf8.count <= 120 })
                }
            }
        }
    }

    @Test(
        arguments: [
            ("hbase-worker", "hbase"), ("a-worker-worker", "a-worker"), ("-worker", nil), ("worker", nil),
            ("hbase-master", nil),
            ("", nil),
        ] as [(String, String?)])
    func `knows the runtime by the worker set's name`(_ name: String, _ runtime: String?) {
        #expect(HoldFacts.runtimeName(ofWorkerSet: name) == runtime)
    }
}

@Suite struct `The metrics switch` {
    /// As Fluid reads it under each CRD: on unless disabled in all releases, off unless enabled in the proposal's images.
    @Test(
        arguments: [
            (RuntimeSchema.MetricsSwitch.disablePrometheus, nil, nil, MonitoringState.on),
            (.disablePrometheus, nil, true, .off), (.disablePrometheus, false, false, .on),
            (.monitoring, nil, nil, .off),
            (.monitoring, true, true, .on), (.monitoring, false, nil, .off), (.neither, true, true, .unknown),
            (.unknown, nil, nil, .unknown), (.unknown, nil, true, .off), (.unknown, false, nil, .off),
            (.unknown, true, nil, .on), (.unknown, nil, false, .on),
        ] as [(RuntimeSchema.MetricsSwitch, Bool?, Bool?, MonitoringState)])
    func `is read as Fluid reads it`(
        _ schema: RuntimeSchema.MetricsSwitch, _ monitoring: Bool?, _ disabled: Bool?, _ state: MonitoringState
    ) {
        let facts = runtime {
            $0.monitoring = monitoring.map { .present($0) } ?? .absent
            $0.disablePrometheus = disabled.map { .present($0) } ?? .absent
        }
        #expect(facts.monitoringState(RuntimeSchema(metricsSwitch: schema)) == state)
        let target = TargetRuntime(facts, schema: RuntimeSchema(metricsSwitch: schema), selector: "s")
        #expect(target.monitoring == state && target.selector == "s" && target.bounds == Bounds())
    }
}
