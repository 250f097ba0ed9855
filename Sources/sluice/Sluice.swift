internal import Glibc

/// The command line's entry: finds the command, reads its words, and turns what comes of it into an exit status.
@main
struct Sluice {
    static func main() {
        let status = run(Array(CommandLine.arguments.dropFirst()))
        exit(status.rawValue)
    }

    /// Runs one command to its end.
    static func run(_ words: [String]) -> ExitStatus {
        guard let word = words.first else {
            Console.complain("which command?\n\(Help.overview)")
            return .misuse
        }
        let rest = Array(words.dropFirst())
        switch word {
        case "--help", "-h": return show(Help.overview)
        case "help": return help(rest.first)
        case "--version": return show("sluice \(Version.number)\n")
        default: break
        }
        guard let command = Command(rawValue: word) else { return unknown(word) }
        do {
            let arguments = try Arguments.parse(
                rest, command: "sluice \(word)", options: [Command.help] + command.options)
            if arguments.has("help") { return show(Help.text(command)) }
            return try run(command, arguments)
        } catch {
            Console.complain("sluice \(word): \(error)\ntry: sluice \(word) --help")
            return .misuse
        }
    }

    private static func run(_ command: Command, _ arguments: ParsedArguments) throws(UsageError) -> ExitStatus {
        switch command {
        case .serve:
            try refuseOperands(arguments)
            return try serve(SettingsLoader.ofProcess().load(arguments))
        case .review:
            return try Review.run(arguments)
        case .status:
            return try Status.run(arguments)
        case .version:
            try refuseOperands(arguments)
            return show(arguments.has("short") ? "\(Version.number)\n" : Version.text)
        }
    }

    private static func refuseOperands(_ arguments: ParsedArguments) throws(UsageError) {
        if let word = arguments.operands.first { throw UsageError(message: "what is '\(word)' for?") }
    }

    private static func show(_ text: String) -> ExitStatus {
        Console.write(text) ? .success : .failure
    }

    private static func help(_ word: String?) -> ExitStatus {
        guard let word else { return show(Help.overview) }
        guard let command = Command(rawValue: word) else { return unknown(word) }
        return show(Help.text(command))
    }

    private static func unknown(_ word: String) -> ExitStatus {
        let near = Spelling.nearest(to: word, in: Command.allCases.map(\.rawValue))
        let hint = near.map { "do you mean: sluice \($0)?" } ?? "try: sluice --help"
        Console.complain("sluice: there is no command \(word)\n\(hint)")
        return .misuse
    }
}
