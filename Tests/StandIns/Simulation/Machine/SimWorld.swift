import Kubernetes
import Wire

/// One simulated world: a cluster, Fluid, Alluxio, people, and processes of ours that run the production code.
final class SimWorld: @unchecked Sendable {
    // One thread runs it; what runs on its executor runs on that thread too.
    let plan: SimPlan
    let random: SimRandom
    let executor: SimExecutor
    let isTracing: Bool
    private var timeline = SimTimeline()
    private(set) lazy var server = SimServer(
        served: plan.hasDrainDefinition ? Self.served : Self.served.subtracting([.workerDrains])
    ) { [unowned self] in now }
    private(set) lazy var kubernetes = SimKubernetes(self)
    private(set) var runtimes: [SimRuntime] = []
    private(set) lazy var oracle = SimOracle(self)
    private(set) lazy var people = SimPeople(self)
    var faults = SimFaults()
    var processes: [SimProcess] = []
    var watches: [SimWatch] = []
    /// How far the wall clock is from where it would be had it never jumped.
    var wallJump: Int64 = 0
    /// Whether the webhook is installed.
    var hasWebhook: Bool
    private(set) var trace: [String] = []
    /// How many jobs and events have been run.
    private(set) var steps = 0
    private var stepsInMoment = 0

    /// The wall clock at the world's beginning.
    let wallBase: Int64 = 1_795_000_000_000_000

    init(_ plan: SimPlan, seed: UInt64, isTracing: Bool = false) {
        self.plan = plan
        self.isTracing = isTracing
        hasWebhook = plan.hasWebhook
        random = SimRandom(seed: seed &* 0x9E37_79B9 &+ 1)
        executor = SimExecutor(seed: seed &+ 77)
        faults.list = plan.faults
        server.onChange = { [unowned self] resource, key, before, after, user in
            changed(resource, key, before, after, by: user)
        }
        server.onVersion = { [unowned self] resource in serveWatches(resource) }
        build()
    }

    private static let served: Set<Resource> = [
        .alluxioRuntimes, .statefulSets, .daemonSets, .pods, .nodes, .events, .leases, .horizontalPodAutoscalers,
        .customResourceDefinitions, .workerDrains, .services,
    ]

    private func build() {
        for number in 0..<plan.nodes { kubernetes.addNode(number) }
        server.create(
            .customResourceDefinitions, ObjectKey(namespace: "", name: RuntimeDefinition.name), Self.definition,
            by: .person)
        for runtimePlan in plan.runtimes {
            let runtime = SimRuntime(runtimePlan, in: self)
            runtimes.append(runtime)
            runtime.build()
        }
        for installation in 0..<plan.installations {
            for _ in 0..<plan.replicas {
                let process = SimProcess(installation: installation, number: processes.count)
                processes.append(process)
                process.start(in: self)
            }
        }
        for runtime in runtimes { runtime.fluid.begin() }
        people.prepare()
    }

    private static let definition: JSON = [
        "apiVersion": "apiextensions.k8s.io/v1",
        "spec": [
            "versions": [
                [
                    "name": "v1alpha1", "served": true,
                    "subresources": [
                        "status": [:],
                        "scale": [
                            "specReplicasPath": ".spec.replicas",
                            "statusReplicasPath": ".status.currentWorkerNumberScheduled",
                            "labelSelectorPath": ".status.selector",
                        ],
                    ],
                ]
            ]
        ],
    ]

    // MARK: Time

    var now: Int64 { timeline.now }
    var wallClock: Int64 { wallBase + now + wallJump }
    func wallText(_ time: Int64) -> String { RFC3339.seconds((wallBase + time + wallJump) / 1_000) }

    func after(_ delay: Int64, _ action: @escaping () -> Void) {
        timeline.add(at: now + max(delay, 0), action)
    }

    /// Lets everything happen until this time, or until `stop` says so before some event.
    func run(until end: Int64, unless stop: () -> Bool = { false }) {
        while oracle.violations.isEmpty {
            if executor.runOne() {
                steps += 1
                stepsInMoment += 1
                if stepsInMoment > 100_000 {
                    oracle.violate("L3", "something runs and runs without any time passing")
                }
                continue
            }
            if stop() { return }
            guard let next = timeline.next, next <= end else {
                timeline.idle(until: end)
                return
            }
            if next > now { stepsInMoment = 0 }
            timeline.take()?()
            steps += 1
        }
    }

    /// The cluster as a process sees it of which nothing runs but what `perform` does.
    func client() -> SimCluster {
        SimCluster(world: self, process: SimProcess(installation: 9, number: 9, isAlive: true))
    }

    /// Does this, and lets everything happen until it is done; nil if that takes longer than an hour.
    @discardableResult
    func perform<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value? {
        let box = Box<Value>()
        let task = Task(executorPreference: executor) { box.value = await body() }
        run(until: now + .minutes(60)) { box.value != nil }
        task.cancel()
        return box.value
    }

    private final class Box<Value: Sendable>: @unchecked Sendable {
        // The world's one thread is the only one that touches it.
        var value: Value?
    }

    /// Ends all processes, so that nothing of this world is left behind.
    func end() {
        for process in processes { process.kill() }
        var steps = 0
        while executor.runOne(), steps < 200_000 { steps += 1 }
        // What was still due holds the world that would do it.
        timeline = SimTimeline()
        watches = []
    }

    // MARK: Telling

    func note(_ line: @autoclosure () -> String) {
        if isTracing { trace.append("\(now.shown) \(line())") }
    }

    private func changed(_ resource: Resource, _ key: ObjectKey, _ before: JSON?, _ after: JSON?, by user: SimUser) {
        oracle.changed(resource, key, before, after, by: user)
        kubernetes.changed(resource, key, before, after, by: user)
        if resource == .alluxioRuntimes {
            for runtime in runtimes where runtime.key == key { runtime.fluid.changed(after == nil) }
        }
    }

    func runtime(_ key: ObjectKey) -> SimRuntime? { runtimes.first { $0.key == key } }
}
