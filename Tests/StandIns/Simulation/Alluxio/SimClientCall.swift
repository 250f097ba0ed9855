/// One call of `alluxio` in the master's pod, as its argument vector.
struct SimClientCall {
    /// After how many seconds `timeout` ends it; nil if it is not under it.
    var limitSeconds: Int64?
    /// `fs` or `fsadmin`.
    var program = ""
    /// The command and its arguments, without what is for the JVM.
    var words: [String] = []
    /// What `-D` sets.
    var settings: [String: String] = [:]

    init?(_ arguments: [String]) {
        var rest = arguments[...]
        if rest.first == "env" {
            rest.removeFirst()
            while let word = rest.first, word.contains("=") { rest.removeFirst() }
        }
        if rest.first == "timeout" {
            rest.removeFirst()
            limitSeconds = rest.popFirst().flatMap { Int64($0) }
        }
        guard rest.popFirst() == "alluxio", let program = rest.popFirst() else { return nil }
        self.program = program
        for word in rest {
            if word.hasPrefix("-X") || word.hasPrefix("-D") {
                let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
                if parts.count == 2 { settings[String(parts[0])] = String(parts[1]) }
            } else {
                words.append(word)
            }
        }
    }

    var command: String { words.first ?? "" }
    /// What is behind the command, without flags.
    var arguments: [String] { words.dropFirst().filter { !$0.hasPrefix("-") } }
    func has(_ flag: String) -> Bool { words.contains(flag) }
}
