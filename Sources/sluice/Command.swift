/// What `sluice` can be told to do.
enum Command: String, CaseIterable {
    case serve
    case review
    case status
    case version

    var summary: String {
        switch self {
        case .serve: "answer the API server, and drain workers before they are removed"
        case .review: "show manifests, or what a cluster has, as they would be admitted"
        case .status: "show how the drains of a cluster go, and what blocks them"
        case .version: "say which version this is, and of what it is made"
        }
    }

    /// How its words are put together.
    var usage: String {
        switch self {
        case .serve: "sluice serve [OPTION]..."
        case .review: "sluice review [OPTION]... FILE|DIR|-...|--server"
        case .status: "sluice status [OPTION]... [RUNTIME]"
        case .version: "sluice version [OPTION]..."
        }
    }

    var options: [CommandOption] {
        switch self {
        case .serve: SettingsLoader.options
        case .review: ReviewOptions.options
        case .status: Status.options
        case .version: [CommandOption(name: "short", summary: "the number alone")]
        }
    }

    /// The option that every command has.
    static let help = CommandOption(name: "help", letter: "h", summary: "show this")
}

/// How a command ended, as the exit status says it.
enum ExitStatus: Int32 {
    /// All went well.
    case success = 0
    /// What was asked for did not come about: something would be denied, or serving ended by a fault.
    case failure = 1
    /// The command line, a setting or an input could not be understood.
    case misuse = 2
}
