import Foundation
import Kubernetes
import Testing
import Wire

@testable import sluice

/// What kubectl makes of files, as it was seen to; the API server of a cluster has the last word on the rest.
@Suite struct `A review reads what kubectl reads` {
    static let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"
    static let json = #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":"#

    /// What could not be read, and of each object its name, `data` and what kubectl reads over.
    func read(_ bytes: [UInt8], name: String = "a.yaml") throws -> [String] {
        let folder = try ScratchFolder()
        try Data(bytes).write(to: URL(filePath: "\(folder.path)/\(name)"))
        var reader = ManifestReader()
        reader.read(["\(folder.path)/\(name)"])
        return reader.problems.map { "unreadable" + $0.dropFirst(folder.path.count + name.count + 1) }
            + reader.manifests.map { manifest in
                let data = manifest.written["data"].map { String(decoding: $0.encoded(), as: UTF8.self) } ?? ""
                return "\(manifest.name)\(data)" + manifest.warnings.map { " !\($0.line)" }.joined()
            }
    }
    func read(_ text: String, name: String = "a.yaml") throws -> [String] { try read(Array(text.utf8), name: name) }

    @Test func `bytes that are no text, as U+FFFD each, and says in which line`() throws {
        let map = Array(Self.map.utf8)
        #expect(try read(map + Array("data: {a: \"x".utf8) + [0xFF] + Array("y\"}\n".utf8)) == [#"a{"a":"x�y"} !4"#])
        #expect(try read(map + Array("# caf".utf8) + [0xE9, 0x0A]) == ["a !4"])
        // Half of a character, one that is written too long, half of a pair.
        for (bytes, count) in [([0xC3], 1), ([0xE2, 0x82], 2), ([0xC0, 0xAF], 2), ([0xED, 0xA0, 0x80], 3)] {
            let text = map + Array("data: {a: '".utf8) + bytes.map { UInt8($0) } + Array("'}\n".utf8)
            #expect(try read(text) == [#"a{"a":"\#(String(repeating: "\u{FFFD}", count: count))"} !4"#])
        }
        let second = map + Array("---\n".utf8) + map + [0x23, 0xFF, 0x0A]
        #expect(try read(second) == ["a", "a !8"])
        let object = Array((Self.json + "{\"a\":\"x").utf8) + [0xFF] + Array("\"}}".utf8)
        #expect(try read(object, name: "a.json") == [#"a{"a":"x�"} !1"#])
    }

    @Test(
        arguments: [
            // Half of a character, escaped.
            (#"{"a":"\ud800x"}"#, #"a{"a":"�x"} !1"#), (#"{"a":"\udc00"}"#, #"a{"a":"�"} !1"#),
            (#"{"a":"\ud83d\ude00\\ud800"}"#, #"a{"a":"😀\\ud800"}"#),
            (#"{"a":"\ud800\ud83d\ude00"}"#, #"a{"a":"�😀"} !1"#),
            // Numbers beyond 64 bits.
            (#"{"a":123456789012345678901234567890}"#, #"a{"a":1.2345678901234568e+29}"#),
            (#"{"a":-9223372036854775809}"#, #"a{"a":-9223372036854775808}"#), (#"{"a":1e2}"#, #"a{"a":100}"#),
        ])
    func `JSON as Go has it`(data: String, expected: String) throws {
        #expect(try read(Self.json + data + "}", name: "a.json") == [expected])
    }

    @Test(arguments: ["1e400", "01", "+1", ".5", "5.", "NaN", "--1", "1234567890123456789012345.", "0x10"])
    func `no number that JSON has not`(number: String) throws {
        let read = try read(Self.json + "{\"a\":\(number)}}", name: "a.json")
        #expect(read.count == 1 && read[0].hasPrefix("unreadable:1: "), "\(read)")
    }

    @Test(arguments: [
        #"data: {a: "x\/y"}"#, "data:\n  é: \"ü\"\n  b: \"ü\\\\\\/\"", "data: {18446744073709551615: x}",
        "data: {&a 18446744073709551615: x}",
    ])
    func `no YAML that Go does not read`(data: String) throws {
        let read = try read(Self.map + data + "\n")
        #expect(read.count == 1 && read[0].hasPrefix("unreadable:"), "\(read)")
    }

    @Test func `escapes of YAML that look like one of JSON`() throws {
        #expect(
            try read(Self.map + #"data: {a: "x\\/y", b: 'x\/y', c: x\/y}"#) == [
                #"a{"a":"x\\/y","b":"x\\/y","c":"x\\/y"}"#
            ])
        #expect(try read(Self.map + "data: {9223372036854775808.0: x, -5: z}") == [#"a{"9.223372e+18":"x","-5":"z"}"#])
    }

    @Test(
        arguments: [
            ("- apiVersion: v1\n  kind: List\n  items: [{apiVersion: v1, kind: X}]", ["unreadable:4: a list within a"]),
            ("- {metadata: {name: a}}", ["unreadable:4: no Kubernetes object"]),
            ("- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: a}\n  data: {b: c, b: d}", [#"a{"b":"d"} !7"#]),
            (
                "- {apiVersion: v1, kind: X, metadata: {name: a}}\n- {apiVersion: v1, kind: X, metadata: {name: b, name: c}}",
                ["a", "c !5"]
            ),
        ])
    func `lists`(items: String, expected: [String]) throws {
        let read = try read("apiVersion: v1\nkind: List\nitems:\n\(items)\n")
        #expect(read.count == expected.count && zip(read, expected).allSatisfy { $0.hasPrefix($1) }, "\(read)")
    }

    @Test func `items of an object of any kind`() throws {
        #expect(try read(Self.map + "items: [{metadata: {name: b}}]\n") == ["b"])
        #expect(try read("apiVersion: a/b/c\nkind: X\n").first?.hasPrefix("unreadable:1: apiVersion a/b/c ") == true)
    }
}
