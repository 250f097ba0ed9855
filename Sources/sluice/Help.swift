/// The texts of `--help`.
enum Help {
    private static let width = 34

    /// What `sluice --help` shows.
    static let overview: String = {
        var text = """
            Sluice is the gate on Fluid's cache autoscaling: an admission webhook for AlluxioRuntimes and their
            autoscalers, and a reconciler that drains a cache worker before it is removed.

            Usage: sluice COMMAND [OPTION]...

            Commands:

            """
        for command in Command.allCases { text += line("  \(command.rawValue)", command.summary) }
        text += "\n`sluice COMMAND --help` shows a command's options.\n"
        return text
    }()

    /// What `sluice COMMAND --help` shows, with every default.
    static func text(_ command: Command) -> String {
        var text = "\(command.usage)\n\n\(command.summary.prefix(1).uppercased())\(command.summary.dropFirst()).\n"
        let settings = Dictionary(uniqueKeysWithValues: Setting.all.map { ($0.name, $0.section) })
        let options = [Command.help] + command.options
        text += "\nOptions:\n" + options.filter { settings[$0.name] == nil || command != .serve }.map(line).joined()
        guard command == .serve else { return text + epilogue(command) }
        for section in Setting.Section.allCases {
            text += "\n\(section.rawValue):\n"
            text += options.filter { settings[$0.name] == section }.map(line).joined()
        }
        return text + epilogue(command)
    }

    private static func epilogue(_ command: Command) -> String {
        switch command {
        case .serve:
            """

            Each of these is also an environment variable (--tls-cert: SLUICE_TLS_CERT, lists by commas) and a key of the
            file (tls-cert: ...). Flags win over the environment, that over the file. SIGTERM and SIGINT end it once what
            runs is answered; SIGHUP looks at the certificate's files at once.

            """
        case .review:
            """

            Reads YAML and JSON as kubectl does: files with several documents, lists, folders with all that is below them
            (*.yaml, *.yml, *.json), - for standard input. All that is given is one bundle, and its objects know each other,
            unless --each. --server judges what a cluster has today as if it were created now.
            Exit status: 0 if all would be admitted, 1 if anything would be denied, 2 if something can't be read.

            """
        case .status:
            """

            Shows what the WorkerDrains say; a runtime that was never drained has none. Exit status: 1 if the cluster can't be
            asked, or has no runtime of that name.

            """
        case .version: ""
        }
    }

    private static func line(_ option: CommandOption) -> String {
        var name = option.letter.map { "  -\($0), --\(option.name)" } ?? "      --\(option.name)"
        if case .required(let placeholder) = option.argument { name += " \(placeholder)" }
        return line(name, option.summary + (option.defaultText.isEmpty ? "" : " (\(option.defaultText))"))
    }

    /// A name and what it means; below each other where the name is long.
    private static func line(_ name: String, _ meaning: String) -> String {
        let gap = width - name.count
        if gap < 2 { return name + "\n" + String(repeating: " ", count: width) + meaning + "\n" }
        return name + String(repeating: " ", count: gap) + meaning + "\n"
    }
}
