import Autoscaler
import Controller
import Kubernetes
import Rules
import Wire

@testable import Simulation

/// An hour in which an HPA scales a cache by the figures that ship, which the drain that ships makes smaller, while its readers
/// bring back what is missing.
final class SimHour {
    /// How many files of `fileBytes` the data set has, at a second.
    typealias Load = (_ second: Int64) -> Int

    static let fileBytes: Int64 = 64 << 20
    static let workerBytes: Int64 = 1 << 30
    static let workersMax = 8
    /// How many files readers bring back in a second.
    private static let refill = 2
    private static let autoscaled: Int64 = 15

    let world: SimWorld
    private let load: Load
    private let target: Double
    private let relay = Relay()
    private let store: Store
    private let book: FigureBook
    private var autoscaler: AutoscalerModel
    private var wanted = 1
    /// The count that was wanted, at each change.
    private(set) var counts: [(second: Int64, count: Int)] = [(0, 1)]

    init(seed: UInt64, target: Double, window: Int, load: @escaping Load) {
        var plan = SimPlan()
        plan.disturbedEvery = nil
        plan.nodes = Self.workersMax + 1
        plan.runtimes[0].workers = 1
        plan.runtimes[0].files = 0
        plan.runtimes[0].tiers = [SimTier(alias: "MEM", bytes: Self.workerBytes)]
        plan.runtimes[0].rpcRoutes = [.direct]
        world = SimWorld(plan, seed: seed)
        self.load = load
        self.target = target
        autoscaler = AutoscalerModel(minimum: 1, maximum: Self.workersMax, window: window)
        let settings = FigureSettings(seed: seed)
        let relay = relay
        store = Store { relay.receive?($0) }
        book = FigureBook(freshFor: settings.freshFor, store: store)
    }

    /// Lets the store, which is made first, reach the poller.
    private final class Relay: @unchecked Sendable {
        // Set once, before anything runs.
        var receive: (@Sendable (Store.Change) -> Void)?
    }

    private var runtime: SimRuntime { world.runtimes[0] }
    private var alluxio: SimAlluxio { runtime.alluxio }
    private var second: Int64 { world.now / 1_000_000 }

    /// How often the direction turned.
    var turns: Int {
        let steps = zip(counts, counts.dropFirst()).map { $1.count - $0.count }
        return zip(steps, steps.dropFirst()).count { ($0 > 0) != ($1 > 0) }
    }

    /// Plays it to its end; what was broken of what is promised.
    func play() -> [String] {
        world.server.create(
            .horizontalPodAutoscalers, runtime.key,
            [
                "spec": [
                    "scaleTargetRef": [
                        "apiVersion": "data.fluid.io/v1alpha1", "kind": "AlluxioRuntime", "name": .string(runtime.name),
                    ], "minReplicas": 1, "maxReplicas": .integer(Int64(Self.workersMax)),
                ]
            ], by: .person)
        world.oracle.sample()
        let life = keepFigures()
        everySecond()
        world.run(until: .minutes(60))
        life.cancel()
        world.end()
        return world.oracle.violations
    }

    /// The role `metrics` of the process that also drains.
    private func keepFigures() -> Task<Void, Never> {
        let cluster = SimFigureCluster(base: SimCluster(world: world, process: world.processes[0]))
        let store = store
        let poller = FigurePoller(
            cluster: cluster, store: store, settings: FigureSettings(seed: 1), book: book, metrics: Metrics()
        ) { _ in }
        relay.receive = { poller.noteChange($0) }
        return Task(executorPreference: world.executor) {
            await withDiscardingTaskGroup { group in
                group.addTask { await poller.run() }
                group.addTask {
                    await reflectAll(StoredKind.base + StoredKind.figures, from: cluster, to: store, seed: 1)
                }
            }
        }
    }

    private func everySecond() {
        let count = load(second)
        while alluxio.files.count < count {
            alluxio.addFile("/load/f\(alluxio.files.count)", .persisted, bytes: Self.fileBytes)
        }
        while alluxio.files.count > count, let file = alluxio.files.last { alluxio.removeFile(file) }
        bringBack()
        if second % Self.autoscaled == Self.autoscaled - 1 { autoscale() }
        world.after(.seconds(1)) { [self] in everySecond() }
    }

    /// Readers want all files, and a worker with room caches one that none has.
    private func bringBack() {
        let missing = alluxio.files.filter { file in !alluxio.usable.contains { $0.disk.holds(file.blocks[0]) } }
        for file in missing.prefix(Self.refill) {
            let roomy = alluxio.usable.filter { $0.usedBytes + Self.fileBytes <= $0.capacityBytes }
            guard let worker = world.random.any(roomy) else { return }
            alluxio.place(file.blocks[0], of: file, on: worker, begunAt: world.now)
        }
    }

    private func autoscale() {
        let percent = book.entry(runtime.key, at: .microseconds(world.now))?.figures.whole.percent
        let ready = world.kubernetes.workers(of: runtime).count { $0.isRunning }
        let count = autoscaler.desired(
            second: Int(second), replicas: wanted, readyPods: ready, current: percent.map(Double.init), wanted: target)
        guard count != wanted else { return }
        wanted = count
        counts.append((second, count))
        world.people.want(runtime, count)
    }
}
