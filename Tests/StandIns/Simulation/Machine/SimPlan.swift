import Controller
import Kubernetes
import Rules

/// Which Fluid it is, by how workers run and who removes them.
enum SimEra: String, CaseIterable {
    /// Up to 0.4: a DaemonSet, and nobody removes.
    case a
    /// 0.5 and 0.6: a DaemonSet, and Fluid removes at once.
    case b
    /// 0.7 to 1.0.6: a StatefulSet, written when the spec differs from the status.
    case c
    /// From 1.0.7 on: a StatefulSet, written when the spec differs from the set.
    case d

    var isDaemon: Bool { self == .a || self == .b }
}

/// One tier of a worker.
struct SimTier {
    var alias: String
    var bytes: Int64
    var folders = 1
}

/// What one runtime is like.
struct SimRuntimePlan {
    var name = "hbase"
    var namespace = "data"
    var era = SimEra.d
    /// Whether Fluid never scales out again once there is no worker (up to 0.5).
    var isOneWayDoor = false
    var workers = 3
    var annotations: [String: String] = [:]
    var version = "2.9.0"
    var tiers = [SimTier(alias: "MEM", bytes: 4 << 30)]
    var reservedBytes: Int64 = 1 << 30
    var reservedText = "1GB"
    var isOnHostPath = true
    var hasHostNetwork = true
    var masterMemory: String?
    var isParallel = true
    var ordinalsStart = 0
    var isRolledOut = false
    var files = 8
    var blocksPerFile = 1
    /// How many copies each file has.
    var copies = 1
    /// How many of a hundred files are not persisted, and how many are pinned.
    var unpersisted = 0
    var pinned = 0
    var stuckPermille = 0
    var isWalkOrdered = true
    /// How long a worker's list takes a file, in microseconds.
    var listMicroseconds: Int64 = 1_400
    /// How many bytes an entry of the list stands for: files of many blocks have long ones.
    var entryBytes = 540
    /// How Alluxio's RPC can be reached.
    var rpcRoutes: [PodPort.Route] = []
    /// Whether its servers know no authentication.
    var isWithoutSASL = false
    /// How many blocks the master's list has instead of those that are there.
    var listedBlocks: Int?
    /// How many masters there are; one of them leads.
    var masters = 1
    /// Whether the others serve pages too (`alluxio.standby.master.web.enabled`), on which there is no worker.
    var hasStandbyPages = false
    /// How often clients read and write, on average; nil if they do not.
    var readsEvery: Int64?
    var writesEvery: Int64?
    /// How long a client still uses a worker that is out of service, and how long a silent worker counts as live.
    var clientRefresh: Int64 = .minutes(2)
    var workerTimeout: Int64 = .minutes(5)
}

/// What a world is like, before anything happens in it.
struct SimPlan {
    var runtimes = [SimRuntimePlan()]
    var nodes = 6
    var installations = 1
    var replicas = 1
    var drainsMax = 4
    var leaseSeconds: (duration: Int32, margin: Int32, retry: Int32) = (60, 20, 15)
    /// How long a request takes at most, on its way and back.
    var latency: Int64 = .milliseconds(20)
    /// How late watches are, at most.
    var lag: Int64 = .milliseconds(200)
    /// For how long everything may go wrong.
    var chaos: Int64 = .minutes(5)
    /// How often something happens in that time, on average; nil if nothing does.
    var disturbedEvery: Int64? = .seconds(20)
    /// How many of a hundred calls fail in passing.
    var failingPercent = 0
    /// What else goes wrong for as long as it is there.
    var faults: [SimFault] = []
    /// Whether what goes wrong then goes on for ever.
    var isForEver = false
    /// Whether people change their minds while a worker is out of service.
    var isFickle = false
    /// Whether somebody else lowers worker sets by hand.
    var isLoweredByHand = true
    /// Whether the webhook is installed.
    var hasWebhook = true
    /// Whether the cluster has the definition of a drain's object.
    var hasDrainDefinition = true
    /// As whom the webhook lets through the reconciler's lowering; nil means as whom it writes.
    var reconcilerUser: String?
    /// Who removes a DaemonSet's workers; nil means whoever fits the era.
    var daemonRemoval: DaemonRemoval?

    struct Settings {
        var reconciler: ReconcilerSettings
        var admission: AdmissionPolicy
        var leaseSeconds: (duration: Int32, margin: Int32, retry: Int32)
    }

    /// What a process of ours is told at its start.
    func settings(installation: Int, seed: UInt64) -> Settings {
        var reconciler = ReconcilerSettings(seed: seed)
        reconciler.drainsMax = drainsMax
        reconciler.installation = "sluice-\(installation)/sluice"
        let era = runtimes[0].era
        reconciler.daemonRemoval = daemonRemoval ?? (era == .a ? .byNodeLabel : era == .b ? .gated : .unattended)
        let user = reconcilerUser ?? SimUser.sluice(installation: installation, process: 0).name
        let admission = AdmissionPolicy(
            defaultMaximum: 1_000, reconcilerUser: user, daemonRemoval: reconciler.daemonRemoval)
        return Settings(reconciler: reconciler, admission: admission, leaseSeconds: leaseSeconds)
    }
}
