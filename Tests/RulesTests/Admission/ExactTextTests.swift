import Testing

@testable import Rules

struct ExactTextTests {
    @Test func `another spelling of a character is another text`() {
        #expect(ExactText("\u{E9}") != ExactText("e\u{301}"))
        #expect(ExactText("a\u{301}\u{323}") != ExactText("a\u{323}\u{301}"))
        for count in 0..<20 {
            let text = String(repeating: "a", count: count)
            #expect(ExactText(text) == ExactText(text))
            #expect(Set([ExactText(text), ExactText(text + "a"), ExactText("b" + text), ExactText(text)]).count == 3)
        }
    }

    @Test func `a level whose path is spelt otherwise is judged anew`() {
        func facts(_ path: String) -> RuntimeFacts {
            var level = TierFacts()
            level.path = .present(path)
            level.quotaList = .present("1Gi,2Gi")
            var runtime = RuntimeFacts(namespace: "default", name: "hbase")
            runtime.tierLevels = [level]
            return runtime
        }
        func codes(_ old: String, _ new: String) -> [RuleCode] {
            RuntimeRules.validateUpdate(
                old: facts(old), new: facts(new), cluster: .unknown, policy: AdmissionPolicy()
            ).codes
        }
        #expect(codes("/caf\u{E9}", "/caf\u{E9}") == [])
        #expect(codes("/caf\u{E9}", "/cafe\u{301}") == [.quotaListMismatch])
    }
}
