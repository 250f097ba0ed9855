public import Wire

/// What an API server checks of a HorizontalPodAutoscaler beyond the types of its fields.
public enum AutoscalerValidation {
    private static let sources = ["Object", "Pods", "Resource", "External", "ContainerResource"]
    private static let windowSecondsMax: Int64 = 3600
    private static let periodSecondsMax: Int64 = 1800

    /// What an object in `autoscaling/v2` would be refused for; its fields have the right types.
    public static func violations(_ object: JSON) -> [SchemaViolation] {
        let spec = object["spec"] ?? [:]
        var found = Findings()
        counts(spec, &found)
        let target = FieldPath("spec.scaleTargetRef")
        reference(spec["scaleTargetRef"], target, &found)
        if let version = spec["scaleTargetRef"]?["apiVersion"]?.string, !version.isEmpty, !version.contains("/") {
            found.add(
                target.member("apiVersion"), "\(JSON.string(version).words) names no API group",
                "Write group and version, such as data.fluid.io/v1alpha1")
        }
        for (index, metric) in (spec["metrics"]?.elements ?? []).enumerated() {
            self.metric(metric, FieldPath("spec.metrics").element(index), &found)
        }
        for direction in ["scaleUp", "scaleDown"] {
            guard let rules = spec["behavior"]?[direction], !rules.isNull else { continue }
            scalingRules(rules, FieldPath("spec.behavior").member(direction), &found)
        }
        return found.list
    }

    /// Collects what is wrong.
    private struct Findings {
        var list: [SchemaViolation] = []

        mutating func add(_ path: FieldPath, _ message: String, _ remedy: String) {
            list.append(SchemaViolation(path.text, message, remedy: remedy))
        }
    }

    private static func counts(_ spec: JSON, _ found: inout Findings) {
        let path = FieldPath("spec")
        let maximum = spec["maxReplicas"]?.int64 ?? 0
        // Left out, the minimum is 1.
        let minimum = spec["minReplicas"]?.int64 ?? 1
        if minimum < 1 {
            found.add(
                path.member("minReplicas"), "\(minimum) is below 1, which only the feature gate HPAScaleToZero allows",
                "Write at least 1")
        }
        if maximum < 1 {
            let isMissing = spec["maxReplicas"] == nil
            found.add(
                path.member("maxReplicas"), isMissing ? "is required" : "\(maximum) is below 1", "Write at least 1")
        } else if maximum < minimum {
            found.add(
                path.member("maxReplicas"), "\(maximum) is below minReplicas, \(minimum)",
                "Raise the maximum or lower the minimum")
        }
    }

    private static func reference(_ value: JSON?, _ path: FieldPath, _ found: inout Findings) {
        for name in ["kind", "name"] {
            let text = value?[name]?.string ?? ""
            if text.isEmpty {
                found.add(path.member(name), "is required", "Write the \(name) of what is meant")
            } else {
                pathSegment(text, path.member(name), &found)
            }
        }
    }

    /// What may stand between two slashes of a path (apimachinery's `IsValidPathSegmentName`).
    private static func pathSegment(_ text: String, _ path: FieldPath, _ found: inout Findings) {
        if text == "." || text == ".." || text.contains("/") || text.contains("%") {
            found.add(path, "\(JSON.string(text).words) can't be part of a path", "Leave out / and %")
        }
    }

    private static func metric(_ metric: JSON, _ path: FieldPath, _ found: inout Findings) {
        let type = metric["type"]?.string ?? ""
        guard sources.contains(type) else {
            let problem = type.isEmpty ? "is required" : "\(JSON.string(type).words) is no type of metric"
            found.add(path.member("type"), problem, "Write one of \(sources.joined(separator: ", "))")
            return
        }
        let name = type.prefix(1).lowercased() + type.dropFirst()
        for other in sources.map({ $0.prefix(1).lowercased() + $0.dropFirst() })
        where other != name && metric[other].map({ !$0.isNull }) ?? false {
            found.add(path.member(other), "does not belong to type \(type)", "Remove it, or write type: \(other)")
        }
        guard let source = metric[name], !source.isNull else {
            found.add(path.member(name), "is required for type \(type)", "Write what is measured")
            return
        }
        self.source(source, name, path.member(name), &found)
    }

    private static func source(_ source: JSON, _ kind: String, _ path: FieldPath, _ found: inout Findings) {
        let target = source["target"] ?? [:]
        let has = { (name: String) in target[name].map { !$0.isNull } ?? false }
        switch kind {
        case "object", "external", "pods":
            if kind == "object" { reference(source["describedObject"], path.member("describedObject"), &found) }
            let name = source["metric"]?["name"]?.string ?? ""
            if name.isEmpty {
                found.add(path.member("metric").member("name"), "is required", "Write the name of the metric")
            } else {
                pathSegment(name, path.member("metric").member("name"), &found)
            }
        default:
            for name in kind == "resource" ? ["name"] : ["name", "container"]
            where source[name]?.string?.isEmpty ?? true {
                found.add(path.member(name), "is required", "Write it")
            }
            if let name = source["name"]?.string, !name.isEmpty, !ObjectNames.isQualifiedName(name) {
                found.add(
                    path.member("name"), "\(JSON.string(name).words) is no name of a resource", "Write cpu or memory")
            }
            if let name = source["container"]?.string, !name.isEmpty, !ObjectNames.isLabel(name) {
                found.add(
                    path.member("container"), "\(JSON.string(name).words) is no name of a container",
                    "Write lower-case letters, digits and dashes, at most 63")
            }
        }
        self.target(target, path.member("target"), &found)
        let goal = path.member("target")
        switch kind {
        case "pods" where !has("averageValue"):
            found.add(goal.member("averageValue"), "is required for type Pods", "Write the value for each pod")
        case "object" where !has("value") && !has("averageValue"),
            "external" where !has("value") && !has("averageValue"):
            found.add(goal, "has neither value nor averageValue", "Write one of them")
        case "external" where has("value") && has("averageValue"):
            found.add(goal, "has both value and averageValue", "Remove one of them")
        case "resource" where !has("averageUtilization") && !has("averageValue"),
            "containerResource" where !has("averageUtilization") && !has("averageValue"):
            found.add(goal, "has neither averageUtilization nor averageValue", "Write one of them")
        case "resource" where has("averageUtilization") && has("averageValue"),
            "containerResource" where has("averageUtilization") && has("averageValue"):
            found.add(goal, "has both averageUtilization and averageValue", "Remove one of them")
        default: break
        }
    }

    private static func target(_ target: JSON, _ path: FieldPath, _ found: inout Findings) {
        let types = ["Utilization", "Value", "AverageValue"]
        let type = target["type"]?.string ?? ""
        if !types.contains(type) {
            let problem = type.isEmpty ? "is required" : "\(JSON.string(type).words) is no type of target"
            found.add(path.member("type"), problem, "Write one of \(types.joined(separator: ", "))")
        }
        for name in ["value", "averageValue"] {
            guard let value = target[name], !value.isNull else { continue }
            let number = value.double ?? value.string.flatMap(Quantity.double) ?? 1
            if number <= 0 { found.add(path.member(name), "\(value.words) is not positive", "Write more than 0") }
        }
        if let percent = target["averageUtilization"]?.int64, percent < 1 {
            found.add(path.member("averageUtilization"), "\(percent) is below 1", "Write a percentage")
        }
    }

    private static func scalingRules(_ rules: JSON, _ path: FieldPath, _ found: inout Findings) {
        if let seconds = rules["stabilizationWindowSeconds"]?.int64, !(0...windowSecondsMax).contains(seconds) {
            found.add(
                path.member("stabilizationWindowSeconds"), "\(seconds) is outside of 0 to \(windowSecondsMax)",
                "Write a number of seconds within")
        }
        if let policy = rules["selectPolicy"]?.string, !["Max", "Min", "Disabled"].contains(policy) {
            found.add(
                path.member("selectPolicy"), "\(JSON.string(policy).words) is no policy", "Write Max, Min or Disabled")
        }
        if rules["policies"] == .array([]) {
            found.add(path.member("policies"), "is empty", "Write a policy, or leave the field out")
        }
        if let tolerance = rules["tolerance"], (tolerance.double ?? tolerance.string.flatMap(Quantity.double) ?? 0) < 0
        {
            found.add(path.member("tolerance"), "is negative", "Write 0 or more")
        }
        for (index, policy) in (rules["policies"]?.elements ?? []).enumerated() {
            let path = path.member("policies").element(index)
            let type = policy["type"]?.string ?? ""
            if type != "Pods", type != "Percent" {
                found.add(path.member("type"), "is neither Pods nor Percent", "Write one of them")
            }
            if policy["value"]?.int64 ?? 0 < 1 { found.add(path.member("value"), "is below 1", "Write at least 1") }
            if !(1...periodSecondsMax).contains(policy["periodSeconds"]?.int64 ?? 0) {
                found.add(
                    path.member("periodSeconds"), "is outside of 1 to \(periodSecondsMax)", "Write a number within")
            }
        }
    }
}
