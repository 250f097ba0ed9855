/// What is said of a review that never gets as far as the rules of its object; the answer's code is 400.
public enum ReviewRules {
    /// E001: the review can't be read.
    ///
    /// - Parameter why: what is wrong with it, in one line, without a full stop.
    public static func unreadable(_ why: String) -> Verdict {
        Verdict(findings: [
            Finding(
                .unreadableReview, "AdmissionReview", clipped(why, toBytes: 200),
                remedy: "Send an AdmissionReview of admission.k8s.io/v1 or v1beta1 with request.uid and request.object")
        ])
    }

    /// E002: an AlluxioRuntime in a version whose fields nobody here knows.
    public static func unknownRuntimeVersion(_ apiVersion: String) -> Verdict {
        Verdict(findings: [
            Finding(
                .unknownRuntimeVersion, "apiVersion",
                "\(quoted(apiVersion)) is not known; letting it pass would leave it unchecked",
                remedy: "Write data.fluid.io/v1alpha1; a newer Fluid needs a newer Sluice")
        ])
    }
}
