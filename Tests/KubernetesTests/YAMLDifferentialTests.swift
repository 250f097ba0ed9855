import Foundation
import Kubernetes
import Testing
import Wire

@Suite(.enabled(if: SecondReader.python != nil || ProcessInfo.processInfo.environment["SLUICE_SKIP"] == "fail"))
struct `YAML as a second reader has it` {
    private func ours(_ text: String) -> JSON? {
        let results = YAMLReader.stream(Array(text.utf8))
        // A document that holds nothing is left out.
        guard let first = results.first else { return .null }
        return (try? first.get())?.root.json
    }

    @Test func `in 12,000 scalars`() throws {
        var texts: [String] = []
        for seed in 0..<12_000 {
            var maker = YAMLMaker(generator: Jitter(seed: UInt64(seed)))
            texts.append("a: \(maker.scalar())\n")
        }
        var numbers = 0
        for (text, theirs) in zip(texts, try SecondReader.read(texts)) {
            let ours = ours(text)
            if ours?["a"]?.double != nil { numbers += 1 }
            #expect(ours.map(JSONOf.init) == theirs.map(JSONOf.init), "\(text)")
        }
        #expect(numbers > 1_000)
    }

    @Test func `in 4,000 documents`() throws {
        var texts: [String] = []
        for seed in 0..<4_000 {
            var maker = YAMLMaker(generator: Jitter(seed: UInt64(seed)))
            texts.append("root:" + maker.block(depth: 4, indent: 2))
        }
        var readable = 0
        for (text, theirs) in zip(texts, try SecondReader.read(texts)) {
            let ours = ours(text)
            if ours != nil { readable += 1 }
            #expect(ours.map(JSONOf.init) == theirs.map(JSONOf.init), "\(text)")
        }
        #expect(readable > 1_000)
    }
}

/// A value that counts as equal to another that means the same.
private struct JSONOf: Equatable, CustomStringConvertible {
    let value: JSON
    var description: String { String(decoding: value.encoded(), as: UTF8.self) }
    static func == (left: JSONOf, right: JSONOf) -> Bool { left.value.isEquivalent(to: right.value) }
}
