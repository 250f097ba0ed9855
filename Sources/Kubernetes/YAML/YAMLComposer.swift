internal import Wire

/// Builds documents from libyaml's events: anchors, aliases, merge keys and limits.
struct YAMLComposer {
    private let events: YAMLEventSource
    private var anchors: [String: YAMLNode] = [:]
    private var nodes = 0

    init(events: YAMLEventSource) { self.events = events }

    mutating func documents() throws(YAMLError) -> [YAMLNode] {
        var result: [YAMLNode] = []
        while true {
            let event = try events.next()
            switch event.kind {
            case .streamEnd: return result
            case .documentStart:
                anchors = [:]
                let root = try node(events.next(), depth: 1)
                if root.content != .scalar(.null) { result.append(root) }
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
            nodes += node.size
        } else {
            nodes += 1
        }
        guard nodes <= YAMLReader.nodesMax else {
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
        var members: [YAMLNode.Member] = []
        var names: Set<String> = []
        var merged: [YAMLNode] = []
        while true {
            let event = try events.next()
            if case .mappingEnd = event.kind { break }
            let isMerge = Self.isMergeKey(event)
            let name = isMerge ? "" : try self.name(event, depth: depth)
            let value = try node(events.next(), depth: depth + 1)
            if isMerge {
                merged += try mergeSources(value)
            } else if names.insert(name).inserted {
                members.append(YAMLNode.Member(name: name, line: event.line, value: value))
            } else {
                throw error(at: event, "\"\(name)\" stands twice in this mapping")
            }
            result.include(value)
        }
        for source in merged {
            guard case .object(let more) = source.content else { continue }
            // What the mapping says itself wins, then the earlier source.
            for member in more where names.insert(member.name).inserted { members.append(member) }
        }
        result.content = .object(members)
        return result
    }

    /// A member's name: JSON has only strings, so kubectl writes numbers and truth values out.
    private mutating func name(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> String {
        switch try node(event, depth: depth + 1).content {
        case .scalar(.string(let text)): return text
        case .scalar(.integer(let number)): return String(number)
        case .scalar(.double(let number)): return String(decoding: JSON.double(number).encoded(), as: UTF8.self)
        case .scalar(.bool(let truth)): return truth ? "true" : "false"
        default: throw error(at: event, "a mapping's name has to be a string")
        }
    }

    private static func isMergeKey(_ event: YAMLEvent) -> Bool {
        guard case .scalar(let scalar) = event.kind else { return false }
        return scalar.text == "<<" && scalar.isPlain && scalar.tag == nil
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
            throw error(at: event, "\"\(scalar.text.prefix(40))\"\(tag) has no meaning in JSON")
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
