import Controller
import Synchronization
import Testing
import Wire

@testable import sluice

/// Keeps what is written, and can hold the writer up.
private final class Capture: Sendable {
    let bytes = Mutex<[UInt8]>([])
    let gate = Mutex(())

    func write(_ more: [UInt8]) {
        gate.withLock { _ in }
        bytes.withLock { $0 += more }
    }

    var lines: [String] {
        let text = bytes.withLock { String(decoding: $0, as: UTF8.self) }
        return text.split(separator: "\n").map(String.init)
    }
}

@Suite struct `The log` {
    @Test func `shows the time by RFC 3339`() {
        var clock = LogClock()
        #expect(clock.show(seconds: 0, nanoseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(clock.show(seconds: 1_795_475_323, nanoseconds: 4_999_999) == "2026-11-23T23:08:43.004Z")
        #expect(clock.show(seconds: 951_782_399, nanoseconds: 999_999_999) == "2000-02-28T23:59:59.999Z")
        #expect(clock.show(seconds: 951_782_400, nanoseconds: 0) == "2000-02-29T00:00:00.000Z")
    }

    @Test func `keeps the order of lines, and writes them all before it closes`() throws {
        let capture = Capture()
        let log = try LogWriter(format: .text, level: .info) { capture.write($0) }
        for number in 0..<1000 { log.write(LogRecord(.info, "line", [("n", .integer(Int64(number)))])) }
        log.write(LogRecord(.debug, "not shown"))
        log.close()
        #expect(capture.lines.map { String($0.dropFirst(25)) } == (0..<1000).map { "INFO line n=\($0)" })
    }

    @Test func `writes JSON that can be read again`() throws {
        let capture = Capture()
        let log = try LogWriter(format: .json, level: .debug) { capture.write($0) }
        log.sink(LogRecord(.error, "a \"quoted\"\nline", [("name", "x")]))
        log.close()
        var parser = JSONParser()
        let value = try parser.parse(Array(try #require(capture.lines.first).utf8).span)
        #expect(value["message"]?.string == "a \"quoted\"\nline")
        #expect(value["level"]?.string == "error")
    }

    @Test func `drops and counts what a slow reader does not take`() throws {
        let capture = Capture()
        let log = try LogWriter(format: .text, level: .info) { capture.write($0) }
        let long = String(repeating: "x", count: 1 << 20)
        capture.gate.withLock { _ in
            for _ in 0..<16 { log.write(LogRecord(.info, long)) }
        }
        log.close()
        let told = capture.lines.filter { $0.contains("log lines dropped") }
        let written = capture.lines.count(where: { $0.hasSuffix("xxx") })
        #expect(written < 16)
        // Told once for each time that it was written in between.
        let dropped = told.compactMap { $0.split(separator: "=").last.flatMap { Int($0) } }
        #expect(dropped.reduce(0, +) == 16 - written)
    }
}
