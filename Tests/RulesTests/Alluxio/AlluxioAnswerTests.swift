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

    @Test func `whoever is out of service says so`() throws {
        let new = try Transcript("alluxio-2.9.6.txt").calls.compactMap { try? CapacityReport($0.output) }
        let states = new.flatMap { $0.workers }.compactMap { $0.state }
        #expect(Set(states) == [.active, .decommissioned])
    }

    @Test func `the layouts of 2_3 to 2_9_6 give the same columns`() throws {
        for sample in CapacitySamples.all {
            let report = try CapacityReport(CommandOutput(exit: 0, sample.text))
            let rows = report.workers.map {
                "\($0.name) \($0.state?.rawValue ?? "-") \($0.lastHeartbeatSeconds)"
            }
            // What a worker holds is asked of itself: sizes and tiers are not read.
            let expected = sample.rows.map { $0.split(separator: " ").dropLast(2).joined(separator: " ") }
            #expect(rows == expected)
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
            #expect(throws: ReportError.self) { try CapacityReport(CommandOutput(exit: 0, shifted)) }
            let unknown = sample.text.replacing("ACTIVE", with: "SLEEPING")
            if unknown != sample.text {
                #expect(throws: ReportError.self) { try CapacityReport(CommandOutput(exit: 0, unknown)) }
            }
        }
        for text in ["", "\n", "bogus", "Capacity information for live workers: \n"] {
            #expect(throws: ReportError.self) { try CapacityReport(CommandOutput(exit: 0, text)) }
        }
        #expect(throws: ReportError.failed("the call did not end by itself")) {
            try CapacityReport(CommandOutput(ending: .gaveUp, standardOutput: "No workers found.\n"))
        }
        #expect(throws: ReportError.safeMode) {
            try CapacityReport(CommandOutput(exit: 255, "Alluxio master is in safe mode. Please try again later.\n"))
        }
        #expect(throws: ReportError.noMaster) {
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
        #expect(throws: ReportError.self) { try SummaryReport(CommandOutput(exit: 0, "    Version: many\n")) }
    }

    @Test func `versions order, and know what they can do`() {
        let table: [(String, AlluxioVersion?, Bool)] = [
            ("2.3.0", AlluxioVersion(2, 3, 0), false), ("2.9.3", AlluxioVersion(2, 9, 3), false),
            ("2.9.4", AlluxioVersion(2, 9, 4), true),
            ("2.10.0-SNAPSHOT", AlluxioVersion(2, 10, 0, isPrerelease: true), true),
            ("2.9.0.1", AlluxioVersion(2, 9, 0), false), ("311", AlluxioVersion(3, 0, 0), false),
            ("3.2", AlluxioVersion(3, 2, 0), false), ("", nil, false), ("2", nil, false), ("2.x", nil, false),
            ("2..9", nil, false), ("2.9.0.1.5", nil, false), (".", nil, false), ("99999999999999999999.1", nil, false),
            ("2.9.4 ", nil, false), ("-1.2", nil, false),
        ]
        for (text, version, can) in table {
            #expect(AlluxioVersion(text) == version, "\(text)")
            #expect((AlluxioVersion(text)?.canDecommission ?? false) == can, "\(text)")
        }
        #expect(AlluxioVersion(2, 9, 4, isPrerelease: true) < AlluxioVersion(2, 9, 4))
        #expect(AlluxioVersion(2, 9, 9) < AlluxioVersion(2, 10, 0))
    }
}
