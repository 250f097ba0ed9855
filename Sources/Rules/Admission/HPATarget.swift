extension HPARules {
    /// E205, E207, W201, W207, W211: the runtime that the HPA is for; not judged again while it stays the same.
    static func checkTarget(
        _ hpa: HPAFacts, old: HPAFacts?, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool,
        _ findings: inout [Finding]
    ) {
        guard old == nil else { return }
        let field = "spec.scaleTargetRef"
        func name() -> String { quoted(hpa.target.name) }
        switch cluster.target {
        case .present(let runtime):
            if selectsMaster(runtime.selector, runtime: hpa.target.name) {
                findings.append(
                    Finding(
                        .masterSelector, field, "status.selector of the runtime picks masters",
                        remedy: "the HPA counts masters instead of workers"))
            }
        case .absent:
            if policy.missingTarget == .deny, !isDryRun {
                findings.append(
                    Finding(
                        .targetMissingDenied, field,
                        "AlluxioRuntime \(name()) does not exist in namespace \(quoted(hpa.namespace))",
                        remedy: "Create the runtime first, or correct the name"))
            } else {
                findings.append(
                    Finding(
                        .targetMissing, field, "AlluxioRuntime \(name()) does not exist (yet)",
                        remedy: "nothing scales until it does"))
            }
        case .unknown:
            findings.append(
                Finding(
                    .hpaNotChecked, field, "AlluxioRuntime \(name()) could not be looked up",
                    remedy: "bounds not checked"))
        }
        if cluster.schema.hasLabelSelectorPath == false {
            findings.append(
                Finding(
                    .noLabelSelectorPath, field,
                    "the CRD alluxioruntimes.data.fluid.io has no labelSelectorPath in its scale subresource, so that no "
                        + "HPA can find the workers",
                    remedy: "Apply the CRD of Fluid 0.6 or later, which has labelSelectorPath: .status.selector"))
        }
    }

    /// Says whether a label selector picks the runtime's masters; the AutoScale proposal's own was `name=<name>-master`.
    static func selectsMaster(_ selector: String, runtime: String) -> Bool {
        selector.split(separator: ",").contains { $0 == "role=alluxio-master" || $0 == "name=\(runtime)-master" }
    }

    /// E201: something else scales the same runtime; not judged again while the target stays the same.
    static func checkScalers(
        _ hpa: HPAFacts, old: HPAFacts?, cluster: ClusterFacts, _ findings: inout [Finding]
    ) {
        guard old == nil else { return }
        // Sets, since both lists may be long.
        let ownerUIDs = Set(hpa.owners.lazy.map(\.uid).filter { !$0.isEmpty })
        let owners = Set(hpa.owners.map { ScalerFacts(kind: $0.kind, name: $0.name, uid: "") })
        let unnamed = Set(
            hpa.owners.lazy.filter(\.uid.isEmpty).map { ScalerFacts(kind: $0.kind, name: $0.name, uid: "") })
        let others = cluster.scalers.filter { scaler in
            let isItself = scaler.kind == "HorizontalPodAutoscaler" && scaler.name == hpa.name
            let identity = ScalerFacts(kind: scaler.kind, name: scaler.name, uid: "")
            let isOwner =
                scaler.uid.isEmpty
                ? owners.contains(identity) : ownerUIDs.contains(scaler.uid) || unnamed.contains(identity)
            return !isItself && !isOwner
        }
        let sorted = others.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        guard let first = sorted.first else { return }
        let names = listed(sorted.prefix(3).map { "\($0.kind) \(quoted($0.name))" }, of: sorted.count)
        findings.append(
            Finding(
                .secondScaler, "spec.scaleTargetRef",
                "AlluxioRuntime \(quoted(hpa.target.name)) is already scaled by \(names); two scalers undo each other's "
                    + "work, and each turn costs a drained worker",
                remedy: "Change that one instead, or delete it first: kubectl -n \(hpa.namespace) delete "
                    + "\(first.kind.lowercased()) \(first.name)"))
    }
}
