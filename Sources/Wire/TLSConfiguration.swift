/// A version of TLS that we are willing to speak; nothing older than 1.2 is.
public enum TLSVersion: Sendable, Hashable {
    /// TLS 1.2 with ECDHE key exchange and AEAD ciphers only.
    case v12
    /// TLS 1.3 (RFC 8446).
    case v13
}

/// Upper bounds on what is read from certificate and key files.
public enum TLSLimits {
    /// The most bytes of PEM that are looked at, for a chain, a key or a CA bundle each.
    public static let maximumPEMBytes = 4 << 20
    /// The most certificates of one chain that are served.
    public static let maximumChainLength = 16
    /// The most bytes of a chain that a client shows without being asked for one of a known authority.
    public static let maximumUnjudgedChainBytes = 16 << 10
    /// The most certificates of a CA bundle.
    public static let maximumAuthorities = 4096
    /// The most names that are taken from one certificate.
    public static let maximumNames = 1024
}

/// What a TLS server is to be: its certificate, and whom it lets in.
public struct TLSServerConfiguration: Sendable {
    /// The certificate chain as PEM, the leaf first.
    public var certificateChainPEM: [UInt8]
    /// The leaf's private key as PEM, not encrypted.
    public var privateKeyPEM: [UInt8]
    /// The oldest version that is spoken.
    public var minimumVersion = TLSVersion.v13
    /// The ALPN names that are spoken, the preferred first; a client that offers others only is refused.
    public var applicationProtocols: [String] = []
    /// A PEM bundle of CAs; if present every client has to show a certificate that one of them issued.
    public var clientAuthoritiesPEM: [UInt8]?
    /// Whether clients are asked for a certificate that they need not have, and that is judged by whoever answers them:
    /// it may be from anybody, but they have its key.
    public var asksForAnyCertificate = false

    /// Makes a configuration with the defaults: TLS 1.3, no ALPN, no client certificates.
    public init(certificateChainPEM: [UInt8], privateKeyPEM: [UInt8]) {
        self.certificateChainPEM = certificateChainPEM
        self.privateKeyPEM = privateKeyPEM
    }
}

/// What a TLS client trusts and shows.
public struct TLSClientConfiguration: Sendable {
    /// Whose certificates a client believes.
    public enum Trust: Sendable {
        /// The machine's own CA store.
        case system
        /// Exactly the CAs of a PEM bundle.
        case authorities(pem: [UInt8])
        /// Anybody: neither issuer nor name is checked.
        case anybody
    }

    /// Whose certificates are believed.
    public var trust: Trust
    /// The certificate chain to show when asked, as PEM, the leaf first.
    public var certificateChainPEM: [UInt8]?
    /// The private key of `certificateChainPEM` as PEM, not encrypted.
    public var privateKeyPEM: [UInt8]?
    /// The oldest version that is spoken.
    public var minimumVersion = TLSVersion.v12
    /// The ALPN names that are offered, the preferred first.
    public var applicationProtocols: [String] = []

    /// Makes a configuration without a client certificate.
    public init(trust: Trust) {
        self.trust = trust
    }
}
