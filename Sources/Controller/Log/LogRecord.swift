internal import Rules
public import Wire

/// One line of the log: what happened, to which object, and the facts that the person on call needs.
///
/// Never holds the contents of an object. `sluice` writes it as JSON or as text; whatever it holds comes out printable, and
/// cut to a length.
public struct LogRecord: Sendable {
    /// How urgent a line is.
    public enum Level: String, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        /// Orders by urgency, `debug` first.
        public static func < (left: Level, right: Level) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .warning: 2
            case .error: 3
            }
        }
    }

    /// How urgent the line is.
    public var level: Level
    /// What happened, in a few words that are constant for each kind of event.
    public var message: String
    /// The facts, in the order in which they are shown.
    public var fields: [(name: String, value: JSON)]

    /// The most bytes of one text in a line: more than a refusal with all its errors has.
    static let textBytesMax = 16 << 10
    /// The most elements of one list in a line.
    static let elementsMax = 32

    /// Makes a line.
    public init(_ level: Level, _ message: String, _ fields: [(name: String, value: JSON)] = []) {
        self.level = level
        self.message = message
        self.fields = fields
    }

    /// Appends the line as one JSON object; `time` is RFC 3339 in UTC.
    public func writeJSON(time: String, to bytes: inout [UInt8]) {
        var line: [UInt8] = []
        swap(&line, &bytes)
        var writer = JSONWriter(behind: consume line)
        writer.beginObject()
        writer.name("time")
        writer.value(time)
        writer.name("level")
        writer.value(level.rawValue)
        writer.name("message")
        writer.value(message)
        for field in fields {
            writer.name(field.name)
            writer.value(Self.shown(field.value))
        }
        writer.endObject()
        writer.endLine()
        bytes = writer.bytes
    }

    /// Appends the line as text for people: time, level, message, then `name=value`.
    public func writeText(time: String, to bytes: inout [UInt8]) {
        var text = "\(time) \(level.rawValue.uppercased()) \(message)"
        for field in fields {
            text += " \(field.name)=\(Self.plain(Self.shown(field.value)))"
        }
        text += "\n"
        bytes.append(contentsOf: text.utf8)
    }

    /// A value as it may be shown; names in it may come from anybody.
    private static func shown(_ value: JSON) -> JSON {
        switch value {
        case .string(let text): .string(printable(text, limit: textBytesMax, keepsLines: true))
        case .array(let elements): .array(elements.prefix(elementsMax).map(shown))
        default: value
        }
    }

    /// A value without quotes where it reads the same without them.
    private static func plain(_ value: JSON) -> String {
        if case .string(let text) = value, !text.isEmpty,
            text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0.value != 0x7F })
        {
            return text
        }
        return String(decoding: value.encoded(), as: UTF8.self)
    }
}

/// Where log lines go; called from any thread, must not block for long.
public typealias LogSink = @Sendable (LogRecord) -> Void
