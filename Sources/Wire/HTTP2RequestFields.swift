internal import CNghttp2

/// A request's fields, pseudo fields first, in one buffer, as nghttp2 wants to see them.
struct HTTP2RequestFields {
    private var bytes: [UInt8] = []
    /// Where each name and then its value ends in `bytes`.
    private var ends: [(name: Int, value: Int)] = []

    /// Returns nil where RFC 9113, section 8.2, forbids a part of the request.
    init?(_ request: HTTPRequest, scheme: String, authority: String) {
        guard HTTP1ClientRequest.isToken(request.method), HTTP1ClientRequest.isVisible(request.target),
            HTTP1ClientRequest.isVisible(authority)
        else { return nil }
        add(":method", request.method)
        add(":scheme", scheme)
        add(":authority", authority)
        add(":path", request.target)
        for field in request.headers {
            guard HTTP1ClientRequest.isToken(field.name), HTTP1ClientRequest.isFieldValue(field.value),
                !Self.forbidden.contains(field.name)
            else { return nil }
            add(field.name.lowercased(), field.value)
        }
        if !request.body.isEmpty { add("content-length", String(request.body.count)) }
    }

    private static let forbidden: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length",
    ]

    private mutating func add(_ name: String, _ value: String) {
        bytes.append(contentsOf: name.utf8)
        let nameEnd = bytes.count
        bytes.append(contentsOf: value.utf8)
        ends.append((nameEnd, bytes.count))
    }

    /// Calls `body` with the fields; they are copied by nghttp2 before it returns.
    func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        var bytes = bytes
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var fields: [nghttp2_nv] = unsafe []
            var start = 0
            guard let base = buffer.baseAddress else { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
            for end in ends {
                unsafe fields.append(
                    nghttp2_nv(
                        name: base + start, value: base + end.name, namelen: end.name - start,
                        valuelen: end.value - end.name, flags: 0))
                start = end.value
            }
            return unsafe fields.withUnsafeBufferPointer { unsafe body($0) }
        }
    }
}
