internal import Rules
internal import Wire

extension HPAFacts {
    /// Takes over what server-side apply wrote: the `Apply` entries of `metadata.managedFields`.
    ///
    /// To a POST or a PUT the API server books its own defaults too; an `Apply` entry has what was applied and no more.
    mutating func noteApplied(_ object: JSONValue) {
        guard let entries = object.at("metadata", "managedFields")?.elements.prefix(Self.managersMax) else { return }
        for entry in entries where entry["operation"]?.isString("Apply") == true {
            guard let fields = entry["fieldsV1"] else { continue }
            let before = written ?? HPAWrittenFields(minReplicas: false, metrics: false, scaleDown: false)
            written = before.joined(with: fields)
        }
    }

    /// The most entries that are looked at.
    private static var managersMax: Int { 64 }
}

extension HPAWrittenFields {
    fileprivate func joined(with fields: JSONValue) -> HPAWrittenFields {
        let spec = fields["f:spec"]
        let annotations = fields.at("f:metadata", "f:annotations")
        return HPAWrittenFields(
            minReplicas: minReplicas || spec?["f:minReplicas"] != nil,
            // What autoscaling/v1 has no field for, it carries in annotations.
            metrics: metrics || spec?["f:metrics"] != nil || spec?["f:targetCPUUtilizationPercentage"] != nil
                || annotations?["f:autoscaling.alpha.kubernetes.io/metrics"] != nil,
            scaleDown: scaleDown || spec?.at("f:behavior", "f:scaleDown") != nil
                || annotations?["f:autoscaling.alpha.kubernetes.io/behavior"] != nil)
    }
}
