internal import Controller
internal import Glibc
internal import Kubernetes
internal import Rules
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
            let connection = try ClusterConnection(settings, log: Self.complain)
            defer { connection.close() }
            let cluster = connection.cluster
            return try Waiting.run("status") { await status.follow(cluster) }
        } catch {
            Console.complain("sluice status: \(error.reason)")
            return .failure
        }
    }

    /// Shows what a service would log: warnings about the kubeconfig.
    private static func complain(_ record: LogRecord) {
        for case (_, .string(let text)) in record.fields { Console.complain("sluice status: \(text)") }
    }

    private func follow(_ cluster: some Cluster) async -> ExitStatus {
        var shown: [RuntimeStatus]?
        var told: Set<String> = []
        while true {
            do throws(ClusterError) {
                guard let (runtimes, problems) = try await look(cluster) else {
                    Console.complain(
                        "sluice status: this cluster has no kind AlluxioRuntime; install Fluid, or see whether this is "
                            + "the cluster you mean (--kubeconfig, --context)")
                    return .failure
                }
                // The reconciler leaves them out as well.
                for problem in problems where !told.contains(problem) { Console.complain("sluice status: \(problem)") }
                told = Set(problems)
                if let name, runtimes.isEmpty {
                    guard problems.isEmpty else { return .failure }
                    let place = namespace.map { "namespace \($0)" } ?? "any namespace"
                    Console.complain("sluice status: there is no AlluxioRuntime \(name) in \(place)")
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

    /// What there is, and what of it can't be read; nil if the cluster has no such kind.
    private func look(
        _ cluster: some Cluster
    ) async throws(ClusterError) -> (runtimes: [RuntimeStatus], problems: [String])? {
        let selection = Selection(fields: name.map { "metadata.name=\($0)" })
        guard let list = try await self.list(cluster, .alluxioRuntimes, selection) else { return nil }
        let runtimes = ReadableItems(list, of: "AlluxioRuntime") { (item) throws(ObjectError) in
            try AlluxioRuntime(item)
        }
        var problems = runtimes.problems
        var sets: [WorkerSet] = []
        let workers = Selection(labels: WorkerSet.labelSelector)
        for (resource, kind) in [(Resource.statefulSets, WorkerSet.Kind.statefulSet), (.daemonSets, .daemonSet)] {
            let found = try await self.list(cluster, resource, workers)
            let read = ReadableItems(found, of: kind.rawValue) { (item) throws(ObjectError) in
                try WorkerSet(item, kind: kind)
            }
            sets += read.objects
            problems += read.problems
        }
        let found = try await self.list(cluster, .workerDrains, Selection())
        let drains = ReadableItems(found, of: "WorkerDrain") { (item) throws(ObjectError) in try WorkerDrain(item) }
        problems += drains.problems
        return (RuntimeStatus.join(runtimes.objects, sets, drains.objects), problems)
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
