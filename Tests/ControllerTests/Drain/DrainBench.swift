import Kubernetes
import Testing
import Wire

@testable import Simulation

/// One runtime in a simulated world in which the production controller runs: a test lets it run until something is so.
///
/// Whatever a test looks for, the world's oracle has to find every promise kept.
final class DrainBench {
    let world: SimWorld

    /// `policies` are annotations, without their prefix.
    init(
        workers: Int = 3, _ policies: [String: String] = [:],
        change: (inout SimPlan, inout SimRuntimePlan) -> Void = { _, _ in }
    ) {
        var (plan, runtime) = (SimPlan(), SimRuntimePlan())
        plan.disturbedEvery = nil
        plan.leaseSeconds = (15, 5, 2)
        runtime.workers = workers
        runtime.files = 0
        for (name, value) in policies { runtime.annotations["sluice.dev/\(name)"] = value }
        change(&plan, &runtime)
        plan.runtimes = [runtime]
        world = SimWorld(plan, seed: 1, isTracing: true)
        world.oracle.sample()
        // Somebody leads, and knows what there is.
        world.run(until: .seconds(5))
    }

    deinit {
        #expect(world.oracle.violations.isEmpty)
        world.end()
    }

    /// Lets everything happen until this is so; whether it is, within so many minutes.
    @discardableResult
    func run(minutes: Int64 = 30, until isDone: () -> Bool = { false }) -> Bool {
        world.run(until: world.now + .minutes(minutes)) { isDone() }
        return isDone()
    }

    func run(seconds: Int64) { world.run(until: world.now + .seconds(seconds)) }

    /// A new process comes in the place of the one that is killed.
    func restart() {
        world.processes[0].kill()
        world.processes[0].start(in: world)
    }

    // MARK: What is there

    var runtime: SimRuntime { world.runtimes[0] }
    var object: JSON? { world.server.object(.alluxioRuntimes, runtime.key) }
    var workerSet: JSON? { world.server.object(runtime.setResource, runtime.setKey) }
    var replicas: Int64? { workerSet?.at("spec", "replicas")?.int64 }
    var drain: JSON? { world.server.object(.workerDrains, runtime.key) }
    /// How far the drain is, why it does not go on, and whether it is done, as its object says.
    var state: String { drain?.at("status", "state")?.string ?? "" }
    var blocked: String { drain?.at("status", "blocked", "reason")?.string ?? "" }
    var drained: String {
        let drained = drain?.at("status", "conditions")?.elements.first { $0["type"]?.string == "Drained" }
        return "\(drained?["status"]?.string ?? "") \(drained?["reason"]?.string ?? "")"
    }
    /// What `/readyz` says.
    var troubles: String { world.processes[0].troubles().joined(separator: "\n") }
    /// How many lines were logged.
    var lines: Int { world.processes[0].logged.lines.count }

    /// What users were told, the first first.
    var events: [(reason: String, message: String)] {
        world.server.objects(.events, namespace: runtime.namespace).map {
            ($0.json["reason"]?.string ?? "", $0.json["message"]?.string ?? "")
        }
    }
    /// All that users were told for this reason.
    func told(_ reason: String) -> String {
        events.filter { $0.reason == reason }.map(\.message).joined(separator: "\n")
    }

    /// What was asked of the cluster, as the world's trace has it.
    func asked(_ parts: String...) -> [String] { world.trace.filter { line in parts.allSatisfy(line.contains) } }
    /// The paths that were freed by the client, and how often it was tried.
    var freed: [String] {
        asked(" fs free ").compactMap { line in
            line.split(separator: " fs free ").last.map { String($0.prefix { $0 != ">" }.dropLast(2)) }
        }
    }
    var frees: Int { world.oracle.reached["free"] ?? 0 }
    /// How many blocks were removed by RPC.
    var removals: Int { world.oracle.reached["block removed"] ?? 0 }

    // MARK: Workers

    /// The worker at this place in the order of their names.
    func pod(_ index: Int) -> SimPod? { world.kubernetes.workers(of: runtime).dropFirst(index).first }
    func worker(_ index: Int) -> SimWorker? { pod(index).flatMap { runtime.alluxio.worker($0) } }
    func disk(_ index: Int) -> SimDisk? { worker(index)?.disk }

    /// Puts a copy of each of these files on a worker.
    func fill(_ index: Int, _ paths: [String], _ persistence: SimFile.Persistence = .persisted) {
        guard let worker = worker(index) else { return }
        for path in paths {
            let file = runtime.alluxio.file(path) ?? runtime.alluxio.addFile(path, persistence)
            for block in file.blocks { runtime.alluxio.place(block, of: file, on: worker, begunAt: world.now) }
        }
    }

    func fill(_ index: Int, _ paths: String...) { fill(index, paths) }
    /// Puts a file there that is nowhere else.
    func write(_ index: Int, _ path: String = "/new") { fill(index, [path], .notPersisted) }
    func held(_ index: Int) -> [String] { disk(index)?.copies.map(\.file.path).sorted() ?? [] }

    // MARK: What happens

    func want(_ count: Int, tries: Int = 40) { world.people.want(runtime, count, tries: tries) }
    func annotate(_ name: String, _ value: String?) { world.people.annotate(runtime, name, value) }

    /// Somebody who is not asked by the webhook lowers or raises the worker set.
    func scale(to count: Int64) {
        world.server.change(runtime.setResource, runtime.setKey, by: .person) {
            $0.set(["spec", "replicas"], .integer(count))
        }
    }

    /// From now on a worker's container ends again and again.
    func crash(_ index: Int) {
        guard let pod = pod(index) else { return }
        pod.isCrashing = true
        world.kubernetes.crash(pod)
    }

    func change(_ path: [String], of resource: Resource, to value: JSON?) {
        let key = resource == runtime.setResource ? runtime.setKey : runtime.key
        world.server.change(resource, key, by: .person) { $0.set(path, value) }
    }

    /// Lets every call of this kind fail from now on.
    func fail(_ tag: String, _ effect: SimFault.Effect) {
        world.faults.list.append(SimFault(tag: tag, effect: effect, percent: 100, from: world.now, until: .max))
    }

    func mend() { world.faults.list = [] }
}
