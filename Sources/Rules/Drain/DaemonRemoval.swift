/// Who removes a worker whose worker set is a DaemonSet, as Sluice was told at start: no object of the cluster says which
/// Fluid it runs.
public enum DaemonRemoval: Sendable, Hashable {
    /// Fluid, or nobody: nothing is drained.
    case unattended
    /// We, by the labels of its node (Fluid 0.4 and older; `--remove-by-node-label`).
    case byNodeLabel
    /// Fluid, as soon as `spec.replicas` is lowered, which is denied until the workers are drained (Fluid 0.5 and 0.6;
    /// `--gate-runtime-scale-in`).
    case gated
}

/// A lowered count that was asked for and denied, since its workers are not drained yet: what starts a gated drain.
public struct ScaleInWish: Sendable, Hashable {
    /// How many workers were asked for.
    public var count: Int
    /// What `spec.replicas` was then; the wish means nothing to any other count.
    public var replicas: Int
    /// When it was last asked for, to some seconds.
    public var at: Timestamp

    /// Makes a wish.
    public init(count: Int, replicas: Int, at: Timestamp) {
        self.count = count
        self.replicas = replicas
        self.at = at
    }

    /// For how long a wish counts that nobody repeats: an HPA repeats its own every 15 s.
    public static let lifeMilliseconds: Int64 = 120_000
    /// After which time a repeated wish is noted again.
    public static let renewMilliseconds: Int64 = 20_000

    /// Whether it is a wish for fewer workers than `replicas` now says, and recent enough.
    public func isOpen(replicas now: Int?, at time: Timestamp) -> Bool {
        // A time far ahead is no time: anybody may write an annotation.
        let life = -Self.lifeMilliseconds...Self.lifeMilliseconds
        return now == replicas && count < replicas && life.contains(time.milliseconds(since: at))
    }

    /// Whether noting this one over another would change what it means.
    public func renews(_ noted: ScaleInWish?) -> Bool {
        guard let noted, noted.count == count, noted.replicas == replicas else { return true }
        return at.milliseconds(since: noted.at) >= Self.renewMilliseconds
    }
}
