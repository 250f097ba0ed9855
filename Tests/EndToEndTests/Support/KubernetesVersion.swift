import Foundation

/// The Kubernetes that the end-to-end tests run on, and what comes with its version.
enum KubernetesVersion {
    /// The minor version of the server that `cluster up` takes.
    static let minor = minor(of: [Repository.path("Tests/Cluster/cluster"), "version"])
    /// The minor version of kubectl, which need not be the server's.
    static let kubectl = minor(of: ["kubectl", "version", "--client", "--output=json"])

    /// The versions of autoscaling that the server has, oldest first.
    static let autoscaling = [("v1", 0..<Int.max), ("v2beta1", 0..<25), ("v2beta2", 0..<26), ("v2", 23..<Int.max)]
        .filter { $0.1.contains(minor) }.map(\.0)
    /// The one in which an HPA can say everything.
    static let newestAutoscaling = autoscaling.last ?? "v2"

    /// The number after the first "1." that a command prints; 0 if there is none.
    private static func minor(of words: [String]) -> Int {
        guard let said = try? Command(words: words).run(), said.succeeded,
            let found = said.output.firstMatch(of: /1\.([0-9]+)/)
        else { return 0 }
        return Int(found.output.1) ?? 0
    }
}
