extension WorstCase {
    /// What somebody who may write an AlluxioRuntime can make large.
    static let runtimes: [WorstCase] = [
        // What was written, next to ten times as much that was received.
        WorstCase(
            "applied-properties",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#)]
                        + [.text(#"{\"spec\":{\"properties\":{\"p\":1"#)]
                        + [.repeated(share: 0.08) { #",\"p\#($0)\":1"# }, .text(#"}}}""#), .text("}")],
                    spec: Frame.member("properties", "{", share: 0.92, "}") { "\"p\($0)\":1" }))),
        WorstCase(
            "applied-same-name",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#)]
                        + [.text(#"{\"spec\":{\"properties\":{\"p\":1}"#)]
                        + [.repeated(share: 0.04) { _ in #",\"properties\":{\"p\":1}"# }, .text(#"}}""#), .text("}")],
                    spec: Frame.member("properties", "{", share: 0.96, "}") { "\"p\($0)\":1" }))),
        // A few names, and as many in vain as there can be.
        WorstCase("applied-few-names", Frame.created(applied(names: 10..<18) { #","\#($0 % 30 + 60)":0"# })),
        WorstCase("applied-short-names", Frame.created(applied(names: 10..<30) { _ in #","1":0"# })),
        WorstCase("applied-found-names", Frame.created(applied(names: 0..<9) { #","\#($0 % 9)":0"# })),
        WorstCase(
            "applied-longer-names",
            Frame.created(applied(names: 12_345_610..<12_345_630) { #","\#($0 % 30 + 12_345_600)":0"# })),
        // Thousands of small objects, each beside a large one; as many of either.
        WorstCase(
            "applied-array",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#)]
                        + [.text(#"{\"spec\":{\"a\":[0"#), .repeated(share: 0.04) { _ in #",{\"pp\":1}"# }]
                        + [.text(#"]}}""#), .text("}")],
                    spec: [.text(#","a":[0"#), .repeated(share: 0.96) { _ in large }, .text("]")]))),
        // Fields without number that are lost, at the end of a long path.
        WorstCase(
            "applied-lost",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#)]
                        + [.text(#"{\"spec\":{\"a\":"# + nest(#"\""#))]
                        + [.text(#"{\"p\":1"#), .repeated(share: 0.04) { #",\"p\#($0)\":1"# }, .text("}")]
                        + [.text(String(repeating: "}", count: nested) + #"}}""#), .text("}")],
                    spec: [.text(#","a":"# + nest("\"") + "{}" + String(repeating: "}", count: nested))]
                        + [.repeated(share: 0.9) { ",\"\($0)\":0" }]))),
        WorstCase(
            "tiers-kept",
            Frame.updated(
                Frame.runtime(spec: tiers(share: 0.5) { _ in #"{"storageType":"a","quota":"1"}"# }),
                Frame.runtime(spec: tiers(share: 0.5) { _ in #"{"storageType":"b","quota":"2"}"# }))),
        WorstCase(
            "tiers-wrong", Frame.created(Frame.runtime(spec: tiers { #"{"path":[\#($0)],"high":"\#($0)","low":"x"}"# }))
        ),
        WorstCase("tiers-marks", Frame.created(Frame.runtime(spec: tiers(marks)))),
        WorstCase(
            "tiers-marks-kept",
            Frame.updated(
                Frame.runtime(spec: tiers(share: 0.47, marks)), Frame.runtime(spec: tiers(share: 0.47, marks)))),
        WorstCase("tiers-empty", Frame.created(Frame.runtime(spec: tiers { _ in "{}" }))),
        WorstCase(
            "quota-list",
            Frame.created(
                Frame.runtime(
                    spec: [.text(#","tieredstore":{"levels":[{"a":1"#)] + Frame.text("path", share: 0.5, "a,")
                        + Frame.text("quotaList", share: 0.5, "1,") + [.text("}]}")]))),
        WorstCase(
            "unknown-annotations",
            Frame.created(Frame.runtime(metadata: annotations { "\"sluice.dev/\($0)\":\"\"" }))),
        WorstCase(
            "unknown-annotations-kept",
            Frame.updated(
                Frame.runtime(metadata: annotations(share: 0.5) { "\"sluice.dev/\($0)\":\"\"" }),
                Frame.runtime(metadata: annotations(share: 0.5) { "\"sluice.dev/\($0)\":\"a\"" }))),
        WorstCase(
            "same-annotation",
            Frame.created(Frame.runtime(metadata: annotations { "\"sluice.dev/min-replicas\":\"\($0)\"" }))),
        WorstCase(
            "marks-in-name",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"sluice.dev/a"#)]
                        + [.repeated(share: 1) { $0 % 2 == 0 ? "\u{0301}" : "\u{0323}" }, .text(#"":""}"#)]))),
        WorstCase(
            "marks-in-names",
            Frame.created(
                Frame.runtime(
                    metadata: annotations {
                        "\"sluice.dev/\($0)" + String(repeating: "\u{0301}\u{0323}", count: 200) + "\":\"\""
                    }
                ))),
        WorstCase(
            "marks-in-values",
            Frame.updated(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"a":"""#)] + policies(share: 0.07, "\u{0301}\u{0323}") + [
                        .text("}")
                    ]),
                Frame.runtime(
                    metadata: [.text(#","annotations":{"a":"""#)] + policies(share: 0.07, "\u{0323}\u{0301}") + [
                        .text("}")
                    ]))),
        WorstCase(
            "drain-paths",
            Frame.created(
                Frame.runtime(
                    metadata: [.text(#","annotations":{"a":"""#)] + Frame.text("sluice.dev/drain-paths", "/a,")
                        + [.text("}")]))),
        WorstCase(
            "annotations", Frame.created(Frame.runtime(metadata: annotations { "\"a\($0)\":\"\"" }))),
        WorstCase(
            "labels", Frame.created(Frame.runtime(metadata: Frame.member("labels", "{", "}") { "\"a\($0)\":\"\"" }))),
        WorstCase(
            "finalizers",
            Frame.created(Frame.runtime(metadata: Frame.member("finalizers", "[", "]") { "\"a/\($0)\"" }))),
        WorstCase(
            "managed-fields",
            Frame.created(
                Frame.runtime(
                    metadata: Frame.member("managedFields", "[", "]") {
                        #"{"manager":"m\#($0)","operation":"Apply","fieldsV1":{"f:spec":{"f:replicas":{}}}}"#
                    }))),
        WorstCase("metadata", Frame.created(Frame.runtime(metadata: members))),
        WorstCase("spec", Frame.created(Frame.runtime(spec: members))),
        WorstCase("spec-patched", path: "/mutate", Frame.created(Frame.runtime(spec: members))),
        WorstCase(
            "spec-kept",
            Frame.updated(
                Frame.runtime(spec: [.repeated(share: 0.5) { ",\"\($0)\":1" }]),
                Frame.runtime(spec: [.repeated(share: 0.5) { ",\"\($0)\":2" }]))),
        WorstCase(
            "same-field", Frame.created(Frame.runtime(spec: [.repeated(share: 1) { _ in #","replicas":1"# }]))),
        WorstCase(
            "wrong-type", Frame.created(Frame.runtime(spec: Frame.member("monitoring", "[", "]") { "{\"\($0)\":[]}" }))),
        WorstCase("wrong-text", Frame.created(Frame.runtime(spec: Frame.text("monitoring", #"\u001b"#)))),
        WorstCase("name", Frame.created(Frame.runtime(metadata: Frame.text("name", "a")))),
        WorstCase("nested", Frame.created(Frame.runtime(spec: Frame.member("a", "[", "]") { _ in deep }))),
    ]

    /// Members that nobody asks for.
    static let members: [Part] = [.repeated(share: 1) { ",\"\($0)\":0" }]

    /// So many objects in each other, each with a name as long as may be.
    private static func applied(names: Range<Int>, _ unit: @escaping @Sendable (Int) -> String) -> [Part] {
        let written = names.map { #"\"\#($0)\":1"# }.joined(separator: ",")
        return Frame.runtime(
            metadata: [
                .text(#","annotations":{"kubectl.kubernetes.io/last-applied-configuration":""#),
                .text(#"{\"spec\":{\#(written)}}"}"#),
            ], spec: [.repeated(share: 1, unit)])
    }

    private static let nested = 20

    /// An object 24 times as long as `,{\"pp\":1}`.
    private static let large = #",{"pp":1000000"# + String(repeating: #","qq":0"#, count: 39) + "}"

    private static func nest(_ quote: String) -> String {
        let name = quote + String(repeating: "n", count: 300) + quote
        return String(repeating: "{" + name + ":", count: nested)
    }

    private static let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)

    private static func tiers(share: Double = 1, _ level: @escaping @Sendable (Int) -> String) -> [Part] {
        Frame.member("tieredstore", #"{"levels":["#, share: share, "]}", level)
    }

    /// A level whose texts are as long as they may be, and hard to compare.
    private static func marks(_ number: Int) -> String {
        let marks = String(repeating: "\u{0301}\u{0323}", count: 4_000)
        let names = ["path", "quota", "quotaList", "high", "low"]
        return "{" + names.map { "\"\($0)\":\"\(number)\(marks)\"" }.joined(separator: ",") + "}"
    }

    private static func annotations(share: Double = 1, _ member: @escaping @Sendable (Int) -> String) -> [Part] {
        Frame.member("annotations", "{", share: share, "}", member)
    }

    private static func policies(share: Double, _ text: String) -> [Part] {
        ["drain", "drain-scope", "drain-paths", "drain-deadline", "on-deadline", "cooldown", "max-replicas"].flatMap {
            Frame.text("sluice.dev/\($0)", share: share, text)
        }
    }
}
