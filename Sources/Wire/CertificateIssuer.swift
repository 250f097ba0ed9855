internal import COpenSSL

/// A certificate and its private key, both as PEM.
public struct IssuedCertificate: Sendable {
    /// The certificate.
    public let certificatePEM: [UInt8]
    /// Its private key (PKCS#8, not encrypted): keep it to yourself.
    public let privateKeyPEM: [UInt8]
}

/// A certificate authority in memory that issues P-256 certificates, for `--self-signed` and for tests.
///
/// It has no clock: who asks says when a certificate begins and ends, in seconds since 1970 (UTC).
@safe
public final class CertificateIssuer {
    /// What an issued certificate is good for.
    public enum Usage: Sendable {
        /// To serve TLS under its names.
        case server
        /// To call servers as a client.
        case client
    }

    /// The authority's own certificate: whoever trusts it believes what it issued.
    public let authority: IssuedCertificate

    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// Makes a new authority with a new key.
    public init(commonName: String, notBefore: Int64, notAfter: Int64) throws(TLSError) {
        ERR_clear_error()
        let key = try unsafe Self.newKey()
        let certificate: OpaquePointer
        do {
            unsafe certificate = try Self.newCertificate(commonName, key: key, notBefore, notAfter)
        } catch {
            unsafe EVP_PKEY_free(key)
            throw error
        }
        unsafe self.key = key
        unsafe self.certificate = certificate
        let extensions = [
            (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
            (NID_subject_key_identifier, "hash"),
        ]
        do {
            try unsafe Self.complete(certificate, extensions, issuer: certificate, issuerKey: key)
            authority = try unsafe Self.encode(certificate, key)
        } catch {
            unsafe X509_free(certificate)
            unsafe EVP_PKEY_free(key)
            throw error
        }
    }

    deinit {
        unsafe X509_free(certificate)
        unsafe EVP_PKEY_free(key)
    }

    /// Issues a certificate with a new key.
    ///
    /// `names` become subject alternative names: DNS names, or IP addresses. Letters, digits and `.-:*_` only.
    public func issue(
        commonName: String, names: [String], usage: Usage, notBefore: Int64, notAfter: Int64
    ) throws(TLSError) -> IssuedCertificate {
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, usage == .server ? "serverAuth" : "clientAuth"),
            (NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid"),
        ]
        if !names.isEmpty { extensions.append((NID_subject_alt_name, try Self.alternativeNames(names))) }
        ERR_clear_error()
        let newKey = try unsafe Self.newKey()
        defer { unsafe EVP_PKEY_free(newKey) }
        let leaf = try unsafe Self.newCertificate(commonName, key: newKey, notBefore, notAfter)
        defer { unsafe X509_free(leaf) }
        try unsafe Self.complete(leaf, extensions, issuer: certificate, issuerKey: key)
        return try unsafe Self.encode(leaf, newKey)
    }

    /// Renders names for OpenSSL's extension parser, whose separators no name may contain.
    private static func alternativeNames(_ names: [String]) throws(TLSError) -> String {
        var parts: [String] = []
        for name in names {
            let isAllowed = name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-:*_".utf8.contains(byte)
            }
            guard isAllowed, !name.isEmpty else {
                throw TLSError(.badConfiguration, "'\(name)' can't be a certificate's name")
            }
            let isAddress = name.utf8.contains(UInt8(ascii: ":")) || name.utf8.allSatisfy { $0 < UInt8(ascii: "A") }
            parts.append((isAddress ? "IP:" : "DNS:") + name)
        }
        return parts.joined(separator: ",")
    }

    private static func newKey() throws(TLSError) -> OpaquePointer {
        guard let key = unsafe COpenSSL_new_p256_key() else {
            throw .draining(.badCertificate, "OpenSSL makes no P-256 key")
        }
        return unsafe key
    }

    private static func newCertificate(
        _ commonName: String, key: OpaquePointer, _ notBefore: Int64, _ notAfter: Int64
    ) throws(TLSError) -> OpaquePointer {
        guard let certificate = unsafe X509_new() else {
            throw .draining(.badCertificate, "OpenSSL has no memory for a certificate")
        }
        var serial: UInt64 = 0
        let random = unsafe withUnsafeMutableBytes(of: &serial) { bytes in
            unsafe RAND_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), 8)
        }
        // A serial number is positive: RFC 5280, section 4.1.2.2.
        let name = Array(commonName.utf8)
        guard random == 1,
            unsafe X509_set_version(certificate, 2) == 1,
            unsafe ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1,
            unsafe ASN1_TIME_set(X509_getm_notBefore(certificate), Int(notBefore)) != nil,
            unsafe ASN1_TIME_set(X509_getm_notAfter(certificate), Int(notAfter)) != nil,
            unsafe X509_set_pubkey(certificate, key) == 1,
            unsafe X509_NAME_add_entry_by_NID(
                X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, name, Int32(name.count), -1, 0) == 1
        else {
            unsafe X509_free(certificate)
            throw .draining(.badCertificate, "OpenSSL makes no certificate for '\(commonName)'")
        }
        return unsafe certificate
    }

    private static func complete(
        _ certificate: OpaquePointer, _ extensions: [(Int32, String)], issuer: OpaquePointer, issuerKey: OpaquePointer
    ) throws(TLSError) {
        guard unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 else {
            throw .draining(.badCertificate, "OpenSSL does not take the issuer's name")
        }
        for (identifier, value) in extensions {
            var context = unsafe X509V3_CTX()
            unsafe X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
            guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value) else {
                throw .draining(.badCertificate, "OpenSSL does not take '\(value)'")
            }
            defer { unsafe X509_EXTENSION_free(made) }
            guard unsafe X509_add_ext(certificate, made, -1) == 1 else {
                throw .draining(.badCertificate, "OpenSSL does not add '\(value)'")
            }
        }
        guard unsafe X509_sign(certificate, issuerKey, EVP_sha256()) > 0 else {
            throw .draining(.badCertificate, "OpenSSL does not sign")
        }
    }

    private static func encode(
        _ certificate: OpaquePointer, _ key: OpaquePointer
    ) throws(TLSError) -> IssuedCertificate {
        guard let text = unsafe BIO_new(BIO_s_mem()) else {
            throw .draining(.badCertificate, "OpenSSL has no memory for a certificate")
        }
        defer { unsafe BIO_free(text) }
        guard unsafe PEM_write_bio_X509(text, certificate) == 1 else {
            throw .draining(.badCertificate, "OpenSSL does not write the certificate")
        }
        let certificatePEM = unsafe contents(text)
        guard unsafe PEM_write_bio_PKCS8PrivateKey(text, key, nil, nil, 0, nil, nil) == 1 else {
            throw .draining(.badCertificate, "OpenSSL does not write the key")
        }
        return unsafe IssuedCertificate(certificatePEM: certificatePEM, privateKeyPEM: contents(text))
    }

    private static func contents(_ bio: OpaquePointer) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: unsafe BIO_ctrl_pending(bio))
        let count = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe BIO_read(bio, $0.baseAddress, Int32($0.count))
        }
        return count == bytes.count ? bytes : []
    }
}
