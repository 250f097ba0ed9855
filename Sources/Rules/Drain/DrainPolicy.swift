/// How the leaving workers of a runtime are drained: read from its annotations, with a default for each.
public struct DrainPolicy: Sendable, Hashable {
    /// What a drain does (`sluice.dev/drain`).
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Free the cache by `alluxio fs free`; every version of Alluxio can.
        case free = "Free"
        /// Free, and then take each leaving worker out of service (Alluxio 2.9.4 and later).
        case decommission = "Decommission"
        /// `decommission` where it can be, else `free`.
        case auto = "Auto"
        /// Remove at once.
        case removeAtOnce = "None"
    }

    /// What is freed (`sluice.dev/drain-scope`).
    public enum Scope: String, Sendable, Hashable, CaseIterable {
        /// What the leaving workers hold and nothing else.
        case worker = "Worker"
        /// Whole paths, on all workers.
        case path = "Path"
    }

    /// How it is freed (`sluice.dev/drain-client`).
    public enum Client: String, Sendable, Hashable, CaseIterable {
        /// By Alluxio's RPC where its ports can be had, else by the `alluxio` client.
        case auto = "Auto"
        /// By the `alluxio` client in the master's pod alone.
        case exec = "Exec"
        /// By RPC, or not at all.
        case rpc = "Rpc"
    }

    /// What happens to pinned files on a leaving worker (`sluice.dev/drain-pinned`).
    public enum Pinned: String, Sendable, Hashable, CaseIterable {
        /// They block the drain.
        case keep = "Keep"
        /// They are removed from the leaving worker alone, where it can be told so; the pin stays.
        case evict = "Evict"
    }

    /// What happens when the deadline has passed (`sluice.dev/on-deadline`).
    public enum OnDeadline: String, Sendable, Hashable, CaseIterable {
        /// Remove if all that is left is known to be persisted, else hold.
        case auto = "Auto"
        /// Hold.
        case hold = "Hold"
        /// Remove whatever is left.
        case remove = "Remove"
    }

    /// What a drain does.
    public var mode = Mode.free
    /// What is freed.
    public var scope = Scope.worker
    /// What scope `path` frees: absolute Alluxio paths, at least one.
    public var paths = ["/"]
    /// How it is freed.
    public var client = Client.auto
    /// What happens to pinned files.
    public var pinned = Pinned.keep
    /// How long a drain may make no progress, in milliseconds; more than 0.
    public var deadlineMilliseconds: Int64 = 600_000
    /// What happens when the deadline has passed.
    public var onDeadline = OnDeadline.hold
    /// How long no new drain starts after one has ended, in milliseconds; 0 or more.
    public var cooldownMilliseconds: Int64 = 60_000
    /// Why all drains of this runtime are stopped; nil if they are not, empty if no reason was given.
    public var pausedReason: String?
    /// The pods that a person said may go undrained, by uid, or by name where a pod is missing; and why.
    public var skipped: [String: String] = [:]

    /// Makes the default policy; a process may change its own defaults by name.
    public init() {}

    /// The most paths in `drain-paths`.
    public static let maximumPaths = 64
    /// The longest path in `drain-paths`, in UTF-8 bytes.
    public static let maximumPathBytes = 1024
    /// The longest deadline and cool-down: 7 days, in milliseconds.
    public static let maximumMilliseconds: Int64 = 7 * 24 * 3_600_000
    /// The most pods in `skip-drain`.
    public static let maximumSkipped = 64

    /// An annotation that can't be read.
    public struct Problem: Sendable, Hashable {
        /// The annotation's full name.
        public var annotation: String
        /// Its value.
        public var seen: String
        /// What is allowed, to follow "write": `Free, Decommission, Auto or None`.
        public var allowed: String
    }

    /// What comes of reading annotations.
    public enum Reading: Sendable, Hashable {
        /// All could be read.
        case policy(DrainPolicy)
        /// At least one could not: the runtime is not drained by a guess.
        case unreadable([Problem])

        /// Whether a drain by it may have taken a worker out of service; of one that can't be read nobody knows.
        public var mayDecommission: Bool {
            guard case .policy(let policy) = self else { return true }
            return policy.mode == .decommission || policy.mode == .auto
        }
    }

    /// Reads a policy from a runtime's annotations; what they don't say comes from `defaults`.
    ///
    /// Values are case-sensitive, as everywhere in Kubernetes. Problems are sorted by annotation.
    public static func read(_ annotations: [String: String], defaults: DrainPolicy = DrainPolicy()) -> Reading {
        var reader = DrainPolicyReader(annotations: annotations, policy: defaults)
        reader.readAll()
        return reader.problems.isEmpty
            ? .policy(reader.policy) : .unreadable(reader.problems.sorted { $0.annotation < $1.annotation })
    }

    /// What can't be read in a runtime's annotations, sorted by annotation.
    public static func problems(_ annotations: [String: String]) -> [Problem] {
        if case .unreadable(let problems) = read(annotations) { problems } else { [] }
    }
}
