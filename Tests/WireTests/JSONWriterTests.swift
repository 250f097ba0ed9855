import Testing
import Wire

@Suite struct JSONWriterTests {
    @Test func `an answer is written compactly`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("allowed")
        writer.value(true)
        writer.name("list")
        writer.beginArray()
        writer.value(Int64(1))
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.endArray()
        writer.name("a\"b")
        writer.base64(Array("hello".utf8))
        writer.name("raw")
        writer.raw(Array("[]".utf8))
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"allowed":true,"list":[1,{},null],"a\"b":"aGVsbG8=","raw":[]}"#)
    }

    @Test func `the pretty form has a value on each line`() {
        let tree: JSON = ["a": 1, "b": ["x", ["c": nil]], "empty": [], "none": [:]]
        #expect(
            String(decoding: tree.encoded(pretty: true), as: UTF8.self) == """
                {
                  "a": 1,
                  "b": [
                    "x",
                    {
                      "c": null
                    }
                  ],
                  "empty": [],
                  "none": {}
                }
                """)
    }

    @Test func `a string that ends in a blank does not spoil the pretty form`() {
        let tree: JSON = ["a": ["x ", "y"]]
        #expect(
            String(decoding: tree.encoded(pretty: true), as: UTF8.self)
                == "{\n  \"a\": [\n    \"x \",\n    \"y\"\n  ]\n}")
    }

    @Test func `control characters are escaped`() {
        #expect(
            JSON.string("\u{0}\u{1f}\"\\\n\r\t/\u{7f}é").encoded() == Array(#""\u0000\u001f\"\\\n\r\t/"#.utf8)
                + [0x7F] + Array("é\"".utf8))
    }

    @Test func `every byte is found where it needs an escape, at every place of a text`() throws {
        var parser = JSONParser()
        for byte in UInt8(0)..<128 {
            for place in 0..<20 {
                var text = Array(repeating: UInt8(ascii: "x"), count: 20) + Array("\u{80}\u{10FFFF}".utf8)
                text[place] = byte
                let value = JSON.string(String(decoding: text, as: UTF8.self))
                #expect(JSON(try parser.parse(value.encoded())) == value, "byte \(byte) at \(place)")
            }
        }
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 is as RFC 4648 section 10 has it`(plain: String, encoded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(plain.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == Array(plain.utf8))
    }

    @Test func `base64 takes line ends and both alphabets, and refuses the rest`() {
        #expect(Base64.decode("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
        #expect(Base64.decode("-_-_") == Base64.decode("+/+/"))
        for wrong in ["Z", "Zg=", "Zg===", "=", "Zm9v=", "Zm9v!", "Zg==Zg==", "Zé"] {
            #expect(Base64.decode(wrong) == nil, "\(wrong)")
        }
        for length in 0..<260 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        }
    }

    @Test(arguments: [
        (["metadata", "annotations", "sluice.dev/paused"], "/metadata/annotations/sluice.dev~1paused"),
        (["a~b", "", "0"], "/a~0b//0"), (["\u{301}", "b\u{301}"], "/\u{301}/b\u{301}"), ([], ""), (["~1"], "/~01"),
    ])
    func `pointers are as RFC 6901 has them`(tokens: [String], pointer: String) {
        #expect(JSONPointer.join(tokens) == pointer)
        #expect(JSONPointer.split(pointer) == tokens)
    }

    @Test(arguments: ["a", "/~", "/~2", "/a~"])
    func `what is no pointer is refused`(text: String) {
        #expect(JSONPointer.split(text) == nil)
    }
}
