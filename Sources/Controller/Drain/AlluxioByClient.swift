internal import Kubernetes
internal import Rules
internal import Synchronization
internal import Wire

/// Alluxio as its workers' own pages and the client in the master pod show it.
struct AlluxioByClient<Base: Cluster>: Sendable {
    let cluster: Base
    let settings: ReconcilerSettings

    /// How many workers are asked side by side.
    static var workersAtOnce: Int { 16 }
    /// For how long the client's report of who is registered is good: a call is a JVM of its own.
    static var reportLife: Duration { .seconds(30) }
    /// How old an answer may be, in the middle of a look, before it is asked for again.
    static var freshFor: Duration { .milliseconds(2500) }

    /// Answers all but the master's list of blocks.
    func answer(_ questions: DrainQuestions, about target: DrainTarget, memory: inout CacheMemory) async -> CacheAnswers
    {
        var answers = CacheAnswers()
        if memory.versionOf != target.master?.meta.uid {
            memory = CacheMemory()
            memory.versionOf = target.master?.meta.uid ?? ""
        }
        if questions.registration { await register(target, memory: &memory, into: &answers) }
        // The client takes seconds: the workers are asked last, so that they are fresh when something is done because of them.
        if questions.service, let report = await report(target, &answers) {
            for pod in target.pods {
                // The freshest heartbeat comes first, and wins.
                answers.services[pod.meta.uid] = report.state(ofHost: pod.hostIP)
            }
        }
        answers.version = memory.version
        var asked = target.pods.filter { pod in
            let isAsked = questions.survivors || questions.workers.contains(pod.meta.uid)
            let container = pod.container(named: DrainTarget.workerContainer)
            return isAsked && pod.phase == "Running" && container?.isRunning == true
                && (!pod.meta.isDeleting || questions.workers.contains(pod.meta.uid))
        }
        memory.pageLimits = memory.pageLimits.filter { uid, _ in target.pods.contains { $0.meta.uid == uid } }
        let room = max(50, WorkerListReader.pathsMaximum / max(1, asked.count))
        // A worker that answers slowly must not make the others' answers old: those are asked again, alone.
        for _ in 0..<3 where !asked.isEmpty {
            await look(
                at: asked, room: questions.isBrief ? nil : room, limits: &memory.pageLimits, into: &answers)
            let now = cluster.monotonicTime()
            asked = asked.filter { pod in
                questions.isUrgent && questions.workers.contains(pod.meta.uid)
                    && answers.looks[pod.meta.uid]?.reading.map { now - $0.begunAt > Self.freshFor } ?? false
            }
        }
        return answers
    }

    /// Makes a call of the client.
    func execute(_ call: CacheCall, on target: DrainTarget) async -> CacheAnswer {
        switch call {
        case .free(let path, let isFolder):
            guard let command = AlluxioCommand.free(path) else { return .failed("the path may not be passed on") }
            let seconds = isFolder ? settings.folderCallSeconds : settings.fileCallSeconds
            return CacheAnswer(free: await run(command, in: target, seconds: seconds), of: path)
        case .takeOutOfService(let worker, _):
            let limit = settings.serviceCallSeconds
            // The call in the pod ends first, so that its answer still reaches us.
            let command = AlluxioCommand.decommission(host: worker.host, webPort: worker.webPort, limitSeconds: limit)
            return await service(command, target, seconds: limit + 10)
        case .takeBack(let worker):
            let command = AlluxioCommand.enable(host: worker.host, webPort: worker.webPort)
            return await service(command, target, seconds: settings.fileCallSeconds)
        case .remove: return .unsupported("the client removes no single block")
        }
    }

    private func service(_ command: AlluxioCommand?, _ target: DrainTarget, seconds: Int) async -> CacheAnswer {
        guard let command else { return .failed("the worker's address or port is none") }
        return CacheAnswer(service: await run(command, in: target, seconds: seconds))
    }

    /// Asks each master for its workers until one knows any.
    ///
    /// A standby serves no page, or one without workers (`alluxio.standby.master.web.enabled`): of several masters none is
    /// believed that, and the client asks whoever leads.
    private func register(_ target: DrainTarget, memory: inout CacheMemory, into answers: inout CacheAnswers) async {
        for master in target.masters {
            guard let port = master.container(named: DrainTarget.masterContainer)?.port(named: "web") else { continue }
            answers.cost += 1
            let request = APIRequest.podProxy(
                namespace: master.meta.namespace, pod: master.meta.name, port: Int(port), path: "/api/v1/master/info")
            // A master that can't be asked so is asked by its own client.
            guard let value = try? await cluster.send(request).json(), let info = MasterInfo(value) else { continue }
            guard !target.mastersMayBeMore || !(info.workers + info.lostWorkers).isEmpty else { continue }
            memory.version = info.version ?? memory.version
            answers.masterStarted = info.startedMilliseconds
            for pod in target.pods {
                let web = pod.container(named: DrainTarget.workerContainer)?.port(named: "web").map { Int($0) }
                func knows(_ workers: [MasterInfo.Worker]) -> Bool {
                    workers.contains { $0.isPod(nodeAddress: pod.hostIP, podAddress: pod.podIP, webPort: web) }
                }
                answers.registrations[pod.meta.uid] =
                    knows(info.workers) ? .live : knows(info.lostWorkers) ? .lost : .missing
            }
            answers.strangers = info.strangers(beside: target.pods)
            return
        }
        await registerByClient(target, memory: &memory, into: &answers)
    }

    /// The client in the master pod, where the API server does not reach the masters.
    private func registerByClient(_ target: DrainTarget, memory: inout CacheMemory, into answers: inout CacheAnswers)
        async
    {
        let now = cluster.monotonicTime()
        if memory.report == nil || now - memory.reportAt >= Self.reportLife {
            memory.report = await report(target, &answers)
            memory.reportAt = now
        }
        // What can't be read leaves the registration unknown.
        guard let report = memory.report else { return }
        for pod in target.pods {
            let rows = report.workers.filter { $0.name == pod.hostIP }
            answers.registrations[pod.meta.uid] =
                rows.contains { $0.state ?? .active == .active } ? .live : rows.isEmpty ? .missing : .lost
        }
        answers.strangers = Set(
            report.workers.map(\.name).filter { name in
                !target.pods.contains { $0.hostIP == name && $0.hasRun(DrainTarget.workerContainer) }
            })
        guard memory.version == nil else { return }
        answers.cost += 1
        // An answer that can't be read names no version: it is asked for again at the next look.
        let summary = await run(AlluxioCommand.reportSummary, in: target, seconds: settings.fileCallSeconds)
        // Likewise.
        memory.version = try? SummaryReport(summary).version
    }

    private func report(_ target: DrainTarget, _ answers: inout CacheAnswers) async -> CapacityReport? {
        answers.cost += 1
        // What can't be read is unknown, never empty.
        return try? CapacityReport(
            await run(AlluxioCommand.reportCapacity, in: target, seconds: settings.fileCallSeconds))
    }

    /// Runs the client in the master pod; whatever happens is an outcome.
    private func run(_ command: AlluxioCommand, in target: DrainTarget, seconds: Int) async -> CommandOutput {
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
            guard !result.isTruncated else { return CommandOutput(ending: .cut("its output is too long")) }
            return CommandOutput(exit: Int(result.exitCode), output, standardError: errors)
        } catch {
            switch error {
            case .timeout: return CommandOutput(ending: .gaveUp)
            case .status where error.isForbidden:
                return CommandOutput(ending: .forbidden("get and create pods/exec"))
            case .status(let status) where status.code < 500:
                return CommandOutput(ending: .notStarted(status.description))
            // With a 5xx nobody knows whether the command runs.
            case .status, .transport, .tooLarge, .unreadable, .cancelled:
                return CommandOutput(ending: .cut(error.description))
            }
        }
    }
}

extension MasterInfo {
    /// The workers at places where none of these pods has run, by host and port: workers of one runtime may share a node.
    ///
    /// The address in a container network does not tell: a pod that is made again at the same place has another.
    func strangers(beside pods: [Pod]) -> Set<String> {
        let places = pods.filter { $0.hasRun(DrainTarget.workerContainer) }
        let others = (workers + lostWorkers).filter { worker in
            !places.contains { pod in
                let web = pod.container(named: DrainTarget.workerContainer)?.port(named: "web").map { Int($0) }
                return (worker.host == pod.hostIP || worker.host == pod.podIP)
                    && (web ?? worker.webPort) == worker.webPort
            }
        }
        return Set(others.map { "\($0.host):\($0.webPort)" })
    }
}
