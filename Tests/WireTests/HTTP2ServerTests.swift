import HTTP2Frames
import Testing

@testable import Wire

/// A server session and what came out of it.
private final class Served {
    var session: HTTP2ServerSession
    var requests: [String] = []
    var rejected: [Int] = []
    var closed = 0
    var failed = false
    var output: [UInt8] = []

    init(limits: HTTP2ServerLimits = HTTP2ServerLimits()) throws {
        session = try HTTP2ServerSession(limits: limits)
    }

    func receive(_ bytes: [UInt8], answering: Bool = true) {
        do { try session.receive(bytes.span, second: 1) } catch { failed = true }
        for event in session.takeEvents() {
            switch event {
            case .opened: break
            case .request(let stream, let request):
                requests.append("\(request.method) \(request.target) \(request.body.count)")
                if answering {
                    session.respond(
                        HTTPResponse(status: 200, body: Array("fine".utf8)), to: stream,
                        isHead: request.method == "HEAD")
                }
            case .rejected(let stream, let error):
                rejected.append(error.status)
                session.respond(HTTPResponse(status: error.status), to: stream)
            case .closed: closed += 1
            }
        }
        do { try session.output(into: &output, limit: .max) } catch { failed = true }
        for event in session.takeEvents() {
            if case .closed = event { closed += 1 }
        }
    }

    /// Whether the connection has come to its end, by an error or by a goodbye.
    var isOver: Bool { failed || session.isFinished }
}

struct HTTP2ServerSessionTests {
    /// Carries bytes between a client's session and a server's until both are quiet.
    private func exchange(
        _ requests: [HTTPRequest], answer: (HTTPRequest) -> HTTPResponse
    ) throws -> [Int32: (status: Int, body: [UInt8])] {
        var client = try HTTP2ClientSession()
        var server = try HTTP2ServerSession()
        for request in requests { _ = try client.submit(request, scheme: "https", authority: "x") }
        var answers: [Int32: (status: Int, body: [UInt8])] = [:]
        while true {
            var bytes: [UInt8] = []
            try client.output(into: &bytes, limit: .max)
            let sent = bytes.count
            try server.receive(bytes.span, second: 0)
            for event in server.takeEvents() {
                switch event {
                case .request(let stream, let request):
                    let first = server.respond(answer(request), to: stream, isHead: request.method == "HEAD")
                    let second = server.respond(answer(request), to: stream)
                    #expect(first && !second)
                case .rejected(let stream, let error):
                    server.respond(HTTPResponse(status: error.status), to: stream)
                case .opened, .closed: break
                }
            }
            bytes = []
            try server.output(into: &bytes, limit: .max)
            try client.receive(bytes.span)
            for event in client.takeEvents() {
                switch event {
                case .head(let stream, let head): answers[stream] = (head.status, [])
                case .data(let stream, let data):
                    answers[stream]?.body.append(contentsOf: data)
                    client.consume(data.count, of: stream)
                default: break
                }
            }
            if sent == 0 && bytes.isEmpty { break }
        }
        let (open, kept) = (server.openStreams, server.bufferedBytes - server.fieldTableBytes)
        #expect(open == 0 && kept == 0)
        return answers
    }

    @Test func `requests and answers come through, small and large, side by side`() throws {
        let sizes = [0, 1, 10_000, 1_000_000]
        let requests = sizes.map { size in
            HTTPRequest(
                method: "POST", target: "/\(size)", headers: [HTTPField("content-type", "text/plain")],
                body: [UInt8](repeating: 5, count: size))
        }
        let answers = try exchange(requests) { request in
            #expect(request.headers.contains(HTTPField("content-type", "text/plain")))
            #expect(request.headers.contains(HTTPField("host", "x")))
            return HTTPResponse(status: 201, body: request.body + Array(request.target.utf8))
        }
        #expect(answers.count == 4)
        for (number, size) in sizes.enumerated() {
            let answer = answers[Int32(2 * number + 1)]
            #expect(answer?.status == 201 && answer?.body.count == size + "/\(size)".utf8.count)
        }
    }

    @Test func `too large a body or head is refused, and other streams go on`() throws {
        let long = HTTPField("a", String(repeating: "b", count: 17_000))
        let answers = try exchange([
            HTTPRequest(method: "POST", target: "/", body: [UInt8](repeating: 0, count: (6 << 20) + (64 << 10) + 1)),
            HTTPRequest(method: "GET", target: "/", headers: [long]),
            HTTPRequest(method: "POST", target: "/", body: [UInt8](repeating: 0, count: (6 << 20) + (64 << 10))),
            HTTPRequest(method: "HEAD", target: "/"),
        ]) { request in
            HTTPResponse(status: 200, body: Array("\(request.body.count)".utf8))
        }
        #expect(answers[1]?.status == 413)
        #expect(answers[3]?.status == 431)
        #expect(answers[5]?.status == 200 && answers[5]?.body == Array("6356992".utf8))
        #expect(answers[7]?.status == 200 && answers[7]?.body == [])
    }

    @Test func `however a connection is cut, the outcome is the same`() throws {
        var bytes = Frame.preface + Frame.settings()
        for number in 0..<20 {
            let stream = UInt32(2 * number + 1)
            bytes += Frame.head(stream, post: true, isLast: false) + Frame.data(stream, [1, 2, 3])
            bytes += Frame.data(stream, [UInt8](repeating: 9, count: number), isLast: true) + Frame.ping
        }
        let whole = try Served()
        whole.receive(bytes)
        #expect(whole.requests.count == 20 && whole.closed == 20 && !whole.isOver)
        var random = SystemRandomNumberGenerator()
        for round in 0..<20 {
            let cut = try Served()
            var start = 0
            while start < bytes.count {
                let end = round == 0 ? start + 1 : min(bytes.count, start + Int.random(in: 1...50, using: &random))
                cut.receive(Array(bytes[start..<end]))
                start = end
            }
            #expect(cut.requests == whole.requests && cut.closed == whole.closed && cut.isOver == whole.isOver)
        }
    }

    @Test func `each flood ends the connection, and little is kept of it`() throws {
        for (name, bytes) in Frame.floods {
            let server = try Served()
            server.receive(Frame.preface + Frame.settings() + bytes, answering: false)
            #expect(server.isOver, "\(name)")
            #expect(server.session.bufferedBytes < 300_000 && server.output.count < 100_000, "\(name)")
        }
    }

    @Test func `what is below the limits is no flood`() throws {
        let server = try Served()
        var bytes = Frame.preface + Frame.settings()
        for _ in 0..<40 { bytes += Frame.ping + Frame.settings() + Frame.priority(1) }
        for number in 0..<90 {
            let stream = UInt32(2 * number + 1)
            bytes += Frame.head(stream, post: true, isLast: false) + Frame.reset(stream)
        }
        bytes += Frame.head(201, isWhole: false) + (0..<6).flatMap { _ in Frame.continuation(201) }
        bytes += Frame.make(9, flags: Frame.endHeaders, stream: 201)
        server.receive(bytes)
        #expect(!server.isOver && server.requests == ["GET / 0"])
    }

    @Test(arguments: [false, true])
    func `requests beyond the streams allowed are refused, and a client that knew better is sent away`(
        knows: Bool
    ) throws {
        var limits = HTTP2ServerLimits()
        limits.concurrentStreams = 10
        let server = try Served(limits: limits)
        server.receive(Frame.preface + Frame.settings() + (knows ? Frame.make(4, flags: 1) : []))
        var bytes: [UInt8] = []
        for number in 0..<50 { bytes += Frame.head(UInt32(2 * number + 1), post: true, isLast: false) }
        server.receive(bytes)
        #expect(server.session.openStreams <= 10 && server.isOver == knows)
    }

    @Test func `a head that unpacks to more than the limit is refused`() throws {
        let server = try Served()
        // One long field goes into the table, and is then repeated by a byte each.
        let value = String(repeating: "v", count: 120)
        var block: [UInt8] = [0x40, 1, UInt8(ascii: "a"), 120] + Array(value.utf8)
        block += [UInt8](repeating: 0xBE, count: 10_000)
        server.receive(Frame.preface + Frame.settings() + Frame.head(1, fields: block))
        #expect(server.rejected == [431] && server.isOver)
        // The frame counts as long as its head has no end, and it never will have one.
        #expect(server.session.bufferedBytes < 3_000 + 2 * block.count)
    }

    @Test func `a client without a window gets no data, and what waits for it is counted`() throws {
        let server = try Served()
        server.receive(Frame.preface + Frame.settings([(4, 0)]) + Frame.head(1))
        #expect(server.requests == ["GET / 0"] && server.closed == 0)
        #expect(server.session.openStreams == 1 && server.session.bufferedBytes >= 4)
        server.receive(Frame.window(1, 100))
        #expect(server.closed == 1 && server.session.bufferedBytes == 0)
    }

    @Test func `after a goodbye no new request is taken, and those under way are finished`() throws {
        let server = try Served()
        server.receive(
            Frame.preface + Frame.settings() + Frame.head(1, post: true, isLast: false), answering: false)
        server.session.goAway()
        server.receive([])
        server.receive(Frame.head(3) + Frame.data(1, [1], isLast: true))
        #expect(server.requests == ["POST / 1"])
        #expect(server.isOver)
    }
}
