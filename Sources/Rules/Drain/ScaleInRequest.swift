/// Who removes a worker whose worker set is a DaemonSet, as Sluice was told at start: no object of the cluster says which
/// Fluid it runs.
public enum DaemonRemoval: Sendable, Hashable {
    /// Fluid, or nobody: nothing is drained.
    case unattended
    /// We, by the labels of its node (Fluid 0.4 and older; `--remove-by-node-label`).
    case byNodeLabel
    /// We, by the labels of its node, before the lower count is admitted (Fluid 0.5 and 0.6; `--gate-runtime-scale-in`).
    case gated
}

/// A lowered count that was asked for and denied, since its workers are not drained yet: what starts a gated drain.
public struct ScaleInRequest: Sendable, Hashable {
    /// How many workers were asked for.
    public var count: Int
    /// What `spec.replicas` was then; the request means nothing to any other count.
    public var replicas: Int
    /// When it was last asked for, to some seconds: it differs each time that the request is repeated.
    public var at: Timestamp

    /// Makes a request.
    public init(count: Int, replicas: Int, at: Timestamp) {
        self.count = count
        self.replicas = replicas
        self.at = at
    }

    /// For how long a request counts that nobody repeats: an HPA repeats its own every 15 s.
    public static let life: Duration = .seconds(120)
    /// After which time a repeated request is noted again.
    public static let renewMilliseconds: Int64 = 20_000

    /// Whether noting this one over another would change what it means; a clock that went back renews too.
    public func renews(_ noted: ScaleInRequest?) -> Bool {
        guard let noted, noted.count == count, noted.replicas == replicas else { return true }
        return !(0..<Self.renewMilliseconds).contains(at.milliseconds(since: noted.at))
    }
}
