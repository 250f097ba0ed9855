@testable import Rules

extension Sample {
    static let holds: [Sample] = [
        held("raised", 2, 3),
        held("unchanged", 2, 2),
        held("H401, one worker", 3, 2),
        held("H401, two workers", 3, 1),
        held("H401, all workers", 16, 0),
        held("H401, ordinals from 5 on", 3, 1) { $0.firstOrdinal = 5 },
        held("H401 on a Scale without the field", 3, 0) { $0.hasReplicas = false },
        held("H401 on a Scale without spec", 3, 0) {
            $0.hasReplicas = false
            $0.specContainer = .absent
        },
        held("H401, the runtime is scaled already", 3, 1) { $0.wanted = 1 },
        held("H401, the runtime wants other workers", 3, 1) { $0.wanted = 2 },
        held("H402, role changed", 3, 3) { $0.lostLabels = [role(isReplaced: true)] },
        held("H402, app taken away", 3, 4) { $0.lostLabels = [app] },
        held("H402, both taken away, and H401", 3, 2) { $0.lostLabels = [app, role(isReplaced: false)] },
        held("H402, no labels left", 3, 3) {
            $0.lostLabels = [app, role(isReplaced: false)]
            $0.vanishedLabels = [
                .init("app", .string("alluxio")), .init("release", .string("hbase")),
                .init("role", .string("alluxio-worker")),
            ]
        },
        held("relabelled by the reconciler", 3, 3) {
            $0.lostLabels = [app]; $0.user = policy.reconcilerUser
        },
        held("relabelled, the runtime is gone, says the store", 3, 3) {
            $0.lostLabels = [app]; $0.stored = .absent
        },
        held("relabelled, the runtime is gone, says a live read", 3, 3) {
            $0.lostLabels = [app]; $0.stored = .absent; $0.live = .absent
        },
        held("H402 without a cluster", 3, 3) {
            $0.lostLabels = [app]; $0.stored = .noCluster
        },
        held("H401 with the longest name", Int64(Int32.max), 0) {
            $0.name = String(repeating: "n", count: 45) + "-worker"
        },
        held("H401 with an impossible name", 3, 2) { $0.name = String(repeating: "n", count: 246) + "-worker" },
        held("lowered by the reconciler", 3, 2) { $0.user = policy.reconcilerUser },
        held("another StatefulSet", 3, 2) { $0.identity = .somethingElse },
        held("a name that is no worker set's", 3, 2) { $0.name = "hbase-master" },
        held("the runtime is gone, says the store", 3, 2) { $0.stored = .absent },
        held("the runtime is gone, says a live read", 3, 2) {
            $0.stored = .absent; $0.live = .absent
        },
        held("the runtime is there, says a live read", 3, 2) {
            $0.stored = .absent; $0.live = .present
        },
        held("the live read failed", 3, 2) {
            $0.stored = .beingDeleted; $0.live = .failed
        },
        held("the runtime is being deleted", 3, 2) {
            $0.stored = .beingDeleted; $0.live = .beingDeleted
        },
        held("drain policy None", 3, 2) {
            $0.stored = .drainsNothing; $0.live = .drainsNothing
        },
        held("drain policy None, says the store", 3, 2) { $0.stored = .drainsNothing },
        held("a Scale of which the store knows nothing", 3, 2) {
            $0.identity = .unknown; $0.stored = .failed
        },
        held("H401 without a cluster, by labels", 3, 2) { $0.stored = .noCluster },
        held("W401", 3, 2) {
            $0.identity = .unknown; $0.stored = .noCluster
        },
    ]

    private static let app = HoldFacts.LostLabel(key: "app", value: "alluxio", isReplaced: false)

    private static func role(isReplaced: Bool) -> HoldFacts.LostLabel {
        HoldFacts.LostLabel(key: "role", value: "alluxio-worker", isReplaced: isReplaced)
    }

    /// The update of the worker set of `hbase`, which the store knows, changed as a case needs it.
    private static func held(
        _ title: String, _ old: Int64, _ new: Int64, _ change: (inout HoldFacts) -> Void = { _ in }
    ) -> Sample {
        var facts = HoldFacts(
            namespace: "default", name: "hbase-worker", identity: .workerSet, oldReplicas: old, newReplicas: new,
            user: "system:serviceaccount:fluid-system:alluxioruntime-controller", stored: .present)
        change(&facts)
        return switch HoldRules.mutateUpdate(facts, policy: policy) {
        case .pass(let reason): Sample("\(title): passes (\(reason))", .pass)
        case .needsLiveRead: Sample("\(title): needs a live read", .pass)
        case .answer(let verdict): Sample(title, verdict)
        }
    }
}
