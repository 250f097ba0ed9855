internal import Kubernetes
internal import Wire

/// Fields of an HPA that another version of `autoscaling` has: above all metrics in that version's shape.
enum MetricShape {
    /// Says whose shape it is, once for each metric that is refused for it, in the place of all that it lacks.
    static func explained(_ remarks: [Remark], of object: JSON, _ schemas: KnownSchemas) -> [Remark] {
        guard let version = AutoscalerConversion.version(of: object) else { return remarks }
        var told: Set<String> = []
        var owners: [String: String] = [:]
        for remark in remarks where remark.source == .kubectl {
            guard let owner = schemas.owner(of: remark.field, besides: version) else { continue }
            owners[metric(remark.field) ?? remark.field] = owner
        }
        return remarks.compactMap { remark in
            let place = metric(remark.field)
            guard remark.source == .kubectl || remark.source == .server,
                let owner = owners[place ?? remark.field]
            else { return remark }
            var remark = remark
            guard let place, remarks.contains(where: { $0.source == .server && metric($0.field) == place }) else {
                remark.remedy = "autoscaling/\(owner) has it"
                return remark
            }
            guard told.insert(place).inserted else { return nil }
            return Remark(
                .server, denies: true, place,
                "that is \(owner)'s shape, of which autoscaling/\(version) reads too little",
                remedy: "Write \(words(version)), as \(version) has it")
        }
    }

    /// The metric that a field belongs to; nil for what is none's.
    private static func metric(_ field: String) -> String? {
        let tokens = FieldPath.tokens(field)
        guard tokens.count > 2, tokens[0] == "spec", tokens[1] == "metrics", let index = Int(tokens[2]) else {
            return nil
        }
        return FieldPath("spec.metrics").element(index).text
    }

    private static func words(_ version: String) -> String {
        version == "v2beta1" ? "metricName and targetValue" : "metric: {name: ...} and target: {type: ..., value: ...}"
    }
}

extension KnownSchemas {
    /// The newest other version of `autoscaling` that has a field; nil if none has, or if this one has it.
    fileprivate func owner(of field: String, besides version: String) -> String? {
        let tokens = FieldPath.tokens(field)
        guard tokens.first == "spec" else { return nil }
        let owners = AutoscalerConversion.versions.reversed().filter { version in
            tokens.dropFirst().reduce(autoscalers[version]) { $0?.child($1) } != nil
        }
        return owners.contains(version) ? nil : owners.first
    }
}
