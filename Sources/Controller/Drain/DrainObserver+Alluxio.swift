internal import Kubernetes
internal import Rules
internal import Wire

extension DrainObserver {
    /// Asks Alluxio what the state needs, and puts it into the observation.
    func ask(
        _ needs: DrainNeeds, about target: DrainTarget, record: DrainRecord?, memory: inout DrainMemory,
        into seen: inout DrainObservation
    ) async {
        if memory.versionOf != target.master?.meta.uid {
            memory.version = nil
            seen.version = nil
        }
        if needs.registration || needs.version {
            await register(target, memory: &memory, into: &seen)
        }
        // The client takes seconds; the lists are read last, so that they are fresh when something is done because of them.
        if needs.report || needs.service {
            await report(target, into: &seen)
        }
        let leaving = Set((record?.leaving ?? []).map { $0.uid } + (record?.undo ?? []).map { $0.uid })
        let asked = seen.workers.indices.filter { index in
            let worker = seen.workers[index]
            guard worker.mayHold, worker.isRunning, !worker.isDeleting else {
                return false
            }
            return leaving.contains(worker.uid) ? needs.leavingLists : needs.survivorLists
        }
        for (index, look) in await looks(at: asked.map { ($0, target.pods[$0]) }) {
            seen.workers[index].look = look
        }
    }

    /// Asks each master for the live workers until one answers: standby masters do not (upstream serves none by default).
    private func register(
        _ target: DrainTarget, memory: inout DrainMemory, into seen: inout DrainObservation
    ) async {
        for master in target.masters {
            guard let port = master.container(named: DrainTarget.masterContainer)?.port(named: "web"),
                let info = await masterInfo(master, port: Int(port))
            else {
                continue
            }
            if let version = info.version {
                memory.version = version
                memory.versionOf = target.master?.meta.uid ?? ""
                seen.version = version
            }
            for index in seen.workers.indices {
                let pod = target.pods[index]
                let isKnown = info.workers.contains {
                    $0.isPod(
                        nodeAddress: pod.hostIP, podAddress: pod.podIP, webPort: seen.workers[index].webPort)
                }
                seen.workers[index].registration = isKnown ? .registered : .missing
            }
            return
        }
        await registerByClient(target, memory: &memory, into: &seen)
    }

    private func masterInfo(_ master: Pod, port: Int) async -> MasterInfo? {
        let request = APIRequest.podProxy(
            namespace: master.meta.namespace, pod: master.meta.name, port: port, path: "/api/v1/master/info")
        // A master that can't be asked so is asked by its own client.
        guard let value = try? await cluster.send(request).json() else {
            return nil
        }
        return MasterInfo(value)
    }

    /// The client in the master pod, where the API server does not reach the masters.
    private func registerByClient(
        _ target: DrainTarget, memory: inout DrainMemory, into seen: inout DrainObservation
    ) async {
        let output = await run(AlluxioCommand.reportCapacity(.live), in: target, seconds: settings.fileCallSeconds)
        // What can't be read leaves the registration unknown.
        if let report = try? CapacityReport(output) {
            for index in seen.workers.indices {
                let host = seen.workers[index].host
                let sharing = seen.workers.count { $0.host == host && !$0.isDeleting }
                let known = report.workers.count { $0.name == host }
                seen.workers[index].registration = known > 0 && known >= min(sharing, known) ? .registered : .missing
            }
        }
        guard memory.version == nil else {
            return
        }
        let summary = await run(AlluxioCommand.reportSummary, in: target, seconds: settings.fileCallSeconds)
        // An answer that can't be read names no version: it is asked for again at the next look.
        if let version = try? SummaryReport(summary).version {
            memory.version = version
            memory.versionOf = target.master?.meta.uid ?? ""
            seen.version = version
        }
    }

    /// Asks the client in the master pod for each worker's condition and use.
    private func report(_ target: DrainTarget, into seen: inout DrainObservation) async {
        let output = await run(AlluxioCommand.reportCapacity(.all), in: target, seconds: settings.fileCallSeconds)
        // What can't be read is unknown, never empty.
        guard let report = try? CapacityReport(output) else {
            return
        }
        var service: [String: CapacityReport.State] = [:]
        for row in report.workers.reversed() {
            // The freshest heartbeat comes first, and wins.
            service[row.name] = row.state ?? .active
        }
        seen.service = service
        for index in seen.workers.indices {
            let host = seen.workers[index].host
            let rows = report.workers.filter { $0.name == host }
            let isShared = seen.workers.count { $0.host == host } > 1
            if let row = rows.first, rows.count == 1, !isShared, row.state ?? .active == .active {
                seen.workers[index].isReportedEmpty =
                    row.tierCount == 1 && row.used == ByteSize(bytes: 0, isExact: true) && row.lastHeartbeatSeconds <= 5
            }
        }
    }

    /// Runs the client in the master pod; whatever happens is an outcome.
    func run(_ command: AlluxioCommand, in target: DrainTarget, seconds: Int) async -> CommandOutput {
        guard let master = target.master else {
            return CommandOutput(ending: .notStarted("there is no ready master pod"))
        }
        let request = ExecRequest(
            namespace: master.meta.namespace, pod: master.meta.name, container: DrainTarget.masterContainer,
            command: command.arguments, timeout: .seconds(seconds))
        do throws(ClusterError) {
            let result = try await cluster.exec(request)
            let output = String(decoding: result.standardOutput, as: UTF8.self)
            let errors = String(decoding: result.standardError, as: UTF8.self)
            if result.isTruncated {
                return CommandOutput(
                    ending: .cut("its output is too long"), standardOutput: output, standardError: errors)
            }
            return CommandOutput(exit: Int(result.exitCode), output, standardError: errors)
        } catch {
            switch error {
            case .timeout: return CommandOutput(ending: .gaveUp)
            case .status(let status) where status.code < 500:
                return CommandOutput(ending: .notStarted(status.description))
            // With a 5xx nobody knows whether the command runs.
            case .status, .transport, .tooLarge, .unreadable, .cancelled:
                return CommandOutput(ending: .cut(error.description))
            }
        }
    }
}
