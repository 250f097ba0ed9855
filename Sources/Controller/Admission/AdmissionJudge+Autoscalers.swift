internal import Kubernetes
internal import Rules
internal import Wire

extension AdmissionJudge {
    /// A CREATE or UPDATE of a `HorizontalPodAutoscaler`.
    func autoscaler(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard let object = review.object,
            review.operation == .create || (review.operation == .update && webhook == .validate)
        else { return .untouched(reason: "no rule for this operation") }
        // Most autoscalers of a cluster are none of ours, before and after: look at the targets first.
        let targets = [object, review.oldObject].map { ScaleTarget($0?.at("spec", "scaleTargetRef")) }
        guard targets.contains(where: \.isAlluxioRuntime) else {
            return .untouched(reason: "scales no AlluxioRuntime")
        }
        let lastApplied = LastApplied(of: object, parsers: parsers)
        guard var new = HPAFacts(object, namespace: review.namespace, lastApplied: lastApplied) else {
            return .untouched(reason: "an unknown version of HorizontalPodAutoscaler")
        }
        new.noteApplied(object)
        let facts = new
        let old = review.oldObject.flatMap { HPAFacts($0, namespace: review.namespace) }
        let isDryRun = review.isDryRun
        return withTarget(ObjectKey(namespace: review.namespace, name: facts.target.name)) { cluster in
            let verdict: Verdict =
                switch (webhook, old) {
                case (.mutate, _): HPARules.mutateCreate(facts, cluster: cluster, policy: policy)
                case (.validate, nil):
                    HPARules.validateCreate(facts, cluster: cluster, policy: policy, isDryRun: isDryRun)
                case (.validate, let old?):
                    HPARules.validateUpdate(old: old, new: facts, cluster: cluster, policy: policy, isDryRun: isDryRun)
                }
            return .decided(verdict, note: "")
        }
    }

    /// A CREATE or UPDATE of a `ScaledObject`.
    func scaledObject(_ review: AdmissionReview, _ webhook: Webhook) -> Judgement {
        guard webhook == .validate, let object = review.object,
            review.operation == .create || review.operation == .update
        else { return .untouched(reason: "no rule for this operation") }
        let new = ScaledObjectFacts(object, namespace: review.namespace)
        // One that turns to another target is none of ours any more.
        guard new.target.isAlluxioRuntime else { return .untouched(reason: "scales no AlluxioRuntime") }
        if new.isBeingDeleted { return .untouched(reason: "is being deleted") }
        let old = review.oldObject.map { ScaledObjectFacts($0, namespace: review.namespace) }
        let isDryRun = review.isDryRun
        return withTarget(ObjectKey(namespace: review.namespace, name: new.target.name)) { cluster in
            let verdict =
                if let old {
                    ScaledObjectRules.validateUpdate(
                        old: old, new: new, cluster: cluster, policy: policy, isDryRun: isDryRun)
                } else {
                    ScaledObjectRules.validateCreate(new, cluster: cluster, policy: policy, isDryRun: isDryRun)
                }
            return .decided(verdict, note: "")
        }
    }
}
