import Testing

@testable import Wire

/// Two ends of a TLS connection, with bytes carried between them.
struct TLSPair {
    let client: TLSConnection
    let server: TLSConnection
    /// How many bytes are carried at once.
    var step = Int.max

    /// Carries what is pending, both ways, until both are quiet; throws what either end throws.
    func carry() throws(TLSError) {
        while client.pendingOutputBytes > 0 || server.pendingOutputBytes > 0 {
            try deliver(client.takeOutput(), to: server)
            try deliver(server.takeOutput(), to: client)
        }
    }

    private func deliver(_ bytes: [UInt8], to end: TLSConnection) throws(TLSError) {
        var position = 0
        while position < bytes.count {
            let next = min(bytes.count - position, step)
            try end.receive(bytes.span.extracting(position..<(position + next)))
            position += next
        }
    }

    func shakeHands() throws(TLSError) {
        try client.startHandshake()
        try carry()
    }
}

/// Certificates for a test: an authority valid from 1970 to 2100, and what it issues.
struct TestAuthority {
    static let end: Int64 = 4_102_444_800
    let issuer: CertificateIssuer

    init() throws {
        issuer = try CertificateIssuer(commonName: "test authority", notBefore: 0, notAfter: Self.end)
    }

    func issue(_ names: [String], usage: CertificateIssuer.Usage = .server, until end: Int64 = Self.end) throws
        -> IssuedCertificate
    {
        try issuer.issue(commonName: names.first ?? "", names: names, usage: usage, notBefore: 0, notAfter: end)
    }

    func server(_ names: [String] = ["localhost", "127.0.0.1"]) throws -> TLSServerConfiguration {
        let leaf = try issue(names)
        return TLSServerConfiguration(
            certificateChainPEM: leaf.certificatePEM, privateKeyPEM: leaf.privateKeyPEM)
    }

    var client: TLSClientConfiguration {
        TLSClientConfiguration(trust: .authorities(pem: issuer.authority.certificatePEM))
    }
}

func read(_ connection: TLSConnection) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try connection.receive([UInt8]().span, appendingTo: &bytes)
    return bytes
}

func pair(
    _ server: TLSServerConfiguration, _ client: TLSClientConfiguration, name: String? = "localhost", step: Int = .max
) throws -> TLSPair {
    TLSPair(
        client: try TLSConnection(context: TLSContext(client: client), serverName: name),
        server: try TLSConnection(context: TLSContext(server: server)), step: step)
}

struct TLSTests {
    @Test(arguments: [1, 7, Int.max])
    func `a handshake and data come through however the bytes are cut`(step: Int) throws {
        let authority = try TestAuthority()
        let pair = try pair(authority.server(), authority.client, step: step)
        try pair.shakeHands()
        #expect(pair.client.state == .open && pair.server.state == .open)
        #expect(pair.server.version == "TLSv1.3")
        let request = [UInt8](repeating: 7, count: 50_000)
        try pair.client.send(request.span)
        try pair.carry()
        #expect(try read(pair.server) == request)
        try pair.server.send([1, 2, 3].span)
        pair.server.close()
        try pair.carry()
        #expect(try read(pair.client) == [1, 2, 3])
        #expect(try read(pair.client) == [])
        #expect(pair.client.state == .peerClosed)
        #expect(throws: TLSError.self) { try pair.server.send([1].span) }
    }

    @Test func `whoever changes keys over and over is cut off`() throws {
        let authority = try TestAuthority()
        let pair = try pair(authority.server(), authority.client)
        try pair.shakeHands()
        for _ in 0..<TLSConnection.maximumLateMessages { try pair.client.updateKeys() }
        try pair.client.send([1].span)
        try pair.carry()
        #expect(try read(pair.server) == [1])
        for _ in 0..<1_000 { try pair.client.updateKeys() }
        try pair.client.send([2].span)
        try pair.carry()
        let error = #expect(throws: TLSError.self) { try read(pair.server) }
        #expect(error?.message.contains("changes keys") == true && pair.server.state == .closed)
    }

    @Test func `the server's preference decides which protocol is spoken`() throws {
        let authority = try TestAuthority()
        var server = try authority.server()
        server.applicationProtocols = ["h2", "http/1.1"]
        var client = authority.client
        for (offer, chosen) in [(["http/1.1", "h2"], "h2"), (["x", "http/1.1"], "http/1.1"), ([], nil)] {
            client.applicationProtocols = offer
            let pair = try pair(server, client)
            try pair.shakeHands()
            #expect(pair.server.applicationProtocol == chosen)
            #expect(pair.client.applicationProtocol == chosen)
        }
        client.applicationProtocols = ["spdy/1"]
        let refused = try pair(server, client)
        #expect(throws: TLSError.self) { try refused.shakeHands() }
    }

    @Test(arguments: [
        ("localhost", true), ("127.0.0.1", true), ("example.com", false), ("127.0.0.2", false),
    ])
    func `a client believes a certificate for its server's name only`(name: String, isGood: Bool) throws {
        let authority = try TestAuthority()
        let pair = try pair(authority.server(), authority.client, name: name)
        if isGood {
            try pair.shakeHands()
            #expect(pair.client.peerCertificate?.names == ["localhost", "localhost", "127.0.0.1"])
        } else {
            let error = #expect(throws: TLSError.self) { try pair.shakeHands() }
            #expect(error?.code == .handshakeFailed)
        }
    }

    @Test func `a client does not believe a foreign authority or an expired certificate unless told so`() throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority()
        let foreign = try pair(stranger.server(), authority.client)
        #expect(throws: TLSError.self) { try foreign.shakeHands() }
        let old = try authority.issue(["localhost"], until: 1)
        let expired = TLSServerConfiguration(
            certificateChainPEM: old.certificatePEM, privateKeyPEM: old.privateKeyPEM)
        let error = #expect(throws: TLSError.self) { try pair(expired, authority.client).shakeHands() }
        #expect(error?.message.contains("expired") == true)
        try pair(expired, TLSClientConfiguration(trust: .anybody), name: nil).shakeHands()
        #expect(throws: TLSError.self) { try pair(expired, authority.client, name: nil) }
    }

    @Test func `a server that wants client certificates lets nobody in without one of its authority`() throws {
        let authority = try TestAuthority()
        let stranger = try TestAuthority()
        var server = try authority.server()
        server.clientAuthoritiesPEM = authority.issuer.authority.certificatePEM
        #expect(throws: TLSError.self) { try pair(server, authority.client).shakeHands() }
        for (issuer, isGood) in [(authority, true), (stranger, false)] {
            let leaf = try issuer.issue(["kube-apiserver", "client.example"], usage: .client)
            var client = authority.client
            client.certificateChainPEM = leaf.certificatePEM
            client.privateKeyPEM = leaf.privateKeyPEM
            let pair = try pair(server, client)
            if isGood {
                try pair.shakeHands()
                #expect(
                    pair.server.peerCertificate?.names == ["kube-apiserver", "kube-apiserver", "client.example"])
            } else {
                #expect(throws: TLSError.self) { try pair.shakeHands() }
            }
        }
        // A certificate made for servers is none for clients.
        let wrong = try authority.issue(["kube-apiserver"])
        var client = authority.client
        client.certificateChainPEM = wrong.certificatePEM
        client.privateKeyPEM = wrong.privateKeyPEM
        #expect(throws: TLSError.self) { try pair(server, client).shakeHands() }
    }

    @Test func `certificates and keys that can't be used are refused with a reason`() throws {
        let authority = try TestAuthority()
        let one = try authority.issue(["localhost"])
        let other = try authority.issue(["localhost"])
        func code(_ chain: [UInt8], _ key: [UInt8]) -> TLSError.Code? {
            do throws(TLSError) {
                _ = try TLSContext(
                    server: TLSServerConfiguration(certificateChainPEM: chain, privateKeyPEM: key))
                return nil
            } catch { return error.code }
        }
        #expect(code(one.certificatePEM, one.privateKeyPEM) == nil)
        #expect(code(one.certificatePEM, other.privateKeyPEM) == .keyMismatch)
        #expect(code([], one.privateKeyPEM) == .badCertificate)
        #expect(code(one.certificatePEM, []) == .badCertificate)
        #expect(code(one.certificatePEM, Array("-----BEGIN PRIVATE KEY-----\nAAAA\n".utf8)) == .badCertificate)
        #expect(code(Array(one.certificatePEM.dropLast(60)), one.privateKeyPEM) == .badCertificate)
        let many = Array(repeatElement(one.certificatePEM, count: 17).joined())
        #expect(code(many, one.privateKeyPEM) == .badCertificate)
        let huge = [UInt8](repeating: 10, count: TLSLimits.maximumPEMBytes + 1)
        #expect(code(huge, one.privateKeyPEM) == .badCertificate)
    }

    @Test func `what a certificate says can be read`() throws {
        let authority = try TestAuthority()
        let leaf = try authority.issuer.issue(
            commonName: "common", names: ["a.example", "::1", "10.0.0.1"], usage: .server, notBefore: 1_000,
            notAfter: 2_000)
        let certificate = try TLSCertificate(pem: leaf.certificatePEM)
        #expect(certificate.notBefore == 1_000 && certificate.notAfter == 2_000)
        #expect(certificate.commonName == "common")
        #expect(certificate.alternativeNames == ["a.example", "::1", "10.0.0.1"])
        #expect(throws: TLSError.self) { try authority.issue(["a,DNS:b"]) }
    }

    @Test func `garbage ends the connection with an error and an alert, and nothing traps`() throws {
        let authority = try TestAuthority()
        let context = try TLSContext(server: authority.server())
        var random = SystemRandomNumberGenerator()
        for length in [1, 5, 6, 100, 5_000] {
            let server = try TLSConnection(context: context)
            let bytes = (0..<length).map { _ in UInt8.random(in: 64...255, using: &random) }
            do {
                try server.receive(bytes.span)
                #expect(server.state == .handshaking)
            } catch {
                #expect(server.state == .closed && !error.reasons.isEmpty)
                #expect(throws: TLSError.self) { try server.receive(bytes.span) }
            }
        }
        let pair = try pair(authority.server(), authority.client)
        try pair.shakeHands()
        var record: [UInt8] = [23, 3, 3, 0, 32]
        record.append(contentsOf: [UInt8](repeating: 1, count: 32))
        try pair.server.receive(record.span)
        #expect(throws: TLSError.self) { try read(pair.server) }
        #expect(pair.server.pendingOutputBytes > 0)
    }
}
