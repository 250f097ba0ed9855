import Foundation
import Testing
import Wire

@testable import sluice

@Suite struct `A self-signed certificate` {
    let now: Int64 = 1_800_000_000
    let day: Int64 = 86400
    let listen = [ListenAddress(host: "127.0.0.1", port: 9443)]

    @Test func `is made once, and then found`() throws {
        let folder = try ScratchFolder()
        let path = "\(folder.path)/new"
        let files = try SelfSigned.prepare(path, listen: listen, now: now)
        #expect(files.isNew)
        let first = try FileReading.bytes(files.certificate)
        #expect(try SelfSigned.prepare(path, listen: listen, now: now + 200 * day).isNew == false)
        #expect(try FileReading.bytes(files.certificate) == first)
        #expect(try folder.mode("new/tls.key") == 0o600)
        #expect(try folder.mode("new/ca.crt") == 0o644)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == ["ca.crt", "tls.crt", "tls.key"])
    }

    @Test func `is valid now, for a year, under the names that count`() throws {
        let folder = try ScratchFolder()
        let hosts = [ListenAddress(host: "10.1.2.3", port: 1), ListenAddress(host: "0.0.0.0", port: 2)]
        let files = try SelfSigned.prepare(folder.path, listen: hosts, now: now)
        let certificate = try TLSCertificate(pem: try FileReading.bytes(files.certificate))
        #expect(certificate.notBefore < now)
        #expect(certificate.notAfter == now + 365 * day)
        #expect(Set(SelfSigned.names + ["10.1.2.3"]).isSubset(of: certificate.names))
        #expect(!certificate.names.contains("0.0.0.0"))
        #expect(try TLSCertificate(pem: try FileReading.bytes(files.authority)).notAfter == now + 3650 * day)
    }

    @Test func `is made anew when it is due, and the earlier authority stays believed`() throws {
        let folder = try ScratchFolder()
        let authority = try FileReading.bytes(try SelfSigned.prepare(folder.path, listen: listen, now: now).authority)
        let files = try SelfSigned.prepare(folder.path, listen: listen, now: now + 276 * day)
        #expect(files.isNew)
        let both = String(decoding: try FileReading.bytes(files.authority), as: UTF8.self)
        #expect(both.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
        #expect(both.hasSuffix(String(decoding: authority, as: UTF8.self)))
        // A third one does not pile up: the first is forgotten.
        let later = try SelfSigned.prepare(folder.path, listen: listen, now: now + 600 * day)
        let text = String(decoding: try FileReading.bytes(later.authority), as: UTF8.self)
        #expect(text.components(separatedBy: "BEGIN CERTIFICATE").count == 3)
    }

    @Test func `is made anew where a name is missing, or a file is damaged`() throws {
        let folder = try ScratchFolder()
        _ = try SelfSigned.prepare(folder.path, listen: listen, now: now)
        let more = listen + [ListenAddress(host: "sluice.example", port: 1)]
        #expect(try SelfSigned.prepare(folder.path, listen: more, now: now).isNew)
        #expect(try !SelfSigned.prepare(folder.path, listen: more, now: now).isNew)
        _ = try folder.write("tls.key", "no key")
        #expect(try SelfSigned.prepare(folder.path, listen: more, now: now).isNew)
        _ = try folder.write("ca.crt", "no certificate")
        #expect(try SelfSigned.prepare(folder.path, listen: more, now: now).isNew)
    }

    @Test func `can't be where a file stands`() throws {
        let folder = try ScratchFolder()
        let file = try folder.write("file", "")
        #expect(throws: FileError.self) { try SelfSigned.prepare(file, listen: listen, now: now) }
    }
}
