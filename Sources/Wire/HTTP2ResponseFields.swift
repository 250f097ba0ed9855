internal import CNghttp2

/// A response's fields, `:status` first, in one buffer, as nghttp2 wants to see them.
struct HTTP2ResponseFields {
    private var bytes: [UInt8] = []
    /// Where each name and then its value ends in `bytes`.
    private var ends: [(name: Int, value: Int)] = []

    /// Fields that HTTP/2 forbids, or that would not be safe to send, are left out.
    init(_ response: HTTPResponse, date: [UInt8]) {
        bytes.reserveCapacity(256)
        add(":status", Array(String(response.status).utf8))
        if !date.isEmpty { add("date", date) }
        for field in response.headers where !Self.forbidden.contains(field.name) {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy({ HTTP1Syntax.isToken($0) }),
                field.value.utf8.allSatisfy({ HTTP1Syntax.isValue($0) })
            else { continue }
            add(field.name.lowercased(), Array(field.value.utf8))
        }
        add("content-length", Array(String(response.body.count).utf8))
    }

    /// What belongs to a connection and not to a message: RFC 9113, section 8.2.2.
    private static let forbidden: Set<String> = [
        "connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade", "content-length",
    ]

    private mutating func add(_ name: String, _ value: [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        let nameEnd = bytes.count
        bytes.append(contentsOf: value)
        ends.append((nameEnd, bytes.count))
    }

    /// Calls `body` with the fields; nghttp2 copies them before it returns.
    func withFields<Result>(_ body: (UnsafeBufferPointer<nghttp2_nv>) -> Result) -> Result {
        var bytes = bytes
        return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            var fields: [nghttp2_nv] = unsafe []
            guard let base = buffer.baseAddress else { return unsafe body(UnsafeBufferPointer(start: nil, count: 0)) }
            var start = 0
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
