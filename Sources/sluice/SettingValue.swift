internal import Rules

/// A value that a setting can't take, with what it takes instead.
struct SettingError: Error, Equatable {
    let message: String
}

/// Where a listener listens: `127.0.0.1:9443`, `[::1]:9443`, `:9443` for every address.
struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A numeric address, or a name; empty for every address of the machine.
    var host: String
    /// 0 lets the system choose.
    var port: UInt16

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init(_ text: String) throws(SettingError) {
        let wanted = SettingError(message: "'\(text)' is no address; write HOST:PORT, [IPV6]:PORT or :PORT")
        guard let colon = text.lastIndex(of: ":") else { throw wanted }
        let digits = text[text.index(after: colon)...]
        var host = text[..<colon]
        guard !digits.isEmpty, digits.allSatisfy(\.isASCIIDigit), let port = UInt16(digits) else { throw wanted }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.contains(":") else { throw wanted }
        } else if host.contains(":") {
            throw wanted
        }
        guard host.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 }) else { throw wanted }
        self.init(host: String(host), port: port)
    }
}

extension Character {
    var isASCIIDigit: Bool { isASCII && isNumber }
}

/// Reads the values that settings have in common.
enum SettingValue {
    static func bool(_ text: String) throws(SettingError) -> Bool {
        switch text {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: throw SettingError(message: "'\(text)' is neither true nor false")
        }
    }

    static func count(_ text: String, in range: ClosedRange<Int>) throws(SettingError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw SettingError(message: "'\(text)' is no number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    static func choice<Value: CaseIterable & RawRepresentable>(
        _ text: String, of type: Value.Type
    ) throws(SettingError) -> Value where Value.RawValue == String {
        if let value = Value(rawValue: text) { return value }
        let choices = Value.allCases.map(\.rawValue)
        let near = Spelling.nearest(to: text.lowercased(), in: choices.map { $0.lowercased() })
        let meant = choices.first { $0.lowercased() == near }.map { "; do you mean \($0)?" } ?? ""
        throw SettingError(message: "'\(text)' is none of \(choices.joined(separator: ", "))\(meant)")
    }

    /// Reads a duration: `500ms`, `10s`, `1h30m`.
    static func duration(_ text: String, in range: ClosedRange<Duration>) throws(SettingError) -> Duration {
        guard let milliseconds = DurationText.milliseconds(text) else {
            throw SettingError(message: "'\(text)' is no duration; write it as 500ms, 10s, 5m or 1h30m")
        }
        let duration = Duration.milliseconds(milliseconds)
        guard range.contains(duration) else {
            throw SettingError(
                message: "'\(text)' is not between \(show(range.lowerBound)) and \(show(range.upperBound))")
        }
        return duration
    }

    /// Writes a duration so that `duration` reads the same again.
    static func show(_ duration: Duration) -> String {
        DurationText.written(milliseconds: milliseconds(duration))
    }

    /// A duration in whole milliseconds, cut off.
    static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds &* 1000 &+ attoseconds / 1_000_000_000_000_000
    }
}
