import Glibc
import Wire

@testable import Transport

/// A blocking client that sends whatever bytes a test wants; each read waits at most 10 s.
final class TestClient {
    let socket: Int32
    let tls: TLSConnection?
    /// Plaintext that was received and not looked at yet.
    var received: [UInt8] = []
    var isAtEnd = false
    /// Whether the server reset the connection.
    var wasReset = false

    init(port: UInt16, tls: TLSConnection?, from source: [UInt8] = [127, 0, 0, 1]) throws {
        // A child of another test must not keep it open.
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.tls = tls
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        unsafe setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        unsafe setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe SocketAddress(bytes: source, port: 0).withSocketAddress { unsafe bind(socket, $0, $1) }
        let result = unsafe SocketAddress(bytes: [127, 0, 0, 1], port: port).withSocketAddress {
            unsafe connect(socket, $0, $1)
        }
        guard result == 0 else { throw SystemError("connect", number: errno) }
        guard let tls else { return }
        try tls.startHandshake()
        sendRaw(tls.takeOutput())
        while tls.state == .handshaking && !isAtEnd { try receive() }
        guard tls.state == .open else { throw TLSError(.handshakeFailed, "the server closed in the handshake") }
    }

    deinit {
        close(socket)
    }

    @discardableResult
    func sendRaw(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes[start...].withUnsafeBytes {
                unsafe Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 {
                wasReset = true
                return false
            }
            start += count
        }
        return true
    }

    @discardableResult
    func send(_ bytes: [UInt8]) throws -> Bool {
        guard let tls else { return sendRaw(bytes) }
        try tls.send(bytes.span)
        return sendRaw(tls.takeOutput())
    }

    @discardableResult
    func send(_ text: String) throws -> Bool {
        try send(Array(text.utf8))
    }

    /// Says that nothing more will be sent.
    func endSending() {
        shutdown(socket, Int32(SHUT_WR))
    }

    /// Reads once.
    func receive() throws {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(socket, $0.baseAddress, $0.count, 0) }
        if count <= 0 {
            if count < 0 && errno == EAGAIN { throw SystemError("recv took 10 s", number: EAGAIN) }
            isAtEnd = true
            wasReset = count < 0
            return
        }
        guard let tls else {
            received.append(contentsOf: buffer[..<count])
            return
        }
        try tls.receive(buffer.span.extracting(0..<count), appendingTo: &received)
        sendRaw(tls.takeOutput())
        if tls.state == .peerClosed { isAtEnd = true }
    }

    /// Everything until the server ends the connection.
    func rest() throws -> String {
        while !isAtEnd { try receive() }
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// The next HTTP/1.1 answer: its status and body; nil if the connection ended first.
    func response() throws -> (status: Int, head: String, body: String)? {
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                let status = Int(head.split(separator: " ")[1]) ?? 0
                let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") }
                    .flatMap { Int($0.dropFirst(16)) }
                let headBytes = head.utf8.count + 4
                if received.count >= headBytes + (length ?? 0) {
                    let body = String(decoding: received[headBytes..<(headBytes + (length ?? 0))], as: UTF8.self)
                    received.removeFirst(headBytes + (length ?? 0))
                    return (status, head, body)
                }
            }
            if isAtEnd { return nil }
            try receive()
        }
    }

    /// Sends a small request and gives the body of its answer.
    func get(_ target: String = "/") throws -> String? {
        try send("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n")
        return try response()?.body
    }
}
