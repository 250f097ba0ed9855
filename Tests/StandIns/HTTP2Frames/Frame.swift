/// HTTP/2 frames made by hand (RFC 9113, section 4.1).
public enum Frame {
    /// What a client begins a connection with (section 3.4).
    public static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// The flag of a frame after which its sender sends nothing more on the stream.
    public static let endStream: UInt8 = 1

    /// The flag of a head that is not continued.
    public static let endHeaders: UInt8 = 4

    /// Any frame.
    public static func make(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let length = UInt32(payload.count)
        return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
            + bigEndian(stream) + payload
    }

    /// A number as it goes over the wire.
    public static func bigEndian(_ number: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(number >> $0 & 255) }
    }

    /// A part of a body.
    public static func data(_ stream: UInt32, _ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        make(0, flags: isLast ? endStream : 0, stream: stream, bytes)
    }

    /// The head of `GET /` or `POST /`, without Huffman coding and without the dynamic table (RFC 7541).
    public static func head(
        _ stream: UInt32, post: Bool = false, isLast: Bool = true, isWhole: Bool = true, fields: [UInt8] = []
    ) -> [UInt8] {
        // Indexed :method, :scheme https, :path /; a literal :authority.
        let block: [UInt8] = [post ? 0x83 : 0x82, 0x87, 0x84, 0x01, 1, UInt8(ascii: "x")] + fields
        return make(1, flags: (isLast ? endStream : 0) | (isWhole ? endHeaders : 0), stream: stream, block)
    }

    /// A literal field that is not indexed; name and value of fewer than 127 bytes.
    public static func field(_ name: String, _ value: String) -> [UInt8] {
        [0x00, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    /// The same, and later heads may refer to it.
    public static func indexed(_ name: String, _ value: String) -> [UInt8] { [0x40] + field(name, value).dropFirst() }

    /// The end of a stream without an answer, for the reason CANCEL.
    public static func reset(_ stream: UInt32) -> [UInt8] { make(3, stream: stream, bigEndian(8)) }

    /// Settings, each an identifier and a value.
    public static func settings(_ entries: [(UInt16, UInt32)] = []) -> [UInt8] {
        make(4, entries.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 255)] + bigEndian($0.1) })
    }

    /// A ping.
    public static let ping = make(6, [UInt8](repeating: 7, count: 8))

    /// More of a head, and not the last of it.
    public static func continuation(_ stream: UInt32, _ block: [UInt8] = []) -> [UInt8] {
        make(9, stream: stream, block)
    }

    /// More room for data, on a stream or on the connection (0).
    public static func window(_ stream: UInt32, _ increment: UInt32) -> [UInt8] {
        make(8, stream: stream, bigEndian(increment))
    }

    /// A stream's priority, in the deprecated form.
    public static func priority(_ stream: UInt32) -> [UInt8] { make(2, stream: stream, [0, 0, 0, 0, 1]) }

    /// The same frames over and over, for the streams that a client would use next.
    private static func times(_ count: UInt32, _ frames: (_ stream: UInt32) -> [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for number in 0..<count { bytes += frames(2 * number + 1) }
        return bytes
    }

    /// The floods that each must end the connection, by name.
    public static let floods: [(name: String, bytes: [UInt8])] = [
        ("rapid reset", times(1_000) { head($0, post: true, isLast: false) + reset($0) }),
        ("ping", times(2_000) { _ in ping }),
        ("settings", times(2_000) { _ in settings() }),
        ("settings entries", settings([(UInt16, UInt32)](repeating: (3, 100), count: 100))),
        ("priority", times(2_000) { priority($0) }),
        ("continuation", head(1, isWhole: false) + times(100) { _ in continuation(1, field("a", "b")) }),
        ("empty continuation", head(1, isWhole: false) + times(100) { _ in continuation(1) }),
        ("empty data", head(1, post: true, isLast: false) + times(2_000) { _ in data(1, []) }),
        ("data of a byte", head(1, post: true, isLast: false) + times(2_000) { _ in data(1, [1]) }),
        (
            "data that is padding",
            head(1, post: true, isLast: false)
                + times(2_000) { _ in make(0, flags: 8, stream: 1, [99] + [UInt8](repeating: 0, count: 99)) }
        ),
        ("refused streams", times(1_000) { head($0, post: true, isLast: false) }),
        (
            "resets that the server is made to send",
            times(1_000) { head($0, post: true, isLast: false) + window($0, 0x7FFF_FFFF) }
        ),
        ("window overflow", window(0, 0x7FFF_FFFF)),
        ("zero window increment", window(0, 0)),
        ("data on no stream", data(1, [1])),
        ("head on an even stream", head(2)),
        ("frame too large", [0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 1]),
        ("garbage", [UInt8](repeating: 0xAA, count: 1_000)),
    ]
}
