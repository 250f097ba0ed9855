internal import Controller
internal import Kubernetes
internal import Wire

/// The reconciler's half of the process: stands for election, and reconciles while it leads.
final class DrainService: Sendable {
    /// The namespace of the lease if neither the settings nor the configuration name one.
    private static let defaultNamespace = "sluice-system"

    private let election: LeaderElection<LiveCluster>
    private let reconciler: Reconciler<LeadingCluster<LiveCluster>>
    private let deletions: DeletionTeller<LeadingCluster<LiveCluster>>

    init(
        _ settings: ServeSettings, connection: ClusterConnection, store: Store, metrics: Metrics, log: @escaping LogSink
    ) {
        let namespace = settings.leaseNamespace ?? connection.namespace ?? Self.defaultNamespace
        let identity = Self.identity()
        let leadership = Leadership()
        var drains = ReconcilerSettings(drain: settings.drain, seed: UInt64.random(in: 0...UInt64.max))
        drains.drainsMax = settings.maximumDrains
        drains.installation = "\(namespace)/\(settings.leaseName)"
        drains.daemonRemoval = settings.daemonRemoval
        let cluster = LeadingCluster(connection.cluster, leadership: leadership)
        reconciler = Reconciler(cluster: cluster, store: store, settings: drains, metrics: metrics, log: log)
        deletions = DeletionTeller(cluster: cluster, store: store, metrics: metrics, log: log)
        let lease = ObjectKey(namespace: namespace, name: settings.leaseName)
        metrics.set(.leader, to: 0)
        election = LeaderElection(
            cluster: connection.cluster, settings: .init(lease: lease, identity: identity), leadership: leadership
        ) { leads in
            metrics.set(.leader, to: leads ? 1 : 0)
            log(
                LogRecord(
                    .info, leads ? "leading: worker sets are reconciled by this process" : "no longer leading",
                    [("lease", .string("\(lease)")), ("identity", .string(identity))]))
        } onTrouble: { trouble in
            metrics.set(.leaseTroubled, to: trouble == nil ? 0 : 1)
            guard let trouble else { return }
            log(
                LogRecord(
                    .warning, "the lease can't be had, so that this process can't lead",
                    [("lease", .string("\(lease)")), ("reason", .string(trouble))]))
        }
    }

    /// What stands in the way where it can't be said on an object; none while another process leads.
    var troubles: [String] { reconciler.troubles + (election.trouble.map { ["lease: \($0)"] } ?? []) }

    /// Tells the reconciler what has changed in the cluster.
    func noteChange(_ change: Store.Change) {
        reconciler.noteChange(change)
        deletions.noteChange(change)
    }

    /// Stands for election until the task is cancelled.
    func run() async {
        await election.run { [reconciler, deletions] ledUntil in
            await withDiscardingTaskGroup { group in
                group.addTask { await reconciler.run(ledUntil: ledUntil) }
                group.addTask { await deletions.run(ledUntil: ledUntil) }
            }
        }
    }

    /// Gives the lease up, so that another replica need not wait for its end; after `run` has returned.
    func release() async {
        await election.release()
    }

    /// Names this process among its replicas: a pod's host name is the pod's, and a restarted one is another process.
    private static func identity() -> String {
        // Without a name the number alone tells us apart.
        let bytes = (try? FileReading.bytes("/proc/sys/kernel/hostname", max: 256)) ?? []
        let host = String(decoding: bytes, as: UTF8.self).filter { $0 > " " }
        let suffix = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return "\(host.isEmpty ? "sluice" : host)_\(suffix)"
    }
}
