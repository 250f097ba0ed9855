internal import Kubernetes
internal import Rules
internal import Wire

/// What works, but hardly as it was meant.
enum Intent {
    private static let percentMetrics: Set<String> = ["capacity_used_rate"]

    /// A rule's remark on a field that nobody knows, with the name that was probably meant.
    static func explained(_ remark: Remark, _ schemas: KnownSchemas) -> Remark {
        guard remark.source == .rule(.fieldNotInCRD) else { return remark }
        var schema: Schema? = schemas.runtime
        let tokens = FieldPath.tokens(remark.field)
        for token in tokens.dropFirst().dropLast() { schema = schema?.child(token) }
        guard let name = tokens.last, let near = suggestion(name, schema.map { Array($0.properties.keys) } ?? []) else {
            return remark
        }
        var remark = remark
        remark.remedy = near
        return remark
    }

    /// The question after what was probably meant; nil if no known name is near.
    static func suggestion(_ name: String, _ known: [String]) -> String? {
        let sorted = known.sorted()
        let near =
            sorted.first { $0.lowercased() == name.lowercased() } ?? Spelling.nearest(to: name, in: sorted)
        return near.map { "did you mean \($0)?" }
    }

    /// What is said of an object for what is in it.
    static func remarks(_ manifest: Manifest) -> [Remark] {
        switch manifest.kind {
        case "AlluxioRuntime": group(manifest) + labels(manifest.written)
        case "Dataset": labels(manifest.written)
        case "HorizontalPodAutoscaler":
            target(manifest.written) + metrics(AutoscalerConversion.latest(manifest.written))
        default: kind(manifest)
        }
    }

    /// Kinds that nobody has, and that are nearly one of ours.
    private static func kind(_ manifest: Manifest) -> [Remark] {
        let ours = [
            "data.fluid.io": ["AlluxioRuntime"], "autoscaling": ["HorizontalPodAutoscaler"],
            "keda.sh": ["ScaledObject", "ScaledJob"],
        ]
        let group = manifest.apiVersion.prefix { $0 != "/" }
        guard manifest.resource == nil, let known = ours[String(group)], !known.contains(manifest.kind),
            let near = known.first(where: { Spelling.distance(manifest.kind.lowercased(), $0.lowercased()) <= 2 })
        else { return [] }
        return [
            Remark(
                .kubectl, denies: true, "kind", "no kind \(JSON.string(manifest.kind).shown) in \(group)",
                remedy: "Did you mean \(near)?")
        ]
    }

    /// An AlluxioRuntime of a group that is not Fluid's.
    private static func group(_ manifest: Manifest) -> [Remark] {
        guard manifest.resource == nil else { return [] }
        return [
            Remark(
                .kubectl, denies: true, "apiVersion",
                "\(JSON.string(manifest.apiVersion).shown) has no AlluxioRuntime",
                remedy: "Write data.fluid.io/v1alpha1")
        ]
    }

    private static func warning(_ field: String, _ message: String, _ remedy: String) -> Remark {
        Remark(.review, denies: false, field, message, remedy: remedy)
    }

    private static func labels(_ object: JSON) -> [Remark] {
        (object["metadata"]?["labels"]?.members ?? []).lazy.filter { $0.name.hasPrefix("sluice.dev/") }.prefix(
            ReviewedObject.remarksMax
        ).map { label in
            warning(
                FieldPath("metadata.labels").member(label.name).text, "a label, which nobody reads",
                "write it below metadata.annotations")
        }
    }

    private static func target(_ object: JSON) -> [Remark] {
        let reference = object["spec"]?["scaleTargetRef"]
        let kind = reference?["kind"]?.string ?? ""
        let name = reference?["name"]?.string ?? ""
        let apiVersion = reference?["apiVersion"]?.string ?? ""
        let field = "spec.scaleTargetRef"
        let isFluid = apiVersion.hasPrefix("data.fluid.io/") || apiVersion == "data.fluid.io"
        if kind != "AlluxioRuntime" {
            let isNear = suggestion(kind, ["AlluxioRuntime"]) != nil
            if isNear || isFluid && kind == "Dataset" {
                return [
                    warning(
                        "\(field).kind", "\(JSON.string(kind).shown) is no kind of Fluid's that can be scaled",
                        "did you mean AlluxioRuntime?")
                ]
            }
            if kind == "StatefulSet", apiVersion.hasPrefix("apps/"), name.hasSuffix("-worker"), name.count > 7 {
                return [
                    warning(
                        field,
                        "if \(name) is the worker set of an AlluxioRuntime, Sluice puts back whatever this HPA lowers",
                        "scale the AlluxioRuntime \(name.dropLast(7)): kind: AlluxioRuntime, apiVersion: data.fluid.io/v1alpha1"
                    )
                ]
            }
            return []
        }
        guard isFluid else {
            return [
                warning(
                    "\(field).apiVersion", "\(JSON.string(apiVersion).shown) has no AlluxioRuntime",
                    "write data.fluid.io/v1alpha1")
            ]
        }
        guard apiVersion == "data.fluid.io/v1alpha1" else {
            return [
                warning(
                    "\(field).apiVersion", "\(JSON.string(apiVersion).shown) is not served by any release of Fluid",
                    "write data.fluid.io/v1alpha1")
            ]
        }
        return []
    }

    /// Metrics of another Dataset, and fractions where the metric is a percentage.
    private static func metrics(_ object: JSON) -> [Remark] {
        let target = object["spec"]?["scaleTargetRef"]
        guard target?["kind"] == "AlluxioRuntime", let name = target?["name"]?.string else { return [] }
        var found: [Remark] = []
        for (index, metric) in (object["spec"]?["metrics"]?.elements ?? []).enumerated() {
            guard found.count < ReviewedObject.remarksMax else { break }
            let field = "spec.metrics[\(index)]"
            for kind in ["object", "external", "pods"] {
                guard let source = metric[kind] else { continue }
                let described = source["describedObject"]
                if kind == "object", described?["kind"] == "Dataset", let other = described?["name"]?.string,
                    other != name
                {
                    found.append(
                        warning(
                            "\(field).object.describedObject.name",
                            "measures Dataset \(other), but the HPA scales \(name)",
                            "a runtime has the name of its Dataset: write \(name)"))
                }
                guard let metricName = source["metric"]?["name"]?.string, percentMetrics.contains(metricName) else {
                    continue
                }
                for goal in ["value", "averageValue"] {
                    guard let value = source["target"]?[goal], !value.isNull,
                        let number = value.double ?? value.string.flatMap(Quantity.double), number > 0, number <= 1
                    else { continue }
                    found.append(
                        warning(
                            "\(field).\(kind).target.\(goal)",
                            "\(metricName) is a percentage from 0 to 100: \(value.shown) is reached by the first block",
                            "write \(Int64((number * 100).rounded())) for \(Int64((number * 100).rounded())) %"))
                }
            }
        }
        return found
    }
}

extension JSON {
    /// The value as JSON, for a message.
    fileprivate var shown: String { String(decoding: encoded(), as: UTF8.self) }
}
