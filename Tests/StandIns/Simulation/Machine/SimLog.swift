import Controller
import Wire

/// What a process logged.
final class SimLog: @unchecked Sendable {
    // Written on the world's one thread.
    struct Line {
        var at: Int64
        var level: LogRecord.Level
        var text: String
        /// The runtime that it is about, if it says one.
        var runtime: String
    }

    private(set) var lines: [Line] = []

    func add(_ record: LogRecord, at time: Int64, process: Int, _ world: SimWorld) {
        guard record.level > .debug, record.message != "admission" else { return }
        let text =
            record.message
            + record.fields.reduce("") { text, field in
                ["namespace", "name"].contains(field.name) ? text : text + " \(field.name)=\(Self.plain(field.value))"
            }
        let name = record.fields.first { $0.name == "name" }?.value.string ?? ""
        lines.append(Line(at: time, level: record.level, text: text, runtime: name))
        if world.isTracing { world.note("log \(process) \(record.level.rawValue) \(name): \(text)") }
    }

    private static func plain(_ value: JSON) -> String {
        value.string ?? String(decoding: value.encoded(), as: UTF8.self)
    }

    /// Lines about a runtime since a time.
    func since(_ time: Int64, runtime: String) -> [Line] {
        var start = lines.count
        while start > 0, lines[start - 1].at >= time { start -= 1 }
        return lines[start...].filter { $0.runtime == runtime }
    }
}
