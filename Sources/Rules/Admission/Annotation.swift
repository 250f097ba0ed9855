/// The annotations that Sluice reads and writes; users see these names.
public enum Annotation {
    /// What every annotation of ours starts with.
    public static let prefix = "sluice.dev/"

    /// On a runtime: the least workers that autoscaling may ask for.
    public static let minReplicas = "sluice.dev/min-replicas"
    /// On a runtime: the most workers that autoscaling may ask for.
    public static let maxReplicas = "sluice.dev/max-replicas"
    /// On a runtime: says that Sluice filled in the maximum, so that no person stands behind it.
    public static let defaulted = "sluice.dev/defaulted"
    /// The value of `defaulted` for filled-in bounds.
    public static let defaultedBounds = "bounds"

    /// On a runtime: how leaving workers are drained.
    public static let drain = "sluice.dev/drain"
    /// On a runtime: whether the leaving workers' files or whole paths are freed.
    public static let drainScope = "sluice.dev/drain-scope"
    /// On a runtime: what scope `Path` frees.
    public static let drainPaths = "sluice.dev/drain-paths"
    /// On a runtime: whether it is freed by RPC or by the client.
    public static let drainClient = "sluice.dev/drain-client"
    /// On a runtime: what happens to pinned files.
    public static let drainPinned = "sluice.dev/drain-pinned"
    /// On a runtime: how long a drain may take.
    public static let drainDeadline = "sluice.dev/drain-deadline"
    /// On a runtime: what happens when the deadline has passed.
    public static let onDeadline = "sluice.dev/on-deadline"
    /// On a runtime: how long no new drain starts after one has ended.
    public static let cooldown = "sluice.dev/cooldown"
    /// On a runtime: stops all drains of it.
    public static let paused = "sluice.dev/paused"
    /// On a runtime: names pods that may go undrained, by uid, each with a reason.
    public static let skipDrain = "sluice.dev/skip-drain"
    /// On a runtime: written by the reconciler, only so that Fluid looks at the runtime at once.
    public static let touched = "sluice.dev/touched"

    /// On a worker set: which drain it belongs to, as `<uid of the WorkerDrain>/<epoch>`; a lowering carries it.
    public static let drainFence = "sluice.dev/drain"
    /// On a worker set: the workers that Sluice took out of service, and has to take back.
    public static let outOfService = "sluice.dev/out-of-service"
    /// On a worker set that is a DaemonSet: the last lower count that the gate denied, until it is granted or forgotten.
    public static let scaleInRequest = "sluice.dev/scale-in-request"
    /// On a worker set: what the first version kept of a drain; read once and removed.
    public static let firstDrainRecord = "sluice.dev/drain-record"
    /// On a worker set: what the first version told people of a drain; removed.
    public static let firstDrainStatus = "sluice.dev/drain-status"

    /// The annotations of the drain policy.
    static let ofDrains: Set<String> = [
        drain, drainScope, drainPaths, drainClient, drainPinned, drainDeadline, onDeadline, cooldown, paused, skipDrain,
    ]
    /// Every annotation that means something on a runtime.
    public static let ofRuntimes = ofDrains.union([minReplicas, maxReplicas, defaulted, touched])

    /// The field path of an annotation, as Kubernetes writes it.
    public static func field(_ name: String) -> String { "metadata.annotations[\(name)]" }
}
