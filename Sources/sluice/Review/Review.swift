internal import Kubernetes
internal import Wire

/// `sluice review`: what would become of manifests, or of what a cluster has.
enum Review {
    /// Reads, judges and shows; see `ExitStatus`.
    static func run(_ arguments: ParsedArguments) throws(UsageError) -> ExitStatus {
        let options = try ReviewOptions(arguments)
        if options.isServer { return server(options) }
        guard !arguments.operands.isEmpty else {
            throw UsageError(
                message: "what is to be reviewed?",
                hint: "name files or folders, or - for standard input, or --server for what a cluster has")
        }
        var reader = ManifestReader()
        reader.read(arguments.operands, each: options.isEach)
        for problem in reader.problems { Console.complain("sluice review: \(problem)") }
        for note in reader.notes { Console.complain("sluice review: note: \(note)") }
        let status = show(Reviewer(options).review(reader.manifests), options)
        return reader.problems.isEmpty ? status : .misuse
    }

    private static func server(_ options: ReviewOptions) -> ExitStatus {
        var settings = ServeSettings()
        settings.kubeconfig = options.kubeconfig
        settings.context = options.context
        do throws(StartError) {
            let connection = try ClusterConnection(settings, log: { _ in })
            defer { connection.close() }
            let cluster = connection.cluster
            let found = try Waiting.run("review") {
                await ClusterManifests.list(cluster, namespace: options.serverNamespace)
            }
            switch found {
            case .success(let found):
                guard let definition = found.definition else {
                    Console.complain("sluice review: this cluster has no AlluxioRuntime: there is nothing to judge")
                    return .success
                }
                let reviewer = Reviewer(options, schemas: schemas(definition.whole), definition: definition.read)
                let objects = reviewer.review(found.manifests)
                // Most autoscalers of a cluster are none of ours.
                return show(objects.filter { ClusterManifests.isOurs($0.manifest) || !$0.remarks.isEmpty }, options)
            case .failure(let error):
                Console.complain("sluice review: \(connection.description): \(error)")
            }
        } catch {
            Console.complain("sluice review: \(error.reason)")
        }
        return .misuse
    }

    /// What a cluster's API server knows; nil where its definition has what this program does not know.
    private static func schemas(_ definition: JSON) -> KnownSchemas? {
        do {
            return try KnownSchemas(cluster: definition)
        } catch {
            Console.complain(
                "sluice review: note: fields and types of AlluxioRuntimes are judged by the definition that is compiled in; "
                    + "the cluster's own can't be read: \(OneLine.text("\(error)"))")
            return nil
        }
    }

    private static func show(_ objects: [ReviewedObject], _ options: ReviewOptions) -> ExitStatus {
        let output = ReviewOutput(objects)
        // Whoever only wanted the first lines has closed the pipe: the status tells the rest.
        let isWritten = Console.write(output.text(options.output))
        if options.output == .yaml || options.output == .patch, isWritten {
            for remark in output.remarks { Console.complain(remark) }
        }
        return objects.contains(where: \.isDenied) ? .failure : .success
    }
}
