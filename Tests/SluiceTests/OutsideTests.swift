import Controller
import Glibc
import Synchronization
import Testing
import Transport
import Wire

@testable import sluice

@Suite struct `What comes from outside never holds us up` {
    @Test(.timeLimit(.minutes(5)))
    func `a file that is a pipe is refused without waiting for its writer`() throws {
        let folder = try ScratchFolder()
        let pipe = "\(folder.path)/tls.crt"
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let error = #expect(throws: SystemError.self) { try SmallFile.read(pipe, limit: 1000) }
        #expect(error?.description.contains("\(pipe), which is a pipe or device") == true)
        let other = #expect(throws: FileError.self) { try FileReading.bytes(pipe) }
        #expect(other?.description == "\(pipe): is a pipe or device, and no regular file")
        #expect(throws: SystemError.self) { try SmallFile.read("/dev/zero", limit: 1000) }
        #expect(throws: FileError.self) { try FileReading.bytes("/dev/zero") }
        #expect(throws: SystemError("read \(folder.path)", number: EISDIR)) {
            try SmallFile.read(folder.path, limit: 1000)
        }
        #expect(try SmallFile.read(folder.write("token", "abc"), limit: 1000) == Array("abc".utf8))
    }

    @Test(.timeLimit(.minutes(5)))
    func `every file of serve may be a pipe, and is refused by name`() throws {
        let folder = try ScratchFolder()
        let pipe = "\(folder.path)/pipe"
        #expect(unsafe mkfifo(pipe, 0o600) == 0)
        let loader = SettingsLoader.ofProcess()
        #expect(throws: UsageError.self) { try loader.readFile(pipe) }
        #expect(throws: TLSError.self) {
            _ = try CertificateStore(files: CertificateFiles(certificate: pipe, privateKey: pipe)) { _ in }
        }
    }

    /// A pipe that nobody reads, full.
    private func fullPipe() -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        unsafe pipe(&ends)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let page = [UInt8](repeating: 46, count: 4096)
        while unsafe write(ends[1], page, page.count) > 0 {}
        _ = fcntl(ends[1], F_SETFL, 0)
        return (ends[0], ends[1])
    }

    @Test(.timeLimit(.minutes(5)))
    func `a log that nobody reads keeps little, counts what it drops, and lets the process end`() throws {
        let pipe = fullPipe()
        defer {
            close(pipe.read)
            close(pipe.write)
        }
        let log = try LogWriter(format: .text, level: .info, descriptor: pipe.write)
        let line = LogRecord(.info, String(repeating: "x", count: 1000))
        for _ in 0..<10_000 { log.write(line) }
        // The writer holds one backlog at most, and as much may wait behind it.
        let kept = Int64(2 * LogWriter.backlogBytesMax / 1000 + 2)
        #expect(log.droppedLines >= 10_000 - kept && log.droppedLines < 10_000)
        log.close()
    }

    @Test(.timeLimit(.minutes(5)))
    func `a log that is read again says how many lines were dropped`() throws {
        let pipe = fullPipe()
        let log = try LogWriter(format: .text, level: .info, descriptor: pipe.write)
        let line = LogRecord(.info, String(repeating: "x", count: 1000))
        for _ in 0..<10_000 { log.write(line) }
        let dropped = log.droppedLines
        let reader = Reader(descriptor: pipe.read)
        reader.start()
        log.write(LogRecord(.info, "again"))
        log.close()
        close(pipe.write)
        let all = reader.join()
        close(pipe.read)
        let told = all.split(separator: "\n").filter { $0.contains("log lines dropped") }
        let counts = told.compactMap { $0.split(separator: "=").last.flatMap { Int64($0) } }
        #expect(counts.reduce(0, +) == log.droppedLines && log.droppedLines >= dropped)
    }

    @Test func `the page of metrics is made for a tenth of the time at most`() {
        let clock = Atomic<Int64>(0)
        let made = Atomic<Int>(0)
        let page = MetricsPage(now: { MonotonicTime(nanoseconds: clock.load(ordering: .relaxed)) }) {
            clock.add(5_000_000, ordering: .relaxed)
            return Array("\(made.add(1, ordering: .relaxed).newValue)".utf8)
        }
        for _ in 0..<1_000 {
            _ = page.text()
            clock.add(100_000, ordering: .relaxed)
        }
        // 1,000 requests in 100 ms: made at 0, then after each 45 ms beside the 5 ms that it takes.
        #expect(made.load(ordering: .relaxed) == 3)
        clock.add(50_000_000, ordering: .relaxed)
        #expect(page.text() == Array("4".utf8))
    }
}

/// Reads a descriptor to its end on a loop of its own.
private final class Reader: Sendable {
    private let descriptor: Int32
    private let bytes = Mutex<[UInt8]>([])
    private let loop: EventLoop?

    init(descriptor: Int32) {
        self.descriptor = descriptor
        loop = try? EventLoop(name: "reader")
    }

    func start() {
        try? loop?.start()
        loop?.execute { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = unsafe read(descriptor, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes.withLock { $0 += buffer[..<count] }
            }
            loop?.stop()
        }
    }

    func join() -> String {
        loop?.join()
        return bytes.withLock { String(decoding: $0, as: UTF8.self) }
    }
}
