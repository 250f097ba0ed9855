internal import Glibc
internal import Synchronization
public import Wire

/// Where a server's certificate lies, and whom it lets in.
public struct CertificateFiles: Sendable, Hashable {
    /// The file with the certificate chain in PEM, the leaf first.
    public var certificate: String
    /// The file with the private key in PEM.
    public var privateKey: String
    /// The file with the CAs of clients in PEM; if set, every client has to show a certificate of theirs.
    public var clientAuthorities: String?
    /// The common or alternative names that a client's certificate must have one of; empty lets all of the CA's in.
    public var clientNames: [String] = []
    /// Whether clients need no certificate for their connection, and whom theirs stands for is judged request by request:
    /// `RequestContext.isKnownClient` says what `clientAuthorities` and `clientNames` make of it.
    public var judgesClientsByRequest = false
    /// The oldest TLS that is spoken.
    public var minimumVersion = TLSVersion.v13

    /// Makes the paths of a server without client certificates.
    public init(certificate: String, privateKey: String) {
        self.certificate = certificate
        self.privateKey = privateKey
    }
}

/// What became of looking at the files of a certificate.
public enum CertificateEvent: Sendable {
    /// A changed certificate is served from now on.
    case loaded(TLSCertificate)
    /// The files can't be used, for this reason; what was served before still is.
    case refused(reason: String)
}

/// The certificate that is served now, from files that may change at any time.
///
/// All functions may be called from any thread. A connection keeps what it began with; a new one takes what is current.
public final class CertificateStore: Sendable {
    /// What new connections are served with.
    struct Served: Sendable {
        let context: TLSContext
        let certificate: TLSCertificate
        let contents: Contents
        /// Whose clients are known, where that is judged by request.
        var authorities: TLSAuthorities?
    }

    /// The files' bytes, to see whether anything changed.
    struct Contents: Sendable, Hashable {
        var chain: [UInt8]
        var key: [UInt8]
        var authorities: [UInt8]?
    }

    private struct State {
        var served: Served
        /// What was refused last, so that it is reported once and not at every look.
        var refused: Refusal?
    }

    private struct Refusal: Sendable, Hashable {
        let contents: Contents?
        let reason: String
    }

    /// Where it looks.
    public let files: CertificateFiles
    private let state: Mutex<State>
    /// Held by whoever looks at the files, which may take long: connections do not wait for it.
    private let looking = Mutex(())
    private let report: @Sendable (CertificateEvent) -> Void

    /// Loads the files for the first time; throws if they can't be used.
    ///
    /// `report` is called at each later change, on the thread of whoever looked.
    public init(
        files: CertificateFiles, report: @escaping @Sendable (CertificateEvent) -> Void = { _ in }
    ) throws(TLSError) {
        self.files = files
        self.report = report
        let contents = try Self.read(files)
        let served = try Self.load(contents, files, now: Self.secondsSinceEpoch())
        state = Mutex(State(served: served, refused: nil))
    }

    /// The leaf that is served now.
    public var certificate: TLSCertificate { state.withLock { $0.served.certificate } }

    /// Whether the leaf that is served is valid at this moment.
    public var isValidNow: Bool {
        Self.isValid(certificate, at: Self.secondsSinceEpoch())
    }

    /// What a new connection takes.
    var context: TLSContext { state.withLock { $0.served.context } }

    /// What the certificates of a client that need not have one make of it.
    func judge(_ chain: [[UInt8]]) -> (names: [String], isKnown: Bool) {
        guard files.clientAuthorities != nil else { return ([], true) }
        guard let leaf = state.withLock({ $0.served.authorities })?.verifiedClient(chain) else { return ([], false) }
        return (leaf.names, files.clientNames.isEmpty || leaf.names.contains { files.clientNames.contains($0) })
    }

    /// Looks at the files, and serves what they hold if it is new and good; the outcome is reported.
    public func reload() {
        if let event = looking.withLock({ _ in look() }) { report(event) }
    }

    private func look() -> CertificateEvent? {
        var contents: Contents?
        do throws(TLSError) {
            let read = try Self.read(files)
            contents = read
            if read == state.withLock({ $0.served.contents }) {
                state.withLock { $0.refused = nil }
                return nil
            }
            let served = try Self.load(read, files, now: Self.secondsSinceEpoch())
            state.withLock { $0 = State(served: served, refused: nil) }
            return .loaded(served.certificate)
        } catch {
            let refused = Refusal(contents: contents, reason: error.description)
            let isNew = state.withLock { state in
                defer { state.refused = refused }
                return state.refused != refused
            }
            return isNew ? .refused(reason: refused.reason) : nil
        }
    }

    private static func read(_ files: CertificateFiles) throws(TLSError) -> Contents {
        var contents = Contents(chain: try bytes(files.certificate), key: try bytes(files.privateKey))
        if let path = files.clientAuthorities { contents.authorities = try bytes(path) }
        return contents
    }

    private static func bytes(_ path: String) throws(TLSError) -> [UInt8] {
        do throws(SystemError) {
            return try SmallFile.read(path, limit: TLSLimits.maximumPEMBytes)
        } catch {
            throw TLSError(.badCertificate, error.description)
        }
    }

    private static func load(_ contents: Contents, _ files: CertificateFiles, now: Int64) throws(TLSError) -> Served {
        var configuration = TLSServerConfiguration(
            certificateChainPEM: contents.chain, privateKeyPEM: contents.key)
        configuration.minimumVersion = files.minimumVersion
        configuration.applicationProtocols = ["h2", "http/1.1"]
        var authorities: TLSAuthorities?
        if files.judgesClientsByRequest {
            configuration.asksForAnyCertificate = true
            if let pem = contents.authorities { authorities = try TLSAuthorities(pem: pem) }
        } else {
            configuration.clientAuthoritiesPEM = contents.authorities
        }
        let context = try TLSContext(server: configuration)
        guard let leaf = context.certificate else {
            throw TLSError(.badCertificate, "there is no certificate in \(files.certificate)")
        }
        guard isValid(leaf, at: now) else {
            let when = now < leaf.notBefore ? "is not valid yet" : "has expired"
            throw TLSError(.badCertificate, "the certificate in \(files.certificate) \(when)")
        }
        return Served(context: context, certificate: leaf, contents: contents, authorities: authorities)
    }

    private static func isValid(_ certificate: TLSCertificate, at now: Int64) -> Bool {
        certificate.notBefore <= now && now <= certificate.notAfter
    }

    private static func secondsSinceEpoch() -> Int64 {
        Int64(time(nil))
    }
}
