internal import Glibc
internal import Rules

/// The process's own standard output and error.
enum Console {
    /// Writes all of a text to standard output; false if whoever read it is gone, or the disk is full.
    static func write(_ text: String) -> Bool {
        write(Array(text.utf8), to: STDOUT_FILENO)
    }

    /// Writes a text and an end of line to standard error.
    static func complain(_ text: String) {
        // If standard error is gone there is nobody left to be told.
        let text = printable(text, keepsLines: true)
        _ = write(Array(text.utf8) + (text.hasSuffix("\n") ? [] : [UInt8(ascii: "\n")]), to: STDERR_FILENO)
    }

    /// Writes all bytes, however many calls it takes.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                guard errno == EAGAIN else { return false }
                // Somebody made the terminal or pipe non-blocking: wait until it takes more.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&wanted, 1, -1)
                continue
            }
            rest = rest.dropFirst(written)
        }
        return true
    }
}
