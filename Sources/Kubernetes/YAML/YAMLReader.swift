internal import Wire

/// Reads streams of YAML documents or JSON texts as kubectl reads them: YAML 1.1 as `sigs.k8s.io/yaml` resolves it.
///
/// A stream is cut into documents before any is read, so that one that can't be read leaves the others.
public enum YAMLReader {
    /// The most bytes of a stream.
    public static let bytesMax = 16 << 20
    /// The most nodes of a stream, aliases written out: a few lines of aliases can stand for billions.
    public static let nodesMax = 1_000_000
    /// The deepest nesting, aliases written out.
    public static let depthMax = 128

    /// Reads all documents of a stream, or says of each why it can't be read.
    ///
    /// A document that holds nothing or `null` is left out, as kubectl does.
    public static func stream(_ bytes: [UInt8]) -> [Result<YAMLDocument, YAMLError>] {
        guard bytes.count <= bytesMax else {
            let message = "the file has \(bytes.count) bytes, the limit is \(bytesMax)"
            return [.failure(YAMLError(line: 1, column: 1, message: message))]
        }
        var budget = nodesMax
        return YAMLStream.parts(bytes).compactMap { part in
            do throws(YAMLError) {
                let document = try read(part, budget: &budget)
                return document.root.content == .scalar(.null) ? nil : .success(document)
            } catch {
                return .failure(error)
            }
        }
    }

    /// Reads all documents of a stream of which all are needed: settings, credentials.
    ///
    /// Stricter than kubectl: what it reads over in silence is an error.
    public static func documents(_ bytes: [UInt8]) throws(YAMLError) -> [YAMLNode] {
        var roots: [YAMLNode] = []
        for result in stream(bytes) {
            let document = try result.get()
            if let warning = document.warnings.first { throw warning }
            roots.append(document.root)
        }
        return roots
    }

    private static func read(_ part: YAMLStream.Part, budget: inout Int) throws(YAMLError) -> YAMLDocument {
        var document = try content(of: part, budget: &budget)
        document.warnings = part.warnings + document.warnings
        return document
    }

    private static func content(of part: YAMLStream.Part, budget: inout Int) throws(YAMLError) -> YAMLDocument {
        switch part.content {
        case .yaml(let bytes):
            var composer = YAMLComposer(events: try YAMLEventSource(bytes, firstLine: part.line), budget: budget)
            let document = try composer.document(line: part.line)
            budget = composer.budget
            return document
        case .json(let bytes):
            var reader = LocatedJSON(bytes, firstLine: part.line, budget: budget)
            let document = try reader.document()
            budget = reader.budget
            return document
        case .unreadable(let error):
            throw error
        }
    }
}

/// One document of a stream.
public struct YAMLDocument: Sendable, Hashable {
    /// Its value.
    public var root: YAMLNode
    /// What kubectl reads over in silence: names that stand twice in a mapping, bytes that are no text.
    public var warnings: [YAMLError]

    /// Makes a document.
    public init(root: YAMLNode, warnings: [YAMLError] = []) {
        self.root = root
        self.warnings = warnings
    }
}
