import Kubernetes
import Testing
import Wire

@Suite struct YAMLTests {
    private func read(_ text: String) throws -> [YAMLNode] { try YAMLReader.documents(Array(text.utf8)) }

    private func value(_ text: String) throws -> JSON? { try read(text).first?.json }

    @Test(
        arguments: [
            ("a: yes", ["a": true]), ("a: no", ["a": false]), ("a: on", ["a": true]), ("a: Off", ["a": false]),
            ("a: y", ["a": true]), ("a: 'yes'", ["a": "yes"]), ("a: !!str yes", ["a": "yes"]), ("a: ~", ["a": nil]),
            ("a:", ["a": nil]), ("a: ''", ["a": ""]), ("a: 010", ["a": 8]), ("a: 0x1F", ["a": 31]),
            ("a: 0b101", ["a": 5]),
            ("a: 0o17", ["a": 15]), ("a: -12", ["a": -12]), ("a: +3", ["a": 3]), ("a: 1_000", ["a": 1000]),
            ("a: 09", ["a": 9]), ("a: 1.0", ["a": 1]), ("a: 1.5e3", ["a": 1500]), ("a: .5", ["a": 0.5]),
            ("a: 0.95", ["a": 0.95]),
            ("a: \"0.95\"", ["a": "0.95"]), ("a: 2Gi", ["a": "2Gi"]), ("a: 1e", ["a": "1e"]),
            ("a: 1.2.3", ["a": "1.2.3"]),
            ("a: 2026-11-23T22:55:00Z", ["a": "2026-11-23T22:55:00Z"]), ("a: 2026-11-23", ["a": "2026-11-23"]),
            ("a: 12:30:45", ["a": "12:30:45"]), ("a: !!int \"3\"", ["a": 3]),
            ("1: a\ntrue: b\n1.5: c", ["1": "a", "true": "b", "1.5": "c"]),
            ("a: 18446744073709551615", ["a": 18446744073709551616.0]),
            ("[1, {b: c}]", [1, ["b": "c"]]), (#"{"a": "\u00e9\n"}"#, ["a": "é\n"]),
            ("a: |\n  x\n  y\n", ["a": "x\ny\n"]),
            ("a: >-\n  x\n  y\n", ["a": "x y"]),
        ] as [(String, JSON)])
    func `scalars mean what they mean to kubectl`(text: String, expected: JSON) throws {
        #expect(try value(text) == expected, "\(text)")
    }

    @Test func `JSON is read as well, its escapes included`() throws {
        #expect(try value(#" {"a": "\ud83d\ude00 \\ud83d\\ude00 \/ \u00e9"}"#) == ["a": "😀 \\ud83d\\ude00 / é"])
        #expect(try value("[\n\t1,\t-1.5E+2,\ntrue]") == [1, -150, true])
        for broken in [#"["\ud83d"]"#, #"["\ude00\ud83d"]"#, #"["\ud83d\u"#, #"["\"#, #"["\ud83d\u+e00"]"#] {
            #expect(throws: YAMLError.self, "\(broken)") { try self.value(broken) }
        }
        for seed in 0..<500 {
            var generator = Jitter(seed: UInt64(seed))
            let tree: JSON = ["root": JSON.random(depth: 4, using: &generator)]
            for pretty in [false, true] {
                let text = String(decoding: tree.encoded(pretty: pretty), as: UTF8.self)
                #expect(try value(text) == tree, "seed \(seed): \(text)")
            }
        }
    }

    @Test func `documents are told apart with their lines`() throws {
        let documents = try read(
            "# head\n---\na: 1\n---\n---\n# only a remark\n---\nnull\n---\n\nb:\n- x\n- c: 2\n  d: 3\n...\n")
        #expect(documents.map(\.json) == [["a": 1], ["b": ["x", ["c": 2, "d": 3]]]])
        #expect(documents.map(\.line) == [3, 11])
        #expect(documents.last?.line(at: ["b", "1", "d"]) == 14)
        #expect(documents.last?.line(at: ["b", "0"]) == 12)
        #expect(documents.last?.line(at: ["b", "7", "x"]) == 11)
        #expect(documents.last?.line(at: ["nothing"]) == 11)
        #expect(try read("").isEmpty)
        #expect(try read("# nothing\n").isEmpty)
    }

    @Test func `anchors and merge keys are written out`() throws {
        let text = """
            base: &base {a: 1, b: 2}
            one:
              <<: *base
              b: 3
            two:
              <<: [{a: 5}, *base]
            list: [*base, *base]
            """
        #expect(
            try value(text) == [
                "base": ["a": 1, "b": 2], "one": ["a": 1, "b": 3], "two": ["a": 5, "b": 2],
                "list": [["a": 1, "b": 2], ["a": 1, "b": 2]],
            ])
    }

    @Test(arguments: [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "\"a\" stands twice"), ("a: [1, 2\n", 2, 1, "did not find expected ',' or ']'"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed"), ("\ta: 1\n", 1, 1, "cannot start any token"),
        ("a: *b\n", 1, 4, "no anchor named b"), ("a: &x [*x]\n", 1, 8, "no anchor named x"),
        ("a: .nan\n", 1, 4, "no meaning in JSON"), ("a: !!binary aGk\n", 1, 4, "no meaning in JSON"),
        ("a: !!int x\n", 1, 4, "no meaning in JSON"), ("? [1]\n: 2\n", 1, 3, "has to be a string"),
        ("ok: 1\nbad: \u{1}\n", 2, 6, "control characters are not allowed"), ("<<: 3\n", 1, 5, "takes a mapping"),
    ])
    func `mistakes are told with line and column`(text: String, line: Int, column: Int, message: String) throws {
        let error = try #require(throws: YAMLError.self) { try self.read(text) }
        #expect(error.line == line, "\(error)")
        #expect(error.column == column, "\(error)")
        #expect(error.message.contains(message), "\(error)")
    }

    @Test func `bytes that are no UTF-8 are refused with their place`() throws {
        let error = try #require(throws: YAMLError.self) {
            try YAMLReader.documents(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A])
        }
        #expect(error.line == 2)
        #expect(error.column == 4)
    }

    @Test func `a billion laughs are refused`() throws {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...9 {
            text += "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
        }
        let error = try #require(throws: YAMLError.self) { try self.read(text) }
        #expect(error.message.contains("aliases written out"))
    }

    @Test func `nesting is limited, also through aliases`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(100))
        #expect(throws: YAMLError.self) { try self.read(nested(129)) }
        #expect(throws: YAMLError.self) { try self.read(String(repeating: "[", count: 100_000)) }
        #expect(throws: YAMLError.self) { try self.read(String(repeating: "- ", count: 100_000)) }
        #expect(throws: YAMLError.self) {
            try self.read(
                "a: &a \(nested(100))\nb: \(String(repeating: "[", count: 40))*a\(String(repeating: "]", count: 40))")
        }
    }

    @Test func `what is written reads back the same`() throws {
        for seed in 0..<2_000 {
            var generator = Jitter(seed: UInt64(seed))
            let tree = JSON.random(depth: 4, using: &generator)
            guard tree != .null else { continue }
            let text = YAMLWriter.encode(tree)
            let documents = try read(text)
            #expect(documents.map(\.json) == [tree], "seed \(seed):\n\(text)")
        }
    }

    @Test func `the written form is kubectl's`() {
        let tree: JSON = [
            "apiVersion": "v1", "kind": "List", "empty": [], "none": [:],
            "items": [["name": "a: b", "on": "yes", "n": 1, "list": ["x", ["y"]]], "-"],
            "text": "one\ntwo\n",
        ]
        #expect(
            YAMLWriter.encode(tree) == """
                apiVersion: v1
                kind: List
                empty: []
                none: {}
                items:
                - name: "a: b"
                  "on": "yes"
                  "n": 1
                  list:
                  - x
                  - - "y"
                - "-"
                text: |
                  one
                  two

                """)
    }

    @Test func `changed manifests never trap`() {
        let manifest = Array(
            "apiVersion: v1\nkind: &k List\nitems:\n- {a: [1, 'x', \"\\u00e9\"], b: *k}\n- |\n  text\n  <<: x\n".utf8)
        for seed in 0..<5_000 {
            var generator = Jitter(seed: UInt64(seed))
            var bytes = manifest
            for _ in 0..<Int.random(in: 1...5, using: &generator) {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default:
                    bytes.insert(Array("{}[]-:&*!|>'\"#% \n".utf8).randomElement(using: &generator) ?? 0, at: place)
                }
            }
            // That it returns is the point; most of these are refused.
            _ = try? YAMLReader.documents(bytes)
        }
    }
}

extension JSON {
    /// Any tree without numbers that YAML rounds.
    static func random(depth: Int, using generator: inout Jitter) -> JSON {
        let words = [
            "", "a", "yes", "null", "0x1", "1e3", "-", "- x", "a: b", "a #b", "#", "two\nlines", "end\n", "\n", "x\n\n",
            " lead",
            "trail ", "tab\t", "é😀", "a: \u{65D}b", "a \u{301}#b", "a #\u{301}", "---\u{301}", "\u{7}", "\u{85}",
            "\u{2028}", "\u{FEFF}", "'", "\"", "\\", "*a", "&a", "!t", "%",
            "@", "`",
            "~", "<<", "=", "?", "a:", ":a", "---", "...", "[", "{}", ",", "|", ">", "key with blanks",
            "line\n  indented\n",
            "a\nb \nc", "2026-11-23", "010",
        ]
        switch Int.random(in: 0..<(depth > 0 ? 8 : 5), using: &generator) {
        case 0: return [.null, true, false][Int.random(in: 0...2, using: &generator)]
        case 1: return .integer(Int64(bitPattern: generator.next()))
        case 2: return .double(Double.random(in: -1...1, using: &generator))
        case 3, 4: return .string(words[Int.random(in: words.indices, using: &generator)])
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var object: JSON = .object([])
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                object[words[Int.random(in: words.indices, using: &generator)]] = random(
                    depth: depth - 1, using: &generator)
            }
            return object
        }
    }
}
