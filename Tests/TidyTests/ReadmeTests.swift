import Foundation
import Rules
import Testing

@Suite struct `The README` {
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

    /// Why a drain does not go on: a row for each reason that users can see.
    static let obstacles: String =
        "\n| reason | what is | what to do |\n|---|---|---|\n"
        + DrainObstacle.examples.filter { $0.patience != nil }
        .map { "| `\($0.reason)` | \($0.text) | \($0.remedy) |\n" }.joined() + "\n"

    @Test func `has the tables of rules and of reasons as the code has them`() throws {
        let place = SourceTree.root.appending(path: "README.md")
        var text = try String(contentsOf: place, encoding: .utf8)
        for (name, table) in [
            ("rules: made from RuleTable", Self.table), ("reasons: made from DrainObstacle", Self.obstacles),
        ] {
            let opening = "<!-- \(name); SLUICE_UPDATE=1 swift test --filter README writes it anew -->\n"
            let begin = try #require(text.firstRange(of: opening))
            let end = try #require(text.firstRange(of: "<!-- end of \(name.prefix { $0 != ":" }) -->\n"))
            if ProcessInfo.processInfo.environment["SLUICE_UPDATE"] == "1" {
                text.replaceSubrange(begin.upperBound..<end.lowerBound, with: table)
                try text.write(to: place, atomically: true, encoding: .utf8)
            } else {
                #expect(String(text[begin.upperBound..<end.lowerBound]) == table)
            }
        }
    }

    @Test func `has every code once, in the order of the table`() {
        let codes = RuleTable.rows.map(\.code)
        #expect(Set(codes) == Set(RuleCode.allCases))
        #expect(codes.count == RuleCode.allCases.count)
    }
}
