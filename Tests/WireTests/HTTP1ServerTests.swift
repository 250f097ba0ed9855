import Testing

@testable import Wire

/// What came out of a parser, in a form that can be compared.
private enum ParsedOutcome: Equatable, CustomStringConvertible {
    case continueExpected
    case request(String, keepsAlive: Bool)
    case failure(Int)

    var description: String {
        switch self {
        case .continueExpected: "continue"
        case .request(let text, let keepsAlive): (keepsAlive ? "" : "closing ") + text
        case .failure(let status): "failure \(status)"
        }
    }
}

/// Feeds the pieces one after the other and collects what comes out, up to an error.
private func outcomes(_ pieces: [[UInt8]], limits: HTTP1Limits = HTTP1Limits()) -> [ParsedOutcome] {
    var parser = HTTP1ServerParser(limits: limits)
    var result: [ParsedOutcome] = []
    for piece in pieces {
        var position = 0
        while position < piece.count {
            do throws(HTTP1Error) {
                let (consumed, event) = try parser.parse(piece.span.extracting(droppingFirst: position))
                position += consumed
                switch event {
                case .continueExpected: result.append(.continueExpected)
                case .request(let request, let keepsAlive):
                    let fields = request.headers.map { "\($0.name)=\($0.value)" }.joined(separator: "|")
                    let body = String(decoding: request.body, as: UTF8.self)
                    result.append(
                        .request("\(request.method) \(request.target) [\(fields)] \(body)", keepsAlive: keepsAlive))
                case nil: precondition(position == piece.count)
                }
            } catch {
                result.append(.failure(error.status))
                return result
            }
        }
    }
    return result
}

struct HTTP1ServerParserTests {
    static let host = "Host: x\r\n"

    /// What is sent, and what has to come of it.
    fileprivate static let good: [(String, [ParsedOutcome])] = [
        ("GET / HTTP/1.1\r\n\(host)\r\n", [.request("GET / [host=x] ", keepsAlive: true)]),
        ("GET / HTTP/1.0\r\n\r\n", [.request("GET / [] ", keepsAlive: false)]),
        (
            "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
            [.request("GET / [connection=Keep-Alive] ", keepsAlive: true)]
        ),
        (
            "GET /a?b=c HTTP/1.1\r\n\(host)Connection: te , CLOSE\r\n\r\n",
            [.request("GET /a?b=c [host=x|connection=te , CLOSE] ", keepsAlive: false)]
        ),
        ("GET http://x:1/a HTTP/1.1\r\n\(host)\r\n", [.request("GET /a [host=x] ", keepsAlive: true)]),
        ("GET HTTPS://x HTTP/1.1\r\n\(host)\r\n", [.request("GET / [host=x] ", keepsAlive: true)]),
        ("OPTIONS * HTTP/1.1\r\n\(host)\r\n", [.request("OPTIONS * [host=x] ", keepsAlive: true)]),
        ("\r\nGET / HTTP/1.1\r\n\(host)\r\n", [.request("GET / [host=x] ", keepsAlive: true)]),
        (
            "GET / HTTP/1.1\r\n\(host)A:\t b c \t\r\nB:\r\n\r\n",
            [.request("GET / [host=x|a=b c|b=] ", keepsAlive: true)]
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\n\(host)\r\n",
            [
                .request("POST / [host=x|content-length=3] abc", keepsAlive: true),
                .request("GET / [host=x] ", keepsAlive: true),
            ]
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Transfer-Encoding: Chunked\r\n\r\n"
                + "3;a=b\r\nabc\r\n00A \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n",
            [
                .request("POST / [host=x|transfer-encoding=Chunked] abc0123456789", keepsAlive: true),
                .request("GET / [host=x] ", keepsAlive: true),
            ]
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Expect: 100-Continue\r\nContent-Length: 1\r\n\r\na",
            [
                .continueExpected,
                .request("POST / [host=x|expect=100-Continue|content-length=1] a", keepsAlive: true),
            ]
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\n\r\n",
            [.request("POST / [host=x|expect=100-continue] ", keepsAlive: true)]
        ),
        (
            "POST / HTTP/1.1\r\n\(host)Content-Length: 000\r\n\r\n",
            [.request("POST / [host=x|content-length=000] ", keepsAlive: true)]
        ),
    ]

    /// What is sent, and the status that it is refused with.
    static let bad: [(String, Int)] = [
        ("\r\n\r\nGET / HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET / HTTP/1.1\n\(host)\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\n\r\n", 400),
        ("\nGET / HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A: b\rc: d\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A: b\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n \(host)\r\n", 400),
        ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host): x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A: \u{1}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A: \0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)A@: b\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)\(host)\r\n", 400),
        ("GET  / HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET / HTTP/1.1 \r\n\(host)\r\n", 400),
        ("GET / http/1.1\r\n\(host)\r\n", 400),
        ("GET /\r\n\(host)\r\n", 400),
        ("G(T / HTTP/1.1\r\n\(host)\r\n", 400),
        (" GET / HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET /\u{7F} HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET a HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET /é HTTP/1.1\r\n\(host)\r\n", 400),
        ("\u{16}\u{3}\u{1}\u{2}\n", 400),
        ("\(String(repeating: "A", count: 33)) / HTTP/1.1\r\n\(host)\r\n", 400),
        ("GET / HTTP/2.0\r\n\(host)\r\n", 505),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: x\r\nContent-Length: 1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 1, 1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: +1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: -1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 0x1\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length:\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 8388609\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)Content-Length: 99999999999999999999999999999999\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)Expect: 100-continue\r\nContent-Length: 8388609\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)Expect: bread\r\nContent-Length: 1\r\n\r\n", 417),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\n\(host)Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\nx\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n1\na", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n1\r\nab\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n1\r\na\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n-1\r\na", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n800001\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\nFFFFFFFF\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n000000001\r\n", 413),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n1;\(String(repeating: "e", count: 5_000))\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n0\r\n\(String(repeating: "e", count: 5_000))\r\n", 400),
        ("POST / HTTP/1.1\r\n\(host)\(chunked)\r\n0\r\nA: \u{1}\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\(host)\(String(repeating: "A: b\r\n", count: 100))\r\n", 431),
        ("GET / HTTP/1.1\r\n\(host)A: \(String(repeating: "b", count: 16 << 10))\r\n\r\n", 431),
        ("GET /\(String(repeating: "b", count: 16 << 10))", 431),
    ]
    static let chunked = "Transfer-Encoding: chunked\r\n"

    @Test func `requests are understood, at once and a byte at a time`() {
        for (text, expected) in Self.good {
            let bytes = Array(text.utf8)
            #expect(outcomes([bytes]) == expected, "\(text.debugDescription)")
            #expect(outcomes(bytes.map { [$0] }) == expected, "a byte at a time: \(text.debugDescription)")
        }
    }

    @Test func `requests that two readers could take differently are refused, at once and a byte at a time`() {
        for (text, status) in Self.bad {
            let bytes = Array(text.utf8)
            #expect(outcomes([bytes]) == [.failure(status)], "\(text.debugDescription)")
            #expect(outcomes(bytes.map { [$0] }) == [.failure(status)], "a byte at a time: \(text.debugDescription)")
        }
    }

    @Test func `however a stream of requests is cut, the outcome is the same`() {
        var random = SystemRandomNumberGenerator()
        let texts = Self.good.map(\.0) + Self.good.map(\.0) + Self.bad.map(\.0)
        for round in 0..<2_000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes.append(contentsOf: texts.randomElement(using: &random).map { Array($0.utf8) } ?? [])
            }
            // Some streams are damaged as well.
            if round % 3 == 0, !bytes.isEmpty {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var pieces: [[UInt8]] = []
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + Int.random(in: 1...200, using: &random))
                pieces.append(Array(bytes[start..<end]))
                start = end
            }
            #expect(
                outcomes(pieces) == outcomes([bytes]), "\(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    @Test func `a head may have exactly the bytes of the limit`() {
        var limits = HTTP1Limits()
        let text = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        limits.headerBytes = text.utf8.count
        #expect(outcomes([Array(text.utf8)], limits: limits).count == 1)
        #expect(outcomes([Array(text.utf8)], limits: limits) != [.failure(431)])
        limits.headerBytes -= 1
        #expect(outcomes([Array(text.utf8)], limits: limits) == [.failure(431)])
    }

    @Test func `the phase and the bytes kept are told`() throws {
        var parser = HTTP1ServerParser()
        #expect(parser.phase == .idle && parser.bufferedBytes == 0)
        _ = try parser.parse(Array("POST / ".utf8).span)
        #expect(parser.phase == .head && parser.bufferedBytes == 7)
        _ = try parser.parse(Array("HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab".utf8).span)
        #expect(parser.phase == .body && parser.bufferedBytes == 52)
        _ = try parser.parse(Array("cde".utf8).span)
        #expect(parser.phase == .idle && parser.bufferedBytes == 0)
    }

    @Test func `every byte is a token, a value, both or neither as RFC 9110 says`() {
        let tokens = Set("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(HTTP1Syntax.isToken(byte) == tokens.contains(byte))
            #expect(HTTP1Syntax.isValue(byte) == (byte == 9 || (byte >= 32 && byte != 127)))
        }
    }
}

struct HTTP1ResponseWriterTests {
    private func written(_ response: HTTPResponse, keepsAlive: Bool = true, isHead: Bool = false) -> String {
        var bytes: [UInt8] = []
        HTTP1ResponseWriter.write(
            response, keepsAlive: keepsAlive, isHead: isHead, date: Array("today".utf8), into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `an answer has its status, date, fields, length and body`() {
        let response = HTTPResponse(
            status: 200, headers: [HTTPField("content-type", "text/plain")], body: Array("hello, you".utf8))
        #expect(
            written(response)
                == "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n\r\nhello, you")
        #expect(
            written(response, keepsAlive: false, isHead: true)
                == "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-type: text/plain\r\ncontent-length: 10\r\n"
                + "connection: close\r\n\r\n")
        #expect(written(HTTPResponse(status: 204)) == "HTTP/1.1 204 No Content\r\ndate: today\r\n\r\n")
        #expect(written(HTTPResponse(status: 299)).hasPrefix("HTTP/1.1 299 Status\r\n"))
    }

    @Test func `a field can't smuggle a line end into the answer`() {
        let response = HTTPResponse(
            status: 200, headers: [HTTPField("a", "b\r\nset-cookie: c"), HTTPField("d\ne", "f")])
        #expect(written(response) == "HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 0\r\n\r\n")
    }
}
