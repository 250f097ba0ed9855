/// The runtime that an HPA or a ScaledObject is for.
enum ScalerTarget {
    /// E205, E207, W201, W207, W211; not judged again while the target stays the same.
    static func check(
        _ claim: ScalerClaim, cluster: ClusterFacts, policy: AdmissionPolicy, isDryRun: Bool,
        _ findings: inout [Finding]
    ) {
        let field = claim.field
        func name() -> String { quoted(claim.runtime) }
        switch cluster.target {
        case .present(let runtime):
            if selectsMaster(runtime.selector, runtime: claim.runtime) {
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
                        "AlluxioRuntime \(name()) does not exist in namespace \(quoted(claim.namespace))",
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
}
