import Testing

@testable import Wire

/// What a peer sends that means harm, or is broken: valid bytes, changed a little.
private struct Mutator {
    var random: Seeded

    /// Changes, drops, repeats or inserts a few bytes.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let at = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...4, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes.removeSubrange(at..<min(at + 9, bytes.count))
            case 3: bytes.insert(contentsOf: bytes[at...].prefix(40), at: at)
            default: bytes.insert(contentsOf: [255, 255, 255, 255, 15], at: at)
            }
        }
        return bytes
    }

    /// Hands bytes over in pieces of any size.
    mutating func inPieces(_ bytes: [UInt8], _ body: ([UInt8]) throws -> Void) rethrows {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...(Bool.random(using: &random) ? 3 : 2_000), using: &random))
            rest = rest.dropFirst(piece.count)
            try body(Array(piece))
        }
    }
}

/// A list of so many files, as a master sends it.
private func list(_ count: Int) -> [UInt8] {
    var message = ProtobufWriter()
    for file in 0..<count {
        message.add(1) { info in
            info.add(3, "/folder/file\(file)")
            info.add(19, "PERSISTED")
            for block in 0..<file % 4 {
                info.add(21) {
                    $0.add(1) {
                        $0.add(1, Int64(block) << 33); $0.add(3) { $0.add(1, Int64.max) }
                    }
                }
            }
        }
    }
    return message.bytes
}

@Suite("Mutated bytes")
struct ProtobufMutationTests {
    /// How many fields a message has, those of embedded messages included, down to a depth.
    private func fieldCount(_ reader: ProtobufReader, depth: Int = 6) throws(ProtobufError) -> Int {
        var reader = reader
        var count = 0
        while let (_, value) = try reader.next() {
            count += 1
            // What is text may read as a message, or not.
            if depth > 0, let inner = reader.message(value) { count += (try? fieldCount(inner, depth: depth - 1)) ?? 0 }
        }
        return count
    }

    @Test func `a list gives no more entries and fields than it has bytes for, and keeps no more than one entry`()
        throws
    {
        var mutator = Mutator(random: Seeded(state: 11))
        let valid = list(60)
        var whole = 0
        for _ in 0..<2_000 {
            let bytes = mutator.mutated(valid)
            var records = ProtobufRecords(field: 1, recordBytesMax: 300)
            var entries = 0
            var fields = 0
            do {
                try mutator.inPieces(bytes) { piece in
                    try records.receive(piece) { (reader) throws(ProtobufError) in
                        entries += 1
                        fields += try fieldCount(reader)
                    }
                    #expect(records.keptByteCount <= 300 + 20)
                }
                whole += 1
            } catch is ProtobufError {}
            // Each level of depth reads a byte again.
            #expect(entries * 2 <= bytes.count && fields * 2 <= bytes.count * 7)
        }
        #expect(whole > 100, "some mutations leave a list that can be read")
    }

    @Test func `an entry in parts of one byte is read once it is whole`() throws {
        let entry = [UInt8](repeating: 7, count: 100_000)
        var message = ProtobufWriter()
        message.add(1, entry)
        message.add(1, [1])
        var records = ProtobufRecords(field: 1, recordBytesMax: 1 << 20)
        var seen: [Int] = []
        for byte in message.bytes {
            try records.receive([byte]) { (reader) throws(ProtobufError) in seen.append(reader.remainingByteCount) }
        }
        #expect(seen == [100_000, 1] && !records.isWithinField && records.keptByteCount == 0)
    }

    @Test func `a connection gives no more bytes than came, and each call one end at most`() throws {
        var mutator = Mutator(random: Seeded(state: 12))
        let message = [0] + HTTP2Frame.bigEndian(UInt32(list(20).count)) + list(20)
        let head = [(":status", "200"), ("content-type", "application/grpc")]
        let end = HTTP2Frame.endHeaders | HTTP2Frame.endStream
        let frames: [HTTP2Frame] = [
            .settings, .head(1, head), .data(1, Array(message.prefix(500))), .head(3, head), .data(3, message),
            .data(1, Array(message.dropFirst(500))), .head(3, [("grpc-status", "0")], flags: end),
            .head(1, [("grpc-status", "4"), ("grpc-message", "%C3%A4%")], flags: end),
        ]
        let valid = frames.flatMap(\.bytes)
        var ended = 0
        for _ in 0..<2_000 {
            var limits = GRPCClientSession.Limits()
            limits.messageBytesMax = 2_000
            var session = try GRPCClientSession(authority: "a", limits: limits)
            for _ in 0..<2 { session.send([1], on: try session.start("/a.B/C"), isLast: true) }
            var output: [UInt8] = []
            try session.output(into: &output)
            let bytes = mutator.mutated(valid)
            var received = 0
            var ends: [Int32] = []
            do {
                try mutator.inPieces(bytes) { piece in
                    try session.receive(piece.span)
                    for event in session.takeEvents() {
                        switch event {
                        case .message(let stream, let part, _):
                            received += part.count
                            #expect(!ends.contains(stream))
                        case .ended(let stream, _): ends.append(stream)
                        }
                    }
                    output = []
                    try session.output(into: &output)
                    #expect(output.count < 10_000)
                }
            } catch is HTTP2ClientError {}
            #expect(
                received <= bytes.count && Set(ends).count == ends.count && ends.allSatisfy { [1, 3].contains($0) })
            ended += ends.count
        }
        #expect(ended > 500, "some mutations leave a call that ends")
    }
}
