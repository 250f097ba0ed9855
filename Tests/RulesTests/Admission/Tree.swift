@testable import Rules

/// An object as a tree of values: what the facts are taken from, and what the patches are applied to.
extension PatchValue {
    subscript(_ key: String) -> PatchValue? {
        if case .object(let members) = self { members.first { $0.key == key }?.value } else { nil }
    }

    subscript(path path: [String]) -> PatchValue? {
        var value: PatchValue? = self
        for key in path { value = value?[key] }
        return value
    }

    var integerField: Field<Int64> {
        if case .integer(let number) = self { .present(number) } else { .unreadable(seen: Sample.json(self)) }
    }

    var boolField: Field<Bool> {
        if case .bool(let flag) = self { .present(flag) } else { .unreadable(seen: Sample.json(self)) }
    }

    var container: Container {
        if case .object = self { .object } else { .unreadable }
    }

    var text: String {
        if case .string(let text) = self { text } else { "" }
    }

    var elements: [PatchValue] {
        if case .array(let values) = self { values } else { [] }
    }

    /// The tree with one patch applied as RFC 6902 wants it; nil where it can't be, and stricter: what is added must be
    /// absent before.
    func applying(_ patch: Patch) -> PatchValue? {
        applying(patch.path[...], patch)
    }

    private func applying(_ path: ArraySlice<String>, _ patch: Patch) -> PatchValue? {
        guard let key = path.first, case .object(var members) = self else { return nil }
        let index = members.firstIndex { $0.key == key }
        if path.count > 1 {
            guard let index, let changed = members[index].value.applying(path.dropFirst(), patch) else { return nil }
            members[index].value = changed
            return .object(members)
        }
        switch (patch.operation, index) {
        case (.add, nil): members.append(Member(key, patch.value))
        case (.replace, let index?): members[index].value = patch.value
        default: return nil
        }
        return .object(members)
    }

    /// Says whether everything in `other` is in this tree too, with the same values and in the same order.
    func keeps(_ other: PatchValue) -> Bool {
        guard case .object(let before) = other else { return self == other }
        guard case .object(let after) = self else { return false }
        let kept = after.filter { member in before.contains { $0.key == member.key } }
        return kept.map(\.key) == before.map(\.key) && zip(kept, before).allSatisfy { $0.value.keeps($1.value) }
    }
}

/// The facts of a runtime, as a handler would take them from the object.
func runtimeFacts(_ tree: PatchValue) -> RuntimeFacts {
    var facts = RuntimeFacts(namespace: "default", name: tree[path: ["metadata", "name"]]?.text ?? "")
    let annotations = tree[path: ["metadata", "annotations"]]
    facts.annotationsContainer = annotations?.container ?? .absent
    if case .object(let members)? = annotations {
        for member in members where member.key.hasPrefix(Annotation.prefix) {
            facts.annotations[member.key] = member.value.text
        }
    }
    let spec = tree["spec"]
    facts.specContainer = spec?.container ?? .absent
    facts.replicas = spec?["replicas"]?.integerField ?? .absent
    facts.monitoring = spec?["monitoring"]?.boolField ?? .absent
    facts.disablePrometheus = spec?["disablePrometheus"]?.boolField ?? .absent
    return facts
}

/// The facts of an HPA, as a handler would take them from the object.
func hpaFacts(_ tree: PatchValue, written: PatchValue?) -> HPAFacts {
    var facts = HPAFacts(
        namespace: "default", name: "hpa",
        target: ScaleTarget(apiVersion: "data.fluid.io/v1alpha1", kind: "AlluxioRuntime", name: "hbase"))
    let spec = tree["spec"]
    facts.minReplicas = spec?["minReplicas"]?.integerField ?? .absent
    facts.maxReplicas = spec?["maxReplicas"]?.integerField ?? .absent
    facts.hasMetrics = spec?["metrics"] != nil
    facts.metrics = (spec?["metrics"]?.elements ?? []).map { metric in
        var facts = MetricFacts(type: metric["type"]?.text ?? "", name: "")
        let source = metric[facts.type == "Resource" ? "resource" : "object"]
        facts.name = source?["name"]?.text ?? source?[path: ["metric", "name"]]?.text ?? ""
        facts.describedKind = source?[path: ["describedObject", "kind"]]?.text ?? ""
        facts.targetType = source?[path: ["target", "type"]]?.text ?? ""
        facts.hasValue = source?[path: ["target", "value"]] != nil
        facts.averageUtilization = source?[path: ["target", "averageUtilization"]]?.integerField.value
        return facts
    }
    let behavior = spec?["behavior"]
    facts.behaviorContainer = behavior?.container ?? .absent
    facts.hasScaleUp = behavior?["scaleUp"] != nil
    facts.scaleDown = behavior?["scaleDown"].map { scaleDown in
        var facts = ScaleDownFacts()
        facts.selectPolicy = scaleDown["selectPolicy"]?.text ?? ""
        facts.stabilizationWindowSeconds = scaleDown["stabilizationWindowSeconds"]?.integerField.value
        facts.policies = (scaleDown["policies"]?.elements ?? []).map {
            ScaleDownFacts.Pace(
                type: $0["type"]?.text ?? "", value: $0["value"]?.integerField.value ?? 0,
                periodSeconds: $0["periodSeconds"]?.integerField.value ?? 0)
        }
        return facts
    }
    facts.written = written.map {
        HPAWrittenFields(
            minReplicas: $0[path: ["spec", "minReplicas"]] != nil, metrics: $0[path: ["spec", "metrics"]] != nil,
            scaleDown: $0[path: ["spec", "behavior", "scaleDown"]] != nil)
    }
    return facts
}
