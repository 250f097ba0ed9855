internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The value of `errno`, such as `EADDRINUSE`.
    public let number: Int32
    /// What was tried, such as `bind 127.0.0.1:9443`.
    public let operation: String

    /// Makes an error from a number that is known already.
    public init(_ operation: String, number: Int32) {
        self.number = number
        self.operation = operation
    }

    /// Takes the calling thread's `errno` as it is now: call it right after what failed.
    static func last(_ operation: String) -> SystemError {
        SystemError(operation, number: errno)
    }

    /// What was tried and what the system says, such as `bind 127.0.0.1:9443: Address already in use`.
    public var description: String {
        var text = [CChar](repeating: 0, count: 128)
        // Without _GNU_SOURCE this is the POSIX strerror_r, which fills the buffer.
        let result: Int32 = unsafe text.withUnsafeMutableBufferPointer {
            guard let start = $0.baseAddress else { return EINVAL }
            return unsafe strerror_r(number, start, $0.count)
        }
        guard result == 0 else { return "\(operation): error \(number)" }
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return operation + ": " + String(decoding: bytes, as: UTF8.self)
    }
}
