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

    @Test func `what steers a terminal or turns the direction of writing is escaped, and what is long is cut`() {
        let long = String(repeating: "\u{0301}", count: 4_000_000)
        let record = LogRecord(
            .info, "admission",
            [
                ("esc", "a\u{1B}[2Jb"), ("c1", "a\u{9B}31mb"), ("bidi", "a\u{202E}b\u{2066}c"), ("long", .string(long)),
                ("list", .array(Array(repeating: .string("\u{1B}"), count: 10_000))),
            ])
        for text in [
            written { record.writeJSON(time: "T", to: &$0) }, written { record.writeText(time: "T", to: &$0) },
        ] {
            #expect(text.utf8.count <= 32 << 10)
            #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || $0.properties.generalCategory != .control })
            #expect(text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .format })
            #expect(text.contains(#"\u{202e}"#) && text.contains(#"\u{9b}"#) && text.contains(#"\u{1b}"#))
            #expect(text.contains("..."))
        }
    }

    @Test func `levels are ordered by urgency`() {
        #expect(LogRecord.Level.allCases.sorted() == [.debug, .info, .warning, .error])
    }
}
