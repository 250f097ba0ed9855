import Foundation
import Rules
import Testing

@Suite struct `The README` {
    static let begin =
        "<!-- rules: made from RuleTable; SLUICE_UPDATE=1 swift test --filter README writes it anew -->\n"
    static let end = "<!-- end of rules -->\n"

    /// The table as it should be: a section for each kind of object, a row for each code.
    static let table: String =
        Rule.Object.allCases.map { object in
            let rows = RuleTable.rows.filter { $0.object == object }
            return "\n**\(object.rawValue)**\n\n| code | does | when |\n|---|---|---|\n"
                + rows.map { "| \($0.code.rawValue) | \(Self.verb($0.kind)) | \($0.meaning) |\n" }.joined()
        }.joined() + "\n"

    private static func verb(_ kind: RuleKind) -> String {
        switch kind {
        case .fillsIn: "fills in"
        case .denies: "denies"
        case .warns: "warns"
        case .holds: "holds"
        }
    }

    @Test func `has the table of rules as the code has it`() throws {
        let place = SourceTree.root.appending(path: "README.md")
        let text = try String(contentsOf: place, encoding: .utf8)
        let begin = try #require(text.firstRange(of: Self.begin))
        let end = try #require(text.firstRange(of: Self.end))
        if ProcessInfo.processInfo.environment["SLUICE_UPDATE"] == "1" {
            let updated = text[..<begin.upperBound] + Self.table + text[end.lowerBound...]
            try String(updated).write(to: place, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[begin.upperBound..<end.lowerBound]) == Self.table)
        }
    }

    @Test func `has every code once, in the order of the table`() {
        let codes = RuleTable.rows.map(\.code)
        #expect(Set(codes) == Set(RuleCode.allCases))
        #expect(codes.count == RuleCode.allCases.count)
    }
}
