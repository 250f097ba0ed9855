import Kubernetes
import Rules
import Wire

/// Knows the disks, and judges by them alone whether a promise was broken; it believes nothing that the product says of itself.
final class SimOracle {
    unowned let world: SimWorld
    private(set) var violations: [String] = []
    /// What was reached, for the table of coverage.
    private(set) var reached: [String: Int] = [:]
    var watched: [ObjectKey: Watched] = [:]
    /// What was asked, for the limits of what a drain that stands still may ask.
    var requestTimes: [(at: Int64, runtime: ObjectKey)] = []
    var commandTimes: [(at: Int64, runtime: ObjectKey)] = []
    /// For which runtime each process began to free something, in the last seconds, where it was another than before.
    var freed: [Int: [(at: Int64, runtime: ObjectKey)]] = [:]
    /// When something last changed that is a reason to look: a wish, a pod, a policy, who leads.
    var disturbedAt: Int64 = 0
    /// The last command that was begun.
    var lastCommand = ""
    /// Removals that have to be told, until when.
    var reports: [Report] = []

    /// A removal that nobody may pass over.
    struct Report {
        var runtime: ObjectKey
        var pod: String
        var since: Int64
        var until: Int64
        var what: String
    }

    /// What is known of one runtime.
    struct Watched {
        /// What was wanted, and from when on; nil means that there was no runtime.
        var wanted: [(at: Int64, count: Int?)] = []
        /// What its annotations said, and from when on.
        var annotations: [(at: Int64, texts: [String: String])] = []
        /// Since when fewer are wanted than there are, or not.
        var isLower = false
        var lowerSince: Int64 = 0
        /// On which workers each file was ever seen by the world, by the file's number.
        var held: [Int64: Set<String>] = [:]
        /// When each process was told last that the wish is withdrawn, or not.
        var toldWithdrawn: [Int: Int64] = [:]
        var progress = Progress()
    }

    init(_ world: SimWorld) {
        self.world = world
    }

    var now: Int64 { world.now }

    func violate(_ rule: String, _ what: String) {
        world.note("VIOLATION \(rule): \(what)")
        violations.append("\(rule) at \(now.shown): \(what)")
    }

    func reach(_ what: String) { reached[what, default: 0] += 1 }

    // MARK: What the world tells

    func changed(_ resource: Resource, _ key: ObjectKey, _ before: JSON?, _ after: JSON?, by user: SimUser) {
        if resource == .workerDrains { count(before, after, of: key) }
        if resource == .pods || (!user.isSluice && before?["spec"] != after?["spec"]) { disturbedAt = now }
        // A refused wish is somebody's all the same.
        let asked = after?.at("metadata", "annotations")?[Annotation.scaleInRequest]
        if asked != nil, asked != before?.at("metadata", "annotations")?[Annotation.scaleInRequest] {
            disturbedAt = now
        }
        guard resource == .alluxioRuntimes || resource == .statefulSets else { return }
        for runtime in world.runtimes where runtime.key == key || runtime.setKey == key {
            if resource == .alluxioRuntimes {
                let count = after.map { Int($0.at("spec", "replicas")?.int64 ?? 0) }
                if watched[runtime.key]?.wanted.last?.count != count || watched[runtime.key] == nil {
                    watched[runtime.key, default: Watched()].wanted.append((now, count))
                }
            }
            if resource == .alluxioRuntimes, let texts = after?.at("metadata", "annotations")?.texts,
                texts != watched[runtime.key]?.annotations.last?.texts
            {
                watched[runtime.key, default: Watched()].annotations.append((now, texts))
                if !user.isSluice { disturbedAt = now }
            }
            let isLower = (wanted(runtime) ?? .max) < present(runtime)
            if watched[runtime.key]?.isLower != isLower {
                watched[runtime.key, default: Watched()].isLower = isLower
                watched[runtime.key]?.lowerSince = now
                watched[runtime.key]?.toldWithdrawn = [:]
            }
        }
    }

    /// Counts states, transitions and reasons as each is written.
    private func count(_ before: JSON?, _ after: JSON?, of key: ObjectKey) {
        let (old, new) = (before?["status"], after?["status"])
        let (was, state) = (old?["state"]?.string ?? "Idle", new?["state"]?.string ?? "Idle")
        if was != state {
            reach("state \(state)")
            reach("\(was) -> \(state)")
            watched[key]?.progress.stateChangedAt = now
        }
        if let reason = new?.at("blocked", "reason")?.string, reason != old?.at("blocked", "reason")?.string {
            reach("blocked \(reason)")
        }
        // It is no obstacle as long as somebody asks, and stands on the object in no other way.
        if old?["looks"]?.int64 ?? 0 == 0, new?["looks"]?.int64 ?? 0 > 0 { reach("waiting AwaitingAdmission") }
    }

    /// What is wanted now; nil if there is no runtime.
    func wanted(_ runtime: SimRuntime) -> Int? { watched[runtime.key]?.wanted.last?.count }

    /// The least that was wanted at any moment since a time; nil if there was no runtime at any.
    func leastWanted(_ runtime: SimRuntime, since time: Int64) -> Int? {
        let all = watched[runtime.key]?.wanted ?? []
        let first = all.lastIndex { $0.at <= time } ?? 0
        let counts = all[first...].map(\.count)
        return counts.compactMap { $0 }.min()
    }

    /// How many workers there are to be, by the worker set or by the nodes' labels.
    func present(_ runtime: SimRuntime) -> Int {
        if runtime.plan.era.isDaemon {
            return world.server.objects(.nodes, SimSelection(labels: [runtime.nodeLabel: "true"])).count
        }
        return Int(world.server.object(.statefulSets, runtime.setKey)?.at("spec", "replicas")?.int64 ?? 0)
    }

    func policy(_ runtime: SimRuntime, _ name: String) -> String? {
        world.server.object(.alluxioRuntimes, runtime.key)?.at("metadata", "annotations")?["sluice.dev/\(name)"]?.string
    }

    /// Whether an annotation had this value at some moment of a time.
    func had(_ runtime: SimRuntime, _ name: String, _ value: String, from: Int64, until: Int64) -> Bool {
        let all = watched[runtime.key]?.annotations ?? []
        return all.indices.contains { place in
            let end = place + 1 < all.count ? all[place + 1].at : Int64.max
            return all[place].at <= until && end >= from && all[place].texts["sluice.dev/\(name)"] == value
        }
    }

    /// The pods that Kubernetes will take when the set has so many.
    func leaving(_ runtime: SimRuntime, target: Int) -> [SimPod] {
        let start = runtime.plan.ordinalsStart
        return world.kubernetes.workers(of: runtime).filter { ($0.ordinal ?? 0) >= start + target }
    }

    func placed(_ copy: SimCopy, on worker: SimWorker) {
        let key = worker.pod.runtime.key
        watched[key, default: Watched()].held[copy.file.id, default: []].insert(worker.pod.key.name)
    }
}
