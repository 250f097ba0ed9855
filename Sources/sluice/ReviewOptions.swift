/// What `sluice review` can be told.
struct ReviewOptions {
    /// What is shown of each object.
    enum Output: String, CaseIterable {
        /// The manifest as it would be admitted, and every remark.
        case text
        /// The manifests alone, to be applied or kept.
        case yaml
        /// The JSON patch of each object.
        case patch
        /// Everything, for programs.
        case json
    }

    static let options: [CommandOption] = []
}

enum Review {
    static func run(_ arguments: ParsedArguments) throws(UsageError) -> ExitStatus { .success }
}
