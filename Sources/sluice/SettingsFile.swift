internal import Kubernetes
internal import Wire

/// The configuration file: YAML, a mapping of settings' names to values or lists of values.
enum SettingsFile {
    /// One key of the file.
    struct Entry: Equatable {
        let key: String
        let values: [String]
        /// Counted from 1.
        let line: Int
    }

    /// Reads a file's text; `path` is for messages.
    static func read(_ bytes: [UInt8], path: String) throws(UsageError) -> [Entry] {
        let documents: [YAMLNode]
        do {
            documents = try YAMLReader.documents(bytes)
        } catch {
            throw UsageError(message: "\(path):\(error.line): \(error.message)")
        }
        guard let document = documents.first else { return [] }
        if documents.count > 1 {
            throw UsageError(message: "\(path):\(documents[1].line): one document is enough")
        }
        guard case .object(let members) = document.content else {
            throw UsageError(message: "\(path):\(document.line): settings are written as NAME: VALUE")
        }
        var entries: [Entry] = []
        for member in members {
            let values =
                switch member.value.content {
                case .array(let elements): elements.map(text)
                default: [text(member.value)]
                }
            guard !values.contains(nil) else {
                throw UsageError(message: "\(path):\(member.line): \(member.name) needs a value, or a list of values")
            }
            entries.append(Entry(key: member.name, values: values.compactMap(\.self), line: member.line))
        }
        return entries
    }

    /// A scalar as one would write it after a flag.
    private static func text(_ node: YAMLNode) -> String? {
        guard case .scalar(let value) = node.content else { return nil }
        return switch value {
        case .string(let text): text
        case .bool(let truth): truth ? "true" : "false"
        case .integer(let number): "\(number)"
        // 1.2 and 1.3 of tls-min-version.
        case .double(let number): "\(number)"
        case .null, .array, .object: nil
        }
    }
}
