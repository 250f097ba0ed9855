internal import Controller
internal import Glibc
internal import Synchronization
internal import Transport
internal import Wire

/// Writes log lines from a thread of its own, so that whoever reads them slowly never holds an admission up.
///
/// At most `backlogBytesMax` wait; lines on top of that are dropped, and counted in a line as soon as there is room.
final class LogWriter: Sendable {
    /// So many bytes wait for a reader that does not keep up, and one line more.
    static let backlogBytesMax = 1 << 20
    /// How long a line waits for others: waking a thread for each would cost more than the admission itself.
    private static let gatheringTime = Duration.milliseconds(5)

    private struct Backlog {
        var bytes: [UInt8] = []
        var droppedLines: Int64 = 0
        var droppedLinesEver: Int64 = 0
        var isScheduled = false
        var clock = LogClock()
    }

    private let format: ServeSettings.LogFormat
    private let level: LogRecord.Level
    private let output: @Sendable ([UInt8]) -> Void
    private let onClose: @Sendable () -> Void
    private let backlog = Mutex(Backlog())
    private let loop: EventLoop

    /// Starts the writing thread.
    ///
    /// - Parameters:
    ///   - output: writes all bytes, and may block.
    ///   - onClose: called when the process is about to end, so that `output` does not block for long any more.
    init(
        format: ServeSettings.LogFormat, level: LogRecord.Level, output: @escaping @Sendable ([UInt8]) -> Void,
        onClose: @escaping @Sendable () -> Void = {}
    ) throws(SystemError) {
        self.format = format
        self.level = level
        self.output = output
        self.onClose = onClose
        loop = try EventLoop(name: "log")
        try loop.start()
    }

    /// Starts the writing thread for a descriptor; whoever reads it gets a last second when the process ends.
    convenience init(
        format: ServeSettings.LogFormat, level: LogRecord.Level, descriptor: Int32 = STDOUT_FILENO
    ) throws(SystemError) {
        let end = LogEnd()
        try self.init(
            format: format, level: level,
            // Once standard output is gone there is nowhere left to say so.
            output: { _ = Console.write($0, to: descriptor, givesUp: { end.hasCome }) },
            onClose: { end.set(after: .seconds(1)) })
    }

    /// How many lines were dropped so far.
    var droppedLines: Int64 { backlog.withLock { $0.droppedLinesEver } }

    /// What the other modules are handed.
    var sink: LogSink {
        { record in self.write(record) }
    }

    /// Takes a line; from any thread, and never blocks.
    func write(_ record: LogRecord) {
        guard record.level >= level else { return }
        let mustSchedule = backlog.withLock { backlog in
            append(record, to: &backlog)
            defer { backlog.isScheduled = true }
            return !backlog.isScheduled
        }
        if mustSchedule {
            loop.execute { self.loop.schedule(after: Self.gatheringTime) { self.writeBacklog() } }
        }
    }

    /// Writes what waits, and ends the thread; what comes afterwards is lost.
    func close() {
        onClose()
        loop.execute { self.writeBacklog() }
        loop.stop()
        loop.join()
    }

    private func append(_ record: LogRecord, to backlog: inout Backlog) {
        if backlog.bytes.count > Self.backlogBytesMax {
            backlog.droppedLines &+= 1
            backlog.droppedLinesEver &+= 1
            return
        }
        let time = backlog.clock.now()
        switch format {
        case .json: record.writeJSON(time: time, to: &backlog.bytes)
        case .text: record.writeText(time: time, to: &backlog.bytes)
        }
    }

    /// Writes what waits, on the writing thread; what comes meanwhile is gathered for the next time.
    private func writeBacklog() {
        let bytes = backlog.withLock { backlog in
            var bytes: [UInt8] = []
            swap(&bytes, &backlog.bytes)
            if backlog.droppedLines > 0 {
                let count = backlog.droppedLines
                backlog.droppedLines = 0
                append(LogRecord(.warning, "log lines dropped", [("count", .integer(count))]), to: &backlog)
                bytes += backlog.bytes
                backlog.bytes = []
            }
            backlog.isScheduled = false
            return bytes
        }
        if !bytes.isEmpty { output(bytes) }
    }
}

/// The moment from which nobody waits for the log's reader any more.
private final class LogEnd: Sendable {
    private let moment = Atomic<Int64>(.max)

    var hasCome: Bool { MonotonicTime.current().nanoseconds >= moment.load(ordering: .relaxed) }

    func set(after delay: Duration) {
        moment.store(MonotonicTime.current().advanced(by: delay).nanoseconds, ordering: .relaxed)
    }
}
