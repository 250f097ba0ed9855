internal import Kubernetes
internal import Wire

/// The file of kustomize in a folder: which of the others are no objects but patches.
enum Kustomization {
    static let names: Set<String> = ["kustomization.yaml", "kustomization.yml", "Kustomization"]

    /// The paths of the files that it patches others with.
    static func patchFiles(_ bytes: [UInt8], in folder: String) -> Set<String> {
        var files: Set<String> = []
        for case .success(let document) in YAMLReader.stream(bytes) {
            for list in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
                for patch in document.root[list]?.elements ?? [] {
                    let path = patch["path"]?.json.string ?? patch.json.string
                    // What has several lines is the patch itself.
                    guard let path, !path.contains("\n") else { continue }
                    files.insert(normalised("\(folder)/\(path)"))
                }
            }
        }
        return files
    }

    /// A path without `.` and `..`, as far as its own names allow.
    static func normalised(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == "..", let last = parts.last, last != ".." {
                parts.removeLast()
            } else {
                parts.append(part)
            }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }
}
