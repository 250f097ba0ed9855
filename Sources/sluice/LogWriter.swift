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
    static let backlogBytesMax = 4 << 20
    /// How long a line waits for others: waking a thread for each would cost more than the admission itself.
    private static let gatheringTime = Duration.milliseconds(5)

    private struct Backlog {
        var bytes: [UInt8] = []
        var droppedLines: Int64 = 0
        var isScheduled = false
        var clock = LogClock()
    }

    private let format: ServeSettings.LogFormat
    private let level: LogRecord.Level
    private let output: @Sendable ([UInt8]) -> Void
    private let backlog = Mutex(Backlog())
    private let loop: EventLoop

    /// Starts the writing thread.
    ///
    /// - Parameter output: writes all bytes, and may block; standard output unless a test wants them.
    init(
        format: ServeSettings.LogFormat, level: LogRecord.Level,
        // Once standard output is gone there is nowhere left to say so.
        output: @escaping @Sendable ([UInt8]) -> Void = { _ = Console.write($0, to: STDOUT_FILENO) }
    ) throws(SystemError) {
        self.format = format
        self.level = level
        self.output = output
        loop = try EventLoop(name: "log")
        try loop.start()
    }

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
        loop.execute { self.writeBacklog() }
        loop.stop()
        loop.join()
    }

    private func append(_ record: LogRecord, to backlog: inout Backlog) {
        if backlog.bytes.count > Self.backlogBytesMax {
            backlog.droppedLines &+= 1
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
