internal import CYAML

/// One event of libyaml's parser, as plain values.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(YAMLScalar)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    var kind: Kind
    var anchor: String?
    /// The line and column where it begins, from 1.
    var line: Int
    var column: Int
}

/// Owns libyaml's parser and the bytes that it reads.
@safe
final class YAMLEventSource {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// How many lines of the stream stand before the bytes.
    private let linesBefore: Int
    /// How far the text was looked through for escapes: libyaml counts characters, not bytes.
    private var looked = (bytes: 0, characters: 0)
    private let hasSlashes: Bool

    init(_ bytes: [UInt8], firstLine: Int) throws(YAMLError) {
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            unsafe parser.deallocate()
            throw YAMLError(line: firstLine, column: 1, message: "out of memory")
        }
        let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, bytes.count))
        _ = unsafe input.initialize(from: bytes)
        unsafe yaml_parser_set_input_string(parser, input.baseAddress, bytes.count)
        unsafe self.parser = parser
        unsafe self.input = input
        linesBefore = firstLine - 1
        hasSlashes = zip(bytes, bytes.dropFirst()).contains { $0 == UInt8(ascii: "\\") && $1 == UInt8(ascii: "/") }
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    func next() throws(YAMLError) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { unsafe yaml_event_delete(&event) }
        var anchor: UnsafeMutablePointer<UInt8>?
        let kind: YAMLEvent.Kind
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(unsafe Self.text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            unsafe anchor = scalar.anchor
            if hasSlashes, unsafe scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE,
                unsafe escapesSlash(from: event.start_mark.index, to: event.end_mark.index)
            {
                throw unsafe YAMLError(
                    line: linesBefore + event.start_mark.line + 1, column: event.start_mark.column + 1,
                    message: "found unknown escape character \\/, which only JSON has")
            }
            let value = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(
                YAMLScalar(
                    text: unsafe String(decoding: value, as: UTF8.self),
                    isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE, tag: unsafe Self.text(scalar.tag)))
        case YAML_SEQUENCE_START_EVENT:
            unsafe anchor = event.data.sequence_start.anchor
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            unsafe anchor = event.data.mapping_start.anchor
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .streamEnd
        }
        return unsafe YAMLEvent(
            kind: kind, anchor: Self.text(anchor), line: linesBefore + event.start_mark.line + 1,
            column: event.start_mark.column + 1)
    }

    /// Whether a text in double quotes has an escape that YAML 1.2 brought, which libyaml takes and kubectl does not.
    private func escapesSlash(from start: Int, to end: Int) -> Bool {
        let count = unsafe input.count
        var isEscaped = false
        while looked.bytes < count, looked.characters < end {
            let byte = unsafe input[looked.bytes]
            if looked.characters >= start {
                if isEscaped, byte == UInt8(ascii: "/") { return true }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            }
            looked.bytes += 1
            // What continues a character counts with its first byte.
            while looked.bytes < count, unsafe input[looked.bytes] & 0xC0 == 0x80 { looked.bytes += 1 }
            looked.characters += 1
        }
        return false
    }

    private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
        guard let bytes = unsafe bytes else { return nil }
        return unsafe String(cString: bytes)
    }

    private func failure() -> YAMLError {
        let problem = unsafe parser.pointee.problem
        var message = unsafe problem.map { unsafe String(cString: $0) } ?? "not readable as YAML"
        if let context = unsafe parser.pointee.context { message += unsafe " \(String(cString: context))" }
        let mark = unsafe parser.pointee.problem_mark
        guard unsafe parser.pointee.error == YAML_READER_ERROR else {
            return YAMLError(line: linesBefore + mark.line + 1, column: mark.column + 1, message: message)
        }
        // The reader says only at which byte it stopped.
        let before = unsafe input[0..<min(parser.pointee.problem_offset, input.count)]
        let line = unsafe before.reduce(linesBefore + 1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        let column = unsafe before.reversed().prefix { $0 != UInt8(ascii: "\n") }.count + 1
        return YAMLError(line: line, column: column, message: message)
    }
}
