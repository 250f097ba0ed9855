internal import Kubernetes
internal import Wire

/// What the API server itself refuses, whatever any webhook says.
enum ServerChecks {
    /// What the metadata of an object of any kind is refused for, by its types.
    static func metadataTypes(_ object: JSON, _ schemas: KnownSchemas) -> [SchemaViolation] {
        guard let metadata = object["metadata"] else { return [] }
        return schemas.metadata.violations(of: metadata, at: FieldPath("metadata"), isNative: true)
    }

    /// What an AlluxioRuntime or a HorizontalPodAutoscaler is refused for before anybody else is asked.
    static func types(_ object: JSON, _ schemas: KnownSchemas) -> [SchemaViolation] {
        var found = metadataTypes(object, schemas)
        if found.isEmpty { found = ObjectNames.violations(object["metadata"]) }
        // KEDA's own schema is not known here.
        if object["kind"]?.string == "ScaledObject" { return found }
        guard object["kind"]?.string == "HorizontalPodAutoscaler" else {
            guard let spec = object["spec"], !spec.isNull else { return found }
            return found + schemas.runtime.violations(of: spec, at: FieldPath("spec"))
        }
        guard let version = AutoscalerConversion.version(of: object), let schema = schemas.autoscalers[version] else {
            let served = AutoscalerConversion.versions.reversed().map { "autoscaling/\($0)" }.joined(separator: ", ")
            return found + [
                SchemaViolation("apiVersion", "no API server has this version", remedy: "Write one of \(served)")
            ]
        }
        guard let spec = object["spec"] else { return found }
        return found + schema.violations(of: spec, at: FieldPath("spec"), isNative: true)
    }

    /// What a HorizontalPodAutoscaler, as the webhooks leave it, is refused for by its values.
    static func values(_ object: JSON) -> [SchemaViolation] {
        object["kind"]?.string == "HorizontalPodAutoscaler" ? AutoscalerValidation.violations(object) : []
    }

    /// Fields that nobody knows: kubectl refuses them, other clients drop them without a word.
    ///
    /// - Parameter told: what is said already.
    static func unknownFields(_ object: JSON, _ schemas: KnownSchemas, told: [Remark]) -> [Remark] {
        // Of a version that nobody serves nobody knows the fields.
        let schema =
            switch object["kind"]?.string {
            case "HorizontalPodAutoscaler": AutoscalerConversion.version(of: object).flatMap { schemas.autoscalers[$0] }
            case "ScaledObject": nil as Schema?
            default: schemas.runtime
            }
        var unknown = schema?.unknownFields(in: object["spec"] ?? [:], at: FieldPath("spec")) ?? []
        unknown += schemas.metadata.unknownFields(in: object["metadata"] ?? [:], at: FieldPath("metadata"))
        let known = ["apiVersion", "kind", "metadata", "spec", "status"]
        for member in object.members.lazy.filter({ !known.contains($0.name) }).prefix(Schema.unknownFieldsMax) {
            unknown.append(Schema.UnknownField(path: member.name, name: member.name, known: known))
        }
        let fields = Set(told.map(\.field))
        let remarks = unknown.filter { !fields.contains($0.path) }.map { field in
            Remark(
                .kubectl, denies: false, field.path,
                "no such field; kubectl refuses it since 1.25, others drop it without a word",
                remedy: Intent.suggestion(field.name, field.known) ?? "it has no effect")
        }
        guard unknown.count >= Schema.unknownFieldsMax else { return remarks }
        let rest = "of fields that nobody knows only the first \(Schema.unknownFieldsMax) are told"
        return remarks + [Remark(.kubectl, denies: false, "", rest, remedy: "")]
    }
}
