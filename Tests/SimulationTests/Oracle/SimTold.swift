import Kubernetes
import Wire

/// What the product tells the user of one runtime's drain, as the user sees it.
struct SimTold: Equatable {
    /// The state, in the product's word; empty if there is no drain.
    var state = ""
    /// Why it stands still, in one word; nil if it does not say.
    var reason: String?
    /// All that it shows, so that a change can be seen.
    var text = ""

    init(_ runtime: SimRuntime, in world: SimWorld) {
        if let drain = world.server.object(.workerDrains, runtime.key) {
            state = drain.at("status", "state")?.string ?? ""
            for condition in drain.at("status", "conditions")?.elements ?? []
            where condition["type"]?.string == "Blocked" && condition["status"]?.string == "True" {
                reason = condition["reason"]?.string
            }
            text = state + (reason ?? "")
            if state == "Idle" { state = "" }
            return
        }
        let notes = world.server.object(runtime.setResource, runtime.setKey)?.at("metadata", "annotations")
        guard let status = notes?["sluice.dev/drain-status"]?.string else { return }
        state = String(status.prefix { $0 != " " })
        if let found = status.firstRange(of: "; blocked: ") {
            reason = String(status[found.upperBound...].prefix { $0 != ":" })
        }
        text = status
    }

    /// Whether a drain goes on.
    var isActive: Bool { !state.isEmpty }
}
