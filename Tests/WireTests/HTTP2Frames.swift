/// HTTP/2 frames by hand, as the other side of a session under test (RFC 9113, section 4.1).
struct HTTP2Frame: Equatable {
    enum Kind: UInt8 {
        case data = 0, headers, priority, reset, settings, push, ping, goAway, windowUpdate, continuation
    }

    var kind: Kind
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    static let endStream: UInt8 = 1
    static let acknowledgement: UInt8 = 1
    static let endHeaders: UInt8 = 4

    var bytes: [UInt8] {
        let count = payload.count
        return [UInt8(count >> 16), UInt8(count >> 8 & 255), UInt8(count & 255), kind.rawValue, flags]
            + Self.bigEndian(stream) + payload
    }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }

    /// The payload's last four bytes as a number: the increment of a window, the code of a reset.
    var number: UInt32 {
        payload.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Splits bytes into frames; what is not whole at the end is left out.
    static func parse(_ bytes: some Collection<UInt8>) -> [HTTP2Frame] {
        var rest = Array(bytes)[...]
        var frames: [HTTP2Frame] = []
        while rest.count >= 9 {
            let head = Array(rest.prefix(9))
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard rest.count >= 9 + count, let kind = Kind(rawValue: head[3]) else { break }
            let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append(
                HTTP2Frame(kind: kind, flags: head[4], stream: stream, payload: Array(rest.dropFirst(9).prefix(count))))
            rest = rest.dropFirst(9 + count)
        }
        return frames
    }

    static let settings = HTTP2Frame(kind: .settings)

    /// A head with literal fields that are not indexed (RFC 7541, section 6.2.2).
    static func head(_ stream: UInt32, _ fields: [(String, String)], flags: UInt8 = endHeaders) -> HTTP2Frame {
        var block: [UInt8] = []
        func literal(_ text: String) {
            let count = text.utf8.count
            if count < 127 {
                block.append(UInt8(count))
            } else {
                // A prefix of seven bits that is full, and the rest seven bits at a time.
                block.append(127)
                var rest = count - 127
                while rest >= 128 {
                    block.append(UInt8(rest & 127 | 128))
                    rest >>= 7
                }
                block.append(UInt8(rest))
            }
            block += Array(text.utf8)
        }
        for (name, value) in fields {
            block.append(0)
            literal(name)
            literal(value)
        }
        return HTTP2Frame(kind: .headers, flags: flags, stream: stream, payload: block)
    }

    static func data(_ stream: UInt32, _ bytes: [UInt8], end: Bool = false) -> HTTP2Frame {
        HTTP2Frame(kind: .data, flags: end ? endStream : 0, stream: stream, payload: bytes)
    }
}
