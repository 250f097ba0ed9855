internal import Wire

/// Builds a document from libyaml's events: anchors, aliases, merge keys and limits.
///
/// libyaml's own loader would not do: it gives a plain `5` and `!!str 5` the same tag.
struct YAMLComposer {
    private let events: YAMLEventSource
    private var anchors: [String: YAMLNode] = [:]
    private var warnings: [YAMLError] = []
    /// How many more nodes may come, aliases written out.
    private(set) var budget: Int

    init(events: YAMLEventSource, budget: Int) {
        self.events = events
        self.budget = budget
    }

    /// Reads the first document; `null` if there is none.
    ///
    /// What stands behind its `...` nobody reads, kubectl neither.
    mutating func document(line: Int) throws(YAMLError) -> YAMLDocument {
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd:
                return YAMLDocument(root: YAMLNode(content: .scalar(.null), line: line, column: 1))
            case .documentStart:
                let root = try node(events.next(), depth: 1)
                // What can't go on behind the root is a mistake in this document.
                guard case .documentEnd = try events.next().kind else { throw error(at: event, "a value is expected") }
                return YAMLDocument(root: root, warnings: warnings)
            default: continue
            }
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        var node: YAMLNode
        switch event.kind {
        case .alias(let name):
            guard let target = anchors[name] else { throw error(at: event, "there is no anchor named \(name)") }
            node = target
        case .scalar(let scalar):
            node = YAMLNode(content: .scalar(try resolve(scalar, event)), line: event.line, column: event.column)
        case .sequenceStart:
            node = try sequence(event, depth: depth)
        case .mappingStart:
            node = try mapping(event, depth: depth)
        default:
            throw error(at: event, "a value is expected")
        }
        if case .alias = event.kind {
            budget -= node.size
        } else {
            budget -= 1
        }
        guard budget >= 0 else {
            throw error(at: event, "more than \(YAMLReader.nodesMax) values, aliases written out")
        }
        guard depth - 1 + node.height <= YAMLReader.depthMax else { throw tooDeep(event) }
        if let anchor = event.anchor { anchors[anchor] = node }
        return node
    }

    private mutating func sequence(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= YAMLReader.depthMax else { throw tooDeep(start) }
        var result = YAMLNode(content: .array([]), line: start.line, column: start.column)
        var elements: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .sequenceEnd = event.kind { break }
            let element = try node(event, depth: depth + 1)
            result.include(element)
            elements.append(element)
        }
        result.content = .array(elements)
        return result
    }

    private mutating func mapping(_ start: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
        guard depth <= YAMLReader.depthMax else { throw tooDeep(start) }
        var result = YAMLNode(content: .object([]), line: start.line, column: start.column)
        var members = YAMLMembers()
        var written: Set<String> = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let isMerge = Self.isMergeKey(event)
            let name = isMerge ? "" : try self.name(event, depth: depth)
            let value = try node(events.next(), depth: depth + 1)
            result.include(value)
            guard !isMerge else {
                // A merge key takes the place of what was written before it, and an earlier source of what a later one has.
                for source in try mergeSources(value).reversed() {
                    guard case .object(let more) = source.content else { continue }
                    for member in more { _ = members.set(member) }
                }
                continue
            }
            let before = members.set(YAMLNode.Member(name: name, line: event.line, value: value))
            if !written.insert(name).inserted, let before {
                warnings.append(.repeated(name, before: before, line: event.line, column: event.column))
            }
        }
        result.content = .object(members.list)
        return result
    }

    /// A member's name: JSON has only strings, so kubectl writes numbers and truth values out.
    private mutating func name(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> String {
        switch try node(event, depth: depth + 1).content {
        case .scalar(.string(let text)): return text
        case .scalar(.integer(let number)): return String(number)
        // A whole number beyond 64 bits, of which 63 are for the value, can't be a name.
        case .scalar(.double(let number)) where number.magnitude < 0x1p63 || !isUnsigned(event):
            return GoFloat.text(Float(number))
        case .scalar(.bool(let truth)): return truth ? "true" : "false"
        default: throw error(at: event, "a mapping's name has to be a string")
        }
    }

    /// Whether a scalar is written as a whole number that only fits into 64 bits without a sign.
    private func isUnsigned(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let scalar) = event.kind else { return false }
        return YAMLScalar.isUnsigned(scalar.text)
    }

    private static func isMergeKey(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let scalar) = event.kind, scalar.text == "<<" else { return false }
        return scalar.tag == nil ? scalar.isPlain : scalar.tag == "tag:yaml.org,2002:merge"
    }

    /// The mappings that a merge key takes over: one, or each of a sequence.
    private func mergeSources(_ value: YAMLNode) throws(YAMLError) -> [YAMLNode] {
        let sources = value.elements.isEmpty ? [value] : value.elements
        for source in sources {
            guard case .object = source.content else {
                throw YAMLError(line: value.line, column: value.column, message: "<< takes a mapping or a list of them")
            }
        }
        return sources
    }

    private func resolve(_ scalar: YAMLScalar, _ event: YAMLEvent) throws(YAMLError) -> JSON {
        guard let value = scalar.resolved else {
            let tag = scalar.tag.map { " with the tag \($0)" } ?? ""
            let shown = String(decoding: JSON.string("\(scalar.text.prefix(40))").encoded(), as: UTF8.self)
            throw error(at: event, "\(shown)\(tag) has no meaning in JSON")
        }
        return value
    }

    private func tooDeep(_ event: YAMLEvent) -> YAMLError {
        error(at: event, "nested deeper than \(YAMLReader.depthMax) levels")
    }

    private func error(at event: YAMLEvent, _ message: String) -> YAMLError {
        YAMLError(line: event.line, column: event.column, message: message)
    }
}

extension YAMLNode {
    /// Counts a part in.
    mutating func include(_ part: YAMLNode) {
        size += part.size
        height = max(height, part.height + 1)
    }
}
