internal import COpenSSL
internal import Glibc

/// One TLS connection without a socket: ciphertext in, plaintext out, and the other way round.
///
/// Feed what the socket gave to `receive`, then call `read` until it gives 0. After every call look at
/// `pendingOutputBytes` and hand that to the socket: handshakes, alerts and key updates are in there as well as data.
/// A client calls `startHandshake` first. Belongs to one thread at a time; it is not `Sendable`.
@safe
public final class TLSConnection {
    /// How far a connection is.
    public enum State: Sendable, Hashable {
        /// The handshake is not complete; nothing can be sent or read.
        case handshaking
        /// Data may flow both ways.
        case open
        /// The peer said that it sends no more (close_notify); we still may send.
        case peerClosed
        /// We closed, or an error ended it; only `pendingOutputBytes` is still of use.
        case closed
    }

    /// How far the connection is.
    public private(set) var state = State.handshaking

    private let context: TLSContext
    private let raw: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// How many messages came, or alerts went, that are no data since the connection is open.
    private var lateMessages = 0
    /// The most of them: a key update costs a hundred times what its bytes cost otherwise, and those that we know of ask
    /// for none in gigabytes.
    static let maximumLateMessages = 32

    /// The most memory that a buffer for ciphertext keeps while it is empty.
    private static let keptBufferBytes = 4 << 10

    /// Makes a connection in the role of its context.
    ///
    /// A client that verifies needs `serverName`, a DNS name or an IP address: it is sent as SNI (a DNS name only) and
    /// the certificate must be for it.
    public init(context: TLSContext, serverName: String? = nil) throws(TLSError) {
        ERR_clear_error()
        guard let raw = unsafe SSL_new(context.raw) else {
            throw .draining(.badConfiguration, "OpenSSL makes no connection")
        }
        guard let incoming = unsafe BIO_new(BIO_s_mem()), let outgoing = unsafe BIO_new(BIO_s_mem()) else {
            unsafe SSL_free(raw)
            throw .draining(.badConfiguration, "OpenSSL has no memory for a connection")
        }
        _ = unsafe COpenSSL_set_empty_read_result(incoming, -1)
        _ = unsafe COpenSSL_set_empty_read_result(outgoing, -1)
        unsafe SSL_set_bio(raw, incoming, outgoing)
        self.context = context
        unsafe self.raw = raw
        unsafe self.incoming = incoming
        unsafe self.outgoing = outgoing
        unsafe COpenSSL_set_message_callback(raw, noteMessage, Unmanaged.passUnretained(self).toOpaque())
        switch context.role {
        case .server:
            unsafe SSL_set_accept_state(raw)
        case .client:
            unsafe SSL_set_connect_state(raw)
            try expect(serverName: serverName)
        }
    }

    deinit {
        unsafe SSL_free(raw)
    }

    private func expect(serverName: String?) throws(TLSError) {
        guard let serverName else {
            if context.verifiesPeer {
                throw TLSError(.badConfiguration, "a client that verifies has to know the server's name")
            }
            return
        }
        let isAddress = unsafe X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(raw), serverName) == 1
        if isAddress { return }
        ERR_clear_error()
        guard unsafe SSL_set1_host(raw, serverName) == 1, unsafe COpenSSL_set_server_name(raw, serverName) == 1 else {
            throw .draining(.badConfiguration, "'\(serverName)' can't be a server's name")
        }
    }

    /// Starts a client's handshake: the first message is then pending output.
    public func startHandshake() throws(TLSError) {
        try shakeHands()
    }

    /// Takes ciphertext from the peer, and goes on with the handshake if that is not complete.
    ///
    /// Throws if the handshake fails; an alert that tells the peer why is then pending output.
    public func receive(_ ciphertext: Span<UInt8>) throws(TLSError) {
        guard state != .closed else { throw TLSError(.closed, "data came for a closed TLS connection") }
        guard let count = Int32(exactly: ciphertext.count) else {
            throw TLSError(.protocolViolation, "more than 2 GiB of ciphertext at once")
        }
        guard count > 0 else { return }
        let taken = unsafe ciphertext.withUnsafeBufferPointer {
            unsafe BIO_write(incoming, $0.baseAddress, count)
        }
        guard taken == count else { throw fail(.protocolViolation, "OpenSSL has no memory for ciphertext") }
        if state == .handshaking { try shakeHands() }
    }

    private func shakeHands() throws(TLSError) {
        ERR_clear_error()
        let result = unsafe SSL_do_handshake(raw)
        if result == 1 {
            state = .open
            return
        }
        switch unsafe SSL_get_error(raw, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return
        default: throw fail(.handshakeFailed, "the TLS handshake failed" + verificationReason)
        }
    }

    /// Why the peer's certificate was not believed, to be appended to a message; empty if it was.
    private var verificationReason: String {
        let result = unsafe SSL_get_verify_result(raw)
        guard result != Int(X509_V_OK), let text = unsafe X509_verify_cert_error_string(result) else { return "" }
        return unsafe " (" + String(cString: text) + ")"
    }

    /// Writes decrypted data into `buffer` and says how many bytes; 0 means that more ciphertext is needed.
    ///
    /// At the peer's close_notify it gives 0 as well, and `state` is `.peerClosed`.
    public func read(into buffer: inout MutableSpan<UInt8>) throws(TLSError) -> Int {
        guard state == .open, !buffer.isEmpty else { return 0 }
        // Nothing is left of the last record and nothing has come: spare OpenSSL the search.
        if unsafe SSL_has_pending(raw) == 0 && BIO_ctrl_pending(incoming) == 0 {
            unsafe COpenSSL_give_back(incoming, Self.keptBufferBytes)
            return 0
        }
        ERR_clear_error()
        let result = unsafe buffer.withUnsafeMutableBufferPointer {
            unsafe SSL_read(raw, $0.baseAddress, Int32(clamping: $0.count))
        }
        if lateMessages > Self.maximumLateMessages {
            throw fail(.protocolViolation, "the peer changes keys, or asks for new handshakes, too often")
        }
        if result > 0 { return Int(result) }
        switch unsafe SSL_get_error(raw, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
            unsafe COpenSSL_give_back(incoming, Self.keptBufferBytes)
            return 0
        case SSL_ERROR_ZERO_RETURN:
            state = .peerClosed
            return 0
        default: throw fail(.protocolViolation, "the peer broke the TLS protocol")
        }
    }

    /// Takes ciphertext and appends everything that it decrypts to; as `receive` and `read` together.
    public func receive(_ ciphertext: Span<UInt8>, appendingTo plaintext: inout [UInt8]) throws(TLSError) {
        try receive(ciphertext)
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            var span = piece.mutableSpan
            let count = try read(into: &span)
            if count == 0 { return }
            plaintext.append(contentsOf: piece[..<count])
        }
    }

    /// Counts a message that is no data; beyond the limit the rest of what came is not looked at.
    fileprivate func noteLateMessage() {
        guard state == .open else { return }
        lateMessages += 1
        if lateMessages > Self.maximumLateMessages { unsafe COpenSSL_empty(incoming) }
    }

    /// Sends with new keys from now on (RFC 8446, section 4.6.3); the message that says so is then pending output.
    func updateKeys() throws(TLSError) {
        ERR_clear_error()
        guard unsafe SSL_key_update(raw, SSL_KEY_UPDATE_NOT_REQUESTED) == 1, unsafe SSL_do_handshake(raw) == 1 else {
            throw fail(.protocolViolation, "OpenSSL can't update keys")
        }
    }

    /// Encrypts data; all of it is then pending output.
    ///
    /// The handshake must be complete.
    public func send(_ plaintext: Span<UInt8>) throws(TLSError) {
        guard state == .open || state == .peerClosed else {
            throw TLSError(.closed, "data was sent on a TLS connection that is not open")
        }
        var sent = 0
        while sent < plaintext.count {
            ERR_clear_error()
            let rest = plaintext.extracting(droppingFirst: sent)
            let result = unsafe rest.withUnsafeBufferPointer {
                unsafe SSL_write(raw, $0.baseAddress, Int32(clamping: $0.count))
            }
            // A memory BIO takes everything, so there is nothing to wait for.
            guard result > 0 else { throw fail(.protocolViolation, "OpenSSL can't send") }
            sent += Int(result)
        }
    }

    /// How many bytes of ciphertext wait to be sent to the peer.
    public var pendingOutputBytes: Int {
        unsafe BIO_ctrl_pending(outgoing)
    }

    /// Moves pending ciphertext into `buffer` and says how many bytes.
    public func takeOutput(into buffer: inout MutableSpan<UInt8>) -> Int {
        let result = unsafe buffer.withUnsafeMutableBufferPointer {
            unsafe BIO_read(outgoing, $0.baseAddress, Int32(clamping: $0.count))
        }
        if pendingOutputBytes == 0 { unsafe COpenSSL_give_back(outgoing, Self.keptBufferBytes) }
        return max(0, Int(result))
    }

    /// Takes all pending ciphertext.
    public func takeOutput() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: pendingOutputBytes)
        var span = bytes.mutableSpan
        let count = takeOutput(into: &span)
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Says to the peer that we send no more (close_notify is then pending output).
    public func close() {
        if state == .open || state == .peerClosed {
            ERR_clear_error()
            _ = unsafe SSL_shutdown(raw)
            ERR_clear_error()
        }
        state = .closed
    }

    private func fail(_ code: TLSError.Code, _ message: String) -> TLSError {
        state = .closed
        return .draining(code, message)
    }

    /// The ALPN name that both sides agreed on, once the handshake is complete.
    public var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(raw, &name, &count)
        guard let start = unsafe name, count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    /// The certificates that a client showed, in DER, its own first; empty if it showed none.
    ///
    /// On a server only; at most `TLSLimits.maximumChainLength`.
    public var clientChain: [[UInt8]] {
        guard let own = peerCertificate else { return [] }
        let count = min(unsafe Int(COpenSSL_peer_chain_count(raw)), TLSLimits.maximumChainLength - 1)
        var chain = [own.der]
        for index in 0..<max(0, count) {
            guard let certificate = unsafe COpenSSL_peer_chain_at(raw, Int32(index)) else { break }
            chain.append(unsafe TLSCertificate(certificate).der)
        }
        return chain
    }

    /// What the peer's certificate says, once the handshake is complete; nil if it showed none.
    public var peerCertificate: TLSCertificate? {
        guard let certificate = unsafe SSL_get0_peer_certificate(raw) else { return nil }
        return unsafe TLSCertificate(certificate)
    }

    /// The version that is spoken, such as `TLSv1.3`.
    public var version: String {
        unsafe SSL_get_version(raw).map { unsafe String(cString: $0) } ?? "none"
    }
}

/// Is told of each message that is received or sent; the argument is its `TLSConnection`.
private let noteMessage: COpenSSL_message_callback = { isWritten, _, type, _, _, _, argument in
    let isHandshake = isWritten == 0 && type == SSL3_RT_HANDSHAKE
    let isAlert = isWritten == 1 && type == SSL3_RT_ALERT
    guard isHandshake || isAlert, let argument = unsafe argument else { return }
    unsafe Unmanaged<TLSConnection>.fromOpaque(argument).takeUnretainedValue().noteLateMessage()
}
