internal import COpenSSL

/// Why TLS could not do what it was asked.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it was; more kinds may come.
    public struct Code: Sendable, Hashable {
        let name: String

        /// A certificate, key or CA bundle could not be used.
        public static let badCertificate = Code(name: "badCertificate")
        /// The private key does not belong to the certificate.
        public static let keyMismatch = Code(name: "keyMismatch")
        /// A setting was refused, such as an ALPN name longer than 255 bytes.
        public static let badConfiguration = Code(name: "badConfiguration")
        /// The handshake failed: versions, ciphers, ALPN, or a certificate that does not verify.
        public static let handshakeFailed = Code(name: "handshakeFailed")
        /// The peer broke the protocol after the handshake, or data was sent out of order.
        public static let protocolViolation = Code(name: "protocolViolation")
        /// A call came after the connection was closed or had failed.
        public static let closed = Code(name: "closed")
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence on what was tried.
    public let message: String
    /// OpenSSL's error queue as it was, oldest first, at most 8 entries.
    public let reasons: [String]

    /// Makes an error from parts; the queue is not touched.
    public init(_ code: Code, _ message: String, reasons: [String] = []) {
        self.code = code
        self.message = message
        self.reasons = reasons
    }

    /// Makes an error that takes over this thread's OpenSSL error queue and leaves it empty.
    static func draining(_ code: Code, _ message: String) -> TLSError {
        var reasons: [String] = []
        while true {
            let entry = ERR_get_error()
            if entry == 0 { break }
            guard reasons.count < 8 else { continue }
            let text = unsafe ERR_reason_error_string(entry)
            reasons.append(unsafe text.map { unsafe String(cString: $0) } ?? "error \(entry)")
        }
        return TLSError(code, message, reasons: reasons)
    }

    /// The message and OpenSSL's reasons in one line.
    public var description: String {
        reasons.isEmpty ? message : message + ": " + reasons.joined(separator: "; ")
    }
}
