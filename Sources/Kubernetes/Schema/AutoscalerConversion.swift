public import Wire

/// HorizontalPodAutoscalers from one version of `autoscaling` to another, as an API server converts them.
///
/// The latest version has everything. `v1` carries metrics and behaviour in annotations, in the shape of `v2beta1`; that
/// one has metrics without a `target` object, and behaviour in the annotation as well.
public enum AutoscalerConversion {
    /// The versions that there are or were, oldest first.
    public static let versions = ["v1", "v2beta1", "v2beta2", "v2"]
    static let metricsAnnotation = "autoscaling.alpha.kubernetes.io/metrics"
    static let behaviorAnnotation = "autoscaling.alpha.kubernetes.io/behavior"

    /// The version of an object, without its group; nil for a version or a kind that is none of these.
    public static func version(of object: JSON) -> String? {
        guard let apiVersion = object["apiVersion"]?.string, apiVersion.hasPrefix("autoscaling/") else { return nil }
        let version = String(apiVersion.dropFirst("autoscaling/".count))
        return versions.contains(version) ? version : nil
    }

    /// An object as `autoscaling/v2`; one of another version, or whose `spec` is none, as it is.
    public static func latest(_ object: JSON) -> JSON {
        guard let version = version(of: object), version != "v2", var spec = object["spec"], case .object = spec else {
            return object
        }
        var object = object
        object["apiVersion"] = "autoscaling/v2"
        guard version != "v2beta2" else { return object }
        if version == "v2beta1", case .array(let metrics)? = spec["metrics"] {
            spec["metrics"] = .array(metrics.map { modern($0) })
        }
        if version == "v1" {
            var metrics = annotated(metricsAnnotation, in: object)?.elements.map { modern($0) } ?? []
            if let percentage = spec["targetCPUUtilizationPercentage"], !percentage.isNull {
                let target: JSON = ["type": "Utilization", "averageUtilization": percentage]
                metrics.append(["type": "Resource", "resource": ["name": "cpu", "target": target]])
            }
            spec["targetCPUUtilizationPercentage"] = nil
            if !metrics.isEmpty { spec["metrics"] = .array(metrics) }
        }
        if let behavior = annotated(behaviorAnnotation, in: object) { spec["behavior"] = renamed(behavior) }
        object["spec"] = spec
        // The annotations are gone once they are read; what is unreadable in them is, too.
        if var metadata = object["metadata"], var annotations = metadata["annotations"] {
            annotations[metricsAnnotation] = nil
            annotations[behaviorAnnotation] = nil
            metadata["annotations"] = annotations
            object["metadata"] = metadata
        }
        return object
    }

    private static func annotated(_ name: String, in object: JSON) -> JSON? {
        guard let text = object["metadata"]?["annotations"]?[name]?.string else { return nil }
        var parser = JSONParser()
        // What can't be read counts as not written, to the API server as well.
        return (try? parser.parse(Array(text.utf8))).map { JSON($0) }
    }

    /// `StabilizationWindowSeconds` as `stabilizationWindowSeconds`: the annotation has the names of Go's own fields.
    private static func renamed(_ value: JSON) -> JSON {
        switch value {
        case .object(let members):
            .object(
                members.map { JSON.Member($0.name.prefix(1).lowercased() + $0.name.dropFirst(), renamed($0.value)) })
        case .array(let elements): .array(elements.map(renamed))
        default: value
        }
    }
}

extension AutoscalerConversion {
    /// A metric of `v2beta1` in the shape of `v2`; a metric of an unknown type, or none at all, as it is.
    private static func modern(_ metric: JSON) -> JSON {
        guard case .object(let members) = metric else { return metric }
        return .object(
            members.map { member in
                guard case .object = member.value else { return member }
                let source = member.value
                return JSON.Member(member.name, Self.modern(source, of: member.name))
            })
    }

    private static func modern(_ source: JSON, of kind: String) -> JSON {
        var result: JSON = [:]
        var target: JSON = [:]
        func identifier(_ selector: String) -> JSON {
            var metric: JSON = [:]
            metric["name"] = source["metricName"]
            metric["selector"] = source[selector]
            return metric
        }
        /// The first of these that is there; what none of them has is a quantity of 0, which is then refused.
        func take(_ values: [(from: String, to: String, type: String)], fallback: (to: String, type: String)?) {
            for value in values {
                guard let number = source[value.from], !number.isNull else { continue }
                target["type"] = .string(value.type)
                target[value.to] = number
                return
            }
            guard let fallback else { return }
            target["type"] = .string(fallback.type)
            target[fallback.to] = "0"
        }
        switch kind {
        case "object":
            result["describedObject"] = source["target"]
            result["metric"] = identifier("selector")
            take(
                [("averageValue", "averageValue", "AverageValue"), ("targetValue", "value", "Value")],
                fallback: ("value", "Value"))
        case "pods":
            result["metric"] = identifier("selector")
            take([("targetAverageValue", "averageValue", "AverageValue")], fallback: ("averageValue", "AverageValue"))
        case "external":
            result["metric"] = identifier("metricSelector")
            take(
                [("targetAverageValue", "averageValue", "AverageValue"), ("targetValue", "value", "Value")],
                fallback: nil)
        case "resource", "containerResource":
            result["name"] = source["name"]
            result["container"] = source["container"]
            take(
                [
                    ("targetAverageUtilization", "averageUtilization", "Utilization"),
                    ("targetAverageValue", "averageValue", "AverageValue"),
                ], fallback: nil)
        default: return source
        }
        result["target"] = target
        return result
    }
}

extension AutoscalerConversion {
    /// A value of `spec` in `v2` as an older version has it: where it goes, and what is put there.
    ///
    /// For what is filled in: metrics on an object, and the pace of scaling down. Nil where the place is the same.
    public static func older(_ path: [String], _ value: JSON, version: String) -> (path: [String], value: JSON)? {
        let isOld = version == "v1" || version == "v2beta1"
        switch path {
        case ["spec", "metrics"] where isOld:
            let metrics = JSON.array(value.elements.map(old))
            if version == "v2beta1" { return (path, metrics) }
            return (["metadata", "annotations", metricsAnnotation], .string(text(metrics)))
        case ["spec", "behavior", "scaleDown"] where isOld:
            return (["metadata", "annotations", behaviorAnnotation], .string(text(wholeBehavior(scaleDown: value))))
        default: return nil
        }
    }

    private static func text(_ value: JSON) -> String { String(decoding: value.encoded(), as: UTF8.self) }

    /// An object metric of `v2` in the shape of `v2beta1`.
    private static func old(_ metric: JSON) -> JSON {
        let source = metric["object"] ?? [:]
        var object: JSON = [:]
        object["target"] = source["describedObject"]
        object["metricName"] = source["metric"]?["name"]
        object["targetValue"] = source["target"]?["value"]
        return ["type": "Object", "object": object]
    }

    /// Both directions with everything in them: an API server fills nothing in behind an annotation, and the controller
    /// manager of 1.20 crashes on a direction that is not there.
    private static func wholeBehavior(scaleDown: JSON) -> JSON {
        func policy(_ type: String, _ value: JSON, _ period: JSON) -> JSON {
            ["Type": .string(type), "Value": value, "PeriodSeconds": period]
        }
        let down = scaleDown["policies"]?.elements.map {
            policy($0["type"]?.string ?? "", $0["value"] ?? 0, $0["periodSeconds"] ?? 0)
        }
        return [
            "ScaleUp": [
                "StabilizationWindowSeconds": 0, "SelectPolicy": "Max",
                "Policies": [policy("Pods", 4, 15), policy("Percent", 100, 15)],
            ],
            "ScaleDown": [
                "StabilizationWindowSeconds": scaleDown["stabilizationWindowSeconds"] ?? nil, "SelectPolicy": "Max",
                "Policies": .array(down ?? []),
            ],
        ]
    }
}
