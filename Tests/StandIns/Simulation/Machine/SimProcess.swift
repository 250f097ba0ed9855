import Controller
import Kubernetes
import Rules
import Wire

/// One process of ours, wired as `serve` wires it: reflectors, store, admission, election, reconciler.
final class SimProcess: @unchecked Sendable {
    // The world's one thread is the only one that touches it.
    let installation: Int
    let number: Int
    /// How far its clock is from the world's, in microseconds.
    var wallSkew: Int64 = 0
    private(set) var isAlive = false
    private(set) var startedAt: Int64 = 0
    /// Since when it leads, as it says itself.
    private(set) var leadsSince: Int64?
    private var life: Task<Void, Never>?
    private var relayBox: RelayBox?
    private(set) var handler: AdmissionHandler?
    /// What it says at `/readyz` of drains that it can't tell about anywhere else.
    private(set) var troubles: () -> [String] = { [] }
    /// What it counts, since its last start.
    private(set) var metrics = Metrics()
    let logged = SimLog()

    init(installation: Int, number: Int, isAlive: Bool = false) {
        self.installation = installation
        self.number = number
        self.isAlive = isAlive
    }

    var user: SimUser { .sluice(installation: installation, process: number) }

    /// Starts it, unless it runs.
    func start(in world: SimWorld) {
        guard life == nil else { return }
        isAlive = true
        startedAt = world.now
        let cluster = SimCluster(world: world, process: self)
        let settings = world.plan.settings(installation: installation, seed: world.random.next())
        let relayBox = RelayBox()
        self.relayBox = relayBox
        let store = Store { relayBox.pass($0) }
        let log: LogSink = { [logged, world, number] record in logged.add(record, at: world.now, process: number, world)
        }
        let metrics = Metrics()
        self.metrics = metrics
        let leadership = Leadership()
        let reconciler = Reconciler(
            cluster: LeadingCluster(cluster, leadership: leadership), store: store, settings: settings.reconciler,
            metrics: metrics, log: log)
        let watch = DrainWatch { cluster.monotonicTime() }
        relayBox.receive = { change in
            watch.noteChange(change, store: store)
            reconciler.noteChange(change)
        }
        var election = LeaderElection<SimCluster>.Settings(
            lease: ObjectKey(namespace: "sluice-\(installation)", name: "sluice"),
            identity: "process-\(number)-\(world.now)")
        election.durationSeconds = settings.leaseSeconds.duration
        election.marginSeconds = settings.leaseSeconds.margin
        election.retrySeconds = settings.leaseSeconds.retry
        let requests = ScaleInRequests(cluster: cluster, store: store, log: log)
        let isGated = settings.admission.daemonRemoval == .gated
        handler = AdmissionHandler(
            settings: AdmissionSettings(policy: settings.admission), store: store, metrics: metrics, log: log,
            now: { cluster.monotonicTime() }, wallClock: { cluster.wallClockMilliseconds() },
            scaleInRequests: isGated ? requests : nil, watch: isGated ? watch : nil)
        let elected = LeaderElection(cluster: cluster, settings: election, leadership: leadership) {
            [number, weak self] leads in
            self?.leadsSince = leads ? world.now : nil
            world.oracle.disturbedAt = world.now
            world.note("process \(number) \(leads ? "leads" : "leads no longer")")
        }
        troubles = { reconciler.troubles + (elected.trouble.map { ["lease: \($0)"] } ?? []) }
        let seed = world.random.next()
        life = Task(executorPreference: world.executor) {
            await withDiscardingTaskGroup { group in
                group.addTask { await elected.run { await reconciler.run(ledUntil: $0) } }
                group.addTask { await requests.run() }
                group.addTask { await reflectAll(from: cluster, to: store, seed: seed) }
            }
        }
    }

    /// Ends at once, as by SIGKILL: nothing of it reaches the cluster any more, but for what is on its way.
    func kill() {
        isAlive = false
        handler = nil
        troubles = { [] }
        // The store holds the box, and what the box tells holds the store.
        relayBox?.receive = nil
        relayBox = nil
        life?.cancel()
        life = nil
    }

    /// Lets a store, which is made first, reach the reconciler.
    private final class RelayBox: @unchecked Sendable {
        // Set once, before anything runs.
        var receive: (@Sendable (Store.Change) -> Void)?
        func pass(_ change: Store.Change) { receive?(change) }
    }
}
