internal import CLinux
internal import Glibc
internal import Synchronization

/// An option of a command, as `getopt_long` and the help text know it.
struct CommandOption: Sendable {
    /// What follows the option's name.
    enum Argument: Sendable, Equatable {
        /// Nothing: `--dry-run`.
        case none
        /// A value, shown under this name in the help: `--listen ADDRESS`.
        case required(String)
        /// Nothing, which is `true`, or `=true` and `=false`.
        case flag
    }

    /// The long name without dashes.
    let name: String
    /// The one-letter name, if there is one.
    var letter: Character?
    var argument = Argument.none
    /// What it does, in one line.
    let summary: String
    /// What holds without it; empty where that is nothing.
    var defaultText = ""
}

/// A command line that can't be understood: exit status 2.
struct UsageError: Error, Equatable, CustomStringConvertible {
    /// What is wrong, in one line.
    let message: String
    /// What to do about it, in one line; empty where nothing is known.
    var hint = ""

    var description: String { hint.isEmpty ? message : "\(message)\n\(hint)" }
}

/// A command's words, taken apart.
struct ParsedArguments: Equatable {
    /// An option and its value: `true` for one without.
    struct Value: Equatable {
        let name: String
        let value: String
    }

    /// The options in their order.
    var options: [Value] = []
    /// What is no option, in its order.
    var operands: [String] = []

    /// The value of the last option with this name.
    func last(_ name: String) -> String? { options.last { $0.name == name }?.value }
    /// The values of all options with this name.
    func all(_ name: String) -> [String] { options.filter { $0.name == name }.map(\.value) }
    func has(_ name: String) -> Bool { options.contains { $0.name == name } }
}

/// Takes the words of a command line apart with `getopt_long(3)`: long options may be cut short where that is clear,
/// options and operands may be mixed, and `--` ends the options.
enum Arguments {
    /// getopt keeps its place in globals.
    private static let turn = Mutex(())

    /// Reads the words after the command's name.
    static func parse(
        _ words: [String], command: String, options: [CommandOption]
    ) throws(UsageError) -> ParsedArguments {
        if let word = words.first(where: { $0.utf8.contains(0) }) {
            throw UsageError(message: "a zero byte in '\(word)'")
        }
        let result = turn.withLock { _ in
            Result { () throws(UsageError) in try read(words, command: command, options: options) }
        }
        return try result.get()
    }

    private static func read(
        _ words: [String], command: String, options: [CommandOption]
    ) throws(UsageError) -> ParsedArguments {
        let vector = CStrings([command] + words)
        let names = CStrings(options.map(\.name))
        var table: [option] = unsafe []
        for (index, entry) in options.enumerated() {
            let kind =
                switch entry.argument {
                case .none: no_argument
                case .required: required_argument
                case .flag: optional_argument
                }
            unsafe table.append(option(name: names[index], has_arg: kind, flag: nil, val: firstCode + Int32(index)))
        }
        unsafe table.append(option())
        // A colon in front: a missing argument is told from an unknown option.
        var letters = ":"
        for entry in options {
            guard let letter = entry.letter else { continue }
            letters.append(letter)
            if case .required = entry.argument { letters.append(":") }
        }

        var parsed = ParsedArguments()
        var restart: Int32 = 1
        var next: Int32 = 1
        while true {
            var argument: UnsafePointer<CChar>?
            var letter: Int32 = 0
            let code = unsafe CLinux_next_option(
                vector.count, vector.pointers, letters, table, restart, &argument, &next, &letter)
            restart = 0
            if code == -1 { break }
            guard let entry = entry(code, options) else {
                throw misuse(code, letter, word: vector.text(at: next - 1), options: options)
            }
            let value = unsafe argument.map { unsafe String(cString: $0) } ?? "true"
            parsed.options.append(ParsedArguments.Value(name: entry.name, value: value))
        }
        // getopt has moved what is no option to the end.
        for index in next..<max(next, vector.count) { parsed.operands.append(vector.text(at: index)) }
        return parsed
    }

    /// Long options are told by numbers above all letters.
    private static let firstCode: Int32 = 0x1000

    private static func entry(_ code: Int32, _ options: [CommandOption]) -> CommandOption? {
        if code >= firstCode {
            let index = Int(code - firstCode)
            return index < options.count ? options[index] : nil
        }
        return options.first { $0.letter?.asciiValue.map(Int32.init) == code }
    }

    private static func misuse(
        _ code: Int32, _ letter: Int32, word: String, options: [CommandOption]
    ) -> UsageError {
        let named = entry(letter, options)
        if code == Int32(UInt8(ascii: ":")) {
            guard let named, case .required(let placeholder) = named.argument else {
                return UsageError(message: "\(word) needs a value")
            }
            return UsageError(message: "--\(named.name) needs a value", hint: "as in: --\(named.name) \(placeholder)")
        }
        if let named { return UsageError(message: "--\(named.name) takes no value") }
        let name = word.drop { $0 == "-" }.prefix { $0 != "=" }
        if word.hasPrefix("--") {
            let longer = options.map(\.name).filter { $0.hasPrefix(name) }
            if longer.count > 1 {
                let which = longer.map { "--\($0)" }.joined(separator: " or ")
                return UsageError(message: "--\(name) is not clear", hint: "do you mean \(which)?")
            }
            let near = Spelling.nearest(to: String(name), in: options.map(\.name))
            return UsageError(
                message: "there is no option --\(name)", hint: near.map { "do you mean --\($0)?" } ?? "")
        }
        let shown = UInt32(exactly: letter).flatMap(Unicode.Scalar.init).map { "-\($0)" } ?? word
        return UsageError(message: "there is no option \(shown)")
    }
}

/// Strings as C wants them, with an end of list; freed with it.
@safe
private final class CStrings {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?]
    private let texts: [String]

    init(_ texts: [String]) {
        self.texts = texts
        unsafe pointers = texts.map { unsafe strdup($0) } + [nil]
    }

    deinit {
        for index in unsafe pointers.indices { unsafe free(pointers[index]) }
    }

    var count: Int32 { Int32(texts.count) }

    subscript(_ index: Int) -> UnsafePointer<CChar>? { unsafe UnsafePointer(pointers[index]) }

    /// The word at this place now: getopt may have moved it.
    func text(at index: Int32) -> String {
        guard index >= 0, index < count, let pointer = unsafe pointers[Int(index)] else { return "" }
        return unsafe String(cString: pointer)
    }
}
