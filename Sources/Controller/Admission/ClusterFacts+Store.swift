internal import Kubernetes
internal import Rules

extension RuntimeSchema {
    /// What the rules ask of the definition of `AlluxioRuntime`; nil is a cluster that does not have it, or not yet.
    init(_ definition: RuntimeDefinition?) {
        guard let definition, !definition.specFields.isEmpty else {
            self.init(hasLabelSelectorPath: definition?.scale.map { $0.labelSelectorPath != nil })
            return
        }
        let metricsSwitch: MetricsSwitch =
            if definition.hasDisablePrometheus { .disablePrometheus } else if definition.hasMonitoring {
                .monitoring
            } else { .neither }
        self.init(metricsSwitch: metricsSwitch, hasLabelSelectorPath: definition.scale?.labelSelectorPath != nil)
    }
}

extension TargetRuntime {
    /// What the rules ask of the runtime that an HPA or a scale request is for.
    init(_ runtime: AlluxioRuntime, schema: RuntimeSchema) {
        var facts = RuntimeFacts(namespace: runtime.meta.namespace, name: runtime.meta.name)
        facts.annotations = runtime.meta.annotations
        facts.isMaximumInLastApplied = runtime.isMaximumApplied
        facts.monitoring = runtime.monitoring.map { .present($0) } ?? .absent
        facts.disablePrometheus = runtime.disablePrometheus.map { .present($0) } ?? .absent
        self.init(facts, schema: schema, selector: runtime.status?.selector ?? "")
    }
}

extension ScalerFacts {
    /// The identity of something that scales a runtime.
    init(_ scaler: Scaler) {
        self.init(kind: scaler.kind.rawValue, name: scaler.meta.name, uid: scaler.meta.uid)
        controller = scaler.meta.controller.map {
            OwnerFacts(kind: $0.kind, name: $0.name, uid: $0.uid, isController: true)
        }
        createdAt = scaler.createdAt
        readsCacheMetric = scaler.readsCacheMetric
    }
}

extension RuntimeLookUp {
    /// What the hold may believe of a runtime that was found.
    init(_ runtime: AlluxioRuntime, _ policy: AdmissionPolicy) {
        self.init(
            isBeingDeleted: runtime.meta.isDeleting, annotations: runtime.meta.annotations, policy: policy)
    }
}
