internal import Controller
internal import Glibc
internal import Kubernetes
internal import Synchronization
internal import Transport
internal import Wire

/// `sluice status`: how the drains of a cluster go, as their objects tell it.
struct Status: Sendable {
    /// How it is shown.
    enum Output: String, CaseIterable, Sendable {
        case text
        case json
    }

    /// How often the cluster is looked at under `--watch`.
    private static let watchInterval = Duration.seconds(1)

    static let options: [CommandOption] = [
        CommandOption(
            name: "namespace", letter: "n", argument: .required("NAME"), summary: "of the runtimes; else all"),
        CommandOption(
            name: "output", letter: "o", argument: .required("text|json"), summary: "a table, or a line of JSON",
            defaultText: "text"),
        CommandOption(name: "watch", letter: "w", summary: "go on, and show what changes, until Ctrl-C"),
        CommandOption(
            name: "kubeconfig", argument: .required("FILE"),
            summary: "else KUBECONFIG, the pod's account, ~/.kube/config"),
        CommandOption(
            name: "context", argument: .required("NAME"), summary: "the kubeconfig's context; else its current one"),
    ]

    private let namespace: String?
    private let name: String?
    private let output: Output
    private let isWatching: Bool

    private init(_ arguments: ParsedArguments) throws(UsageError) {
        guard arguments.operands.count <= 1 else { throw UsageError(message: "one runtime, or none for all") }
        name = arguments.operands.first
        namespace = arguments.last("namespace")
        isWatching = arguments.has("watch")
        do {
            output = try SettingValue.choice(arguments.last("output") ?? "text", of: Output.self)
        } catch {
            throw UsageError(message: "--output: \(error.message)")
        }
    }

    /// Asks the cluster, and shows what it says.
    static func run(_ arguments: ParsedArguments) throws(UsageError) -> ExitStatus {
        let status = try Status(arguments)
        var settings = ServeSettings()
        settings.kubeconfig = arguments.last("kubeconfig")
        settings.context = arguments.last("context")
        do throws(StartError) {
            let connection = try ClusterConnection(settings, log: { _ in })
            defer { connection.close() }
            return try status.run(connection.cluster)
        } catch {
            Console.complain("sluice status: \(error.reason)")
            return .failure
        }
    }

    private func run(_ cluster: some Cluster) throws(StartError) -> ExitStatus {
        let waiting: EventLoop
        do throws(SystemError) {
            waiting = try EventLoop(name: "status")
            try waiting.start()
        } catch {
            throw StartError(reason: "\(error)")
        }
        let outcome = Outcome()
        Task {
            let status = await follow(cluster)
            outcome.status.withLock { $0 = status }
            waiting.stop()
        }
        waiting.join()
        return outcome.status.withLock { $0 }
    }

    /// Carries the result from the task to the thread that waits for it.
    private final class Outcome: Sendable {
        let status = Mutex(ExitStatus.failure)
    }

    private func follow(_ cluster: some Cluster) async -> ExitStatus {
        var shown: [RuntimeStatus]?
        while true {
            do throws(ClusterError) {
                let runtimes = try await look(cluster)
                if let name, runtimes.isEmpty {
                    Console.complain("sluice status: there is no AlluxioRuntime \(name)")
                    return .failure
                }
                if runtimes != shown || isatty(STDOUT_FILENO) == 1 {
                    guard show(runtimes, isFirst: shown == nil) else { return .failure }
                }
                shown = runtimes
            } catch {
                Console.complain("sluice status: \(error)")
                // A watch goes on when the API server comes back.
                if !isWatching || !error.isTransient { return .failure }
            }
            if !isWatching { return .success }
            // Nobody cancels this task: the process ends instead.
            try? await Task.sleep(for: Self.watchInterval)
        }
    }

    private func show(_ runtimes: [RuntimeStatus], isFirst: Bool) -> Bool {
        guard output == .text else { return Console.write(StatusOutput.json(runtimes)) }
        // A terminal shows the newest state in place: cursor home, then clear to the end.
        let isTerminal = isWatching && isatty(STDOUT_FILENO) == 1
        let before = isTerminal ? "\u{1B}[H\u{1B}[J" : isFirst ? "" : "\n"
        return Console.write(before + StatusOutput.table(runtimes))
    }

    private func look(_ cluster: some Cluster) async throws(ClusterError) -> [RuntimeStatus] {
        var runtimes: [AlluxioRuntime] = []
        if let list = try await list(cluster, .alluxioRuntimes, Selection(fields: name.map { "metadata.name=\($0)" })) {
            // One that can't be read is left out, as the reconciler leaves it out.
            runtimes = list.elements.compactMap { try? AlluxioRuntime($0) }
        }
        var sets: [WorkerSet] = []
        let workers = Selection(labels: WorkerSet.labelSelector)
        for (resource, kind) in [(Resource.statefulSets, WorkerSet.Kind.statefulSet), (.daemonSets, .daemonSet)] {
            guard let list = try await list(cluster, resource, workers) else { continue }
            // Likewise.
            sets += list.elements.compactMap { try? WorkerSet($0, kind: kind) }
        }
        var drains: [WorkerDrain] = []
        if let list = try await list(cluster, .workerDrains, Selection()) {
            // Likewise.
            drains = list.elements.compactMap { try? WorkerDrain($0) }
        }
        return RuntimeStatus.join(runtimes, sets, drains)
    }

    /// The items of a list; nil if the cluster has no such kind.
    private func list(
        _ cluster: some Cluster, _ resource: Resource, _ selection: Selection
    ) async throws(ClusterError) -> JSONValue? {
        do throws(ClusterError) {
            let answer = try await cluster.send(.list(resource, namespace: namespace, selection: selection))
            return try answer.json()["items"]
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }
}
