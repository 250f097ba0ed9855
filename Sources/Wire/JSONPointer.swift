/// A path into a JSON value as JSON patches write it (RFC 6901), such as `/metadata/annotations/sluice.dev~1paused`.
public enum JSONPointer {
    /// One token as it stands in a pointer: `~` becomes `~0`, `/` becomes `~1` (section 3).
    public static func escape(_ token: String) -> String {
        guard token.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return token }
        var result = ""
        for scalar in token.unicodeScalars {
            switch scalar {
            case "~": result += "~0"
            case "/": result += "~1"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The pointer of these tokens; empty for none, which means the whole document.
    public static func join(_ tokens: [String]) -> String {
        tokens.map { "/" + escape($0) }.joined()
    }

    /// The tokens of a pointer; nil if it is none (section 4: it begins with `/`, and each `~` is followed by 0 or 1).
    public static func split(_ pointer: String) -> [String]? {
        guard !pointer.isEmpty else { return [] }
        guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in pointer.unicodeScalars.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            var token = ""
            var escaped = false
            for scalar in part {
                if escaped {
                    guard scalar == "0" || scalar == "1" else { return nil }
                    token += scalar == "0" ? "~" : "/"
                    escaped = false
                } else if scalar == "~" {
                    escaped = true
                } else {
                    token.unicodeScalars.append(scalar)
                }
            }
            guard !escaped else { return nil }
            tokens.append(token)
        }
        return tokens
    }
}
