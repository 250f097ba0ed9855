public import Wire

/// A value read from YAML, with the places it was written at.
public struct YAMLNode: Sendable, Hashable {
    /// What a node holds.
    public indirect enum Content: Sendable, Hashable {
        /// A scalar: `null`, a truth value, a number or a string.
        case scalar(JSON)
        /// A sequence.
        case array([YAMLNode])
        /// A mapping, its members in their order, no name twice.
        case object([Member])
    }

    /// One member of a mapping.
    public struct Member: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The line of the name, from 1.
        public var line: Int
        /// The value.
        public var value: YAMLNode
    }

    /// What it holds.
    public var content: Content
    /// The line where it begins, from 1.
    public var line: Int
    /// The column where it begins, from 1.
    public var column: Int
    /// How many nodes it is with aliases written out, and how deep they are nested.
    var size = 1
    var height = 1

    /// The value without places.
    public var json: JSON {
        switch content {
        case .scalar(let value): value
        case .array(let elements): .array(elements.map(\.json))
        case .object(let members): .object(members.map { JSON.Member($0.name, $0.value.json) })
        }
    }

    /// The member of a mapping with this name.
    public subscript(_ name: String) -> YAMLNode? {
        guard case .object(let members) = content else { return nil }
        return members.first { $0.name == name }?.value
    }

    /// The elements of a sequence; empty for anything else.
    public var elements: [YAMLNode] { if case .array(let elements) = content { elements } else { [] } }

    /// The line of what these tokens lead to, from 1, or of the last thing on the way that is there.
    ///
    /// A member's line is its name's.
    public func line(at tokens: [String]) -> Int {
        var node = self
        var line = self.line
        for token in tokens {
            switch node.content {
            case .scalar: return line
            case .array(let elements):
                guard let index = Int(token), elements.indices.contains(index) else { return line }
                node = elements[index]
                line = node.line
            case .object(let members):
                guard let member = members.first(where: { $0.name == token }) else { return line }
                node = member.value
                line = member.line
            }
        }
        return line
    }
}

/// Why a text is not YAML that we read.
public struct YAMLError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The line, from 1.
    public var line: Int
    /// The column, from 1.
    public var column: Int
    /// What is wrong.
    public var message: String

    /// Makes an error.
    public init(line: Int, column: Int, message: String) {
        self.line = line
        self.column = column
        self.message = message
    }

    /// Place and message, for people.
    public var description: String { "line \(line), column \(column): \(message)" }
}

extension YAMLNode.Member {
    /// Makes a member that was not written, at the place of what it stands for.
    public init(name: String, line: Int, string: String) {
        self.init(name: name, line: line, value: YAMLNode(content: .scalar(.string(string)), line: line, column: 1))
    }
}
