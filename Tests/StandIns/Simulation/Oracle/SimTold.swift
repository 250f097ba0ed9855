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
    /// Whether the reason is on the drain's object.
    private(set) var isOnObject = true

    init(_ runtime: SimRuntime, in world: SimWorld) {
        let drain = world.server.object(.workerDrains, runtime.key)
        state = drain?.at("status", "state")?.string ?? ""
        for condition in drain?.at("status", "conditions")?.elements ?? []
        where condition["type"]?.string == "Blocked" && condition["status"]?.string == "True" {
            reason = condition["reason"]?.string
            text = condition["message"]?.string ?? ""
        }
        let troubles = world.processes.filter(\.isAlive).flatMap { $0.troubles() }
        if let trouble = troubles.first(where: { $0.hasPrefix("\(runtime.key): ") }) {
            // Where not even that can be written, this is where it is said.
            isOnObject = false
            reason = world.plan.hasDrainDefinition ? "APIServer" : "DefinitionMissing"
            if trouble.contains("Another installation") { reason = "AnotherInstallation" }
            text = trouble
        }
        text = "\(state) \(reason ?? "") \(text)"
        if state == "Idle" { state = "" }
    }

    /// Whether a drain goes on.
    var isActive: Bool { !state.isEmpty }
}
