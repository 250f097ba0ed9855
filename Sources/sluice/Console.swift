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

    /// Writes all bytes, however many calls it takes; false if that can't be done, or nobody reads and `givesUp` says so.
    ///
    /// No call blocks: a pipe is looked at before each piece, and one that is ready takes a page. So `givesUp` is asked
    /// every tenth of a second while nobody reads.
    static func write(_ bytes: [UInt8], to descriptor: Int32, givesUp: () -> Bool = { false }) -> Bool {
        var status = stat()
        let isFile = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        let pieceBytes = isFile ? bytes.count : pageBytes
        var rest = bytes[...]
        while !rest.isEmpty {
            guard isFile || isReady(descriptor) else {
                if givesUp() { return false }
                continue
            }
            let written = unsafe rest.prefix(pieceBytes).withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0 {
                guard errno == EINTR || errno == EAGAIN else { return false }
                continue
            }
            rest = rest.dropFirst(written)
        }
        return true
    }

    /// What a pipe takes at once when it is ready (PIPE_BUF in limits.h).
    private static let pageBytes = 4096

    /// Waits a tenth of a second for room; true for an error as well, which the write then tells.
    private static func isReady(_ descriptor: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&wanted, 1, 100) > 0
    }
}
