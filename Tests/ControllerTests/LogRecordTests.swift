import Testing
import Wire

@testable import Controller

@Suite struct LogRecordTests {
    let record = LogRecord(
        .warning, "admission",
        [
            (name: "user", value: "system:admin"), (name: "reason", value: "two\nlines \"quoted\""),
            (name: "codes", value: ["E101", "W102"]), (name: "microseconds", value: 42), (name: "empty", value: ""),
        ])

    private func written(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes = Array("before\n".utf8)
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a line of JSON holds the fields in their order and ends in one line feed`() {
        #expect(
            written { record.writeJSON(time: "T", to: &$0) }
                == "before\n" + #"{"time":"T","level":"warning","message":"admission","user":"system:admin","#
                + #""reason":"two\nlines \"quoted\"","codes":["E101","W102"],"microseconds":42,"empty":""}"# + "\n")
    }

    @Test func `a line of text quotes only what needs it, so that no value can forge a second line`() {
        #expect(
            written { record.writeText(time: "T", to: &$0) }
                == "before\n"
                + #"T WARNING admission user=system:admin reason="two\nlines \"quoted\"" codes=["E101","W102"] "#
                + #"microseconds=42 empty="""# + "\n")
    }

    @Test func `levels are ordered by urgency`() {
        #expect(LogRecord.Level.allCases.sorted() == [.debug, .info, .warning, .error])
    }
}
