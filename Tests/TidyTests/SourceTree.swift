import Foundation

/// One text file of the repository.
struct SourceFile {
    /// Its path from the repository's root, with `/`.
    let path: String
    let text: String

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    /// Whether this stands anywhere in it: quick, on bytes.
    func has(_ word: String) -> Bool {
        let wanted = Array(word.utf8)
        guard let first = wanted.first else { return true }
        let bytes = Array(text.utf8)
        var index = 0
        while let start = bytes[index...].firstIndex(of: first) {
            if bytes[start...].starts(with: wanted) { return true }
            index = start + 1
        }
        return false
    }

    var isSwift: Bool { path.hasSuffix(".swift") }
    var components: [String] { path.split(separator: "/").map(String.init) }
}

/// The repository that these tests were compiled in, as it is on disk now.
enum SourceTree {
    /// What tools make, beside the sources.
    private static let generated: Set = [".build", ".git", ".swiftpm", "out", "DerivedData"]

    static let root: URL = {
        var folder = URL(filePath: #filePath)
        for _ in 0..<3 { folder.deleteLastPathComponent() }
        return folder
    }()

    /// Every file that is text, in the order of paths; binary fixtures are left out.
    static let files: [SourceFile] = {
        var found: [SourceFile] = []
        var folders = [""]
        while let folder = folders.popLast() {
            let here = root.appending(path: folder)
            for name in (try? FileManager.default.contentsOfDirectory(atPath: here.path)) ?? [] {
                // An unreadable folder has no files that could be committed.
                let path = folder.isEmpty ? name : folder + "/" + name
                guard !generated.contains(name), !name.hasSuffix(".swp") else { continue }
                let place = root.appending(path: path)
                let kind = (try? place.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory
                if kind == true {
                    folders.append(path)
                } else if let bytes = FileManager.default.contents(atPath: place.path),
                    !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self)
                {
                    found.append(SourceFile(path: path, text: text))
                }
            }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static let swift = files.filter(\.isSwift)
    static let sources = swift.filter { $0.path.hasPrefix("Sources/") }
}
