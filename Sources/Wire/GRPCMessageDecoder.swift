/// Takes gRPC's length-prefixed messages out of a stream's bytes, part by part (gRPC over HTTP/2, "Length-Prefixed-Message").
///
/// A message is never collected: whoever wants it whole appends its parts, and whoever reads it as it comes needs no
/// memory for it, however long it is.
struct GRPCMessageDecoder: Sendable {
    /// A part of a message, empty only where the message is.
    struct Part: Sendable, Hashable {
        var bytes: [UInt8]
        /// Whether the message is complete with it.
        var isLast: Bool
    }

    /// Why the bytes are no messages.
    enum Failure: Error, Sendable, Hashable {
        /// The message is compressed; we offer no compression.
        case compressed
        /// The message is longer than the limit.
        case tooLong(byteCount: Int)
    }

    private let messageBytesMax: Int
    private var prefix: [UInt8] = []
    /// How much of the message is still to come; nil between messages.
    private var missing: Int?

    init(messageBytesMax: Int) {
        self.messageBytesMax = messageBytesMax
    }

    /// Whether the bytes so far end in the middle of a message.
    var isWithinMessage: Bool { missing != nil || !prefix.isEmpty }

    mutating func receive(_ bytes: [UInt8]) throws(Failure) -> [Part] {
        var parts: [Part] = []
        var rest = bytes[...]
        while true {
            if missing == nil {
                let taken = rest.prefix(5 - prefix.count)
                prefix += taken
                rest = rest.dropFirst(taken.count)
                guard prefix.count == 5 else { return parts }
                missing = try byteCount()
            }
            guard let count = missing, count == 0 || !rest.isEmpty else { return parts }
            let taken = rest.prefix(count)
            rest = rest.dropFirst(taken.count)
            missing = taken.count == count ? nil : count - taken.count
            parts.append(Part(bytes: Array(taken), isLast: missing == nil))
        }
    }

    private mutating func byteCount() throws(Failure) -> Int {
        defer { prefix = [] }
        guard prefix.first == 0 else { throw .compressed }
        let count = prefix.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        guard count <= messageBytesMax else { throw .tooLong(byteCount: count) }
        return count
    }

    /// A message as it goes over the wire.
    static func encode(_ message: [UInt8]) -> [UInt8] {
        let count = UInt32(clamping: message.count)
        return [0] + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + message
    }
}
