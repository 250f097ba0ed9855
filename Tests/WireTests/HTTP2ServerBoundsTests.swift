import HTTP2Frames
import Testing

@testable import Wire

/// What one HTTP/2 client can make a server keep or do, counted in bytes and in fields.
struct HTTP2ServerBoundsTests {
    private let begin = Frame.preface + Frame.settings()

    /// Feeds a session, and gives what came out of it; its output is not taken.
    private func feed(_ session: inout HTTP2ServerSession, _ bytes: [UInt8]) throws -> [HTTP2ServerEvent] {
        try session.receive(bytes.span, second: 1)
        return session.takeEvents()
    }

    private func drain(_ session: inout HTTP2ServerSession) throws {
        var output: [UInt8] = []
        try session.output(into: &output, limit: .max)
    }

    @Test func `what comes on a stream that is answered already is dropped`() throws {
        var session = try HTTP2ServerSession()
        _ = try feed(&session, begin + Frame.window(0, 1 << 30))
        let streams = (0..<100).map { UInt32(2 * $0 + 1) }
        for stream in streams { _ = try feed(&session, Frame.head(stream, post: true, isLast: false)) }
        for stream in streams { _ = try feed(&session, Frame.data(stream, [UInt8](repeating: 1, count: 4_000))) }
        #expect(session.bufferedBytes >= 400_000)
        for stream in streams { session.respond(HTTPResponse(status: 503), to: Int32(stream)) }
        #expect(session.bufferedBytes < 150_000)
        // Neither answer nor reset is out, as with a client that reads nothing.
        for _ in 0..<5 {
            for stream in streams { _ = try feed(&session, Frame.data(stream, [UInt8](repeating: 1, count: 1_000))) }
        }
        #expect(session.bufferedBytes < 150_000)
        try drain(&session)
        #expect(session.openStreams == 0 && session.bufferedBytes == 0)
    }

    @Test func `a body counts in full from its content-length on`() throws {
        var session = try HTTP2ServerSession()
        let length = Frame.field("content-length", "6000000")
        _ = try feed(&session, begin + Frame.head(1, post: true, isLast: false, fields: length))
        #expect(session.bufferedBytes >= 6_000_000 && session.largestIncomplete == 1)
        _ = try feed(&session, Frame.head(3, post: true, isLast: false))
        #expect(session.largestIncomplete == 1)
        session.respond(HTTPResponse(status: 503), to: 1)
        #expect(session.bufferedBytes < 10_000 && session.largestIncomplete == 3)
    }

    @Test func `heads count while their bodies are waited for`() throws {
        var session = try HTTP2ServerSession()
        _ = try feed(&session, begin)
        let fields = (0..<90).flatMap { Frame.field("x-\($0)", String(repeating: "v", count: 100)) }
        for number in 0..<100 {
            _ = try feed(&session, Frame.head(UInt32(2 * number + 1), post: true, isLast: false, fields: fields))
        }
        #expect(session.openStreams == 100 && session.bufferedBytes >= 100 * 90 * 100)
    }

    @Test func `fields that later heads may refer to count, and of answers none are kept`() throws {
        var session = try HTTP2ServerSession()
        let fields = (0..<120).flatMap { Frame.indexed(String(UnicodeScalar(UInt8(97 + $0 % 26))), "\($0)") }
        _ = try feed(&session, begin + Frame.head(1, fields: fields))
        let date = Array("Fri, 27 Nov 2026 20:00:00 GMT".utf8)
        session.respond(HTTPResponse(status: 200, headers: [HTTPField("x-a", "b")]), to: 1, date: date)
        try drain(&session)
        // 120 fields of two to four bytes and 32 by the protocol's count, each of which costs some 200.
        #expect(session.openStreams == 0 && session.bufferedBytes >= 24_000 && session.bufferedBytes <= 32_000)
        #expect(session.answerTableBytes == 0)
    }

    @Test func `a connection that once had many requests keeps no room for them beside the one that it has`() {
        var recorder = HTTP2ServerRecorder(requestLimits: HTTP1Limits(), limits: HTTP2ServerLimits())
        for round in 0..<3 {
            for id in Int32(1)...100 { recorder.open(id) }
            for id in Int32(2)...100 { recorder.close(id) }
            #expect(recorder.streams.capacity <= 8 && Array(recorder.streams.keys) == [1], "\(round)")
            #expect(recorder.bufferedBytes == HTTP2ServerRecorder.streamBytes)
            recorder.close(1)
            #expect(recorder.streams.isEmpty && recorder.bufferedBytes == 0)
        }
    }

    @Test func `a request that waits for its answer counts with what is kept of it`() throws {
        var session = try HTTP2ServerSession()
        let body = [UInt8](repeating: 1, count: 16_000)
        _ = try feed(&session, begin + Frame.head(1, post: true, isLast: false) + Frame.data(1, body, isLast: true))
        #expect(session.bufferedBytes >= 16_000)
        session.keep(100, of: 1)
        #expect(session.bufferedBytes < 3_000)
        session.respond(HTTPResponse(status: 200, body: body), to: 1)
        // It was answered, so that nothing of the request is kept whatever is said.
        session.keep(0, of: 1)
        #expect(session.bufferedBytes >= 16_000)
    }

    @Test func `frames that wait for a client that does not read count`() throws {
        var session = try HTTP2ServerSession()
        _ = try feed(&session, begin)
        let before = session.bufferedBytes
        // Beyond the 100 streams each is refused by a reset.
        let bytes = (0..<400).flatMap { Frame.head(UInt32(2 * $0 + 1), post: true, isLast: false) }
        _ = try feed(&session, bytes)
        #expect(session.bufferedBytes - before >= 300 * 100)
    }

    @Test func `a head that goes on after its refusal is not unpacked to its end`() throws {
        // One field of 4,000 bytes goes into the table, and is then repeated by a byte each.
        let value = String(repeating: "v", count: 126)
        for count in [10_000, 15_000] {
            var session = try HTTP2ServerSession()
            var block: [UInt8] = [0x40, 1, UInt8(ascii: "a"), 126] + Array(value.utf8)
            block += [UInt8](repeating: 0xBE, count: count)
            #expect(throws: HTTP2ServerError.self) {
                try session.receive((begin + Frame.head(1, fields: block)).span, second: 1)
            }
            let rejected = session.takeEvents().contains { if case .rejected(1, _) = $0 { true } else { false } }
            let unpacked = session.fieldsUnpacked
            #expect(rejected && unpacked < 300)
            // The client is told that it was too much.
            var output: [UInt8] = []
            try session.output(into: &output, limit: .max)
            #expect(output.suffix(4).elementsEqual([0, 0, 0, 11]) && session.isFinished)
        }
    }

    /// A name and a value of 64 KiB, of which Huffman's code makes more, are no field before their end.
    @Test func `a field without an end counts, and ends the connection where it is longer than a head may be`() throws {
        let long = [UInt8](repeating: 0, count: 16_000)
        for isTrailer in [false, true] {
            var session = try HTTP2ServerSession()
            _ = try feed(&session, begin + (isTrailer ? Frame.head(1, post: true, isLast: false) : []))
            let before = session.bufferedBytes
            // A name of 65,000 bytes in Huffman's code.
            let start = [0x00, 0xFF, 0xE9, 0xFA, 0x03] + long
            _ = try feed(
                &session,
                isTrailer ? Frame.make(1, flags: 1, stream: 1, start) : Frame.head(1, isWhole: false, fields: start))
            let isUnfinished = session.hasUnfinishedHead
            #expect(isUnfinished && session.bufferedBytes - before >= 2 * long.count)
            #expect(throws: HTTP2ServerError.self) {
                for _ in 0..<2 { try session.receive(Frame.continuation(1, long).span, second: 1) }
            }
            var output: [UInt8] = []
            try session.output(into: &output, limit: .max)
            #expect(output.suffix(4).elementsEqual([0, 0, 0, 11]) && session.isFinished)
        }
    }

    @Test func `a head counts as it is packed no longer than until its end`() throws {
        var session = try HTTP2ServerSession()
        let fields = (0..<50).flatMap { Frame.field("x-\($0)", String(repeating: "v", count: 100)) }
        _ = try feed(&session, begin + Frame.head(1, post: true, isLast: false, isWhole: false, fields: fields))
        let unfinished = session.bufferedBytes
        let wasUnfinished = session.hasUnfinishedHead
        _ = try feed(&session, Frame.make(9, flags: Frame.endHeaders, stream: 1, Frame.field("a", "b")))
        let isUnfinished = session.hasUnfinishedHead
        #expect(wasUnfinished && !isUnfinished && unfinished - session.bufferedBytes >= 50 * 100)
    }

    @Test func `trailers are unpacked no farther than a head`() throws {
        var session = try HTTP2ServerSession()
        let value = String(repeating: "v", count: 126)
        let block: [UInt8] =
            [0x40, 1, UInt8(ascii: "a"), 126] + Array(value.utf8) + [UInt8](repeating: 0xBE, count: 10_000)
        _ = try feed(&session, begin + Frame.head(1, post: true, isLast: false))
        #expect(throws: HTTP2ServerError.self) {
            try session.receive(Frame.make(1, flags: 5, stream: 1, block).span, second: 1)
        }
        let unpacked = session.fieldsUnpacked
        #expect(unpacked < 300)
    }

    @Test func `a body that comes in ten thousand pieces is whole`() throws {
        var limits = HTTP2ServerLimits()
        limits.controlFramesPerSecond = .max
        var session = try HTTP2ServerSession(limits: limits)
        var bytes = begin + Frame.head(1, post: true, isLast: false)
        for number in 0..<10_000 { bytes += Frame.data(1, [UInt8(number % 251)], isLast: number == 9_999) }
        let events = try feed(&session, bytes)
        guard case .request(1, let request)? = events.last else {
            Issue.record("no request: \(events)")
            return
        }
        #expect(request.body == (0..<10_000).map { UInt8($0 % 251) })
    }
}
