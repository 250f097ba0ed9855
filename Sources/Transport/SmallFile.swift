internal import Glibc

/// Reads small files whole: certificates, keys, tokens.
public enum SmallFile {
    /// Reads a file of at most `limit` bytes; a larger one is an error (`EFBIG`).
    public static func read(_ path: String, limit: Int) throws(SystemError) -> [UInt8] {
        let file = try unsafe Descriptor(open(path, O_RDONLY | O_CLOEXEC), "open \(path)")
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
