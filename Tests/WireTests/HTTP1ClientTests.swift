import Testing
import Wire

/// What one response came to, with its body joined however it was cut.
private struct Outcome: Equatable {
    var heads: [HTTPResponseHead] = []
    var body: [UInt8] = []
    var ends = 0
    var upgradeRest: [UInt8]?
    var error: HTTP1ClientError?
    var reusable = false
}

/// Feeds `text` in pieces of `size` bytes, then the connection's end if `closed`.
private func outcome(
    _ text: String, method: String = "GET", upgrade: Bool = false, size: Int, closed: Bool = false,
    limits: HTTP1ClientParser.Limits = .init()
) -> Outcome {
    var parser = HTTP1ClientParser(limits: limits)
    var outcome = Outcome()
    parser.expectResponse(to: method, upgrade: upgrade)
    func note(_ events: [HTTP1ClientEvent]) {
        for event in events {
            switch event {
            case .head(let head): outcome.heads.append(head)
            case .body(let bytes): outcome.body += bytes
            case .end: outcome.ends += 1
            case .upgraded(let head, let rest):
                outcome.heads.append(head)
                outcome.upgradeRest = rest
            }
        }
    }
    do throws(HTTP1ClientError) {
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) {
            note(try parser.receive(Array(bytes[start..<min(start + size, bytes.count)]).span))
        }
        if closed { note(try parser.receiveEnd()) }
    } catch { outcome.error = error }
    outcome.reusable = outcome.error == nil && parser.mayBeReused
    return outcome
}

@Suite("HTTP/1.1 client parser")
struct HTTP1ClientParserTests {
    struct Good: Sendable {
        var name: String
        var text: String
        var method = "GET"
        var closed = false
        var status = 200
        var body = ""
        var reusable = true
    }

    static let good = [
        Good(name: "a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", body: "hello"),
        Good(name: "no reason", text: "HTTP/1.1 404\r\ncontent-length: 0\r\n\r\n", status: 404),
        Good(
            name: "chunks, an extension and trailers",
            text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "5\r\nhello\r\n1;name=value\r\n \r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\n",
            body: "hello 0123456789"),
        Good(name: "until the end", text: "HTTP/1.1 200 OK\r\n\r\nall", closed: true, body: "all", reusable: false),
        Good(name: "an old server", text: "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\n!", body: "!", reusable: false),
        Good(name: "HEAD", text: "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n", method: "HEAD"),
        Good(name: "204", text: "HTTP/1.1 204 None\r\n\r\n", status: 204),
        Good(name: "304", text: "HTTP/1.1 304 Same\r\ncontent-length: 9\r\n\r\n", status: 304),
        Good(
            name: "an interim response",
            text: "HTTP/1.1 100 Continue\r\nx: y\r\n\r\nHTTP/1.1 201 Made\r\ncontent-length: 2\r\n\r\nok", status: 201,
            body: "ok"),
        Good(
            name: "a closing server", text: "HTTP/1.1 200 OK\r\nConnection: x, Close\r\ncontent-length: 0\r\n\r\n",
            reusable: false),
        Good(name: "a hole in the value", text: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nx: \t a\tb  \r\ny:\r\n\r\n"),
    ]

    @Test(arguments: good.indices) func `a good response reads the same however it is cut`(index: Int) {
        let example = Self.good[index]
        let count = example.text.utf8.count
        for size in 1...count {
            let seen = outcome(example.text, method: example.method, size: size, closed: example.closed)
            #expect(seen.error == nil, "\(example.name), \(size) bytes at a time")
            #expect(seen.heads.map(\.status) == [example.status], "\(example.name), \(size) bytes at a time")
            #expect(seen.body == Array(example.body.utf8), "\(example.name), \(size) bytes at a time")
            #expect(seen.ends == 1 && seen.reusable == example.reusable, "\(example.name), \(size) bytes at a time")
        }
    }

    @Test func `field names come in lower case, and values without blanks around them`() {
        let seen = outcome("HTTP/1.1 200 OK\r\nX-A:  b c \t\r\ncontent-length: 0\r\nx-a: d\r\n\r\n", size: 7)
        #expect(seen.heads.first?.headers == [.init("x-a", "b c"), .init("content-length", "0"), .init("x-a", "d")])
        #expect(seen.heads.first?.firstValue(of: "x-a") == "b c")
        #expect(seen.heads.first?.firstValue(of: "x-b") == nil)
    }

    static let bad: [(String, HTTP1ClientError)] = [
        ("HTTP/2.0 200 OK\r\n", .malformedStatusLine), ("HTTP/1.1 20 OK\r\n", .malformedStatusLine),
        ("HTTP/1.1 099 OK\r\n", .malformedStatusLine), ("HTTP/1.1 600 OK\r\n", .malformedStatusLine),
        ("HTTP/1.1 2000 OK\r\n", .malformedStatusLine), ("HTTP/1.1 200 OK\n", .malformedStatusLine),
        ("SSH-2.0-OpenSSH\r\n", .malformedStatusLine), ("\r\n", .malformedStatusLine),
        ("HTTP/1.1 200 OK\r\na: b\n", .malformedHeader), ("HTTP/1.1 200 OK\r\na: b\rc\r\n", .malformedHeader),
        ("HTTP/1.1 200 OK\r\na : b\r\n", .malformedHeader), ("HTTP/1.1 200 OK\r\n: b\r\n", .malformedHeader),
        ("HTTP/1.1 200 OK\r\na: b\r\n c\r\n", .malformedHeader), ("HTTP/1.1 200 OK\r\nnone\r\n", .malformedHeader),
        ("HTTP/1.1 200 OK\r\na: \u{1}\r\n", .malformedHeader),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\n", .ambiguousFraming),
        ("HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n", .ambiguousFraming),
        ("HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n", .ambiguousFraming),
        ("HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", .ambiguousFraming),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n", .ambiguousFraming),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\r\n", .malformedChunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n", .malformedChunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n", .malformedChunk),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedChunk),
        ("HTTP/1.1 101 Switching\r\n\r\n", .unexpectedUpgrade),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\nHTTP", .unexpectedBytes),
    ]

    @Test(arguments: bad.indices) func `a bad response is refused however it is cut`(index: Int) {
        let (text, error) = Self.bad[index]
        for size in 1...text.utf8.count {
            #expect(outcome(text, size: size).error == error, "\(text.debugDescription), \(size) bytes at a time")
        }
    }

    @Test func `a connection that ends inside a response is an error`() {
        let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        for count in 0..<text.utf8.count {
            #expect(
                outcome(String(decoding: Array(text.utf8.prefix(count)), as: UTF8.self), size: 100, closed: true).error
                    == .truncated, "\(count) bytes")
        }
        #expect(outcome(text, size: 100, closed: true).error == nil)
    }

    @Test func `an upgrade hands over the bytes behind the head`() {
        let text = "HTTP/1.1 101 Switching\r\nupgrade: websocket\r\n\r\n\u{1}\u{2}\r\n"
        let seen = outcome(text, upgrade: true, size: 1000)
        #expect(seen.heads.first?.status == 101 && seen.upgradeRest == [1, 2, 13, 10])
        #expect(
            outcome("HTTP/1.1 403 No\r\ncontent-length: 2\r\n\r\nno", upgrade: true, size: 3).body == Array("no".utf8))
    }

    @Test func `every limit holds`() {
        let limits = HTTP1ClientParser.Limits(headBytes: 100, fieldCount: 3, interimResponses: 2, chunkLineBytes: 10)
        func error(_ text: String) -> HTTP1ClientError? { outcome(text, size: 9, limits: limits).error }
        let start = "HTTP/1.1 200 OK\r\n"
        #expect(error(start + "a: " + String(repeating: "x", count: 100)) == .headTooLarge)
        #expect(error(start + "a: 40\r\nb: " + String(repeating: "x", count: 80)) == .headTooLarge)
        #expect(error("HTTP/1.1 200 " + String(repeating: "x", count: 100)) == .headTooLarge)
        #expect(error(start + "a:\r\nb:\r\nc:\r\nd:\r\n") == .headTooLarge)
        #expect(error(start + "content-length: 0\r\nb:\r\nc:\r\n\r\n") == nil)
        let interim = "HTTP/1.1 103 Hints\r\n\r\n"
        #expect(error(interim + interim + interim) == .tooManyInterimResponses)
        #expect(error(interim + interim + "HTTP/1.1 204 No\r\n\r\n") == nil)
        let chunked = start + "transfer-encoding: chunked\r\n\r\n"
        #expect(error(chunked + "1;aaaaaaaaaaaaa") == .malformedChunk)
        #expect(error(chunked + "0\r\na:\r\nb:\r\nc:\r\nd:\r\n") == .headTooLarge)
        #expect(error(chunked + "0\r\na:" + String(repeating: "x", count: 100)) == .headTooLarge)
    }

    @Test func `no bytes trap`() {
        var generator = SystemRandomNumberGenerator()
        let words = [
            "HTTP/1.1 ", "200", " ", "\r\n", "\r", "\n", ":", "content-length", "transfer-encoding", "chunked", "5",
            "a",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                words.randomElement(using: &generator) ?? ""
            }
            let joined = text.joined()
            let whole = outcome(joined, size: 1000, closed: true)
            #expect(outcome(joined, size: 1, closed: true).error == whole.error, "\(joined.debugDescription)")
        }
    }
}

@Suite("HTTP/1.1 client request")
struct HTTP1ClientRequestTests {
    @Test func `a request is written with host and length`() {
        let request = HTTPRequest(method: "POST", target: "/a?b", headers: [.init("x", "y z")], body: [33])
        let bytes = HTTP1ClientRequest.bytes(of: request, host: "h:1")
        #expect(
            bytes.map { String(decoding: $0, as: UTF8.self) }
                == "POST /a?b HTTP/1.1\r\nhost: h:1\r\nx: y z\r\ncontent-length: 1\r\n\r\n!")
        let get = HTTP1ClientRequest.bytes(of: HTTPRequest(method: "GET", target: "/"), host: "h")
        #expect(get.map { String(decoding: $0, as: UTF8.self) } == "GET / HTTP/1.1\r\nhost: h\r\n\r\n")
    }

    @Test func `what would break the framing is not written`() {
        func isWritten(_ request: HTTPRequest, host: String = "h") -> Bool {
            HTTP1ClientRequest.bytes(of: request, host: host) != nil
        }
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/ a")))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/\r\nx: y")))
        #expect(!isWritten(HTTPRequest(method: "GE T", target: "/")))
        #expect(!isWritten(HTTPRequest(method: "GET", target: ""), host: "h"))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/"), host: "h\r\n"))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/", headers: [.init("a b", "c")])))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/", headers: [.init("a", "c\nd")])))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/", headers: [.init("content-length", "3")])))
        #expect(!isWritten(HTTPRequest(method: "GET", target: "/", headers: [.init("transfer-encoding", "chunked")])))
    }
}
