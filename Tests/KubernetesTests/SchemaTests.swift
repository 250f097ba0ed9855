import Foundation
import Testing
import Wire

@testable import Kubernetes

@Suite struct `A schema` {
    func fields(_ schema: JSON, _ value: JSON, isNative: Bool = false) throws -> [String] {
        try Schema(schema).violations(of: value, at: FieldPath("spec"), isNative: isNative).map(\.field)
    }

    @Test func `tells what has the wrong type, and what to write instead`() throws {
        let schema: JSON = [
            "type": "object",
            "properties": [
                "s": ["type": "string"], "i": ["type": "integer", "format": "int32"], "b": ["type": "boolean"],
                "l": ["type": "array", "items": ["type": "string"]],
                "m": ["type": "object", "additionalProperties": ["type": "string"]],
            ],
        ]
        let value: JSON = [
            "s": 2.9, "i": "3", "b": "true", "l": ["a", 1, nil], "m": ["a.b": true, "c": "d"], "other": 1,
        ]
        let found = try Schema(schema).violations(of: value, at: FieldPath("spec"))
        #expect(found.map(\.field) == ["spec.s", "spec.i", "spec.b", "spec.l[1]", "spec.l[2]", "spec.m[a.b]"])
        #expect(found.first?.message == "has to be a string, not the number 2.9")
        #expect(found.first?.remedy == "Write it in quotes: \"2.9\"")
        #expect(found[1].remedy == "Write it without quotes: 3")
        #expect(try fields(schema, "replicas:2") == ["spec"])
        #expect(try fields(schema, ["i": 2_147_483_648]) == ["spec.i"])
        #expect(try fields(schema, ["i": 1.5]) == ["spec.i"])
        // Its own kinds the API server decodes without minding null.
        #expect(try fields(schema, ["s": nil, "l": [nil]], isNative: true) == [])
    }

    @Test func `tells what is missing, out of range, or none of the values`() throws {
        let schema: JSON = [
            "type": "object", "required": ["kind"],
            "properties": [
                "kind": ["type": "string", "enum": ["MEM", ""]], "count": ["type": "integer", "minimum": 1],
                "path": ["type": "string", "minLength": 1], "window": ["type": "integer", "default": 60],
                "when": ["type": "string", "format": "date-time"],
                "claims": [
                    "type": "array", "items": ["type": "object", "properties": ["name": ["type": "string"]]],
                    "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                ],
            ],
        ]
        #expect(try fields(schema, [:]) == ["spec.kind"])
        #expect(
            try fields(schema, ["kind": "RAM", "count": 0, "path": "", "when": "today"])
                == ["spec.kind", "spec.count", "spec.path", "spec.when"])
        #expect(
            try fields(schema, ["kind": "", "count": 1, "path": "é", "window": nil, "when": "2026-01-31T12:00:00Z"])
                == [])
        // Null is as good as absent, but in a list.
        #expect(try fields(schema, ["kind": nil, "count": nil]) == ["spec.kind"])
        #expect(
            try fields(schema, ["kind": "", "claims": [["name": "a"], ["name": "b"], ["name": "a"]]]) == [
                "spec.claims[2]"
            ])
    }

    @Test func `refuses to be read with a keyword that is not known`() {
        for schema in [["maximum": 3], ["type": "text"], ["format": "uuid"], ["pattern": "^a+$"], 3] as [JSON] {
            #expect(throws: SchemaError.self, "\(schema)") { try Schema(schema) }
        }
    }

    @Test func `tells the fields that it does not know, the outermost alone`() throws {
        let schema = try Schema([
            "type": "object",
            "properties": [
                "a": ["type": "object", "properties": ["b": ["type": "string"]]],
                "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                "empty": ["type": "object"], "map": ["type": "object", "additionalProperties": ["type": "string"]],
            ],
        ])
        let value: JSON = [
            "a": ["b": "", "c": ["d": 1]], "free": ["x": 1], "empty": ["y": 1], "map": ["z": "1"], "tieredStore": [:],
        ]
        #expect(
            schema.unknownFields(in: value, at: FieldPath("spec")).map(\.path) == [
                "spec.a.c", "spec.empty.y", "spec.tieredStore",
            ])
        #expect(schema.pruned(value) == ["a": ["b": ""], "free": ["x": 1], "empty": [:], "map": ["z": "1"]])
    }

    /// The pattern of our definition, as an engine for patterns reads it.
    @Test(arguments: [SchemaPattern.quantity, .quantityList])
    func `has patterns that mean what they say`(pattern: SchemaPattern) throws {
        let number = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
        let suffix = "([KMGTPE]i|[numkMGTPE]|[eE]\(number))"
        let text = pattern == .quantity ? "^\(number)\(suffix)?$" : "^(\(number)\(suffix),)+\(number)\(suffix)?$"
        #expect(SchemaPattern(text) == pattern)
        let engine = try NSRegularExpression(pattern: text)
        var matching = 0
        for seed in 0..<40_000 {
            var generator = Jitter(seed: UInt64(seed))
            let parts = [
                "1", "20", ".", "+", "-", "Ki", "Gi", "E", "e", "m", "k", "K", "i", " ", ",", "B", "0.5", "1Gi", "2Mi,",
                "x",
            ]
            let value = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
                parts.randomElement(using: &generator) ?? ""
            }.joined()
            let range = NSRange(location: 0, length: value.utf16.count)
            let expected = engine.firstMatch(in: value, range: range) != nil
            if expected { matching += 1 }
            #expect(pattern.matches(value) == expected, "seed \(seed): \(value)")
        }
        #expect(matching > 100)
    }
}

@Suite struct `Names of objects` {
    @Test(
        arguments: [
            ([:], ["metadata.name"]), (["name": "a"], []), (["generateName": "a-"], []),
            (["name": "A"], ["metadata.name"]),
            (["name": "a.b-c"], []), (["name": "a..b"], ["metadata.name"]), (["name": "a-"], ["metadata.name"]),
            (["name": "a", "namespace": "a.b"], ["metadata.namespace"]),
            (["name": "a", "labels": ["a/b": "c", "x_y": ""]], []),
            (["name": "a", "labels": ["a/b/c": "c"]], ["metadata.labels.a/b/c"]),
            (["name": "a", "labels": ["a": "b c"]], ["metadata.labels.a"]),
            (["name": "a", "annotations": ["-": "x"]], ["metadata.annotations.-"]),
            (["name": "a", "annotations": ["Sluice.dev/X": "any thing"]], []),
        ] as [(JSON, [String])])
    func `are checked as the API server does`(metadata: JSON, fields: [String]) {
        #expect(ObjectNames.violations(metadata).map(\.field) == fields)
    }
}
