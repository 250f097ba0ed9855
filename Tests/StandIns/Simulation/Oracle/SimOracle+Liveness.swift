import Controller
import Kubernetes
import Wire

extension SimOracle {
    /// How far a runtime's drain has come, as the disks and the cluster show it.
    struct Progress {
        var least = Int.max
        var wanted = -1
        var told = ""
        var pods = -1
        /// How many of the leaving workers are out of service.
        var outside = 0
        /// When it last went on.
        var movedAt: Int64 = 0
        /// When it last changed its state, which it may do more than once between two samples.
        var stateChangedAt: Int64 = 0
        /// When it last went on or said why it does not.
        var heardAt: Int64 = 0
        /// Since when it says the same reason.
        var reason: String?
        var reasonSince: Int64 = 0
    }

    static let sampleEvery: Int64 = .seconds(5)

    /// Looks at everything every few seconds: L3, L4, and what had to be told.
    func sample() {
        checkReports()
        trim()
        for runtime in world.runtimes { sample(runtime) }
        world.after(Self.sampleEvery) { [self] in sample() }
    }

    private func trim() {
        let old = now - .minutes(1)
        requestTimes.removeAll { $0.at < old }
        commandTimes.removeAll { $0.at < old }
    }

    private func sample(_ runtime: SimRuntime) {
        var progress = watched[runtime.key]?.progress ?? Progress()
        defer { watched[runtime.key]?.progress = progress }
        let told = SimTold(runtime, in: world)
        if told.reason != progress.reason {
            if let reason = told.reason, !told.isOnObject { reach("blocked \(reason)") }
            progress.reason = told.reason
            progress.reasonSince = now
        }
        // Of a runtime that is being deleted nobody wants a count any more.
        let isLeaving = world.server.object(.alluxioRuntimes, runtime.key)?.at("metadata", "deletionTimestamp") != nil
        guard let wanted = wanted(runtime), wanted < present(runtime), isLed, !isLeaving else {
            progress.told = told.state
            progress.movedAt = now
            progress.heardAt = now
            progress.least = .max
            return
        }
        let asked = runtime.plan.era.isDaemon ? world.kubernetes.workers(of: runtime) : leaving(runtime, target: wanted)
        let left = asked.reduce(0) { sum, pod in
            sum + (runtime.alluxio.worker(pod).map { $0.disk.copies.count } ?? 0)
        }
        let outside = asked.count { pod in
            runtime.alluxio.worker(pod).flatMap(runtime.alluxio.registration)?.state == .decommissioned
        }
        let pods = world.kubernetes.workers(of: runtime).count
        // What readers brought in an earlier state is no longer measured by what was left before that.
        if wanted != progress.wanted || told.state != progress.told { progress.least = .max }
        progress.wanted = wanted
        if left < progress.least || told.state != progress.told || pods != progress.pods || outside > progress.outside {
            progress.movedAt = now
            progress.heardAt = now
        }
        progress.movedAt = max(progress.movedAt, progress.stateChangedAt)
        progress.least = min(progress.least, left)
        progress.told = told.state
        progress.pods = pods
        progress.outside = outside
        if told.reason != nil || isLogged(runtime) || isWaitTold(told, runtime) { progress.heardAt = now }
        // A worker that needs ten seconds a page is read for a minute, and then once more.
        if now - progress.heardAt > .seconds(150) {
            violate(
                "L3",
                "\(runtime.name): nothing moves for \((now - progress.heardAt) / 1_000_000) s and nobody says why: "
                    + "\(told.text.isEmpty ? "no drain" : told.text)")
        }
        if now - progress.movedAt > .seconds(150), now - disturbedAt > .seconds(75) { checkLimits(runtime, progress) }
    }

    /// Whether some process has led for long enough to be held to anything.
    var isLed: Bool {
        let lease = world.plan.leaseSeconds.duration
        return !world.faults.isActive("lease", now: now) && !world.faults.isActive("watch alluxioruntimes", now: now)
            && !world.faults.isActive("api", now: now)
            && world.processes.contains { $0.isAlive && now - $0.startedAt > .seconds(Int64(lease) * 2 + 10) }
    }

    /// Whether an event, or where none can be written the log, tells that the wish waits for the end of the cool-down.
    private func isWaitTold(_ told: SimTold, _ runtime: SimRuntime) -> Bool {
        guard told.state == "CoolingDown" else { return false }
        let isLogged = world.processes.contains { process in
            process.isAlive
                && process.logged.since(now - .minutes(10), runtime: runtime.name).contains {
                    $0.text.contains("DrainWaiting")
                }
        }
        return isLogged
            || world.server.objects(.events, namespace: runtime.namespace).contains { event in
                event.json["reason"]?.string == "DrainWaiting"
                    && event.json.at("involvedObject", "name")?.string == runtime.name
            }
    }

    /// Where not even the drain's own object can be written the log has to say why.
    func isLogged(_ runtime: SimRuntime) -> Bool {
        world.processes.contains { process in
            process.isAlive
                && process.troubles().contains { $0.hasPrefix("\(runtime.key): ") || $0.hasPrefix("lease: ") }
                || process.logged.since(now - .seconds(60), runtime: runtime.name).contains {
                    $0.level >= .warning && !$0.text.hasPrefix("drain action")
                }
        }
    }

    /// A burst after something moved counts in the same minute.
    private static let requestsMaximum = 80
    /// Each worker is asked by itself.
    private static let requestsOfWorker = 20

    /// What a drain that stands still may ask and say in a minute.
    private func checkLimits(_ runtime: SimRuntime, _ progress: Progress) {
        let since = now - .minutes(1)
        let requests = requestTimes.count { $0.runtime == runtime.key }
        let commands = commandTimes.count { $0.runtime == runtime.key }
        let workers = world.kubernetes.workers(of: runtime).count
        let limit = (Self.requestsMaximum + Self.requestsOfWorker * workers) * world.plan.installations
        if requests > limit { violate("L4", "\(requests) requests in a minute of standing still") }
        let told = SimTold(runtime, in: world)
        // A round of frees that changes nothing ends; it is no standing still while it goes on. Nor is a call that takes a
        // worker out of service, with the looks before and after it, where the ones before hung for long.
        let most = ["Freeing": 20, "Decommissioning": 8][told.state] ?? 4 + max(0, workers - progress.wanted)
        if commands > most { violate("L4", "\(commands) commands in a minute of standing still: \(told.text)") }
        // Whoever asks for another count is answered each time; a state may be one that no object can show.
        let said = world.processes.flatMap { $0.logged.since(since, runtime: runtime.name) }.filter { line in
            !line.text.hasPrefix("scale-in request") && !line.text.contains(" wanted now instead of ")
        }
        let states = said.count { $0.text.hasPrefix("drain state") }
        let lines = said.count - min(states, 2)
        if lines > 4 * world.plan.installations { violate("L4", "\(lines) log lines in a minute of standing still") }
    }
}
