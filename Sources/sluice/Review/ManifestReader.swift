internal import Kubernetes
internal import Wire

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
    /// What was left out on purpose, and what to do about it, a line each.
    private(set) var notes: [String] = []
    /// The cluster that what is read belongs to, and how many there are.
    private var environment = 0
    private var environmentCount = 0
    private var fileCount = 0
    /// The files that a kustomization patches others with: no objects of their own.
    private var patchFiles: Set<String> = []

    /// Reads files, everything below folders, and standard input for `-`.
    ///
    /// - Parameter each: whether each operand is a cluster of its own, or each folder in the only one.
    mutating func read(_ operands: [String], each: Bool = false) {
        for operand in operands {
            if each { startEnvironment() }
            guard operand != "-", FileReading.kind(operand) == .folder else {
                readFile(operand, isFound: false)
                continue
            }
            let folder = operand.count > 1 && operand.hasSuffix("/") ? String(operand.dropLast()) : operand
            let before = fileCount
            readFolder(folder, depth: 0, each: each && operands.count == 1)
            if fileCount == before { problems.append("\(OneLine.text(operand)): no *.yaml, *.yml or *.json in it") }
        }
    }

    private mutating func startEnvironment() {
        environmentCount += 1
        environment = environmentCount
    }

    private mutating func readFolder(_ folder: String, depth: Int, each: Bool = false) {
        guard depth < Self.depthMax else {
            problems.append("\(OneLine.text(folder)): too deep")
            return
        }
        do {
            let names = try FileReading.names(in: folder).filter { !$0.hasPrefix(".") }
            if names.contains("Chart.yaml") { notes.append(Unrendered.chart(folder)) }
            noteKustomization(folder, names)
            for name in names {
                let path = "\(folder)/\(name)"
                switch FileReading.kind(path) {
                case .folder where names.contains("Chart.yaml") && name == "templates": continue
                // As kubectl: a link to a folder may lead anywhere, back here as well.
                case .folder where FileReading.isLink(path): continue
                case .folder:
                    let own = environment
                    if each { startEnvironment() }
                    readFolder(path, depth: depth + 1)
                    environment = own
                case .file where Self.endings.contains(where: name.hasSuffix):
                    if !patchFiles.contains(Kustomization.normalised(path)) { readFile(path, isFound: true) }
                case .other where Self.endings.contains(where: name.hasSuffix):
                    notes.append("\(OneLine.text(path)): left out, it is no file")
                case nil where Self.endings.contains(where: name.hasSuffix):
                    problems.append("\(OneLine.text(path)): a link to nothing, or its name is no UTF-8")
                default: continue
                }
            }
        } catch {
            problems.append(OneLine.text("\(error)"))
        }
    }

    private mutating func noteKustomization(_ folder: String, _ names: [String]) {
        guard let name = names.first(where: Kustomization.names.contains) else { return }
        // One that can't be read is told when its turn comes.
        guard let bytes = try? FileReading.bytes("\(folder)/\(name)", max: YAMLReader.bytesMax) else { return }
        let patches = Kustomization.patchFiles(bytes, in: folder)
        patchFiles.formUnion(patches)
        let leftOut = patches.isEmpty ? "" : ", its patches are left out"
        notes.append(
            "\(OneLine.text(folder)): a kustomization\(leftOut); what it makes is reviewed by: kubectl kustomize "
                + "\(OneLine.text(folder)) | sluice review -")
    }

    /// - Parameter isFound: whether the file was found in a folder, where others than manifests may lie.
    private mutating func readFile(_ path: String, isFound: Bool) {
        fileCount += 1
        guard fileCount <= Self.filesMax else {
            if fileCount == Self.filesMax + 1 {
                problems.append("\(OneLine.text(path)): more than \(Self.filesMax) files")
            }
            return
        }
        let bytes: [UInt8]
        do {
            bytes = try FileReading.bytes(path, max: YAMLReader.bytesMax, waits: true)
        } catch {
            problems.append(OneLine.text("\(error)"))
            return
        }
        let results = YAMLReader.stream(bytes)
        var isTemplateTold = false
        for result in results {
            do throws(YAMLError) {
                take(try result.get(), path, isFound: isFound)
            } catch {
                if Unrendered.isTemplate(bytes) {
                    if !isTemplateTold { problems.append(Unrendered.template(path, line: error.line)) }
                    isTemplateTold = true
                } else {
                    problems.append(OneLine.text("\(path):\(error.line): \(error.message)"))
                }
            }
        }
        if results.isEmpty, !isFound {
            problems.append("\(OneLine.text(path)): there is no object in it: it is empty, or has comments alone")
        }
    }

    private mutating func take(_ document: YAMLDocument, _ path: String, isFound: Bool) {
        let root = document.root
        let place = "\(OneLine.text(path)):\(root.line)"
        let manifest = Manifest(
            path: path, node: root, written: root.json, environment: environment, warnings: document.warnings)
        guard case .object(let members) = root.content, !manifest.kind.isEmpty, !manifest.apiVersion.isEmpty else {
            // Beside manifests there are values of charts and settings of tools.
            if !isFound { problems.append("\(place): no Kubernetes object: it needs apiVersion and kind") }
            return
        }
        guard manifest.apiVersion.count(where: { $0 == "/" }) < 2 else {
            problems.append("\(place): apiVersion \(OneLine.text(manifest.apiVersion)) is no group and version")
            return
        }
        if manifest.apiVersion.hasPrefix("kustomize.config.k8s.io/") { return }
        guard let items = members.first(where: { $0.name == "items" })?.value else {
            manifests.append(manifest)
            return
        }
        switch items.content {
        case .scalar(.null): return
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                if case .array? = element["items"]?.content {
                    let line = "\(OneLine.text(path)):\(element.line)"
                    problems.append("\(line): a list within a list, which kubectl does not take apart")
                    continue
                }
                take(item(element, of: manifest, next: elements.dropFirst(index + 1).first), path, isFound: false)
            }
        default: problems.append("\(place): items of \(OneLine.text(manifest.kind)) have to be a list")
        }
    }

    /// An object of a list: in a typed list it has neither kind nor version, and inherits them.
    ///
    /// - Parameter next: the one behind it, where what is said of it ends.
    private func item(_ node: YAMLNode, of list: Manifest, next: YAMLNode?) -> YAMLDocument {
        let warnings = list.warnings.filter { warning in
            (node.line, node.column) <= (warning.line, max(warning.column, node.line == warning.line ? node.column : 1))
                && (next.map { (warning.line, warning.column) < ($0.line, $0.column) } ?? true)
        }
        guard case .object(var members) = node.content, !members.contains(where: { $0.name == "kind" }),
            !members.contains(where: { $0.name == "apiVersion" })
        else { return YAMLDocument(root: node, warnings: warnings) }
        let kind = list.kind.hasSuffix("List") ? String(list.kind.dropLast(4)) : list.kind
        var node = node
        for (name, text) in [("kind", kind), ("apiVersion", list.apiVersion)] {
            members.insert(YAMLNode.Member(name: name, line: node.line, string: text), at: 0)
        }
        node.content = .object(members)
        return YAMLDocument(root: node, warnings: warnings)
    }
}
