internal import COpenSSL

/// Authorities whose client certificates are believed, apart from any connection.
///
/// Immutable, so any thread may use it.
@safe
public final class TLSAuthorities: @unchecked Sendable {
    /// OpenSSL's store, which is not changed after `init` and counts its references atomically.
    private let store: OpaquePointer

    /// Reads a PEM bundle; throws if it has no certificate, or one that can't be used.
    public init(pem: [UInt8]) throws(TLSError) {
        let certificates = try OpenSSLCertificates(pem: pem, limit: TLSLimits.maximumAuthorities)
        guard unsafe !certificates.pointers.isEmpty else {
            throw TLSError(.badCertificate, "there is no certificate in the CA bundle's PEM text")
        }
        guard let made = unsafe X509_STORE_new() else {
            throw .draining(.badConfiguration, "OpenSSL has no memory for a store of authorities")
        }
        for index in unsafe certificates.pointers.indices {
            guard unsafe X509_STORE_add_cert(made, certificates.pointers[index]) == 1 else {
                unsafe X509_STORE_free(made)
                throw .draining(.badCertificate, "a certificate of the CA bundle can't be used")
            }
        }
        unsafe store = made
    }

    deinit { unsafe X509_STORE_free(store) }

    /// The first certificate of a chain in DER, if one of the authorities, or one of the chain that it signed, signed it for
    /// clients, and it is valid now; else nil.
    public func verifiedClient(_ chain: [[UInt8]]) -> TLSCertificate? {
        guard !chain.isEmpty, chain.count <= TLSLimits.maximumChainLength else { return nil }
        ERR_clear_error()
        defer { ERR_clear_error() }
        var certificates: [OpaquePointer] = unsafe []
        defer { unsafe certificates.forEach { unsafe X509_free($0) } }
        for der in chain {
            guard let certificate = unsafe Self.certificate(der) else { return nil }
            unsafe certificates.append(certificate)
        }
        guard unsafe !certificates.isEmpty, let others = unsafe COpenSSL_new_certificates() else { return nil }
        defer { unsafe COpenSSL_free_certificates(others) }
        for index in unsafe certificates.indices.dropFirst() {
            guard unsafe COpenSSL_add_certificate(others, certificates[index]) > 0 else { return nil }
        }
        guard let context = unsafe X509_STORE_CTX_new() else { return nil }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, store, certificates[0], others) == 1,
            unsafe X509_STORE_CTX_set_default(context, "ssl_client") == 1, unsafe X509_verify_cert(context) == 1
        else { return nil }
        return unsafe TLSCertificate(certificates[0])
    }

    private static func certificate(_ der: [UInt8]) -> OpaquePointer? {
        unsafe der.withUnsafeBufferPointer { bytes in
            var position = bytes.baseAddress
            return unsafe d2i_X509(nil, &position, bytes.count)
        }
    }
}
