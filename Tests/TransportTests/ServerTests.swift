import Testing
import Wire

@testable import Transport

@Suite(.threaded, .timeLimit(.minutes(2)))
struct ServerTests {
    @Test(arguments: [false, true])
    func `requests are answered one after the other on one connection`(plain: Bool) async throws {
        let server = try TestServer()
        let client = try server.connect(plain: plain)
        for number in 0..<20 { #expect(try client.get("/\(number)") == "GET /\(number) 0") }
        let size = plain ? 4_000 : 100_000
        try client.send("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: \(size)\r\n\r\n")
        try client.send([UInt8](repeating: 1, count: size))
        #expect(try client.response()?.body == "POST /p \(size)")
        #expect(server.server.statistics.requests == 21)
        #expect(server.server.statistics.bytesInFlight == 0)
        await server.stop()
    }

    @Test func `pipelined requests are answered in order`() async throws {
        let server = try TestServer()
        let client = try server.connect()
        let requests = (0..<500).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        try client.send(requests)
        for number in 0..<500 { #expect(try client.response()?.body == "GET /\(number) 0") }
        await server.stop()
    }

    @Test func `an answer may come later and from another thread, while others wait behind it`() async throws {
        let server = try TestServer()
        let client = try server.connect()
        try client.send("GET /thread HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(try client.response()?.body == "later")
        #expect(try client.response()?.body == "GET /b 0")
        await server.stop()
    }
}
