import Testing
import Wire

@testable import Transport

/// Certificates that are made for the test.
private struct Authority {
    // From 2020 to 2100.
    private static let begin: Int64 = 1_577_836_800
    private static let end: Int64 = 4_102_444_800
    private let issuer: CertificateIssuer

    init() throws {
        issuer = try CertificateIssuer(commonName: "test", notBefore: Self.begin, notAfter: Self.end)
    }

    var pem: [UInt8] { issuer.authority.certificatePEM }

    func issue(_ usage: CertificateIssuer.Usage, _ names: [String] = []) throws -> IssuedCertificate {
        try issuer.issue(commonName: "leaf", names: names, usage: usage, notBefore: Self.begin, notAfter: Self.end)
    }

    /// A server that answers HTTP/1.1 or HTTP/2, as is agreed on, with the protocol's name.
    func serve(
        _ names: [String] = ["127.0.0.1"], protocols: [String], demandsCertificate: Bool = false
    ) throws -> LoopbackServer {
        let leaf = try issue(.server, names)
        var configuration = TLSServerConfiguration(
            certificateChainPEM: leaf.certificatePEM, privateKeyPEM: leaf.privateKeyPEM)
        configuration.applicationProtocols = protocols
        if demandsCertificate { configuration.clientAuthoritiesPEM = pem }
        return try LoopbackServer(tls: try TLSContext(server: configuration)) { connection, _ in
            let first = connection.read()
            guard !first.isEmpty else { return }
            connection.unread(first)
            if connection.applicationProtocol == "h2" {
                guard let peer = LoopbackHTTP2(connection) else { return }
                while let head = peer.next(.headers) { peer.answer(head.stream, "h2") }
            } else {
                while connection.readHead() != nil {
                    connection.write(Array("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhttp1".utf8))
                }
            }
        }
    }
}

@Suite("Client over TLS", .timeLimit(.minutes(5)))
struct ClientTLSTests {
    private let authority: Authority
    private let trusting: TLSClientConfiguration

    init() throws {
        authority = try Authority()
        trusting = TLSClientConfiguration(trust: .authorities(pem: authority.pem))
    }

    @Test func `HTTP 2 is spoken where the server does, else HTTP 1`() async throws {
        for (protocols, answer) in [
            (["h2", "http/1.1"], "200 h2"), (["http/1.1", "h2"], "200 http1"), (["http/1.1"], "200 http1"),
            ([], "200 http1"),
        ] {
            let server = try authority.serve(protocols: protocols)
            let tested = try TestedClient(server.port, tls: trusting)
            for _ in 0..<3 { #expect(try await tested.get() == answer) }
            #expect(server.connectionCount == 1)
        }
    }

    private func expectUnreachable(_ tested: TestedClient, _ comment: Comment) async {
        let error = await #expect(throws: ClientError.self, comment) { try await tested.get() }
        guard case .unreachable? = error else {
            Issue.record("\(comment): \(String(describing: error))")
            return
        }
    }

    @Test func `a server is believed by its issuer and its name`() async throws {
        let server = try authority.serve(["other.test"], protocols: ["h2"])
        await expectUnreachable(try TestedClient(server.port, tls: trusting), "another name")
        let stranger = try Authority()
        let strange = try stranger.serve(protocols: ["h2"])
        await expectUnreachable(try TestedClient(strange.port, tls: trusting), "another issuer")
        let anybody = TLSClientConfiguration(trust: .anybody)
        #expect(try await TestedClient(strange.port, tls: anybody).get() == "200 h2")
    }

    @Test func `a client shows its certificate`() async throws {
        let server = try authority.serve(protocols: ["h2"], demandsCertificate: true)
        let leaf = try authority.issue(.client)
        var known = trusting
        known.certificateChainPEM = leaf.certificatePEM
        known.privateKeyPEM = leaf.privateKeyPEM
        #expect(try await TestedClient(server.port, tls: known).get() == "200 h2")
        // In TLS 1.3 the refusal comes after the handshake.
        await #expect(throws: ClientError.self) { try await TestedClient(server.port, tls: trusting).get() }
    }

    @Test func `certificates can be changed while requests run`() async throws {
        let server = try authority.serve(protocols: ["h2"])
        let tested = try TestedClient(server.port, tls: trusting)
        #expect(try await tested.get() == "200 h2")
        try tested.client.use(trusting)
        #expect(try await tested.get() == "200 h2")
        #expect(server.connectionCount == 2)
        try tested.client.use(TLSClientConfiguration(trust: .authorities(pem: try Authority().pem)))
        await expectUnreachable(tested, "an issuer that is trusted no more")
    }

    @Test func `a server that speaks no TLS is unreachable, and so is one that says nothing`() async throws {
        let plain = try LoopbackServer { connection, _ in
            connection.write(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8))
            _ = connection.read()
        }
        await expectUnreachable(try TestedClient(plain.port, tls: trusting), "plain text")
        let silent = try LoopbackServer { connection, _ in while !connection.read().isEmpty {} }
        let tested = try TestedClient(silent.port, tls: trusting) { $0.connectTimeout = .milliseconds(100) }
        await expectUnreachable(tested, "silence")
    }
}
