import Kubernetes
import Wire

extension SimOracle {
    /// How old the last look before a lowering may be.
    private static let lookAge: Int64 = .seconds(5)

    /// A set's count was lowered: S3.
    func lowered(_ key: ObjectKey, from: Int, to: Int, by user: SimUser) {
        guard let runtime = world.runtimes.first(where: { $0.setKey == key }), user.isSluice else { return }
        reach("lowering")
        guard let least = leastWanted(runtime, since: now - Self.lookAge) else {
            return violate("S3", "\(key.name) lowered to \(to) though its runtime is gone")
        }
        if to < least { violate("S3", "\(key.name) lowered to \(to), \(least) are wanted") }
        if least >= from { violate("S3", "\(key.name) lowered from \(from) to \(to) though \(least) are wanted") }
    }

    /// A node's labels changed.
    func relabelled(_ node: String, _ before: JSON?, _ after: JSON?, by user: SimUser, _ runtime: SimRuntime) {
        let had = before?.at("metadata", "labels")?[runtime.nodeLabel] != nil
        let has = after?.at("metadata", "labels")?[runtime.nodeLabel] != nil
        guard had, !has else { return }
        world.note("\(user) unlabels \(node)")
        if user.isSluice { reach("lowering") }
        if user.isSluice, runtime.plan.isOneWayDoor, present(runtime) == 0 {
            violate("L1", "the last worker is taken, and this Fluid never brings one back")
        }
    }

    /// Somebody deleted one pod: ours may not have anything on it that is nowhere else.
    func deleted(_ pod: SimPod, by user: SimUser) {
        guard user.isSluice, !pod.isMaster, let worker = pod.runtime.alluxio.worker(pod) else { return }
        reach("pod deleted")
        for loss in losses(worker, before: now - Self.lookAge) where !loss.isPersisted {
            violate("S2", "\(pod.key.name) is restarted by us with \(loss.text)")
        }
    }

    private struct Loss {
        var text: String
        var file: SimFile
        var isPersisted: Bool
        var begunAt: Int64
    }

    /// What is on a worker's disk that was begun before this time, seen by anyone or not.
    private func losses(_ worker: SimWorker, before time: Int64) -> [Loss] {
        // What is in a folder that failed before the drain began nobody can have seen.
        let runtime = worker.pod.runtime
        let isHidden = worker.disk.failingSince < watched[runtime.key]?.lowerSince ?? 0 || runtime.plan.era == .b
        let seen = isHidden ? worker.disk.visible : worker.disk.copies
        let copies = seen.filter { $0.begunAt < time }.map { copy in
            Loss(
                text: "\(copy.file.path) (\(copy.file.persistence.rawValue)\(copy.isStuck ? ", stuck" : ""))",
                file: copy.file, isPersisted: copy.file.persistence == .persisted || copy.file.persistence == .lost,
                begunAt: copy.begunAt)
        }
        let uploads = worker.disk.uploads.filter { $0.begunAt < time }.map { upload in
            Loss(
                text: "\(upload.file.path) in flight", file: upload.file,
                isPersisted: upload.file.persistence == .persisted, begunAt: upload.begunAt)
        }
        return copies + uploads
    }

    /// A pod has ended: here, and not before, is judged what went with it.
    func ended(_ pod: SimPod) {
        guard !pod.isMaster, let end = pod.end else { return }
        let runtime = pod.runtime
        let (user, at): (SimUser, Int64)
        switch end {
        case .lowered(let who, let when), .unlabelled(let who, let when): (user, at) = (who, when)
        case .deleted, .replaced: return
        }
        let look = at - Self.lookAge
        guard wanted(runtime) != nil, !had(runtime, "drain", "None", from: look, until: at), !isSkipped(pod),
            let worker = runtime.alluxio.worker(pod)
        else { return }
        guard user.isSluice else { return endedByOthers(pod, worker, user, since: at) }
        reach("worker removed")
        // What an earlier pod that was drained and removed took in at its end lies there, and nobody has seen it since.
        let hasServed = pod.firstStartedAt.map { $0 < at } ?? false
        let before = losses(worker, before: look).filter { hasServed || !$0.isPersisted }
        // Whoever lets a worker go with whatever is left has said so of what comes until it is gone, too.
        if !before.isEmpty, had(runtime, "on-deadline", "Remove", from: look, until: at) { return }
        for loss in before {
            if !loss.isPersisted {
                violate("S2", "\(pod.key.name) went with \(loss.text)")
            } else if !had(runtime, "on-deadline", "Auto", from: look, until: at)
                || !isFreedByName(loss.file, runtime)
            {
                violate("S1", "\(pod.key.name) went with \(loss.text)")
            }
        }
        let late = losses(worker, before: now - .seconds(10)).filter {
            $0.begunAt >= at - Self.lookAge && !$0.isPersisted
        }
        if let first = late.first {
            expect(runtime, pod, since: at, "\(first.text), which came after the lowering")
        }
    }

    private func endedByOthers(_ pod: SimPod, _ worker: SimWorker, _ user: SimUser, since lowered: Int64) {
        // Who is not there can't tell, and Fluid that removes at once is only held where the gate was asked.
        // Nor can who took over later and says that nothing can be read, or finds the count raised again.
        let runtime = world.runtime(pod.runtime.key) ?? pod.runtime
        // Whoever says that nothing is drained is believed, also of what is still going.
        guard !had(runtime, "drain", "None", from: lowered, until: now) else { return }
        let isRaised = pod.ordinal.map { $0 < runtime.plan.ordinalsStart + present(runtime) } ?? false
        let isSeen = world.processes.contains { process in
            guard process.isAlive, let since = process.leadsSince, since < now - .seconds(10) else { return false }
            let isBlind = process.troubles().contains { $0.hasPrefix("\(pod.runtime.key): ") }
            return since < lowered || (!isRaised && !isBlind)
        }
        // Of nodes' labels no watch tells what was taken and put back while looks failed.
        let looked = ["get alluxioruntimes", "get workerdrains", "list pods", "list nodes"]
        if runtime.plan.era.isDaemon, looked.contains(where: { world.faults.isActive($0, now: now) }) { return }
        guard isLed, isSeen else { return }
        if pod.runtime.plan.era == .b, pod.runtime.admittedAt != watched[pod.runtime.key]?.wanted.last?.at { return }
        // A worker that ends takes in what readers load until then, and nobody sees the last of it.
        let all = losses(worker, before: now - .seconds(10))
        guard let first = all.first(where: { !$0.isPersisted }) ?? all.first else { return }
        expect(runtime, pod, since: lowered, "\(first.text), lowered by \(user)")
    }

    /// A pod may take long to go, and what goes with it is told when it begins to.
    private func expect(_ runtime: SimRuntime, _ pod: SimPod, since lowered: Int64, _ what: String) {
        reach("undrained removal")
        reports.append(
            Report(
                runtime: runtime.key, pod: pod.key.name, since: min(lowered, now - .minutes(2)),
                until: now + .minutes(3),
                what: "\(pod.key.name) went with \(what)"))
    }

    /// Whether a person took this pod out of the promise.
    private func isSkipped(_ pod: SimPod) -> Bool {
        // Whoever takes it back later has said it all the same.
        (watched[pod.runtime.key]?.annotations ?? []).contains {
            $0.texts["sluice.dev/skip-drain"]?.hasPrefix(pod.uid) ?? false
        }
    }

    /// Whether all that could be done for a file was done: freed by its own name, in the life of the master that is now.
    private func isFreedByName(_ file: SimFile, _ runtime: SimRuntime) -> Bool {
        guard let freed = runtime.alluxio.freedByName[file.path] else { return false }
        return file.isCompleted
            && freed.masterStartedAt ?? runtime.alluxio.masterStartedAt == runtime.alluxio.masterStartedAt
    }

    /// Whether what had to be told was told in time.
    func checkReports() {
        for report in reports where report.until <= now {
            let events = world.server.objects(.events, namespace: report.runtime.namespace).filter { event in
                event.json["reason"]?.string == "UndrainedRemoval"
                    && event.json.at("involvedObject", "name")?.string == report.runtime.name
            }
            let isLogged = world.processes.contains { process in
                process.logged.since(report.since, runtime: report.runtime.name)
                    .contains { $0.text.contains("UndrainedRemoval") }
            }
            let isOnObject =
                world.server.object(.workerDrains, report.runtime)?.at("status", "outcome")?.string == "Undrained"
            // Who was killed in the middle of it has told what it could.
            let isRestarted = world.processes.contains { $0.isAlive && $0.startedAt > max(report.since, 0) }
            if events.isEmpty, !isLogged, !isOnObject, !isRestarted,
                world.runtime(report.runtime).map({ wanted($0) != nil }) ?? false,
                world.processes.contains(where: \.isAlive)
            {
                violate("S2", "nobody was told: \(report.what)")
            }
        }
        reports.removeAll { $0.until <= now }
    }
}
