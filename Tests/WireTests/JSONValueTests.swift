import Testing
import Wire

@Suite struct JSONValueTests {
    private func parse(_ text: String) throws -> JSONValue {
        var parser = JSONParser()
        return try parser.parse(Array(text.utf8))
    }

    @Test func `each kind of value is told and read`() throws {
        let value = try parse(
            #"{"n":null,"t":true,"f":false,"i":-5,"big":18446744073709551615,"d":1.5,"s":"\u00e9x","a":[1,[2],{}],"o":{"k":1}}"#
        )
        #expect(value.kind == .object)
        #expect(value["n"]?.isNull == true)
        #expect(value["t"]?.bool == true)
        #expect(value["f"]?.bool == false)
        #expect(value["i"]?.int64 == -5)
        #expect(value["i"]?.double == -5)
        #expect(value["big"]?.kind == .integer)
        #expect(value["big"]?.int64 == nil)
        #expect(value["big"]?.double == Double(UInt64.max))
        #expect(value["d"]?.double == 1.5)
        #expect(value["d"]?.int64 == nil)
        #expect(value["s"]?.string == "éx")
        #expect(value["s"]?.isString("éx") == true)
        #expect(value["s"]?.isString("é") == false)
        #expect(value["a"]?.elements.map(\.kind) == [.integer, .array, .object])
        #expect(value["a"]?.count == 3)
        #expect(value["o"]?["k"]?.int64 == 1)
        #expect(value["missing"] == nil)
        #expect(value["a"]?["k"] == nil)
        #expect(value.members.map(\.name) == ["n", "t", "f", "i", "big", "d", "s", "a", "o"])
    }

    @Test func `of equal names the last one counts, as Go reads it`() throws {
        let value = try parse(#"{"a":{"x":1},"b":2,"a":3}"#)
        #expect(value["a"]?.int64 == 3)
        #expect(value[name: "a"]?.int64 == 3)
        #expect(value.count == 3)
        #expect(JSON(value) == ["a": 3, "b": 2])
    }

    @Test func `a value of the wrong kind is nil, never a trap`() throws {
        let value = try parse(#"{"s":"text","i":1}"#)
        #expect(value["s"]?.int64 == nil)
        #expect(value["s"]?.bool == nil)
        #expect(value["s"]?.double == nil)
        #expect(value["i"]?.string == nil)
        #expect(value["i"]?.withUTF8 { $0.count } == nil)
        #expect(value["i"]?.members.isEmpty() == true)
        #expect(value["i"]?.elements.isEmpty() == true)
        #expect(value["i"]?.isEmpty == false)
    }

    @Test(arguments: [
        ("null", true), (#""""#, true), ("[]", true), ("{}", true), ("[0]", false), (#"{"a":0}"#, false), ("0", false),
    ])
    func `empty is what holds nothing`(text: String, isEmpty: Bool) throws {
        #expect(try parse(text).isEmpty == isEmpty)
    }

    @Test(arguments: [
        ("", JSONError.Code.empty), ("  \n", .empty), ("{", .syntax), ("[1,]", .syntax), ("{\"a\"}", .syntax),
        ("tru", .syntax), ("[1] 2", .syntax), ("\"a", .syntax), ("1e999", .badNumber), ("01", .badNumber),
        ("99999999999999999999999", .badNumber), ("\"\\ud800\"", .badText), ("\"\\x\"", .badText), ("'a'", .syntax),
        ("\u{feff}{}", .syntax),
    ])
    func `what is no JSON is refused`(text: String, code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try self.parse(text) }
        #expect(error?.code == code, "\(text): \(String(describing: error))")
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        var parser = JSONParser()
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x80]] {
            #expect(throws: JSONError.self) { try parser.parse(bytes) }
        }
    }

    @Test func `nesting is limited`() throws {
        var parser = JSONParser(depthMax: 10)
        func nested(_ depth: Int) -> [UInt8] {
            Array(String(repeating: "[", count: depth).utf8) + Array(String(repeating: "]", count: depth).utf8)
        }
        _ = try parser.parse(nested(9))
        let error = #expect(throws: JSONError.self) { try parser.parse(nested(11)) }
        #expect(error?.code == .tooDeep)
        var other = JSONParser()
        #expect(throws: JSONError.self) { try other.parse(nested(1_000_000)) }
        #expect(throws: JSONError.self) {
            try other.parse(Array(String(repeating: "{\"a\":", count: 100_000).utf8))
        }
        _ = try other.parse(nested(200))
    }

    @Test func `length is limited`() throws {
        var parser = JSONParser(bytesMax: 10)
        _ = try parser.parse(Array("[12345678]".utf8))
        let error = #expect(throws: JSONError.self) { try parser.parse(Array("[123456789]".utf8)) }
        #expect(error?.code == .tooLong)
    }

    @Test func `a value outlives the next parse and the parser`() throws {
        var parser: JSONParser? = JSONParser()
        let first = try parser?.parse(Array(#"{"a":"first"}"#.utf8))
        let second = try parser?.parse(Array(#"{"a":"second"}"#.utf8))
        parser = nil
        #expect(first?["a"]?.string == "first")
        #expect(second?["a"]?.string == "second")
    }

    @Test func `a parser serves short and long texts in turn, and goes on after errors`() throws {
        var parser = JSONParser()
        for round in 0..<20 {
            let length = round % 3 == 0 ? 400_000 : round * 10
            let text = String(repeating: "x", count: length)
            #expect(try parser.parse(Array("[\"\(text)\"]".utf8)).elements.first { _ in true }?.string == text)
            #expect(throws: JSONError.self) { try parser.parse(Array("[\"\(text)".utf8)) }
        }
    }

    @Test func `names are compared as a whole`() throws {
        let value = try parse(#"{"sluice.dev/paused":"1","sluice":"2","sluice.dev/":"3"}"#)
        let names = value.members.map { $0.hasPrefix("sluice.dev/") }
        #expect(names == [true, false, true])
        #expect(value["sluice.dev"] == nil)
        #expect(value[name: "sluice"]?.string == "2")
        #expect(value[name: "sluice.dev/paused2"] == nil)
    }

    @Test func `equality takes members in any order`() throws {
        #expect(try parse(#"{"a":1,"b":[1,2.0]}"#).isEqual(to: parse(#"{"b":[1.0,2],"a":1}"#)))
        #expect(try !parse("[1,2]").isEqual(to: parse("[2,1]")))
        #expect(try !parse(#"{"a":1}"#).isEqual(to: parse(#"{"a":1,"b":null}"#)))
    }
}

extension Sequence {
    fileprivate func isEmpty() -> Bool { first { _ in true } == nil }
}
