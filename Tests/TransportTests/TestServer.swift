import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

/// A directory that goes with its owner.
final class TemporaryDirectory: Sendable {
    let path = "/tmp/sluice-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    private let written = Mutex<Set<String>>([])

    init() {
        unsafe mkdir(path, 0o700)
    }

    deinit {
        for name in written.withLock({ $0 }) { unsafe unlink(path + "/" + name) }
        unsafe rmdir(path)
    }

    /// Writes a file as certificate tools do: aside, then renamed.
    func write(_ bytes: [UInt8], to name: String) throws {
        let aside = path + "/" + name + ".new"
        let file = unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0, unsafe Glibc.write(file, bytes, bytes.count) == bytes.count, close(file) == 0,
            unsafe rename(aside, path + "/" + name) == 0
        else { throw SystemError("write \(name)", number: errno) }
        written.withLock { _ = $0.insert(name) }
    }
}

/// An authority, a directory with what it issued, and a server that uses it.
final class TestServer: Sendable {
    static let year: Int64 = 365 * 86_400
    let directory = TemporaryDirectory()
    let authority: IssuedCertificate
    let events = Mutex<[String]>([])
    let certificates: CertificateStore
    let server: Server
    private let issuer: Mutex<IssuerBox>

    private struct IssuerBox: @unchecked Sendable {
        let issuer: CertificateIssuer
    }

    static var now: Int64 { Int64(time(nil)) }

    /// Starts a server whose first listener speaks TLS and whose second is plain.
    init(
        _ settings: ServerSettings = ServerSettings(), clientNames: [String]? = nil,
        judgesByRequest: Bool = false, certificateInterval: Duration = .seconds(3600),
        handler: any RequestHandler = EchoHandler()
    ) throws {
        let issuer = try CertificateIssuer(
            commonName: "test", notBefore: Self.now - Self.year, notAfter: Self.now + Self.year)
        self.issuer = Mutex(IssuerBox(issuer: issuer))
        authority = issuer.authority
        var files = CertificateFiles(
            certificate: directory.path + "/tls.crt", privateKey: directory.path + "/tls.key")
        if let clientNames {
            files.clientAuthorities = directory.path + "/ca.crt"
            files.clientNames = clientNames
        }
        files.judgesClientsByRequest = judgesByRequest
        let leaf = try issuer.issue(
            commonName: "first", names: ["localhost"], usage: .server, notBefore: Self.now - 60,
            notAfter: Self.now + 3600)
        try directory.write(leaf.certificatePEM, to: "tls.crt")
        try directory.write(leaf.privateKeyPEM, to: "tls.key")
        try directory.write(authority.certificatePEM, to: "ca.crt")
        let reports = Reports()
        certificates = try CertificateStore(files: files) { reports.note($0) }
        server = try Server(
            settings: settings,
            listeners: [
                ListenerSettings(address: "127.0.0.1:0", certificates: certificates, handler: handler),
                ListenerSettings(address: "127.0.0.1:0", handler: handler),
            ])
        self.reports = reports
        try server.start(certificateInterval: certificateInterval)
    }

    let reports: Reports

    /// What the certificate store reported, in order.
    final class Reports: Sendable {
        private let all = Mutex<[String]>([])

        func note(_ event: CertificateEvent) {
            let text =
                switch event {
                case .loaded(let certificate): "loaded " + (certificate.commonName ?? "")
                case .refused(let reason): "refused " + reason
                }
            all.withLock { $0.append(text) }
        }

        var list: [String] { all.withLock { $0 } }
    }

    func issue(
        _ name: String, usage: CertificateIssuer.Usage = .server, from: Int64 = -60, until: Int64 = 3600
    ) throws -> IssuedCertificate {
        try issuer.withLock {
            try $0.issuer.issue(
                commonName: name, names: usage == .server ? ["localhost"] : [], usage: usage,
                notBefore: Self.now + from, notAfter: Self.now + until)
        }
    }

    var tlsPort: UInt16 { SocketAddress(server.addresses[0])?.port ?? 0 }
    var plainPort: UInt16 { SocketAddress(server.addresses[1])?.port ?? 0 }

    func connect(
        plain: Bool = false, protocols: [String] = [], client: IssuedCertificate? = nil,
        from source: [UInt8] = [127, 0, 0, 1]
    ) throws -> TestClient {
        if plain { return try TestClient(port: plainPort, tls: nil, from: source) }
        var configuration = TLSClientConfiguration(trust: .authorities(pem: authority.certificatePEM))
        configuration.applicationProtocols = protocols
        configuration.certificateChainPEM = client?.certificatePEM
        configuration.privateKeyPEM = client?.privateKeyPEM
        let tls = try TLSConnection(context: TLSContext(client: configuration), serverName: "localhost")
        return try TestClient(port: tlsPort, tls: tls, from: source)
    }

    func stop() async {
        await server.shutdown(linger: .zero, deadline: .seconds(1))
    }
}

/// Runs a test against a server, and makes sure that afterwards it serves on, keeps nothing, and ends.
func withServer(
    _ change: (inout ServerSettings) -> Void = { _ in }, _ body: (TestServer) throws -> Void
) async throws {
    var settings = ServerSettings()
    change(&settings)
    let server = try TestServer(settings)
    try body(server)
    #expect(try server.connect().get("/next") == "GET /next 0")
    #expect(try TestHTTP2Client(server).get("/next") == "GET /next 0")
    waitUntil { server.server.statistics.connections == 0 }
    #expect(server.server.statistics.bytesInFlight == 0)
    await server.stop()
    #expect(server.server.statistics.connections == 0)
}

/// Answers with what it was asked, and on some paths otherwise.
struct EchoHandler: RequestHandler {
    func handle(_ request: HTTPRequest, on context: RequestContext, respond responder: Responder) {
        switch request.target {
        case "/silence": break
        case "/large":
            responder.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 97, count: 4 << 20)))
        case "/thread":
            let handle = responder
            DetachedWork.run { handle.respond(HTTPResponse(status: 200, body: Array("later".utf8))) }
        case "/names":
            responder.respond(
                HTTPResponse(status: 200, body: Array(context.clientNames.joined(separator: ",").utf8)))
        case "/known":
            let text = "\(context.isKnownClient) \(context.clientChain.count)"
            responder.respond(HTTPResponse(status: 200, body: Array(text.utf8)))
        default:
            responder.respond(
                HTTPResponse(
                    status: 200, headers: [HTTPField("content-type", "text/plain")],
                    body: Array("\(request.method) \(request.target) \(request.body.count)".utf8)))
        }
    }
}

/// A thread of its own for one piece of work.
enum DetachedWork {
    static func run(_ work: @escaping @Sendable () -> Void) {
        guard let loop = try? EventLoop(name: "work"), (try? loop.start()) != nil else { return }
        loop.execute {
            work()
            loop.stop()
        }
    }
}

/// Waits for what no event tells, such as a counter; at most 20 s, after which the test's own expectations fail.
func waitUntil(_ condition: () -> Bool) {
    let end = MonotonicTime.current().advanced(by: .seconds(20))
    while !condition() && MonotonicTime.current() < end { usleep(1_000) }
}
