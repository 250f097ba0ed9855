/// E201: something else scales the same runtime.
enum SecondScaler {
    /// Judges who is there first; not again while the target stays the same.
    ///
    /// A new claim is the youngest, and whoever is there stays. But an HPA that a controller made is as old as that: of
    /// two ScaledObjects that came together the older one's HPA passes, so that not both are refused for ever.
    static func check(_ claim: ScalerClaim, cluster: ClusterFacts, _ findings: inout [Finding]) {
        var others = cluster.scalers.filter { isForeign($0, to: claim) }
        if others.isEmpty { return }
        let byUID = Dictionary(cluster.scalers.map { ($0.uid, $0) }) { first, _ in first }
        if let owner = claim.controller.flatMap({ byUID[$0.uid] }) {
            others.removeAll { isOlder(owner, than: $0.controller.flatMap { byUID[$0.uid] } ?? $0) }
        }
        // An HPA that a controller made goes by its maker's name: deleted alone, it would be made again.
        let names = Set(others.map { Name(kind: $0.controller?.kind ?? $0.kind, name: $0.controller?.name ?? $0.name) })
        let seen = names.sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }
        guard !seen.isEmpty else { return }
        let shown = seen.prefix(3)
        let named = shown.map { "\($0.kind.lowercased())\(seen.count > 1 ? "/" : " ")\($0.name)" }
        findings.append(
            Finding(
                .secondScaler, claim.field,
                "AlluxioRuntime \(quoted(claim.runtime)) is already scaled by "
                    + "\(listed(shown.map { "\($0.kind) \(quoted($0.name))" }, of: seen.count)); two scalers undo each other's "
                    + "work, and each turn costs a drained worker",
                remedy: (seen.count > 1
                    ? "Change one of these instead, or delete them first: "
                    : "Change that one instead, or delete it first: ")
                    + "kubectl -n \(claim.namespace) delete \(named.joined(separator: " "))"))
    }

    private struct Name: Hashable {
        var kind: String
        var name: String
    }

    /// Whether a scaler is another one: neither the claim itself, nor its owner, nor what it or its owner made.
    private static func isForeign(_ scaler: ScalerFacts, to claim: ScalerClaim) -> Bool {
        if scaler.kind == claim.kind, scaler.name == claim.name { return false }
        if claim.owners.contains(where: { $0.isTo(kind: scaler.kind, name: scaler.name, uid: scaler.uid) }) {
            return false
        }
        guard let maker = scaler.controller else { return true }
        if maker.isTo(kind: claim.kind, name: claim.name, uid: claim.uid) { return false }
        return !claim.owners.contains {
            $0.isController && $0.isTo(kind: maker.kind, name: maker.name, uid: maker.uid)
        }
    }

    /// By the time of creation, then by uid; unknown times are no reason to pass.
    private static func isOlder(_ left: ScalerFacts, than right: ScalerFacts) -> Bool {
        guard let mine = left.createdAt, let other = right.createdAt else { return false }
        return (mine, left.uid) < (other, right.uid)
    }
}
