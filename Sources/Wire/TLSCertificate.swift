internal import COpenSSL
internal import Glibc

/// What we keep of an X.509 certificate: until when it is valid, and whom it names.
public struct TLSCertificate: Sendable, Hashable {
    /// The first second at which it is valid, in seconds since 1970 (UTC).
    public let notBefore: Int64
    /// The last second at which it is valid, in seconds since 1970 (UTC).
    public let notAfter: Int64
    /// The subject's common name, if it has one.
    public let commonName: String?
    /// The subject alternative names: DNS names, e-mail addresses, URIs, and IP addresses as text.
    public let alternativeNames: [String]
    /// The whole certificate in DER.
    public let der: [UInt8]

    /// Common name and alternative names together: what an allow-list is compared with.
    public var names: [String] {
        (commonName.map { [$0] } ?? []) + alternativeNames
    }

    /// Reads the first certificate of a PEM text, such as a served chain.
    public init(pem: [UInt8]) throws(TLSError) {
        let chain = try OpenSSLCertificates(pem: pem)
        guard let leaf = unsafe chain.pointers.first else {
            throw TLSError(.badCertificate, "there is no certificate in the PEM text")
        }
        unsafe self.init(leaf)
    }

    /// Copies what we keep; the certificate stays the caller's.
    init(_ certificate: OpaquePointer) {
        notBefore = unsafe Self.seconds(X509_get0_notBefore(certificate))
        notAfter = unsafe Self.seconds(X509_get0_notAfter(certificate))
        commonName = unsafe Self.commonName(certificate)
        alternativeNames = unsafe Self.alternativeNames(certificate)
        der = unsafe Self.encoded(certificate)
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return unsafe Int64(timegm(&parts))
    }

    private static func commonName(_ certificate: OpaquePointer) -> String? {
        guard let subject = unsafe X509_get_subject_name(certificate) else { return nil }
        let position = unsafe X509_NAME_get_index_by_NID(subject, NID_commonName, -1)
        guard position >= 0, let entry = unsafe X509_NAME_get_entry(subject, position) else { return nil }
        guard let text = unsafe X509_NAME_ENTRY_get_data(entry) else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&bytes, text)
        guard count >= 0, let start = unsafe bytes else { return nil }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }

    private static func alternativeNames(_ certificate: OpaquePointer) -> [String] {
        guard let raw = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return [] }
        let names = OpaquePointer(raw)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = min(Int(unsafe COpenSSL_general_name_count(names)), TLSLimits.maximumNames)
        var result: [String] = []
        for index in 0..<count {
            var start: UnsafePointer<UInt8>?
            var length: Int32 = 0
            let type = unsafe COpenSSL_general_name_at(names, Int32(index), &start, &length)
            guard let start = unsafe start, length >= 0 else { continue }
            let bytes = unsafe UnsafeBufferPointer(start: start, count: Int(length))
            if type == GEN_IPADD {
                if let address = unsafe addressText(bytes) { result.append(address) }
            } else {
                result.append(unsafe String(decoding: bytes, as: UTF8.self))
            }
        }
        return result
    }

    private static func addressText(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
        let family = bytes.count == 4 ? AF_INET : bytes.count == 16 ? AF_INET6 : nil
        guard let family else { return nil }
        var text = [CChar](repeating: 0, count: 64)
        let end = unsafe text.withUnsafeMutableBufferPointer {
            unsafe inet_ntop(family, bytes.baseAddress, $0.baseAddress, socklen_t($0.count))
        }
        guard unsafe end != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func encoded(_ certificate: OpaquePointer) -> [UInt8] {
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = unsafe i2d_X509(certificate, &bytes)
        guard count > 0, let start = unsafe bytes else { return [] }
        defer { unsafe CRYPTO_free(start, nil, 0) }
        return unsafe [UInt8](UnsafeBufferPointer(start: start, count: Int(count)))
    }
}

/// The certificates of a PEM text; owns one reference to each.
@safe
struct OpenSSLCertificates: ~Copyable {
    let pointers: [OpaquePointer]

    /// Reads every certificate of the text, at most `limit`; other PEM blocks are passed over.
    init(pem: [UInt8], limit: Int = TLSLimits.maximumChainLength) throws(TLSError) {
        ERR_clear_error()
        let source = try OpenSSLSource(pem)
        var found: [OpaquePointer] = unsafe []
        while let certificate = unsafe PEM_read_bio_X509(source.bio, nil, { _, _, _, _ in -1 }, nil) {
            unsafe found.append(certificate)
            if unsafe found.count > limit { break }
        }
        // The end of the text is an entry in the error queue as well; it is no error.
        let last = ERR_peek_last_error()
        let atEnd = last == 0 || COpenSSL_is_end_of_pem(last) != 0
        guard atEnd, unsafe found.count <= limit else {
            unsafe Self.release(found)
            guard atEnd else { throw .draining(.badCertificate, "a certificate can't be read") }
            throw TLSError(.badCertificate, "there are more than \(limit) certificates in the PEM text")
        }
        ERR_clear_error()
        unsafe pointers = found
    }

    private static func release(_ certificates: [OpaquePointer]) {
        unsafe certificates.forEach { unsafe X509_free($0) }
    }

    deinit {
        unsafe Self.release(pointers)
    }
}

/// A read-only BIO over bytes that it keeps.
@safe
final class OpenSSLSource {
    let bio: OpaquePointer
    private let storage: UnsafeMutableBufferPointer<UInt8>

    /// Copies the bytes; refuses more than `TLSLimits.maximumPEMBytes`.
    init(_ bytes: [UInt8]) throws(TLSError) {
        guard bytes.count <= TLSLimits.maximumPEMBytes else {
            throw TLSError(.badCertificate, "the PEM text has more than \(TLSLimits.maximumPEMBytes) bytes")
        }
        let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        _ = unsafe copy.initialize(from: bytes)
        guard let bio = unsafe BIO_new_mem_buf(copy.baseAddress, Int32(bytes.count)) else {
            unsafe copy.deallocate()
            throw .draining(.badCertificate, "OpenSSL has no memory for a certificate")
        }
        unsafe storage = copy
        unsafe self.bio = bio
    }

    deinit {
        unsafe BIO_free(bio)
        unsafe storage.deallocate()
    }
}
