internal import Glibc
internal import Wire

/// The certificate of `--self-signed DIR`: made in this process, or found there from an earlier time.
///
/// The files have the names that `certs/make-certs` gives them. The authority's key is not kept: a renewed certificate
/// has a new authority, and the earlier one stays in `ca.crt` for as long as it is valid.
enum SelfSigned {
    /// Where the files are.
    struct Files: Equatable {
        let authority: String
        let certificate: String
        let key: String
        /// Whether they were made just now.
        let isNew: Bool
    }

    private static let authoritySeconds: Int64 = 3650 * 86400
    private static let leafSeconds: Int64 = 365 * 86400
    /// What is left of a certificate's life when it is replaced.
    private static let renewalSeconds: Int64 = 90 * 86400
    /// How far other machines' clocks may be behind ours.
    private static let clockSkewSeconds: Int64 = 300

    /// Who the certificate is for besides the hosts that we listen on.
    static let names = [
        "localhost", "127.0.0.1", "::1", "sluice", "sluice.sluice-system", "sluice.sluice-system.svc",
        "sluice.sluice-system.svc.cluster.local",
    ]

    /// Finds or makes the files; `now` is in seconds since 1970.
    static func prepare(_ folder: String, listen: [ListenAddress], now: Int64) throws(FileError) -> Files {
        let wanted = names + listen.map(\.host).filter { !$0.isEmpty && !names.contains($0) && !isAny($0) }
        let paths = ["ca.crt", "tls.crt", "tls.key"].map { "\(folder)/\($0)" }
        let isUsable = isUsable(paths, names: wanted, now: now)
        if !isUsable { try make(folder, paths, names: wanted, now: now) }
        return Files(authority: paths[0], certificate: paths[1], key: paths[2], isNew: !isUsable)
    }

    private static func isAny(_ host: String) -> Bool { host == "0.0.0.0" || host == "::" }

    private static func isUsable(_ paths: [String], names: [String], now: Int64) -> Bool {
        // Whatever can't be read is made anew, so that the reason does not matter: here and in the two below.
        let texts = paths.compactMap { try? FileReading.bytes($0, max: TLSLimits.maximumPEMBytes) }
        // A certificate that can't be read is replaced.
        guard texts.count == paths.count, let certificate = try? TLSCertificate(pem: texts[1]),
            // So is an authority.
            (try? TLSCertificate(pem: texts[0])) != nil,
            // And a pair that does not fit.
            (try? TLSContext(server: TLSServerConfiguration(certificateChainPEM: texts[1], privateKeyPEM: texts[2])))
                != nil
        else { return false }
        return certificate.notBefore <= now && certificate.notAfter - renewalSeconds > now
            && Set(names).isSubset(of: certificate.names)
    }

    private static func make(_ folder: String, _ paths: [String], names: [String], now: Int64) throws(FileError) {
        let issued: IssuedCertificate
        var authority: [UInt8]
        do {
            let begin = now - clockSkewSeconds
            let issuer = try CertificateIssuer(
                commonName: "Sluice webhook authority", notBefore: begin, notAfter: now + authoritySeconds)
            authority = issuer.authority.certificatePEM
            issued = try issuer.issue(
                commonName: "sluice.sluice-system.svc", names: names, usage: .server, notBefore: begin,
                notAfter: now + leafSeconds)
        } catch {
            throw FileError(folder, "no certificate could be made: \(error)")
        }
        // Only what can be read is worth keeping.
        let earlier = (try? FileReading.bytes(paths[0], max: TLSLimits.maximumPEMBytes)) ?? []
        // The same: what is no certificate is dropped.
        if let certificate = try? TLSCertificate(pem: earlier), certificate.notAfter > now {
            authority += firstCertificate(earlier)
        }
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST { throw FileError(folder, number: errno) }
        try FileWriting.replace(paths[0], authority, mode: 0o644)
        try FileWriting.replace(paths[2], issued.privateKeyPEM, mode: 0o600)
        try FileWriting.replace(paths[1], issued.certificatePEM, mode: 0o644)
    }

    /// The first of the certificates in a PEM text.
    private static func firstCertificate(_ pem: [UInt8]) -> [UInt8] {
        let text = String(decoding: pem, as: UTF8.self)
        let end = "-----END CERTIFICATE-----"
        guard let range = text.firstRange(of: end) else { return [] }
        return Array((text[..<range.upperBound] + "\n").utf8)
    }
}

/// Files that are written whole or not at all.
enum FileWriting {
    /// Writes beside the file, and then puts it in its place: whoever reads it sees the old or the new one.
    static func replace(_ path: String, _ bytes: [UInt8], mode: UInt32) throws(FileError) {
        let scratch = "\(path).\(getpid())"
        _ = unsafe unlink(scratch)
        let descriptor = unsafe open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw FileError(path, number: errno) }
        let isWritten = Console.write(bytes, to: descriptor) && fchmod(descriptor, mode) == 0 && fsync(descriptor) == 0
        let number = errno
        close(descriptor)
        guard isWritten, unsafe rename(scratch, path) == 0 else {
            let failure = FileError(path, number: isWritten ? errno : number)
            _ = unsafe unlink(scratch)
            throw failure
        }
    }
}
