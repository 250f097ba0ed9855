import Foundation
import Testing

@testable import Rules

/// A table of samples and the file that has what the rules should say to each, to the letter.
struct Golden: Sendable, CustomTestStringConvertible {
    let file: String
    let samples: [Sample]

    static let all: [Golden] = [
        Golden(file: "runtime-create-mutate", samples: Sample.runtimeDefaults),
        Golden(file: "runtime-create-validate", samples: Sample.runtimeCreates),
        Golden(file: "runtime-update-validate", samples: Sample.runtimeUpdates),
        Golden(file: "hpa-create-mutate", samples: Sample.hpaDefaults),
        Golden(file: "hpa-create-validate", samples: Sample.hpaCreates),
        Golden(file: "hpa-update-validate", samples: Sample.hpaUpdates),
        Golden(file: "scale-update-validate", samples: Sample.scales),
        Golden(file: "scale-update-mutate", samples: Sample.scaleHolds),
        Golden(file: "scalers-validate", samples: Sample.scaledObjects),
        Golden(file: "workerset-update-mutate", samples: Sample.holds),
        Golden(file: "review", samples: Sample.reviews),
    ]

    static let samples = all.flatMap(\.samples)

    var testDescription: String { file }

    var path: String {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        return tests.deletingLastPathComponent().appendingPathComponent("Golden/Rules/\(file).txt").path
    }

    /// What the rules say today, in the file's form.
    var text: String {
        samples.map { sample in
            "# \(sample.title)\n" + sample.lines.map { "\($0)\n" }.joined()
        }.joined(separator: "\n")
    }
}

@Suite struct `The texts of the rules` {
    /// `UPDATE_GOLDEN=1 swift test --filter 'texts of the rules'` writes the files anew; read the difference.
    @Test(arguments: Golden.all) func `are as in the golden files`(_ golden: Golden) throws {
        if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
            try golden.text.write(toFile: golden.path, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOfFile: golden.path, encoding: .utf8)
        let blocks = expected.components(separatedBy: "\n\n")
        for (sample, block) in zip(golden.text.components(separatedBy: "\n\n"), blocks) {
            #expect(sample == block)
        }
        #expect(golden.text == expected)
    }

    @Test func `have a sample for each code, and no code is used twice`() {
        let spoken = Set(Golden.samples.flatMap(\.verdict.codes))
        #expect(spoken == Set(RuleCode.allCases))
        #expect(Set(RuleCode.allCases.map(\.rawValue)).count == RuleCode.allCases.count)
    }

    @Test func `are one line, sorted, without control characters, and warnings are short`() {
        for sample in Golden.samples {
            let verdict = sample.verdict
            #expect(verdict.findings == verdict.findings.sorted(), "\(sample.title)")
            #expect(verdict.allowed || verdict.patches.isEmpty, "\(sample.title)")
            for line in sample.lines + verdict.patches.map(\.warningText) {
                #expect(!line.unicodeScalars.contains { $0.properties.generalCategory == .control }, "\(line)")
            }
            for warning in verdict.warnings + verdict.patches.map(\.warningText) {
                #expect(warning.utf8.count <= 120, "\(warning)")
            }
            for finding in verdict.findings {
                #expect(!finding.message.hasSuffix(".") && !finding.remedy.hasSuffix("."), "\(finding.text)")
                #expect(!finding.denies || !finding.remedy.isEmpty, "\(finding.text)")
            }
        }
    }

    @Test func `are whole sentences: no doubled word or blank, no number with the wrong noun`() throws {
        let doubled = try Regex(#"\b([a-z]+) \1\b"#)
        let plural = try Regex(#"\b1 (workers|files|entries|paths|bytes|calls|errors)\b"#)
        let texts = Golden.samples.flatMap { sample in
            sample.lines + sample.verdict.findings.map(\.text) + sample.verdict.patches.map(\.warningText)
        }
        let obstacles: [DrainObstacle] = [
            .paused("test"), .paused("a disk is changed."), .replicasAbsent(present: 1),
            .deadline("something is left"), .notRemoved(wanted: 1, present: 2),
        ]
        for text in texts + obstacles.flatMap({ [$0.text, $0.remedy, "\($0.reason): \($0.text)"] }) {
            #expect(text.firstMatch(of: doubled) == nil, "\(text)")
            #expect(text.firstMatch(of: plural) == nil, "\(text)")
            #expect(!text.contains("  ") && !text.hasSuffix(" ") && text.firstMatch(of: #/ \.( |$)/#) == nil, "\(text)")
            #expect(text.firstMatch(of: /\b([A-Za-z]+): \1\b/) == nil, "\(text)")
        }
    }

    @Test func `say what to do in every warning about an ordinary object`() {
        for sample in Golden.samples where !sample.title.contains("longest") && !sample.title.contains("impossible") {
            for finding in sample.verdict.findings where !finding.denies && !finding.remedy.isEmpty {
                let isHugeAnnotation = finding.field.contains("aaaa")
                #expect(finding.warningText.hasSuffix(finding.remedy) || isHugeAnnotation, "\(finding.warningText)")
            }
        }
    }
}

@Suite struct `The table of rules` {
    @Test func `has one row for each code, with a meaning of one line`() {
        #expect(RuleTable.rows.map(\.code).sorted() == RuleCode.allCases.sorted())
        for row in RuleTable.rows {
            #expect(!row.meaning.isEmpty && !row.meaning.contains("\n") && !row.meaning.contains("|"))
        }
        #expect(Set(RuleTable.rows.map(\.meaning)).count == RuleTable.rows.count)
    }

    @Test func `tells a rule's kind by the first letter of its code`() {
        #expect(RuleCode.defaultReplicas.kind == .fillsIn)
        #expect(RuleCode.secondScaler.kind == .denies)
        #expect(RuleCode.scaleDownDisabled.kind == .warns)
        #expect(RuleCode.held.kind == .holds)
        #expect(RuleTable.rows.first { $0.code == .held }?.object == .workerSet)
        #expect(RuleTable.rows.first { $0.code == .workerSetNotChecked }?.object == .workerSet)
    }
}

@Suite struct `A verdict` {
    @Test func `counts what it does not spell out`() {
        let errors = (100..<130).map { Finding(.tierWithoutQuota, "levels[\($0)]", "no quota", remedy: "Write one") }
        let message = Verdict(findings: errors).denialMessage
        #expect(message.hasPrefix("30 errors:\n- E107 levels[100]: no quota. Write one\n"))
        #expect(message.hasSuffix("- E107 levels[119]: no quota. Write one\n- and 10 more"))
        let warnings = errors.map { Finding(.lowAboveHigh, $0.field, $0.message, remedy: $0.remedy) }
        #expect(Verdict(findings: warnings).warnings.count == 20)
        #expect(Verdict(findings: warnings).warnings.last == "and 11 more warnings")
    }

    @Test func `has a single error as its message, and none where nothing is denied`() {
        let error = Finding(.tierWithoutQuota, "levels[0]", "no quota", remedy: "Write one")
        #expect(Verdict(findings: [error]).denialMessage == error.text)
        #expect(Verdict.pass.denialMessage.isEmpty && Verdict.pass.allowed && Verdict.pass.codes.isEmpty)
    }

    @Test func `sorts what it is given, and drops the patches of what it denies`() {
        let patch = Patch(.add, ["a"], .bool(true), code: .defaultReplicas, reason: "r")
        let first = Finding(.replicasDropped, "a", "m", remedy: "r")
        let second = Finding(.tierWithoutQuota, "a", "m", remedy: "r")
        let third = Finding(.lowAboveHigh, "b", "m", remedy: "r")
        let verdict = Verdict(findings: [third, second, first], patches: [patch])
        #expect(verdict.findings == [first, second, third])
        #expect(verdict.patches.isEmpty)
        #expect(verdict.codes == [.replicasDropped, .tierWithoutQuota, .lowAboveHigh])
        #expect(Verdict(findings: [third], patches: [patch]).codes == [.defaultReplicas, .lowAboveHigh])
    }

    @Test func `escapes what a JSON pointer escapes`() {
        let patch = Patch(.add, ["metadata", "a~/b"], .bool(true), code: .defaultReplicas, reason: "r")
        #expect(patch.pointer == "/metadata/a~0~1b")
    }
}

@Suite struct `A value from outside` {
    @Test(arguments: [
        ("plain", "\"plain\""), ("", "\"\""), ("a\nb\u{7}", "\"a\\u{a}b\\u{7}\""), ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("\u{202E}abc", "\"\\u{202e}abc\""), ("Größe", "\"Größe\""),
        (String(repeating: "x", count: 41), "\"\(String(repeating: "x", count: 40))...\""),
        (String(repeating: "x", count: 40), "\"\(String(repeating: "x", count: 40))\""),
    ])
    func `is shown in quotes, harmless and short`(_ value: String, _ shown: String) {
        #expect(quoted(value) == shown)
    }

    @Test func `is cut at a character's border`() {
        #expect(clipped("äöü", toBytes: 6) == "äöü")
        #expect(clipped("äöüß", toBytes: 7) == "äö...")
        #expect(clipped("abc", toBytes: 2).utf8.count <= 3)
    }

    @Test(
        arguments: [
            ("0", 0), ("007", 7), ("2147483647", 2_147_483_647), ("2147483648", nil), ("", nil), ("-1", nil),
            ("+1", nil),
            ("1 ", nil), ("1.0", nil), ("99999999999", nil), ("٣", nil),
        ] as [(String, Int64?)])
    func `is a whole number only in plain digits`(_ text: String, _ number: Int64?) {
        #expect(wholeNumber(text) == number)
    }

    @Test(arguments: [
        "1", "1.5", ".5", "5.", "+1", "-1Gi", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei", "1k", "1M", "1m", "1e3", "1E-3",
        "2e+9",
    ])
    func `is a quantity as Kubernetes reads them`(_ text: String) {
        #expect(Quantity.isReadable(text[...]))
    }

    @Test(arguments: ["", " 1Gi", "1Gi ", "1gi", "Gi", "1GB", "1..5", ".", "+", "1e", "1e+", "e3", "1Gi1", "1 Gi"])
    func `is no quantity otherwise`(_ text: String) {
        #expect(!Quantity.isReadable(text[...]))
    }

    @Test(arguments: [
        ("hbase", true), ("h", true), ("h-1", true), ("", false), ("1h", false), ("-h", false), ("h-", false),
        ("H", false), ("h.b", false), ("h_b", false), ("hä", false),
    ])
    func `is a DNS-1035 label or not`(_ name: String, _ isLabel: Bool) {
        #expect(RuntimeName.isDNSLabel(name) == isLabel)
    }
}
