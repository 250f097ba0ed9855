internal import COpenSSL

/// Sets up one OpenSSL context, and frees it if that fails half-way.
@safe
final class TLSContextBuilder {
    private var raw: OpaquePointer?

    /// TLS 1.2 with nothing but ECDHE and AEAD; TLS 1.3 has nothing else anyway.
    private static let ciphersOf12 =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let ciphersOf13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"

    init(role: TLSContext.Role, minimumVersion: TLSVersion) throws(TLSError) {
        ERR_clear_error()
        let method = unsafe role == .server ? TLS_server_method() : TLS_client_method()
        guard let context = unsafe SSL_CTX_new(method) else {
            throw .draining(.badConfiguration, "OpenSSL makes no context")
        }
        unsafe raw = context
        let oldest = minimumVersion == .v13 ? TLS1_3_VERSION : TLS1_2_VERSION
        guard unsafe COpenSSL_set_min_version(context, oldest) == 1,
            unsafe COpenSSL_set_max_version(context, TLS1_3_VERSION) == 1,
            unsafe SSL_CTX_set_cipher_list(context, Self.ciphersOf12) == 1,
            unsafe SSL_CTX_set_ciphersuites(context, Self.ciphersOf13) == 1,
            unsafe COpenSSL_set_groups(context, Self.groups) == 1
        else { throw .draining(.badConfiguration, "OpenSSL refuses our versions or ciphers") }
        _ = unsafe SSL_CTX_set_options(context, COpenSSL_safe_options())
        _ = unsafe COpenSSL_set_modes(context)
        _ = unsafe COpenSSL_set_session_cache_off(context)
        _ = unsafe SSL_CTX_set_num_tickets(context, 0)
    }

    deinit {
        unsafe SSL_CTX_free(raw)
    }

    /// Serves this chain with this key; gives back what the leaf says.
    func use(chain: [UInt8], key: [UInt8]) throws(TLSError) -> TLSCertificate {
        let certificates = try OpenSSLCertificates(pem: chain)
        guard let leaf = unsafe certificates.pointers.first else {
            throw TLSError(.badCertificate, "there is no certificate in the chain's PEM text")
        }
        guard unsafe SSL_CTX_use_certificate(raw, leaf) == 1 else {
            throw .draining(.badCertificate, "the certificate can't be used")
        }
        for index in unsafe certificates.pointers.indices.dropFirst() {
            guard unsafe COpenSSL_add_chain_certificate(raw, certificates.pointers[index]) == 1 else {
                throw .draining(.badCertificate, "a certificate of the chain can't be used")
            }
        }
        let source = try OpenSSLSource(key)
        // Without a callback of ours OpenSSL would ask for a passphrase on the terminal.
        guard let owned = unsafe PEM_read_bio_PrivateKey(source.bio, nil, { _, _, _, _ in -1 }, nil) else {
            throw .draining(.badCertificate, "the private key can't be read (it must be PEM, and not encrypted)")
        }
        defer { unsafe EVP_PKEY_free(owned) }
        guard unsafe X509_check_private_key(leaf, owned) == 1 else {
            throw .draining(.keyMismatch, "the private key does not belong to the certificate")
        }
        guard unsafe SSL_CTX_use_PrivateKey(raw, owned) == 1 else {
            throw .draining(.badCertificate, "the private key can't be used")
        }
        return unsafe TLSCertificate(leaf)
    }

    /// Believes what these CAs issued.
    func trust(authorities pem: [UInt8]) throws(TLSError) {
        let certificates = try OpenSSLCertificates(pem: pem, limit: TLSLimits.maximumAuthorities)
        guard unsafe !certificates.pointers.isEmpty else {
            throw TLSError(.badCertificate, "there is no certificate in the CA bundle's PEM text")
        }
        let store = unsafe SSL_CTX_get_cert_store(raw)
        for index in unsafe certificates.pointers.indices {
            let certificate = unsafe certificates.pointers[index]
            guard unsafe X509_STORE_add_cert(store, certificate) == 1 else {
                throw .draining(.badCertificate, "a certificate of the CA bundle can't be used")
            }
            // A server names the CAs in its request, so that a client with several certificates can choose.
            _ = unsafe SSL_CTX_add_client_CA(raw, certificate)
        }
    }

    /// Believes what the machine's own store believes.
    func trustSystem() throws(TLSError) {
        guard unsafe SSL_CTX_set_default_verify_paths(raw) == 1 else {
            throw .draining(.badConfiguration, "the machine's CA store can't be used")
        }
    }

    /// Refuses peers without a certificate that verifies.
    func demandPeerCertificate() {
        unsafe SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    /// Asks for a certificate without judging it; who has one proves to have its key.
    func askForPeerCertificate() {
        // No authority is named, so that a client may show what it has.
        unsafe SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, { _, _ in 1 })
        // Anybody's is kept for as long as its connection.
        _ = unsafe COpenSSL_set_max_certificate_bytes(raw, TLSLimits.maximumUnjudgedChainBytes)
    }

    /// Hands the context over; the builder is done.
    func finish() -> OpaquePointer {
        guard let context = unsafe raw.take() else { preconditionFailure("a builder finishes once") }
        return unsafe context
    }
}
