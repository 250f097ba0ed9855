internal import Kubernetes
internal import Wire

/// One object as a file has it.
struct Manifest: Sendable {
    /// The file, as it was named or found; `-` for standard input.
    let path: String
    /// The object with the lines it was written on.
    let node: YAMLNode
    /// The object as a tree.
    let written: JSON

    var apiVersion: String { text("apiVersion") }
    var kind: String { text("kind") }
    var line: Int { node.line }

    private func text(_ name: String) -> String {
        if case .string(let text)? = written[name] { text } else { "" }
    }
}

/// Finds and reads manifests: files, folders, standard input; several documents, lists, YAML and JSON.
struct ManifestReader {
    /// The most files of one call.
    static let filesMax = 10_000
    /// The deepest folder.
    static let depthMax = 32
    private static let endings = [".yaml", ".yml", ".json"]

    private(set) var manifests: [Manifest] = []
    /// What could not be read, a line each.
    private(set) var problems: [String] = []
    private var fileCount = 0

    /// Reads a file, everything below a folder, or `-`.
    mutating func read(_ operand: String) {
        if operand != "-", FileReading.isFolder(operand) {
            let before = fileCount
            readFolder(operand.count > 1 && operand.hasSuffix("/") ? String(operand.dropLast()) : operand, depth: 0)
            if fileCount == before { problems.append("\(operand): no *.yaml, *.yml or *.json in it") }
        } else {
            readFile(operand, isFound: false)
        }
    }

    private mutating func readFolder(_ folder: String, depth: Int) {
        guard depth < Self.depthMax else {
            problems.append("\(folder): too deep")
            return
        }
        do {
            for name in try FileReading.names(in: folder) where !name.hasPrefix(".") {
                let path = "\(folder)/\(name)"
                if FileReading.isFolder(path) {
                    readFolder(path, depth: depth + 1)
                } else if Self.endings.contains(where: name.hasSuffix) {
                    readFile(path, isFound: true)
                }
            }
        } catch {
            problems.append("\(error)")
        }
    }

    /// - Parameter isFound: whether the file was found in a folder, where others than manifests may lie.
    private mutating func readFile(_ path: String, isFound: Bool) {
        fileCount += 1
        guard fileCount <= Self.filesMax else {
            if fileCount == Self.filesMax + 1 { problems.append("\(path): more than \(Self.filesMax) files") }
            return
        }
        let documents: [YAMLNode]
        do {
            let bytes = try FileReading.bytes(path, max: YAMLReader.bytesMax, waits: true)
            do {
                documents = try YAMLReader.documents(bytes)
            } catch {
                problems.append("\(path):\(error.line): \(error.message)")
                return
            }
        } catch {
            problems.append("\(error)")
            return
        }
        let before = manifests.count
        for document in documents { take(document, path, isFound: isFound) }
        if manifests.count == before, documents.isEmpty, !isFound { problems.append("\(path): there is nothing in it") }
    }

    private mutating func take(_ node: YAMLNode, _ path: String, isFound: Bool) {
        let manifest = Manifest(path: path, node: node, written: node.json)
        guard case .object = node.content, !manifest.kind.isEmpty, !manifest.apiVersion.isEmpty else {
            // Beside manifests there are values of charts and settings of tools.
            if !isFound { problems.append("\(path):\(node.line): no Kubernetes object: it needs apiVersion and kind") }
            return
        }
        let isList = manifest.kind.hasSuffix("List") && node["items"] != nil
        guard isList, case .array(let items)? = node["items"]?.content else {
            if !manifest.apiVersion.hasPrefix("kustomize.config.k8s.io/") { manifests.append(manifest) }
            return
        }
        for item in items { take(item, path, isFound: false) }
    }
}
