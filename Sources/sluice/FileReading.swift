internal import Glibc

/// A file that can't be read, with the system's reason.
struct FileError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "\(path): \(reason)" }

    init(_ path: String, number: Int32) {
        self.path = path
        reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }

    init(_ path: String, _ reason: String) {
        self.path = path
        self.reason = reason
    }
}

/// Whole files, bounded.
enum FileReading {
    /// The most bytes of a manifest or settings file: far above what an API server takes.
    static let bytesMax = 64 << 20

    /// Reads a file to its end; `-` is standard input.
    ///
    /// Pipes and devices are read only if `waits`: their end may be long in coming, or never come.
    static func bytes(_ path: String, max: Int = bytesMax, waits: Bool = false) throws(FileError) -> [UInt8] {
        let flags = O_RDONLY | O_CLOEXEC | (waits ? 0 : O_NONBLOCK)
        let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, flags)
        guard descriptor >= 0 else { throw FileError(path, number: errno) }
        defer { if path != "-" { close(descriptor) } }
        if path != "-", !waits { try demandRegular(descriptor, path) }
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileError(path, number: errno)
            }
            if count == 0 { return result }
            result += buffer[..<count]
            if result.count > max { throw FileError(path, "is larger than \(max) bytes") }
        }
    }

    private static func demandRegular(_ descriptor: Int32, _ path: String) throws(FileError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw FileError(path, number: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return
        case S_IFDIR: throw FileError(path, number: EISDIR)
        default: throw FileError(path, "is a pipe or device, and no regular file")
        }
    }

    /// What a name stands for, links followed.
    enum Kind {
        case folder
        case file
        /// A FIFO, a socket, a device: reading it may never end.
        case other
    }

    /// What there is of this name; nil for nothing.
    static func kind(_ path: String) -> Kind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return switch status.st_mode & S_IFMT {
        case S_IFDIR: .folder
        case S_IFREG: .file
        default: .other
        }
    }

    /// Whether a name is a link.
    static func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether there is anything of this name.
    static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// The names in a folder, sorted, without `.` and `..`.
    static func names(in folder: String) throws(FileError) -> [String] {
        guard let stream = unsafe opendir(folder) else { throw FileError(folder, number: errno) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }
}
