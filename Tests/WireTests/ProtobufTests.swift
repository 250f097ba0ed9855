import Testing
import Wire

@Suite("Protobuf")
struct ProtobufTests {
    /// All fields of a message, or nil where it is none.
    private func fields(_ bytes: [UInt8]) -> [(number: Int, value: ProtobufValue)]? {
        var reader = ProtobufReader(bytes)
        var fields: [(number: Int, value: ProtobufValue)] = []
        do throws(ProtobufError) {
            while let field = try reader.next() { fields.append(field) }
        } catch {
            return nil
        }
        return fields
    }

    @Test func `what is written is read back`() throws {
        var writer = ProtobufWriter()
        writer.add(1, "/d/f1")
        writer.add(2, Int64(-1))
        writer.add(3, true)
        writer.add(536_870_911, Int64.max)
        writer.add(4) { inner in inner.add(1, Int64(300)) }
        var reader = ProtobufReader(writer.bytes)
        let path = try #require(try reader.next())
        #expect(path.number == 1 && reader.text(path.value) == "/d/f1")
        #expect(try reader.next()?.value.int64 == -1)
        #expect(try reader.next()?.value.bool == true)
        let last = try #require(try reader.next())
        #expect(last.number == 536_870_911 && last.value.int64 == .max)
        let inner = try #require(try reader.next())
        var innerReader = try #require(reader.message(inner.value))
        #expect(try innerReader.next()?.value.int64 == 300)
        #expect(try innerReader.next() == nil)
        #expect(try reader.next() == nil)
    }

    /// As an Alluxio client of 2.9.0 sends them.
    @Test func `the bytes are those of a real client`() {
        var free = ProtobufWriter()
        free.add(1, "/d/f0")
        free.add(2) { options in
            options.add(1, true)
            options.add(2, false)
            options.add(3) { common in
                common.add(1, Int64(-1))
                common.add(2, Int64(-1))
                common.add(3, Int64(0))
            }
        }
        let minusOne: [UInt8] = [255, 255, 255, 255, 255, 255, 255, 255, 255, 1]
        let common: [UInt8] = [0x1A, 0x18, 8] + minusOne + [0x10] + minusOne + [0x18, 0]
        #expect(free.bytes == [0x0A, 5] + Array("/d/f0".utf8) + [0x12, 0x1E, 8, 1, 0x10, 0] + common)
    }

    @Test(
        arguments: [
            ("cut key", [0x80]), ("cut length", [0x0A]), ("cut bytes", [0x0A, 2, 1]), ("cut fixed", [0x0D, 1, 2, 3]),
            ("cut fixed64", [0x09, 1]), ("field 0", [0, 1]), ("group", [0x0B, 0x0C]), ("type 6", [0x0E]),
            ("length beyond 64 bits", [0x0A, 255, 255, 255, 255, 255, 255, 255, 255, 255, 127]),
            ("length that overflows", [0x0A, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
            ("number of 11 bytes", [0x08] + [UInt8](repeating: 128, count: 10) + [1]),
            ("field number above 2^29", [0x80, 0x80, 0x80, 0x80, 0x10, 1]),
        ] as [(String, [UInt8])])
    func `a message that is none is refused`(_ what: String, _ bytes: [UInt8]) {
        #expect(fields(bytes) == nil, "\(what)")
    }

    @Test func `random bytes never trap, and ranges stay within the message`() {
        var generator = Seeded(state: 7)
        for round in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator) & (round.isMultiple(of: 2) ? 255 : 0x1F)
            }
            for field in fields(bytes) ?? [] {
                if case .bytes(let range) = field.value { #expect(bytes.indices.contains(range) || range.isEmpty) }
            }
            var records = ProtobufRecords(field: 1, recordBytesMax: 16)
            try? records.receive(bytes) { (_) throws(ProtobufError) in }
        }
    }

    @Test func `entries of a list come one by one, however it is cut`() throws {
        var list = ProtobufWriter()
        for number in 0..<20 {
            list.add(1) { $0.add(1, String(repeating: "x", count: number * 10)) }
            list.add(2, Int64(number) << 40)
        }
        for size in 1...60 {
            var records = ProtobufRecords(field: 1, recordBytesMax: 1000)
            var lengths: [Int] = []
            var start = 0
            while start < list.bytes.count {
                let part = Array(list.bytes[start...].prefix(size))
                try records.receive(part) { (reader) throws(ProtobufError) in
                    var reader = reader
                    let field = try reader.next()
                    lengths.append(field.flatMap { reader.text($0.value) }?.utf8.count ?? -1)
                }
                start += part.count
            }
            #expect(lengths == (0..<20).map { $0 * 10 }, "\(size) bytes at a time")
            #expect(!records.isWithinField)
        }
    }

    @Test func `an entry above the limit is refused before it is kept`() {
        var records = ProtobufRecords(field: 1, recordBytesMax: 100)
        #expect(throws: ProtobufError.tooLong) {
            try records.receive([0x0A, 101]) { (_) throws(ProtobufError) in }
        }
    }
}
