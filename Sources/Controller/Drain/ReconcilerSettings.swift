public import Rules

/// What a reconciler is told at start.
public struct ReconcilerSettings: Sendable {
    /// What a runtime's annotations do not say.
    public var drain: DrainPolicy
    /// How many runtimes are drained at once.
    public var drainsMax: Int
    /// How many runtimes are looked at side by side: a pass that frees lasts, and the others are not to wait for it.
    public var passesMax: Int { drainsMax + 4 }
    /// Who removes the workers of a DaemonSet.
    public var daemonRemoval: DaemonRemoval
    /// How long one call of the client may take for a file, in seconds: it waits 10 s for a block that is read.
    public var fileCallSeconds: Int
    /// How long one call may take for a folder, in seconds: it walks everything below.
    public var folderCallSeconds: Int
    /// How long taking one worker out of service may take, in seconds: the client polls for at least 20 s.
    public var serviceCallSeconds: Int
    /// How long reading one worker's list may take, in seconds.
    public var listSeconds: Int
    /// Which installation of Sluice this is, as its lease is named: two in one cluster must not drain the same runtime.
    public var installation: String
    /// Where the seed of all jitter comes from.
    public var seed: UInt64

    /// The defaults.
    public init(drain: DrainPolicy = DrainPolicy(), seed: UInt64 = 0) {
        self.drain = drain
        self.seed = seed
        installation = "sluice"
        drainsMax = 4
        daemonRemoval = .unattended
        fileCallSeconds = 60
        folderCallSeconds = 300
        serviceCallSeconds = 90
        listSeconds = 60
    }
}
