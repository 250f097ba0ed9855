internal import Kubernetes
internal import Rules
internal import Wire

/// Chooses the rules for a review and gives them their facts; asks nobody but the store.
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
        let isAppliedNow = annotation?.string != oldAnnotation?.string
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
        guard webhook == .validate, review.operation == .update, let object = review.object else {
            return .untouched(reason: "no rule for this operation")
        }
        let facts = ScaleFacts(
            namespace: review.namespace, name: review.name,
            oldReplicas: Field(review.oldObject?.at("spec", "replicas")),
            newReplicas: Field(object.at("spec", "replicas")))
        return withTarget(review.key) { cluster in
            var cluster = cluster
            if let runtime = store?.runtime(review.key), !runtime.meta.isDeleting {
                cluster.daemonWorkers = daemonWorkers(review.key, annotations: runtime.meta.annotations)
            }
            return .decided(ScaleRules.validateUpdate(facts, cluster: cluster, policy: policy), note: "")
        }
    }

    private func autoscaler(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard let object = review.object,
            review.operation == .create || (review.operation == .update && webhook == .validate)
        else { return .untouched(reason: "no rule for this operation") }
        // Most autoscalers of a cluster are none of ours, before and after: look at the targets first.
        let targets = [object, review.oldObject].map { ScaleTarget($0?.at("spec", "scaleTargetRef")) }
        guard targets.contains(where: \.isAlluxioRuntime) else {
            return .untouched(reason: "scales no AlluxioRuntime")
        }
        let lastApplied = LastApplied(of: object, parsers: parsers)
        guard let new = HPAFacts(object, namespace: review.namespace, lastApplied: lastApplied) else {
            return .untouched(reason: "an unknown version of HorizontalPodAutoscaler")
        }
        let old = review.oldObject.flatMap { HPAFacts($0, namespace: review.namespace) }
        let isDryRun = review.isDryRun
        return withTarget(ObjectKey(namespace: review.namespace, name: new.target.name)) { cluster in
            let verdict: Verdict =
                switch (webhook, old) {
                case (.mutate, _): HPARules.mutateCreate(new, cluster: cluster, policy: policy)
                case (.validate, nil):
                    HPARules.validateCreate(new, cluster: cluster, policy: policy, isDryRun: isDryRun)
                case (.validate, let old?):
                    HPARules.validateUpdate(old: old, new: new, cluster: cluster, policy: policy, isDryRun: isDryRun)
                }
            return .decided(verdict, note: "")
        }
    }

    private func workerSet(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard webhook == .mutate, review.operation == .update, let object = review.object,
            let oldObject = review.oldObject
        else { return .untouched(reason: "no rule for this operation") }
        let runtimeName = HoldFacts.runtimeName(ofWorkerSet: review.name)
        let runtimeKey = ObjectKey(namespace: review.namespace, name: runtimeName ?? "")
        let isScale = !review.subResource.isEmpty
        // An absent count is 1 in a StatefulSet, and a 0 that Go left out in a Scale.
        let absent: Int64 = isScale ? 0 : 1
        var facts = HoldFacts(
            namespace: review.namespace, name: review.name,
            identity: isScale ? identity(review.key, runtime: runtimeKey) : identity(object, oldObject),
            oldReplicas: oldObject.at("spec", "replicas")?.int64 ?? absent,
            newReplicas: object.at("spec", "replicas")?.int64 ?? absent, user: review.username,
            stored: stored(runtimeKey))
        facts.specContainer = Container(object["spec"])
        facts.hasReplicas = object.at("spec", "replicas").map { !$0.isNull } ?? false
        return hold(facts, runtimeKey)
    }

    private func hold(_ facts: HoldFacts, _ key: ObjectKey) -> Judgement {
        switch HoldRules.mutateUpdate(facts, policy: policy) {
        case .pass(let reason): return .untouched(reason: reason)
        case .answer(let verdict): return .decided(verdict, note: "")
        case .needsLiveRead:
            return .needsRuntime(key) { live in
                var facts = facts
                facts.live =
                    switch live {
                    case .found(let runtime): RuntimeLookUp(runtime, policy)
                    case .absent: .absent
                    case .failed: .failed
                    }
                return hold(facts, key)
            }
        }
    }
}

extension AdmissionJudge {
    /// Calls `decide` with the target from the store, or after one live read.
    private func withTarget(_ key: ObjectKey, _ decide: @escaping @Sendable (ClusterFacts) -> Judgement) -> Judgement {
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
        return ClusterFacts(
            isKnown: store.isSynced, schema: RuntimeSchema(store.definition), target: target,
            scalers: store.scalers(of: key).filter { !$0.meta.isDeleting }.map(ScalerFacts.init))
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

    private func stored(_ key: ObjectKey) -> RuntimeLookUp {
        guard let store else { return .noCluster }
        guard let runtime = store.runtime(key) else { return store.isSynced(.runtimes) ? .absent : .failed }
        return RuntimeLookUp(runtime, policy)
    }

    /// Whether a StatefulSet runs workers, by its own labels: before or after, so that nobody relabels it away.
    private func identity(_ object: JSONValue, _ oldObject: JSONValue) -> HoldFacts.Identity {
        let isWorkerSet = [object, oldObject].contains { object in
            let labels = object.at("metadata", "labels")
            return labels?["app"]?.isString("alluxio") == true && labels?["role"]?.isString("alluxio-worker") == true
        }
        return isWorkerSet ? .workerSet : .somethingElse
    }

    /// Whether a `Scale` is a worker set's, by the store: the object itself has no labels.
    ///
    /// A set that Fluid made a moment ago may not be in the store yet; the name of a runtime in front of its suffix
    /// is then enough to look closer.
    private func identity(_ key: ObjectKey, runtime: ObjectKey) -> HoldFacts.Identity {
        guard let store else { return .unknown }
        if store.workerSet(key, kind: .statefulSet) != nil { return .workerSet }
        return store.isSynced(.statefulSets) && store.runtime(runtime) == nil ? .somethingElse : .unknown
    }
}
