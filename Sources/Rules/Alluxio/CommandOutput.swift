/// What came of one call of the client.
public struct CommandOutput: Sendable, Hashable {
    /// How a call ended.
    public enum Ending: Sendable, Hashable {
        /// By itself, with this exit status.
        case exited(Int)
        /// We gave up waiting; it still runs in the pod.
        case gaveUp
        /// The connection broke in the middle; it may still run in the pod.
        case cut(String)
        /// It never began: no such pod, container or program.
        case notStarted(String)
        /// It never began, for lack of this right.
        case forbidden(String)
    }

    /// How it ended.
    public var ending: Ending
    /// Standard output; Alluxio prints its errors here too.
    public var standardOutput: String
    /// Standard error.
    public var standardError: String

    /// Makes the outcome of a call.
    public init(ending: Ending, standardOutput: String = "", standardError: String = "") {
        self.ending = ending
        self.standardOutput = standardOutput
        self.standardError = standardError
    }

    /// Makes the outcome of a call that exited.
    public init(exit: Int, _ standardOutput: String = "", standardError: String = "") {
        self.init(ending: .exited(exit), standardOutput: standardOutput, standardError: standardError)
    }
}

extension StringProtocol {
    /// The lines, split at line feeds only, each without a carriage return at its end.
    ///
    /// Swift sees `\r\n` as one character, so that splitting by `"\n"` would miss it.
    var textLines: [Substring.UnicodeScalarView] {
        Substring(self).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.last == "\r" ? line.dropLast() : line
        }
    }

    /// The text between a prefix and a suffix, if it has both and they do not overlap.
    func between(_ prefix: String, _ suffix: String) -> String? {
        guard utf8.starts(with: prefix.utf8), utf8.count >= prefix.utf8.count + suffix.utf8.count,
            utf8.reversed().starts(with: suffix.utf8.reversed())
        else {
            return nil
        }
        return String(Substring(self).utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))
    }

    /// Whether the bytes of `part` occur in the text.
    func hasBytes(_ part: String) -> Bool {
        let needle = Array(part.utf8)
        let hay = Array(utf8)
        guard !needle.isEmpty, hay.count >= needle.count else {
            return needle.isEmpty
        }
        return (0...(hay.count - needle.count)).contains { start in
            hay[start] == needle[0] && hay[start..<(start + needle.count)].elementsEqual(needle)
        }
    }

    /// The text without blanks, tabs, carriage returns and line feeds at both ends.
    var trimmed: String {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let bytes = Substring(self).utf8.drop { blanks.contains($0) }
        let end = bytes.lastIndex { !blanks.contains($0) }
        return end.map { String(bytes[...$0]) ?? "" } ?? ""
    }
}
