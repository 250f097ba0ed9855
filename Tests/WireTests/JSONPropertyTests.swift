import Testing
import Wire

/// A small generator whose numbers follow from its seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension JSON {
    /// Any tree, a little smaller with each level.
    static func random(depth: Int, using generator: inout Seeded) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 7), using: &generator) {
        case 0: return .null
        case 1: return .bool(.random(using: &generator))
        case 2: return .integer(.random(in: -10...10, using: &generator))
        case 3: return .integer(Int64(bitPattern: generator.next()))
        case 4:
            let number = Double(bitPattern: generator.next())
            return number.isFinite ? .double(number) : .double(0.5)
        case 5, 6: return .string(randomText(using: &generator))
        case 7:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth - 1, using: &generator) })
        default:
            var object: JSON = .object([])
            for _ in 0..<Int.random(in: 0...4, using: &generator) {
                object[randomText(using: &generator)] = random(depth: depth - 1, using: &generator)
            }
            return object
        }
    }

    static func randomText(using generator: inout Seeded) -> String {
        let scalars: [Unicode.Scalar] = [
            "a", "Z", "0", " ", "\"", "\\", "/", "~", "\n", "\t", "\u{0}", "\u{1f}", "\u{7f}", "é", "\u{2028}", "😀",
            "\u{10FFFF}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            text.unicodeScalars.append(scalars[Int.random(in: scalars.indices, using: &generator)])
        }
        return text
    }
}

@Suite struct JSONPropertyTests {
    @Test func `what is written is read back the same`() throws {
        var parser = JSONParser()
        for seed in 0..<3_000 {
            var generator = Seeded(state: UInt64(seed))
            let tree = JSON.random(depth: 5, using: &generator)
            for pretty in [false, true] {
                let bytes = tree.encoded(pretty: pretty)
                let value = try parser.parse(bytes)
                #expect(JSON(value) == tree, "seed \(seed)")
                #expect(value.encoded(pretty: pretty) == bytes, "seed \(seed)")
            }
        }
    }

    @Test func `a text that ends early is refused at every length`() throws {
        var parser = JSONParser()
        for seed in 0..<100 {
            var generator = Seeded(state: UInt64(seed))
            let tree: JSON = ["request": JSON.random(depth: 4, using: &generator), "kind": "AdmissionReview"]
            let bytes = tree.encoded()
            for length in 0..<bytes.count {
                #expect(throws: JSONError.self, "seed \(seed), length \(length)") {
                    try parser.parse(Array(bytes[..<length]))
                }
            }
        }
    }

    @Test func `changed and random bytes never trap, and what is accepted can be read whole`() {
        var parser = JSONParser()
        for seed in 0..<5_000 {
            var generator = Seeded(state: UInt64(seed))
            var bytes = JSON.random(depth: 4, using: &generator).encoded()
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: bytes.indices, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.insert(Array("{}[]\",:0e-\\ut".utf8).randomElement(using: &generator) ?? 0, at: place)
                }
            }
            // Most are refused; that the others can be walked is the point.
            if let value = try? parser.parse(bytes) {
                let tree = JSON(value)
                #expect(tree.isEquivalent(to: tree), "seed \(seed)")
            }
        }
    }

    @Test func `numbers keep their value`() throws {
        var parser = JSONParser()
        for number in [0, -0.0, 0.1, 1e21, 1e-7, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 123_456_789.123]
        {
            #expect(try parser.parse(JSON.double(number).encoded()).double == number)
        }
        #expect(JSON.double(.nan).encoded() == Array("null".utf8))
        #expect(JSON.double(.infinity).encoded() == Array("null".utf8))
        for number in [Int64.min, -1, 0, 9, 10, Int64.max] {
            #expect(try parser.parse(JSON.integer(number).encoded()).int64 == number)
        }
        #expect(try parser.parse(Array("18446744073709551615".utf8)).encoded() == Array("18446744073709551615".utf8))
    }
}
