internal import COpenSSL
internal import Glibc

/// Certificates, trust and versions that many TLS connections share; immutable, so any thread may use it.
///
/// A changed certificate is a new context: connections keep the context that they were made with.
@safe
public final class TLSContext: @unchecked Sendable {
    /// Which side of a handshake a context is made for.
    public enum Role: Sendable {
        /// Accepts handshakes.
        case server
        /// Starts handshakes.
        case client
    }

    /// The side that its connections take.
    public let role: Role
    /// The leaf that is served or shown; nil for a client without a certificate.
    public let certificate: TLSCertificate?
    /// Whether a client checks the server's certificate and name.
    let verifiesPeer: Bool

    /// OpenSSL's context.
    ///
    /// It is not changed after `init`, and OpenSSL counts references to it atomically.
    let raw: OpaquePointer
    /// The ALPN names in wire format, where OpenSSL's callback finds them; lives as long as `raw`.
    private let protocols: UnsafeMutablePointer<ALPNNames>

    /// Makes a server's context; throws if the certificate, key or CA bundle can't be used or do not match.
    public convenience init(server configuration: TLSServerConfiguration) throws(TLSError) {
        let names = try ALPNNames(configuration.applicationProtocols)
        let builder = try TLSContextBuilder(role: .server, minimumVersion: configuration.minimumVersion)
        let leaf = try builder.use(
            chain: configuration.certificateChainPEM, key: configuration.privateKeyPEM)
        if let authorities = configuration.clientAuthoritiesPEM {
            try builder.trust(authorities: authorities)
            builder.demandPeerCertificate()
        } else if configuration.asksForAnyCertificate {
            builder.askForPeerCertificate()
        }
        unsafe self.init(.server, builder.finish(), names, certificate: leaf, verifiesPeer: true)
    }

    /// Makes a client's context; throws if the certificate, key or CA bundle can't be used or do not match.
    public convenience init(client configuration: TLSClientConfiguration) throws(TLSError) {
        let names = try ALPNNames(configuration.applicationProtocols)
        let builder = try TLSContextBuilder(role: .client, minimumVersion: configuration.minimumVersion)
        var leaf: TLSCertificate?
        if let chain = configuration.certificateChainPEM, let key = configuration.privateKeyPEM {
            leaf = try builder.use(chain: chain, key: key)
        } else if configuration.certificateChainPEM != nil || configuration.privateKeyPEM != nil {
            throw TLSError(.badConfiguration, "a client certificate needs its key, and a key its certificate")
        }
        var verifies = true
        switch configuration.trust {
        case .system: try builder.trustSystem()
        case .authorities(let pem): try builder.trust(authorities: pem)
        case .anybody: verifies = false
        }
        if verifies { builder.demandPeerCertificate() }
        unsafe self.init(.client, builder.finish(), names, certificate: leaf, verifiesPeer: verifies)
    }

    private init(
        _ role: Role, _ raw: OpaquePointer, _ names: ALPNNames, certificate: TLSCertificate?, verifiesPeer: Bool
    ) {
        self.role = role
        self.certificate = certificate
        self.verifiesPeer = verifiesPeer
        unsafe self.raw = raw
        unsafe protocols = .allocate(capacity: 1)
        unsafe protocols.initialize(to: names)
        guard !names.wire.isEmpty else { return }
        switch role {
        case .server: unsafe SSL_CTX_set_alpn_select_cb(raw, selectALPN, UnsafeMutableRawPointer(protocols))
        case .client: unsafe SSL_CTX_set_alpn_protos(raw, names.wire, UInt32(names.wire.count))
        }
    }

    deinit {
        unsafe SSL_CTX_free(raw)
        unsafe protocols.deinitialize(count: 1)
        unsafe protocols.deallocate()
    }
}

/// A list of ALPN names as they go over the wire: each with its length in front (RFC 7301, section 3.1).
struct ALPNNames {
    let wire: [UInt8]

    init(_ names: [String]) throws(TLSError) {
        var bytes: [UInt8] = []
        for name in names {
            guard let length = UInt8(exactly: name.utf8.count), length > 0 else {
                throw TLSError(.badConfiguration, "the ALPN name '\(name)' does not have 1 to 255 bytes")
            }
            bytes.append(length)
            bytes.append(contentsOf: name.utf8)
        }
        guard bytes.count <= 1024 else {
            throw TLSError(.badConfiguration, "the ALPN names have more than 1024 bytes")
        }
        wire = bytes
    }
}

/// Picks our first name that the client offers, or refuses the handshake as RFC 7301, section 3.2, wants.
private let selectALPN: SSL_CTX_alpn_select_cb_func = { _, chosen, chosenLength, offered, offeredLength, context in
    guard let names = unsafe context?.assumingMemoryBound(to: ALPNNames.self),
        let offered = unsafe offered, let chosen = unsafe chosen, let chosenLength = unsafe chosenLength
    else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let ours = unsafe names.pointee.wire
    let offer = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredLength))
    // The answer has to point into memory that outlives the call; the client's offer does.
    guard let range = unsafe firstCommonName(ours: ours, offer: offer) else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    unsafe chosen.pointee = offered + range.lowerBound
    unsafe chosenLength.pointee = UInt8(range.count)
    return SSL_TLSEXT_ERR_OK
}

/// Where the client's offer has the first of our names that it has at all.
private func firstCommonName(ours: [UInt8], offer: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var own = 0
    while own < ours.count {
        let name = ours[(own + 1)..<(own + 1 + Int(ours[own]))]
        var position = 0
        while position < offer.count {
            let start = position + 1
            let end = unsafe start + Int(offer[position])
            guard end <= offer.count else { return nil }
            if unsafe name.elementsEqual(offer[start..<end]) { return start..<end }
            position = end
        }
        own += 1 + Int(ours[own])
    }
    return nil
}
