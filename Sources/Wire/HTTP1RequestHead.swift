/// The request line and fields of an HTTP/1.1 request, and what they say about the body and the connection.
struct HTTP1RequestHead {
    /// How the body is delimited.
    enum Body: Equatable {
        case none
        case fixed(Int)
        case chunked
    }

    var request: HTTPRequest
    var body: Body
    var keepsAlive: Bool
    var expectsContinue: Bool

    /// The most fields of one request.
    static let maximumFields = 100
    private static let maximumMethodBytes = 32

    /// Reads a head that ends with its empty line; strict, since what two readers take differently can be smuggled.
    init(_ bytes: Span<UInt8>, bodyLimit: Int) throws(HTTP1Error) {
        guard let firstEnd = HTTP1Syntax.lineFeed(in: bytes, from: 0) else { throw Self.badRequestLine }
        let (line, isVersion11) = try Self.requestLine(bytes, 0..<(firstEnd - 1))
        var summary = Summary(isVersion11: isVersion11)
        var fields: [HTTPField] = []
        fields.reserveCapacity(12)
        var start = firstEnd + 1
        while let end = HTTP1Syntax.lineFeed(in: bytes, from: start), end > start + 1 {
            guard fields.count < Self.maximumFields else {
                throw HTTP1Error(431, "The request has more than \(Self.maximumFields) header fields.")
            }
            fields.append(try Self.field(bytes, start..<(end - 1), &summary))
            start = end + 1
        }
        body = try summary.body(limit: bodyLimit)
        keepsAlive = isVersion11 ? !summary.closes : summary.keepsAlive && !summary.closes
        expectsContinue = isVersion11 && summary.expectsContinue && body != .none
        request = line
        request.headers = fields
    }

    private static var badRequestLine: HTTP1Error { HTTP1Error(400, "The request line is malformed.") }

    private static func requestLine(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(HTTP1Error) -> (HTTPRequest, isVersion11: Bool) {
        var position = line.lowerBound
        while position < line.upperBound, HTTP1Syntax.isToken(bytes[position]) { position += 1 }
        let method = line.lowerBound..<position
        guard !method.isEmpty, method.count <= maximumMethodBytes, position < line.upperBound, bytes[position] == 0x20
        else { throw badRequestLine }
        let targetStart = position + 1
        position = targetStart
        while position < line.upperBound, bytes[position] > 0x20, bytes[position] < 0x7F { position += 1 }
        let target = targetStart..<position
        guard !target.isEmpty, position < line.upperBound, bytes[position] == 0x20 else { throw badRequestLine }
        let isVersion11 = try version(bytes, (position + 1)..<line.upperBound)
        return (
            HTTPRequest(method: bytes.string(method), target: try Self.target(bytes, target)), isVersion11
        )
    }

    private static func version(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Error) -> Bool {
        guard range.count == 8, bytes.string(range.lowerBound..<(range.lowerBound + 5)) == "HTTP/",
            bytes[range.lowerBound + 6] == UInt8(ascii: ".")
        else { throw badRequestLine }
        switch (bytes[range.lowerBound + 5], bytes[range.lowerBound + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return true
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return false
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "0")...UInt8(ascii: "9")):
            throw HTTP1Error(505, "Only HTTP/1.1 and HTTP/1.0 are spoken on this connection.")
        default: throw badRequestLine
        }
    }

    /// Path and query; of an absolute URI (RFC 9112, section 3.2.2) what follows the authority.
    private static func target(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTP1Error) -> String {
        let first = bytes[range.lowerBound]
        if first == UInt8(ascii: "/") || (first == UInt8(ascii: "*") && range.count == 1) { return bytes.string(range) }
        for scheme in [7, 8] where range.count > scheme {
            let prefix = range.lowerBound..<(range.lowerBound + scheme)
            guard bytes.equals(prefix, ignoringCase: scheme == 7 ? "http://" : "https://") else { continue }
            var position = prefix.upperBound
            // The authority ends where the path or the query begins.
            while position < range.upperBound, bytes[position] != UInt8(ascii: "/") {
                if bytes[position] == UInt8(ascii: "?") { break }
                position += 1
            }
            let rest = bytes.string(position..<range.upperBound)
            return rest.utf8.first == UInt8(ascii: "/") ? rest : "/" + rest
        }
        throw HTTP1Error(400, "The request target has to be a path.")
    }

    private static func field(
        _ bytes: Span<UInt8>, _ line: Range<Int>, _ summary: inout Summary
    ) throws(HTTP1Error) -> HTTPField {
        var position = line.lowerBound
        while position < line.upperBound, HTTP1Syntax.isToken(bytes[position]) { position += 1 }
        let name = line.lowerBound..<position
        // A blank here is a continued line (obs-fold) or stands before the colon; both can hide a field.
        guard !name.isEmpty, position < line.upperBound, bytes[position] == UInt8(ascii: ":") else {
            throw HTTP1Error(400, "A header field's name is malformed.")
        }
        for index in (position + 1)..<line.upperBound where !HTTP1Syntax.isValue(bytes[index]) {
            throw HTTP1Error(400, "A header field's value has a control character.")
        }
        let value = bytes.trimmed((position + 1)..<line.upperBound)
        try summary.note(bytes, name: name, value: value)
        return HTTPField(bytes.lowercasedString(name), bytes.string(value))
    }
}

/// What the fields that frame a message say, gathered as they come.
private struct Summary {
    let isVersion11: Bool
    var closes = false
    var keepsAlive = false
    var expectsContinue = false
    private var hosts = 0
    private var contentLength: Int?
    private var isChunked = false
    private var badLength = false
    private var unknownCoding = false

    init(isVersion11: Bool) {
        self.isVersion11 = isVersion11
    }

    mutating func note(_ bytes: Span<UInt8>, name: Range<Int>, value: Range<Int>) throws(HTTP1Error) {
        switch name.count {
        case 4 where bytes.equals(name, ignoringCase: "host"):
            hosts += 1
        case 6 where bytes.equals(name, ignoringCase: "expect"):
            guard bytes.equals(value, ignoringCase: "100-continue") else {
                throw HTTP1Error(417, "The only expectation that can be met is 100-continue.")
            }
            expectsContinue = true
        case 10 where bytes.equals(name, ignoringCase: "connection"):
            noteConnection(bytes, value)
        case 14 where bytes.equals(name, ignoringCase: "content-length"):
            // Equal repetitions could be folded, but nobody honest sends them.
            if contentLength != nil { throw HTTP1Error(400, "The request has more than one content-length.") }
            contentLength = try Self.length(bytes, value)
        case 17 where bytes.equals(name, ignoringCase: "transfer-encoding"):
            if isChunked || unknownCoding {
                throw HTTP1Error(400, "The request has more than one transfer-encoding.")
            }
            if bytes.equals(value, ignoringCase: "chunked") { isChunked = true } else { unknownCoding = true }
        default: break
        }
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) {
        var start = value.lowerBound
        while start < value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != UInt8(ascii: ",") { end += 1 }
            let option = bytes.trimmed(start..<end)
            if bytes.equals(option, ignoringCase: "close") { closes = true }
            if bytes.equals(option, ignoringCase: "keep-alive") { keepsAlive = true }
            start = end + 1
        }
    }

    private static func length(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(HTTP1Error) -> Int {
        var result = 0
        for index in value {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { throw HTTP1Error(400, "The content-length is not a number.") }
            // More digits than this are beyond every limit, and stay there.
            if result < Int.max / 16 { result = result * 10 + Int(digit) }
        }
        guard !value.isEmpty else { throw HTTP1Error(400, "The content-length is not a number.") }
        return result
    }

    func body(limit: Int) throws(HTTP1Error) -> HTTP1RequestHead.Body {
        guard hosts == 1 || (hosts == 0 && !isVersion11) else {
            throw HTTP1Error(400, "The request needs exactly one host field.")
        }
        if isChunked || unknownCoding {
            guard contentLength == nil else {
                throw HTTP1Error(400, "The request has both a content-length and a transfer-encoding.")
            }
            guard isVersion11 else { throw HTTP1Error(400, "HTTP/1.0 has no transfer-encoding.") }
            guard isChunked else {
                throw HTTP1Error(501, "The only transfer-encoding that is understood is chunked.")
            }
            return .chunked
        }
        guard let contentLength, contentLength > 0 else { return .none }
        guard contentLength <= limit else {
            throw HTTP1Error(413, "The body is too large; at most \(limit) bytes are taken.")
        }
        return .fixed(contentLength)
    }
}
