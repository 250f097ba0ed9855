internal import CLinux
internal import Glibc

/// An IPv4 or IPv6 address with a port.
struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// 4 or 16 bytes, in network order.
    let bytes: [UInt8]
    let port: UInt16

    init(bytes: [UInt8], port: UInt16) {
        self.bytes = bytes
        self.port = port
    }

    /// Reads `127.0.0.1:9443`, `[::1]:9443`, `:9443` (all addresses) or `localhost:9443`; names are not looked up.
    init?(_ text: String) {
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
            let port = UInt16(text[text.utf8.index(after: colon)...])
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("[") && host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.utf8.contains(UInt8(ascii: ":")) {
            return nil
        }
        if host.isEmpty { host = "::" }
        if host == "localhost" { host = "127.0.0.1" }
        var address = [UInt8](repeating: 0, count: 16)
        let isIPv4 = unsafe address.withUnsafeMutableBytes { unsafe inet_pton(AF_INET, host, $0.baseAddress) == 1 }
        if isIPv4 {
            self.init(bytes: Array(address[..<4]), port: port)
            return
        }
        let isIPv6 = unsafe address.withUnsafeMutableBytes { unsafe inet_pton(AF_INET6, host, $0.baseAddress) == 1 }
        guard isIPv6 else { return nil }
        self.init(bytes: address, port: port)
    }

    var family: Int32 { bytes.count == 4 ? AF_INET : AF_INET6 }

    /// Address and port as text; IPv4 within IPv6 reads as IPv4.
    var description: String {
        let mapped = bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
        let shown = mapped ? Array(bytes[12...]) : bytes
        if shown.count == 4 { return shown.map(String.init).joined(separator: ".") + ":\(port)" }
        var text = [CChar](repeating: 0, count: 64)
        let end = unsafe text.withUnsafeMutableBufferPointer {
            unsafe inet_ntop(AF_INET6, shown, $0.baseAddress, socklen_t($0.count))
        }
        guard unsafe end != nil else { return "[?]:\(port)" }
        return "[" + String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            + "]:\(port)"
    }

    /// Hands the address to a system call in the form that the kernel wants.
    func withSocketAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if bytes.count == 4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &address.sin_addr) { unsafe $0.copyBytes(from: bytes) }
            return unsafe withUnsafePointer(to: address) {
                unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
        return unsafe withUnsafePointer(to: address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    /// Lets a system call write an address, and reads it; nil if the call failed or it is of another family.
    static func filled(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, address: SocketAddress?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            let result = unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe call($0, &length) }
            guard result >= 0 else { return (result, nil) }
            let raw = unsafe UnsafeRawBufferPointer(start: pointer, count: MemoryLayout<sockaddr_storage>.size)
            switch unsafe Int32(pointer.pointee.ss_family) {
            case AF_INET:
                let port = unsafe UInt16(raw[2]) << 8 | UInt16(raw[3])
                return unsafe (result, SocketAddress(bytes: Array(raw[4..<8]), port: port))
            case AF_INET6:
                let port = unsafe UInt16(raw[2]) << 8 | UInt16(raw[3])
                return unsafe (result, SocketAddress(bytes: Array(raw[8..<24]), port: port))
            default: return (result, nil)
            }
        }
    }
}
