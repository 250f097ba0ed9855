import Glibc
import Synchronization
import Testing
import Wire

@testable import Transport

@Suite(.threaded, .timeLimit(.minutes(2)))
struct CertificateTests {
    /// The common name of the certificate that a new connection is served with.
    private func servedName(_ server: TestServer) throws -> String? {
        let client = try server.connect()
        #expect(try client.get() == "GET / 0")
        return client.tls?.peerCertificate?.commonName
    }

    /// Waits for the next report after those seen so far.
    private func report(_ server: TestServer, after seen: Int) -> String {
        waitUntil { server.reports.list.count > seen }
        let list = server.reports.list
        return list.count > seen ? list[seen] : "nothing"
    }

    @Test func `a changed certificate is served, and connections under way stay`() async throws {
        let server = try TestServer()
        let before = try server.connect()
        #expect(try before.get("/before") != nil)
        let leaf = try server.issue("second")
        try server.directory.write(leaf.privateKeyPEM, to: "tls.key")
        try server.directory.write(leaf.certificatePEM, to: "tls.crt")
        var last = ""
        // Between the two writes the pair does not match, which may be seen and reported.
        for seen in 0..<2 where last != "loaded second" { last = report(server, after: seen) }
        #expect(last == "loaded second")
        #expect(try servedName(server) == "second")
        #expect(try before.get("/still") == "GET /still 0")
        #expect(server.certificates.certificate.commonName == "second" && server.certificates.isValidNow)
        await server.stop()
    }

    @Test func `a pair that can't be used is refused once, and the old one stays`() async throws {
        let server = try TestServer()
        let other = try server.issue("other")
        try server.directory.write(other.privateKeyPEM, to: "tls.key")
        #expect(report(server, after: 0).contains("does not belong"))
        server.certificates.reload()
        #expect(server.reports.list.count == 1)
        let expired = try server.issue("expired", from: -7_200, until: -3_600)
        try server.directory.write(Array("no key".utf8), to: "tls.key")
        #expect(report(server, after: 1).contains("private key can't be read"))
        try server.directory.write(expired.certificatePEM, to: "tls.crt")
        try server.directory.write(expired.privateKeyPEM, to: "tls.key")
        waitUntil { server.reports.list.last?.contains("has expired") == true }
        #expect(server.reports.list.last?.contains("has expired") == true)
        let early = try server.issue("early", from: 3_600, until: 7_200)
        try server.directory.write(early.certificatePEM, to: "tls.crt")
        try server.directory.write(early.privateKeyPEM, to: "tls.key")
        waitUntil { server.reports.list.last?.contains("not valid yet") == true }
        #expect(server.reports.list.last?.contains("not valid yet") == true)
        #expect(server.reports.list.allSatisfy { $0.hasPrefix("refused") })
        #expect(try servedName(server) == "first")
        await server.stop()
    }

    @Test func `certificates that are linked, as in a mounted Secret, are reloaded when the link turns`() async throws {
        let server = try TestServer()
        let path = server.directory.path
        let outside = [TemporaryDirectory(), TemporaryDirectory()]
        for (number, directory) in outside.enumerated() {
            let leaf = try server.issue("linked \(number)")
            try directory.write(leaf.certificatePEM, to: "tls.crt")
            try directory.write(leaf.privateKeyPEM, to: "tls.key")
        }
        unsafe symlink(outside[0].path, path + "/..data")
        for name in ["tls.crt", "tls.key"] {
            unsafe symlink("..data/" + name, path + "/" + name + ".link")
            unsafe rename(path + "/" + name + ".link", path + "/" + name)
        }
        waitUntil { server.reports.list.last == "loaded linked 0" }
        #expect(try servedName(server) == "linked 0")
        let seen = server.reports.list.count
        unsafe symlink(outside[1].path, path + "/..data_tmp")
        unsafe rename(path + "/..data_tmp", path + "/..data")
        #expect(report(server, after: seen) == "loaded linked 1")
        #expect(try servedName(server) == "linked 1")
        unsafe unlink(path + "/..data")
        await server.stop()
    }

    @Test func `what no event tells is found by the look now and then`() async throws {
        let server = try TestServer(certificateInterval: .milliseconds(20))
        let elsewhere = TemporaryDirectory()
        let first = try server.issue("elsewhere 0")
        try elsewhere.write(first.certificatePEM, to: "tls.crt")
        try elsewhere.write(first.privateKeyPEM, to: "tls.key")
        for name in ["tls.crt", "tls.key"] {
            unsafe symlink(elsewhere.path + "/" + name, server.directory.path + "/" + name + ".link")
            unsafe rename(server.directory.path + "/" + name + ".link", server.directory.path + "/" + name)
        }
        waitUntil { server.reports.list.last == "loaded elsewhere 0" }
        let second = try server.issue("elsewhere 1")
        try elsewhere.write(second.certificatePEM, to: "tls.crt")
        try elsewhere.write(second.privateKeyPEM, to: "tls.key")
        waitUntil { server.reports.list.last == "loaded elsewhere 1" }
        #expect(try servedName(server) == "elsewhere 1")
        await server.stop()
    }

    /// Asks on a connection that is kept, and on a new one each time, until it is told to end.
    private final class Load: Sendable {
        let server: TestServer
        let isDone = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
        let answered = Atomic<Int>(0)
        let failures = Mutex<[String]>([])

        init(_ server: TestServer) {
            self.server = server
        }

        func run() {
            do {
                let kept = try server.connect()
                while !isDone.load(ordering: .relaxed) {
                    guard try kept.get() == "GET / 0", try server.connect().get() == "GET / 0" else {
                        throw TLSError(.closed, "an answer is missing")
                    }
                    answered.add(2, ordering: .relaxed)
                }
            } catch {
                failures.withLock { $0.append("\(error)") }
                answered.add(1_000, ordering: .relaxed)
            }
            hasEnded.store(true, ordering: .relaxed)
        }
    }

    @Test func `a hundred rotations under load fail no request`() async throws {
        let server = try TestServer()
        let load = Load(server)
        DetachedWork.run { load.run() }
        for number in 0..<100 {
            let leaf = try server.issue("rotation \(number)")
            try server.directory.write(leaf.certificatePEM, to: "tls.crt")
            try server.directory.write(leaf.privateKeyPEM, to: "tls.key")
            server.certificates.reload()
            let goal = load.answered.load(ordering: .relaxed) + 2
            waitUntil { load.answered.load(ordering: .relaxed) >= goal }
        }
        load.isDone.store(true, ordering: .relaxed)
        waitUntil { load.hasEnded.load(ordering: .relaxed) }
        #expect(load.failures.withLock { $0 } == [])
        #expect(server.reports.list.last == "loaded rotation 99")
        await server.stop()
    }

    @Test func `only clients with an allowed name are served, and the others are told`() async throws {
        let server = try TestServer(clientNames: ["kube-apiserver"])
        let friend = try server.issue("kube-apiserver", usage: .client)
        let stranger = try server.issue("somebody", usage: .client)
        let client = try server.connect(client: friend)
        #expect(try client.get("/names") == "kube-apiserver")
        let refused = try server.connect(client: stranger)
        try refused.send("GET /names HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = try refused.response()
        #expect(response?.status == 403 && response?.body.contains("somebody") == true)
        // In TLS 1.3 the client learns of the refusal with its first read.
        #expect(throws: (any Error).self) {
            let nobody = try server.connect()
            try nobody.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            if try nobody.response() == nil { throw TLSError(.closed, "closed") }
        }
        #expect(server.server.statistics.requests == 1)
        await server.stop()
    }

    @Test func `the clients' authority is reloaded as well`() async throws {
        let server = try TestServer(clientNames: [])
        let other = try CertificateIssuer(
            commonName: "other", notBefore: TestServer.now - 60, notAfter: TestServer.now + 3_600)
        let client = try other.issue(
            commonName: "client", names: [], usage: .client, notBefore: TestServer.now - 60,
            notAfter: TestServer.now + 3_600)
        #expect(throws: (any Error).self) { _ = try server.connect(client: client).get() ?? { throw Missing() }() }
        try server.directory.write(other.authority.certificatePEM, to: "ca.crt")
        #expect(report(server, after: 0) == "loaded first")
        #expect(try server.connect(client: client).get("/names") == "client")
        await server.stop()
    }

    @Test func `where callers are judged by request, anybody's certificate connects, and is told apart`() async throws {
        let server = try TestServer(clientNames: ["kube-apiserver"], judgesByRequest: true)
        let other = try CertificateIssuer(
            commonName: "other", notBefore: TestServer.now - 60, notAfter: TestServer.now + 3_600)
        let foreign = try other.issue(
            commonName: "kube-apiserver", names: [], usage: .client, notBefore: TestServer.now - 60,
            notAfter: TestServer.now + 3_600)
        // A client sends its authority too where it has it.
        for (client, expected) in [
            (nil, "false 0"), (foreign, "false 1"), (try server.issue("somebody", usage: .client), "false 2"),
            (try server.issue("kube-apiserver"), "false 2"),
            (try server.issue("kube-apiserver", usage: .client), "true 2"),
        ] as [(IssuedCertificate?, String)] {
            let told = try server.connect(client: client).get("/known")
            #expect(told == expected)
        }
        await server.stop()
        let open = try TestServer(judgesByRequest: true)
        #expect(try open.connect().get("/known") == "true 0")
        #expect(try open.connect(client: foreign).get("/known") == "true 1")
        await open.stop()
    }

    @Test func `where nobody's certificate is judged, one of many bytes is refused`() async throws {
        let server = try TestServer(judgesByRequest: true)
        let other = try CertificateIssuer(
            commonName: "other", notBefore: TestServer.now - 60, notAfter: TestServer.now + 3_600)
        let long = try other.issue(
            commonName: "somebody", names: (0..<900).map { "name-\($0).example.org" }, usage: .client,
            notBefore: TestServer.now - 60, notAfter: TestServer.now + 3_600)
        #expect(throws: (any Error).self) { _ = try server.connect(client: long).get() ?? { throw Missing() }() }
        #expect(try server.connect().get("/still") == "GET /still 0")
        await server.stop()
    }

    private struct Missing: Error {}

    @Test func `a server without usable files does not begin`() throws {
        let directory = TemporaryDirectory()
        let files = CertificateFiles(
            certificate: directory.path + "/tls.crt", privateKey: directory.path + "/tls.key")
        let error = #expect(throws: TLSError.self) { try CertificateStore(files: files) }
        #expect(error?.description.contains("tls.crt: No such file") == true)
    }
}
