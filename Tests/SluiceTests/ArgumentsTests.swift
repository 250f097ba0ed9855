import Testing

@testable import sluice

@Suite struct `The command line` {
    static let options = [
        CommandOption(name: "output", letter: "o", argument: .required("text|yaml"), summary: ""),
        CommandOption(name: "listen", argument: .required("ADDRESS"), summary: ""),
        CommandOption(name: "lease", argument: .required("NAME"), summary: ""),
        CommandOption(name: "dry-run", argument: .flag, summary: ""),
        CommandOption(name: "help", letter: "h", summary: ""),
    ]

    func parse(_ words: [String]) throws -> ParsedArguments {
        try Arguments.parse(words, command: "sluice test", options: Self.options)
    }

    @Test func `takes long and short options and operands in any order`() throws {
        let parsed = try parse(["a", "--output", "yaml", "b", "-otext", "--listen=:1", "--", "--help"])
        #expect(parsed.all("output") == ["yaml", "text"])
        #expect(parsed.last("output") == "text")
        #expect(parsed.last("listen") == ":1")
        #expect(parsed.operands == ["a", "b", "--help"])
        #expect(!parsed.has("help"))
    }

    @Test func `takes a flag with and without a value`() throws {
        #expect(try parse(["--dry-run", "x"]).options == [.init(name: "dry-run", value: "true")])
        #expect(try parse(["--dry-run=false"]).last("dry-run") == "false")
        #expect(try parse(["--dry-run", "x"]).operands == ["x"])
    }

    @Test func `completes what is clear, and takes a single dash as standard input`() throws {
        #expect(try parse(["--li", ":1", "--he"]).options.map(\.name) == ["listen", "help"])
        #expect(try parse(["-"]).operands == ["-"])
        #expect(try parse([]).options == [])
    }

    @Test(arguments: [
        (["--lisen", "x"], "there is no option --lisen", "do you mean --listen?"),
        (["--l", "x"], "--l is not clear", "do you mean --listen or --lease?"),
        (["--listen"], "--listen needs a value", "as in: --listen ADDRESS"),
        (["-o"], "--output needs a value", "as in: --output text|yaml"),
        (["--help=yes"], "--help takes no value", ""),
        (["-x"], "there is no option -x", ""),
        (["--xylophone"], "there is no option --xylophone", ""),
    ])
    func `says what is wrong`(words: [String], message: String, hint: String) {
        #expect(throws: UsageError(message: message, hint: hint)) { try parse(words) }
    }

    @Test func `refuses a zero byte`() {
        #expect(throws: UsageError.self) { try parse(["a\0b"]) }
    }

    @Test func `suggests what is near`() {
        #expect(Spelling.nearest(to: "revew", in: ["serve", "review", "version"]) == "review")
        #expect(Spelling.nearest(to: "sevre", in: ["serve", "review"]) == "serve")
        #expect(Spelling.nearest(to: "delete", in: ["serve", "review"]) == nil)
        #expect(Spelling.distance("", "abc") == 3)
        #expect(Spelling.distance("kitten", "sitting") == 3)
        #expect(Spelling.distance("ab", "ba") == 1)
    }
}

@Suite struct `The help` {
    @Test(arguments: Command.allCases) func `names every option with its default`(command: Command) {
        let text = Help.text(command)
        for option in command.options {
            #expect(text.contains("--\(option.name)"))
            #expect(option.defaultText.isEmpty || text.contains("(\(option.defaultText))"))
        }
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
    }

    @Test func `names every command`() {
        for command in Command.allCases { #expect(Help.overview.contains("  \(command.rawValue) ")) }
    }

    @Test func `has no option twice`() {
        for command in Command.allCases {
            let names = (command.options + [Command.help]).map(\.name)
            #expect(Set(names).count == names.count)
        }
    }
}
