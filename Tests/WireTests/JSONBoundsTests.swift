import Testing

@testable import Wire

/// What is refused before a text is parsed.
@Suite struct JSONBoundsTests {
    private func parse(_ text: String, valuesMax: Int = 1_000_000) -> JSONError.Code? {
        var parser = JSONParser(valuesMax: valuesMax)
        do throws(JSONError) {
            _ = try parser.parse(Array(text.utf8))
            return nil
        } catch {
            return error.code
        }
    }

    @Test(arguments: [
        "[1,2]", "[[],[]]", #"{"a":1,"b":2}"#, #"{"a":{"b":null}}"#, #"["a,b:c[\"","\\"]"#, "[true,-1.5e3]",
        #"{ "a" : [ 1 ] }"#,
    ])
    func `values are counted as they are, names of members are not`(text: String) {
        #expect(parse(text, valuesMax: 3) == nil)
        #expect(parse(text, valuesMax: 2) == .tooManyValues)
    }

    @Test func `a number has at most 32 characters`() {
        for (number, code) in [
            ("0." + String(repeating: "0", count: 29), nil),
            ("0." + String(repeating: "0", count: 30), JSONError.Code.badNumber),
        ] {
            for text in [number + "1", "[\(number)1]", #"{"a":[\#(number)1],"b":2}"#, " \(number)1 "] {
                #expect(parse(text) == code, "\(text)")
            }
        }
    }

    @Test func `a number that is not whole has at most 19 digits, since more take long to read`() {
        let digits = "1234567890123456789"
        for (number, code) in [
            ("\(digits.dropLast()).9", nil), ("0.000\(digits)", nil), ("-\(digits)e-300", nil),
            ("00000000000000000000", JSONError.Code.badNumber), ("18446744073709551615", nil),
            ("1e00000000000000000005", nil),
            ("\(digits).1", .badNumber), ("0.000\(digits)1", .badNumber), ("-\(digits)1e-300", .badNumber),
            ("1.000000000000000000001", .badNumber),
        ] {
            for text in ["[\(number)]", number, "[\(number) , 1]", #"{"\#(digits).1":"\#(digits).1","a":\#(number)}"#] {
                #expect(parse(text) == code, "\(text)")
            }
        }
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1_000])
    func `what lies behind a text is not read as a part of it`(room: Int) throws {
        for text in ["[1,2]", "12", "\"a\"", "[1,", "tru"] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.utf8.count + room)
            bytes += text.utf8
            // What was there before is still in memory.
            bytes += [UInt8](repeating: UInt8(ascii: "3"), count: min(room, 5))
            bytes.removeLast(min(room, 5))
            var parser = JSONParser()
            let found = try? parser.parse(bytes).encoded()
            #expect(found == (text.last == "," || text == "tru" ? nil : Array(text.utf8)))
        }
    }

    @Test func `digits in a text are no number, however many`() {
        let digits = String(repeating: "1", count: 100)
        #expect(parse("[\"\(digits)\"]") == nil)
        #expect(parse("{\"\(digits)\":\"-\(digits).e\"}") == nil)
        #expect(parse("[\"\(digits)\",\(digits)]") == .badNumber)
        #expect(parse(#"["\"\#(digits)"]"#) == nil)
    }

    @Test func `a long number is found wherever it stands`() {
        for place in 0..<80 {
            let text = "[" + String(repeating: " ", count: place)
            #expect(parse(text + String(repeating: "1", count: 33) + "]") == .badNumber)
            #expect(parse(text + "0." + String(repeating: "0", count: 30) + "]") == nil)
        }
    }

    @Test func `what is no JSON is still the parser's to refuse`() {
        for text in ["\"", "[\"\\", "[1,", "\u{1}", "[a]", ":", "é"] {
            #expect(parse(text, valuesMax: 2) != nil)
        }
    }

    #if DEBUG
        @Test func `a long text's memory goes with its last value, and a short one's stays for the next`() {
            var parser = JSONParser()
            func held(_ count: Int) -> Int {
                let text = Array("[\"\(String(repeating: "a", count: count))\"]".utf8)
                return JSONSteps.count { #expect((try? parser.parse(text))?.count == 1) }.heldDocuments
            }
            #expect(held(JSONParser.retainedBytesMax) == 0)
            #expect(held(100) == 1)
            // The same one, which was there before.
            #expect(held(100) == 0)
            #expect(held(JSONParser.retainedBytesMax) == 0)
        }
    #endif

    @Test func `members are paired by their names, byte by byte, the last of equal ones`() throws {
        var parser = JSONParser()
        // Names on both sides of seven bytes, and few and many of them.
        for (extra, name) in [(0, ""), (20, "n"), (70, "n"), (70, "names"), (70, "\\u0000")] {
            let names = (0..<extra).map { ",\"\(name)\($0)\":\($0)" }.joined()
            let written = try parser.parse(Array(#"{"a":1,"b":2,"a":3,"\u00e9":4\#(names)}"#.utf8))
            let received = try parser.parse(Array(#"{"b":5,"a":6,"a":7,"e\u0301":8\#(names)}"#.utf8))
            let pairs = written.members(besides: received)
            #expect(pairs.prefix(3).map(\.member.name) == ["a", "b", "é"])
            #expect(pairs.prefix(3).map(\.member.value.int64) == [3, 2, 4])
            #expect(pairs.prefix(3).map { $0.other?.int64 } == [7, 5, nil])
            #expect(
                pairs.count == 3 + extra && pairs.dropFirst(3).allSatisfy { $0.other?.int64 == $0.member.value.int64 })
        }
    }

    @Test func `few members are paired with many as well as with few`() throws {
        var parser = JSONParser()
        let written = try parser.parse(Array(#"{"":1,"a":2,"aaaaaaa":3,"aaaaaaaa":4,"\u0000":5,"gone":6}"#.utf8))
        for others in [0, 63, 64, 65, 1000] {
            let names = (0..<others).map { "\"\($0)\":0," }.joined()
            let received = try parser.parse(
                Array(#"{\#(names)"\u0000":5,"aaaaaaaa":4,"a":0,"aaaaaaa":3,"":1,"a":2}"#.utf8))
            let pairs = written.members(besides: received)
            #expect(pairs.map { $0.other?.int64 } == [1, 2, 3, 4, 5, nil])
        }
    }

    @Test func `what is shown of a value is cut at a character's border, and no more is read`() throws {
        var parser = JSONParser()
        let text = try parser.parse(Array("\"\(String(repeating: "é", count: 100_000))\"".utf8))
        #expect(text.string(bytesMax: 10) == "ééé...")
        #expect(text.excerpt(bytesMax: 10) == "\"ééé...")
        let list = try parser.parse(Array("[\(String(repeating: "1,", count: 100_000))1]".utf8))
        #expect(list.excerpt(bytesMax: 10) == "[1,1,1,...")
        #expect(try parser.parse(Array("[1,\"a\"]".utf8)).excerpt(bytesMax: 10) == "[1,\"a\"]")
    }
}
