internal import CLinux
internal import Glibc

/// The system calls of a connecting socket.
@safe
enum ClientSystem {
    /// What one read gave.
    enum Read {
        case bytes([UInt8])
        case nothing
        case end
        case failed(SystemError)
    }

    /// How many bytes are read at a time.
    private static let readBytes = 64 << 10

    /// Makes a non-blocking socket and begins to connect it.
    static func connect(_ address: ClientAddress) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        // The kernel's own probes notice a dead peer where no protocol of ours does, such as in an exec that waits.
        set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)
        set(descriptor, Int(SOL_SOCKET), SO_KEEPALIVE, 1)
        set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, 15)
        set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, 5)
        set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, 3)
        let result = unsafe address.bytes.withUnsafeBytes { bytes -> Int32 in
            guard let start = bytes.baseAddress else { return -1 }
            let pointer = unsafe start.assumingMemoryBound(to: sockaddr.self)
            return unsafe Glibc.connect(descriptor, pointer, socklen_t(bytes.count))
        }
        if result != 0 && errno != EINPROGRESS {
            let error = SystemError.last("connect")
            _ = Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int, _ option: Int32, _ value: Int32) {
        var value = value
        // An option that the system refuses only costs time in rare failures.
        _ = unsafe setsockopt(descriptor, Int32(level), option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    /// How the attempt to connect ended; nil if well.
    static func pendingError(_ descriptor: Int32) -> SystemError? {
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) == 0 else { return .last("connect") }
        return number == 0 ? nil : SystemError("connect", number: number)
    }

    static func read(_ descriptor: Int32) -> Read {
        var count = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: readBytes) { buffer, initialized in
            repeat {
                count = unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            } while count < 0 && errno == EINTR
            initialized = max(0, count)
        }
        if count > 0 { return .bytes(bytes) }
        if count == 0 { return .end }
        return errno == EAGAIN ? .nothing : .failed(.last("read"))
    }

    /// Writes what the system takes, and returns how much that was.
    static func write(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Result<Int, SystemError> {
        let count = unsafe bytes.withUnsafeBufferPointer { buffer -> Int in
            var count = -1
            repeat {
                count = unsafe Glibc.send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
            } while count < 0 && errno == EINTR
            return count
        }
        if count >= 0 { return .success(count) }
        return errno == EAGAIN ? .success(0) : .failure(.last("write"))
    }
}
