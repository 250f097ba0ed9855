extension HPARules {
    /// W213: an update that drops what was filled in, and has the API server's own defaults in its place.
    ///
    /// So do `kubectl replace`, and the first `kubectl apply --server-side` after others; nobody else would say so. A
    /// minimum that is lost is refused where that matters (E202).
    static func checkLostDefaults(_ hpa: HPAFacts, old: HPAFacts, _ findings: inout [Finding]) {
        guard hpa.controllerOwner == nil else { return }
        func lost(_ field: String, _ what: String, write: String) {
            findings.append(Finding(.defaultsLost, field, what, remedy: "write \(write)"))
        }
        if old.metrics.contains(where: \.isCapacity), hpa.written?.metrics != true,
            isServerCPUMetric(hpa)
        {
            lost("spec.metrics", "CPU at 80 % in the place of \(capacityMetric)", write: capacityMetric)
        }
        if old.scaleDown?.isFilledInByUs == true, hpa.written?.scaleDown != true,
            hpa.scaleDown.map(\.isFilledIn) ?? true
        {
            lost(
                "spec.behavior.scaleDown", "the pace is lost, all workers may go at once",
                write: "a policy: 1 pod a 60 s")
        }
    }
}

extension ScaleDownFacts {
    /// Whether this is what D204 fills in.
    fileprivate var isFilledInByUs: Bool {
        stabilizationWindowSeconds == 60 && policies == [Pace(type: "Pods", value: 1, periodSeconds: 60)]
    }
}
