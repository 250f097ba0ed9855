/// Who asks to scale a runtime: an HPA or a ScaledObject, as far as the rules about its target go.
struct ScalerClaim {
    /// `HorizontalPodAutoscaler` or `ScaledObject`.
    var kind: String
    var namespace: String
    var name: String
    /// `metadata.uid`; empty before the object is stored.
    var uid: String
    var owners: [OwnerFacts]
    /// The runtime's name, and where that stands in the object.
    var runtime: String
    let field = "spec.scaleTargetRef"
    /// How a sentence calls it: `the HPA`, `KEDA`.
    var subject: String

    /// What manages the object; an HPA of KEDA's has its ScaledObject.
    var controller: OwnerFacts? { owners.first(where: \.isController) }
}

extension HPAFacts {
    var claim: ScalerClaim {
        ScalerClaim(
            kind: "HorizontalPodAutoscaler", namespace: namespace, name: name, uid: uid, owners: owners,
            runtime: target.name, subject: "the HPA")
    }
}

extension ScalerFacts {
    /// The kind as people call it.
    var shortKind: String { kind == "HorizontalPodAutoscaler" ? "HPA" : kind }
}

extension OwnerFacts {
    /// Whether this reference is to that scaler; by uid where both have one.
    func isTo(kind: String, name: String, uid: String) -> Bool {
        self.uid.isEmpty || uid.isEmpty ? self.kind == kind && self.name == name : self.uid == uid
    }
}
