internal import Kubernetes
internal import Rules
internal import Wire

extension AdmissionJudge {
    /// An UPDATE of `statefulsets` or `statefulsets/scale`.
    func workerSet(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard webhook == .mutate, review.operation == .update, let object = review.object,
            let oldObject = review.oldObject
        else { return .untouched(reason: "no rule for this operation") }
        let runtimeKey = ObjectKey(
            namespace: review.namespace, name: HoldFacts.runtimeName(ofWorkerSet: review.name) ?? "")
        let isScale = !review.subResource.isEmpty
        // An absent count is 1 in a StatefulSet, and a 0 that Go left out in a Scale.
        let absent: Int64 = isScale ? 0 : 1
        var facts = HoldFacts(
            namespace: review.namespace, name: review.name,
            identity: isScale
                ? identity(scale: oldObject, review.key, runtime: runtimeKey)
                : identity([oldObject, object], runtime: runtimeKey),
            oldReplicas: oldObject.at("spec", "replicas")?.int64 ?? absent,
            newReplicas: object.at("spec", "replicas")?.int64 ?? absent, user: review.username,
            stored: stored(runtimeKey))
        // A Scale has none.
        let start =
            isScale
            ? store?.workerSet(review.key, kind: .statefulSet).map { Int64($0.firstOrdinal) }
            : oldObject.at("spec", "ordinals", "start")?.int64
        facts.firstOrdinal = min(max(start ?? 0, 0), Int64(Int32.max))
        facts.specContainer = Container(object["spec"])
        facts.hasReplicas = object.at("spec", "replicas").map { !$0.isNull } ?? false
        if !isScale { facts.compareLabels(oldObject, object) }
        facts.wanted = store?.runtime(runtimeKey)?.replicas.map(Int64.init)
        return hold(facts, runtimeKey)
    }

    private func hold(_ facts: HoldFacts, _ key: ObjectKey) -> Judgement {
        switch HoldRules.mutateUpdate(facts, policy: policy) {
        case .pass(let reason): return .untouched(reason: reason)
        case .answer(let verdict): return .decided(verdict, note: "")
        case .needsLiveRead:
            return .needsRuntime(key) { live in
                var facts = facts
                switch live {
                case .found(let runtime):
                    facts.live = RuntimeLookUp(runtime, policy)
                    facts.wanted = runtime.replicas.map(Int64.init)
                case .absent: facts.live = .absent
                case .failed: facts.live = .failed
                }
                return hold(facts, key)
            }
        }
    }

    private func stored(_ key: ObjectKey) -> RuntimeLookUp {
        guard let store else { return .noCluster }
        guard let runtime = store.runtime(key) else { return store.isSynced(.runtimes) ? .absent : .failed }
        return RuntimeLookUp(runtime, policy)
    }

    /// Whether a StatefulSet runs workers, by what it says of itself before or after, so that nobody relabels it away.
    ///
    /// The selector of its pods can't be changed: it tells one that lost its labels before we were there.
    private func identity(_ sets: [JSONValue], runtime: ObjectKey) -> HoldFacts.Identity {
        let isWorkerSet = sets.contains { set in
            WorkerSetLabels.areThose(of: set.at("metadata", "labels"))
                || WorkerSetLabels.areThose(of: set.at("spec", "selector", "matchLabels"))
                || set.at("metadata", "ownerReferences")?.elements.contains { $0.isRuntime(named: runtime.name) }
                    == true
        }
        return isWorkerSet ? .workerSet : .somethingElse
    }

    /// Whether a `Scale` is a worker set's, by the store or by the selector in its status; it has no labels.
    ///
    /// Without either, the name of a runtime in front of its suffix is enough to look closer.
    private func identity(scale: JSONValue, _ key: ObjectKey, runtime: ObjectKey) -> HoldFacts.Identity {
        if store?.workerSet(key, kind: .statefulSet) != nil { return .workerSet }
        if let selector = scale.at("status", "selector")?.string(bytesMax: FactLimits.textBytes), !selector.isEmpty {
            return WorkerSetLabels.areThose(ofSelector: selector) ? .workerSet : .somethingElse
        }
        guard let store else { return .unknown }
        return store.isSynced(.statefulSets) && store.runtime(runtime) == nil ? .somethingElse : .unknown
    }
}

/// The labels `app` and `role`, by which every version of Fluid marks its worker sets and their pods.
private enum WorkerSetLabels {
    static func areThose(of labels: JSONValue?) -> Bool {
        labels?["app"]?.isString("alluxio") == true && labels?["role"]?.isString("alluxio-worker") == true
    }

    /// The same of a selector in one line, as a `Scale` has it: `app=alluxio,release=hbase,role=alluxio-worker`.
    static func areThose(ofSelector selector: String) -> Bool {
        let parts = selector.split(separator: ",")
        return HoldFacts.labels.allSatisfy { key, value in parts.contains { $0 == "\(key)=\(value)" } }
    }
}

extension JSONValue {
    /// Whether an owner reference is to this `AlluxioRuntime`.
    fileprivate func isRuntime(named name: String) -> Bool {
        self["kind"]?.isString("AlluxioRuntime") == true && self["name"]?.nameText == name
            && self["apiVersion"]?.nameText.hasPrefix("data.fluid.io/") == true
    }
}

extension HoldFacts {
    /// Notes which of the two labels an update takes from a worker set; one that was something else before was none.
    fileprivate mutating func compareLabels(_ oldObject: JSONValue, _ object: JSONValue) {
        let old = oldObject.at("metadata", "labels")
        let new = object.at("metadata", "labels")
        for (key, value) in Self.labels
        where old?[name: key]?.nameText == value && new?[name: key]?.nameText != value {
            lostLabels.append(LostLabel(key: key, value: value, isReplaced: new?[name: key] != nil))
        }
        guard !lostLabels.isEmpty, Container(new) == .absent, let old else { return }
        var labels = Self.labels.map { ($0.0, old[name: $0.0]?.nameText ?? "") }.filter { !$0.1.isEmpty }
        for member in old.members where !Self.labels.contains(where: { member.isNamed($0.0) }) {
            guard labels.count < FactLimits.labels else { break }
            guard member.value.kind == .string else { continue }
            labels.append((member.name(bytesMax: FactLimits.nameBytes), member.value.nameText))
        }
        vanishedLabels = labels.map { PatchValue.Member($0, .string($1)) }
        vanishedLabels?.sort { $0.key < $1.key }
    }
}
