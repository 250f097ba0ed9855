internal import Glibc

/// Reads small files whole: certificates, keys, tokens.
public enum SmallFile {
    /// Reads a file of at most `limit` bytes; a larger one is an error (`EFBIG`), and so is what is no regular file.
    ///
    /// It never waits for anybody: a pipe without a writer would hold the loop up for ever, and a device has no end.
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try unsafe Descriptor(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), "open \(path)")
        var status = stat()
        guard unsafe fstat(file.number, &status) == 0 else { throw .last("read \(path)") }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw SystemError("read \(path)", number: EISDIR)
        default: throw SystemError("read \(path), which is a pipe or device and no regular file", number: EINVAL)
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes {
                unsafe Glibc.read(file.number, $0.baseAddress, $0.count)
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw .last("read \(path)")
            }
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else { throw SystemError("read \(path)", number: EFBIG) }
            bytes.append(contentsOf: piece[..<count])
        }
    }
}
