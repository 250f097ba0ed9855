import Rules
import Testing

@Suite struct `What the alluxio command says` {
    @Test(arguments: ["alluxio-2.9.0.txt", "alluxio-2.9.6.txt"])
    func `every recorded capacity report reads as a table or as the error that it is`(name: String) throws {
        var tables = 0
        for call in try Transcript(name).calls where call.command.hasPrefix("alluxio fsadmin report capacity") {
            let said = call.output.standardOutput
            do {
                let report = try CapacityReport(call.output)
                tables += 1
                let names = said.split(separator: "\n").count { $0.contains(" capacity  ") }
                #expect(report.workers.count == names, "\(said)")
                #expect(report.workers.allSatisfy { $0.name.hasPrefix("127.0.1.") })
            } catch {
                #expect(!said.contains("Worker Name"), "\(error): \(said)")
            }
        }
        #expect(tables >= 7)
    }

    @Test func `a lost two-tier worker and an emptied one keep their figures`() throws {
        let two = try Transcript("alluxio-2.9.0.txt").calls.compactMap { try? CapacityReport($0.output) }
        let wide = try #require(two.first { $0.workers.count == 3 })
        let empty = try #require(wide.workers.first { $0.name == "127.0.1.3" })
        #expect(empty.tierCount == 2 && empty.used.bytes == 2048 << 20 && !empty.used.isExact)
        let single = try #require(wide.workers.first { $0.name == "127.0.1.2" })
        #expect(single.tierCount == 1)

        let new = try Transcript("alluxio-2.9.6.txt").calls.compactMap { try? CapacityReport($0.output) }
        let states = new.flatMap { $0.workers }.compactMap { $0.state }
        #expect(Set(states) == [.active, .decommissioned])
        let wiped = try #require(new.flatMap { $0.workers }.first { $0.capacity.bytes == 0 })
        #expect(wiped.used == ByteSize(bytes: 0, isExact: true))
    }

    @Test func `the layouts of 2_3 to 2_9_6 give the same columns`() throws {
        for sample in CapacitySamples.all {
            let report = try CapacityReport(CommandOutput(exit: 0, sample.text))
            #expect(report.scope == sample.scope)
            let rows = report.workers.map {
                "\($0.name) \($0.state?.rawValue ?? "-") \($0.lastHeartbeatSeconds) \($0.used.bytes) \($0.tierCount)"
            }
            #expect(rows == sample.rows)
        }
    }

    @Test func `a report that is cut, garbled or of another kind is an error and never empty`() {
        for sample in CapacitySamples.all {
            let bytes = Array(sample.text.utf8)
            // A prefix may be whole only where a worker's two lines are.
            for length in 0..<bytes.count {
                let part = String(decoding: bytes[..<length], as: UTF8.self)
                guard let report = try? CapacityReport(CommandOutput(exit: 0, part)) else {
                    continue
                }
                #expect(part.contains("Worker Name"), "\(part)")
                #expect(report.workers.count <= sample.rows.count)
            }
            let shifted = sample.text.replacing("used", with: "held")
            #expect(throws: CapacityReportError.self) { try CapacityReport(CommandOutput(exit: 0, shifted)) }
            let unknown = sample.text.replacing("ACTIVE", with: "SLEEPING")
            if unknown != sample.text {
                #expect(throws: CapacityReportError.self) { try CapacityReport(CommandOutput(exit: 0, unknown)) }
            }
        }
        for text in ["", "\n", "bogus", "Capacity information for live workers: \n"] {
            #expect(throws: CapacityReportError.self) { try CapacityReport(CommandOutput(exit: 0, text)) }
        }
        #expect(throws: CapacityReportError.failed("the call did not end by itself")) {
            try CapacityReport(CommandOutput(ending: .gaveUp, standardOutput: "No workers found.\n"))
        }
        #expect(throws: CapacityReportError.safeMode) {
            try CapacityReport(CommandOutput(exit: 255, "Alluxio master is in safe mode. Please try again later.\n"))
        }
        #expect(throws: CapacityReportError.noMaster) {
            try CapacityReport(CommandOutput(exit: 255, "Cannot connect to Alluxio leader master.\n"))
        }
    }

    @Test func `No workers found is the one empty report`() throws {
        let report = try CapacityReport(CommandOutput(exit: 0, "Warning: something\nNo workers found.\n"))
        #expect(report.workers.isEmpty)
    }

    @Test func `the version is read from every summary`() throws {
        let call = try #require(
            try Transcript("alluxio-2.9.0.txt").calls.first {
                $0.command == "alluxio fsadmin report summary" && $0.output.ending == .exited(0)
            })
        let summary = try SummaryReport(call.output)
        #expect(summary.version == AlluxioVersion(2, 9, 0) && summary.liveWorkers == 2 && !summary.isInSafeMode)
        let masters =
            "    Version: 2.9.4\n    Safe Mode: true\n    Master Address  State  Version\n    m:19998  PRIMARY  2.9.4\n    Live Workers: 2\n"
        let later = try SummaryReport(CommandOutput(exit: 0, masters))
        #expect(later.version.canDecommission && later.isInSafeMode)
        #expect(throws: CapacityReportError.self) { try SummaryReport(CommandOutput(exit: 0, "    Version: many\n")) }
    }

    @Test func `versions order, and know what they can do`() {
        let table: [(String, AlluxioVersion?, Bool)] = [
            ("2.3.0", AlluxioVersion(2, 3, 0), false), ("2.9.3", AlluxioVersion(2, 9, 3), false),
            ("2.9.4", AlluxioVersion(2, 9, 4), true),
            ("2.10.0-SNAPSHOT", AlluxioVersion(2, 10, 0, isPrerelease: true), true),
            ("2.9.0.1", AlluxioVersion(2, 9, 0), false), ("311", AlluxioVersion(3, 0, 0), false),
            ("3.2", AlluxioVersion(3, 2, 0), false), ("", nil, false), ("2", nil, false), ("2.x", nil, false),
            ("2..9", nil, false), ("99999999999999999999.1", nil, false), ("2.9.4 ", nil, false), ("-1.2", nil, false),
        ]
        for (text, version, can) in table {
            #expect(AlluxioVersion(text) == version, "\(text)")
            #expect((AlluxioVersion(text)?.canDecommission ?? false) == can, "\(text)")
        }
        #expect(AlluxioVersion(2, 9, 4, isPrerelease: true) < AlluxioVersion(2, 9, 4))
        #expect(AlluxioVersion(2, 9, 9) < AlluxioVersion(2, 10, 0))
    }

    @Test func `sizes are exact only in bytes`() {
        let table: [(String, Int64?, Bool)] = [
            ("0B", 0, true), ("5120B", 5120, true), ("443.89MB", 465_452_400, false), ("5.00GB", 5 << 30, false),
            ("1.00PB", 1 << 50, false), ("-", nil, false), ("MB", nil, false), ("1.5GB", nil, false),
            ("1,00GB", nil, false),
            ("-1B", nil, false), ("99999999999999999999B", nil, false), ("1..00KB", nil, false), ("10", nil, false),
        ]
        for (text, bytes, exact) in table {
            let size = ByteSize(text)
            #expect((size == nil) == (bytes == nil), "\(text)")
            if let size, let bytes {
                #expect(abs(size.bytes - bytes) < 1024 && size.isExact == exact, "\(text)")
            }
        }
    }
}
