internal import Kubernetes
internal import Rules
internal import Wire

/// Chooses the rules for a review and gives them their facts; asks nobody but the store.
///
/// Its judgements hold facts, and nothing of the parsed review: one that waits for a live read takes little memory.
struct AdmissionJudge: Sendable {
    let store: Store?
    let policy: AdmissionPolicy
    let parsers: ParserPool
    /// The time, in milliseconds since 1970: how old a look at drained workers is.
    let wallClock: @Sendable () -> Int64
    /// Whether drained workers are watched; nil where lower counts are not gated.
    let watch: DrainWatch?

    /// Says what the rules say to a review.
    func judge(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        switch (review.resource.group, review.resource.plural, review.subResource) {
        case (AlluxioRuntime.group, "alluxioruntimes", ""): runtime(review, webhook)
        case (AlluxioRuntime.group, "alluxioruntimes", "scale"): scale(review, webhook)
        case ("autoscaling", "horizontalpodautoscalers", ""): autoscaler(review, webhook)
        case (Resource.scaledObjects.group, "scaledobjects", ""): scaledObject(review, webhook)
        case ("apps", "statefulsets", ""), ("apps", "statefulsets", "scale"): workerSet(review, webhook)
        default: .untouched(reason: "no rule for this resource")
        }
    }

    private func runtime(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard review.operation == .create || review.operation == .update, let object = review.object else {
            return .untouched(reason: "no rule for this operation")
        }
        guard review.resource.version == Resource.alluxioRuntimes.version else {
            let seen = "\(review.resource.group)/\(review.resource.version)"
            return .decided(ReviewRules.unknownRuntimeVersion(seen), note: "")
        }
        var cluster = clusterFacts(runtime: review.key, target: .unknown)
        let oldObject = review.oldObject
        // What was written matters where it was written by this very request.
        let annotation = object.at("metadata", "annotations")?[LastApplied.annotation]
        let oldAnnotation = oldObject?.at("metadata", "annotations")?[LastApplied.annotation]
        let isAppliedNow = oldAnnotation.flatMap { annotation?.isSameString(as: $0) } != true
        // Nothing that is filled in depends on it, and reading it costs as much as reading the object.
        let isNeeded = webhook == .validate && annotation != nil
        let lastApplied = isNeeded ? LastApplied(of: object, parsers: parsers) : nil
        var new = RuntimeFacts(object, namespace: review.namespace, lastApplied: lastApplied)
        if !isAppliedNow { new.prunedFields = [] }
        switch (webhook, review.operation, oldObject) {
        case (.mutate, .create, _):
            return .decided(RuntimeRules.mutateCreate(new, cluster: cluster, policy: policy), note: "")
        case (.validate, .create, _):
            return .decided(RuntimeRules.validateCreate(new, cluster: cluster, policy: policy), note: "")
        case (.validate, .update, let oldObject?):
            let old = RuntimeFacts(oldObject, namespace: review.namespace)
            cluster.daemonWorkers = daemonWorkers(review.key, annotations: new.annotations)
            return .decided(RuntimeRules.validateUpdate(old: old, new: new, cluster: cluster, policy: policy), note: "")
        default:
            return .untouched(reason: "nothing is filled in on this operation")
        }
    }

    private func scale(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard review.operation == .update, let object = review.object else {
            return .untouched(reason: "no rule for this operation")
        }
        if webhook == .mutate, !policy.scalerUsers.contains(review.username) {
            return .untouched(reason: "asked for by no controller that scales")
        }
        let facts = ScaleFacts(
            namespace: review.namespace, name: review.name,
            oldReplicas: Field(review.oldObject?.at("spec", "replicas")),
            newReplicas: Field(object.at("spec", "replicas")))
        let key = review.key
        return withTarget(key) { cluster in
            if webhook == .mutate { return .decided(ScaleRules.mutateUpdate(facts, cluster: cluster), note: "") }
            var cluster = cluster
            if let runtime = store?.runtime(key), !runtime.meta.isDeleting {
                cluster.daemonWorkers = daemonWorkers(key, annotations: runtime.meta.annotations)
            }
            return .decided(ScaleRules.validateUpdate(facts, cluster: cluster, policy: policy), note: "")
        }
    }
}

extension AdmissionJudge {
    /// Calls `decide` with the target from the store, or after one live read.
    func withTarget(_ key: ObjectKey, _ decide: @escaping @Sendable (ClusterFacts) -> Judgement) -> Judgement {
        guard let store else { return decide(.unknown) }
        let schema = RuntimeSchema(store.definition)
        if let runtime = store.runtime(key) {
            return decide(clusterFacts(runtime: key, target: .present(TargetRuntime(runtime, schema: schema))))
        }
        return .needsRuntime(key) { live in
            let target: TargetState =
                switch live {
                case .found(let runtime): .present(TargetRuntime(runtime, schema: schema))
                case .absent: .absent
                case .failed: .unknown
                }
            return decide(clusterFacts(runtime: key, target: target))
        }
    }

    private func clusterFacts(runtime key: ObjectKey, target: TargetState) -> ClusterFacts {
        guard let store else { return .unknown }
        var facts = ClusterFacts(
            isKnown: store.isSynced, schema: RuntimeSchema(store.definition), target: target,
            scalers: store.scalers(of: key).filter { !$0.meta.isDeleting }.map(ScalerFacts.init))
        facts.servesCustomMetrics = store.customMetrics?.isServed
        facts.capacityResources = store.customMetrics?.capacityResources
        return facts
    }

    /// The workers of a runtime, if a lower count would remove them by node labels and its policy drains them.
    private func daemonWorkers(_ key: ObjectKey, annotations: [String: String]) -> DaemonWorkers? {
        guard policy.daemonRemoval != .byNodeLabel, let set = store?.workerSet(of: key), set.kind == .daemonSet,
            RuntimeLookUp(isBeingDeleted: false, annotations: annotations, policy: policy) == .present
        else { return nil }
        let runtime = store?.runtime(key)
        // A drain that can't be read is none that could admit anything.
        let drain = store?.drain(key).flatMap { try? DrainRecord($0) }
        let isBound = drain?.ledger.workerSetUID == set.meta.uid && drain?.ledger.runtimeUID == runtime?.meta.uid
        return DaemonWorkers(
            present: Int64(max(set.replicas, runtime?.status?.currentWorkers ?? 0)), drain: isBound ? drain : nil,
            isWatched: watch?.isWatched(key) ?? false, now: Timestamp(millisecondsSinceEpoch: wallClock()))
    }

    /// Namespace and name of the runtime that a held worker set belongs to, for metrics; `other` for one that the store
    /// does not have, since anybody may write any name into a review.
    func labels(ofWorkerSet key: ObjectKey) -> [String] {
        guard let name = HoldFacts.runtimeName(ofWorkerSet: key.name),
            store?.runtime(ObjectKey(namespace: key.namespace, name: name)) != nil
        else { return [Metrics.other, Metrics.other] }
        return [key.namespace, name]
    }
}
