/// `sluice review`: what would become of manifests, without any cluster.
enum Review {
    /// Reads, judges and shows; see `ExitStatus`.
    static func run(_ arguments: ParsedArguments) throws(UsageError) -> ExitStatus {
        let options = try ReviewOptions(arguments)
        guard !arguments.operands.isEmpty else {
            throw UsageError(message: "what is to be reviewed?", hint: "name files or folders, or - for standard input")
        }
        var reader = ManifestReader()
        for operand in arguments.operands { reader.read(operand) }
        let objects = Reviewer(options).review(reader.manifests)
        for problem in reader.problems { Console.complain("sluice review: \(problem)") }
        let output = ReviewOutput(objects)
        var isWritten = Console.write(output.text(options.output))
        if options.output == .yaml || options.output == .patch, isWritten {
            for remark in output.remarks { Console.complain(remark) }
        }
        // Whoever only wanted the first lines has closed the pipe: the status tells the rest.
        isWritten = true
        if !reader.problems.isEmpty || !isWritten { return .misuse }
        return objects.contains(where: \.isDenied) ? .failure : .success
    }
}
