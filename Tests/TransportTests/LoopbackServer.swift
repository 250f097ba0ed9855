import Foundation
import Glibc
import Synchronization
import Wire

@testable import Transport

/// A server on a port of its own that does what a script says, for each connection on a thread of its own.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let listener: Int32
    private let accepted = Mutex<[LoopbackConnection]>([])

    /// Starts to listen; `script` gets each connection and its number from 0.
    init(tls: TLSContext? = nil, script: @escaping @Sendable (LoopbackConnection, Int) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe bind(listener, $0, size)
                _ = unsafe getsockname(listener, $0, &size)
            }
        }
        guard listen(listener, 64) == 0 else { throw SystemError("listen", number: errno) }
        self.listener = listener
        port = UInt16(bigEndian: address.sin_port)
        Thread { [weak self] in
            for number in 0... {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                guard let connection = try? LoopbackConnection(descriptor, tls) else { continue }
                self?.accepted.withLock { $0.append(connection) }
                Thread {
                    script(connection, number)
                    connection.close()
                }.start()
            }
        }.start()
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        for connection in accepted.withLock({ $0 }) { connection.interrupt() }
    }

    /// How many connections there were.
    var connectionCount: Int { accepted.withLock { $0.count } }

    /// Serves HTTP/1.1: one answer, as bytes, for each head that comes; nil closes.
    static func http1(
        _ answer: @escaping @Sendable (_ head: String, _ connection: Int, _ request: Int) -> String?
    ) throws -> LoopbackServer {
        try LoopbackServer { connection, number in
            var count = 0
            while let head = connection.readHead() {
                guard let text = answer(head, number, count) else { return }
                connection.write(Array(text.utf8))
                count += 1
            }
        }
    }
}

/// A connection of a `LoopbackServer`, blocking; for its script's thread only.
final class LoopbackConnection: @unchecked Sendable {
    private let descriptor: Int32
    private let tls: TLSConnection?
    private var unread: [UInt8] = []
    private let isOpen = Mutex(true)

    init(_ descriptor: Int32, _ context: TLSContext?) throws {
        self.descriptor = descriptor
        tls = try context.map { try TLSConnection(context: $0) }
    }

    /// Reads what there is, at least a byte; empty at the end of the connection.
    func read() -> [UInt8] {
        if !unread.isEmpty {
            defer { unread = [] }
            return unread
        }
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return [] }
            guard let tls else { return Array(buffer[..<count]) }
            var plain: [UInt8] = []
            guard (try? tls.receive(Array(buffer[..<count]).span, appendingTo: &plain)) != nil else {
                send(tls.takeOutput())
                return []
            }
            send(tls.takeOutput())
            if !plain.isEmpty { return plain }
            if tls.state == .peerClosed { return [] }
        }
    }

    /// Puts back what was read.
    func unread(_ bytes: [UInt8]) { unread = bytes + unread }

    /// Reads exactly so many bytes; nil if the connection ends before.
    func read(_ count: Int) -> [UInt8]? {
        guard count > 0 else { return [] }
        var bytes: [UInt8] = []
        while bytes.count < count {
            let more = read()
            if more.isEmpty { return nil }
            bytes += more
        }
        unread = Array(bytes[count...])
        return Array(bytes[..<count])
    }

    /// Reads up to and including an empty line; nil if the connection ends before.
    func readHead() -> String? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = read(1) else { return nil }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Writes all of it; false if the connection is broken.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        guard let tls else { return send(bytes) }
        guard (try? tls.send(bytes.span)) != nil else { return false }
        return send(tls.takeOutput())
    }

    /// Writes until the peer takes nothing for a while, in plain text, and returns how many bytes it took.
    func writeUntilStalled(_ bytes: [UInt8]) -> Int {
        var patience = timeval(tv_sec: 0, tv_usec: 300_000)
        var endless = timeval(tv_sec: 0, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        defer { _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &endless, size) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBufferPointer {
                unsafe Glibc.send(descriptor, $0.baseAddress, min($0.count, 65536), Int32(Glibc.MSG_NOSIGNAL))
            }
            if count <= 0 { break }
            written += count
        }
        return written
    }

    @discardableResult
    private func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBufferPointer {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(Glibc.MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    var applicationProtocol: String? { tls?.applicationProtocol }

    /// Ends the connection; from the script, or at its end.
    func close() {
        isOpen.withLock { isOpen in
            if isOpen { Glibc.close(descriptor) }
            isOpen = false
        }
    }

    /// Lets what blocks return; from any thread.
    func interrupt() {
        isOpen.withLock { if $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }
}

/// The server's side of HTTP/2 by hand, on a connection.
final class LoopbackHTTP2 {
    let connection: LoopbackConnection

    /// Reads the preface and greets; nil if the client does not speak HTTP/2.
    init?(_ connection: LoopbackConnection) {
        self.connection = connection
        guard connection.read(24) == Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) else { return nil }
        send(.settings)
    }

    @discardableResult
    func send(_ frames: HTTP2Frame...) -> Bool { connection.write(frames.flatMap(\.bytes)) }

    /// The next frame but for settings, which are acknowledged, and windows; nil at the end.
    func next() -> HTTP2Frame? {
        while let head = connection.read(9) {
            let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard let payload = count == 0 ? [] : connection.read(count) else { return nil }
            guard let frame = HTTP2Frame.parse(head + payload).first else { return nil }
            switch frame.kind {
            case .settings:
                if frame.flags == 0 { send(HTTP2Frame(kind: .settings, flags: HTTP2Frame.acknowledgement)) }
            case .windowUpdate: break
            default: return frame
            }
        }
        return nil
    }

    /// The next frame of a kind, other kinds passed over.
    func next(_ kind: HTTP2Frame.Kind) -> HTTP2Frame? {
        while let frame = next() { if frame.kind == kind { return frame } }
        return nil
    }

    static let ok = [(":status", "200")]

    /// Answers a stream with 200 and a body.
    func answer(_ stream: UInt32, _ body: String) {
        send(.head(stream, Self.ok), .data(stream, Array(body.utf8), end: true))
    }
}
