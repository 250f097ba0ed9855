internal import CSimdjson

/// Reads JSON texts (RFC 8259) with simdjson; one for each thread, used again for each text.
///
/// It checks everything before it returns: UTF-8, numbers, nesting, that the text ends where the value ends. What it
/// returns stays valid for as long as somebody holds it; the parser's memory is used again once nobody does.
public struct JSONParser: ~Copyable {
    /// The most bytes that a text may have.
    public let bytesMax: Int
    /// The deepest nesting of arrays and objects.
    public let depthMax: Int
    /// The most values that a text may have, names of members not counted.
    public let valuesMax: Int
    private var document: JSONDocument?

    /// The default of `bytesMax`: a page of a list of large objects, with room to spare.
    public static let defaultBytesMax = 32 << 20
    /// The default of `depthMax`: deeper than any CRD's schema, shallow enough to recurse on a small stack.
    public static let defaultDepthMax = 256
    /// A text longer than this gets memory of its own, which is freed with its last value: simdjson needs up to 14 bytes
    /// for each byte of text, so that a parser keeps less than 1 MiB from one text to the next.
    public static let retainedBytesMax = 64 << 10

    /// The default of `valuesMax`: twice what a page of a list that fills `defaultBytesMax` has.
    public static let defaultValuesMax = 4_000_000

    /// Makes a parser; it takes no memory until the first text.
    public init(
        bytesMax: Int = defaultBytesMax, depthMax: Int = defaultDepthMax, valuesMax: Int = defaultValuesMax
    ) {
        self.bytesMax = max(0, bytesMax)
        self.depthMax = max(1, depthMax)
        self.valuesMax = max(1, valuesMax)
    }

    /// The spare capacity that spares a text a copy: simdjson reads so many bytes past its end, whatever they are.
    static let paddingBytes = Int(CSIMDJSON_PADDING)
    /// The longest number that is read: a float64 as any program writes it has up to 25 characters.
    static let numberBytesMax = 32
    /// The most digits of a number with fraction or exponent: a float64 as any program writes it has up to 17.
    static let numberDigitsMax = 19

    /// Reads one JSON text and returns its root value; spare capacity of `paddingBytes` spares a copy.
    public mutating func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try parse(bytes.span, room: bytes.capacity - bytes.count)
    }

    /// Reads one JSON text and returns its root value.
    public mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        try parse(bytes, room: 0)
    }

    private mutating func parse(_ bytes: Span<UInt8>, room: Int) throws(JSONError) -> JSONValue {
        if bytes.count > bytesMax {
            throw JSONError(.tooLong, "\(bytes.count) bytes, the limit is \(bytesMax)")
        }
        if bytes.count > Self.retainedBytesMax {
            let document = try JSONDocument(limits)
            try document.parse(bytes, room: room)
            return JSONValue(document: document, index: 1)
        }
        if document == nil || !isKnownUniquelyReferenced(&document) {
            document = try JSONDocument(limits)
        }
        guard let document else { throw JSONError(.memory, "no parser") }
        try document.parse(bytes, room: room)
        return JSONValue(document: document, index: 1)
    }

    private var limits: CSimdjsonLimits {
        CSimdjsonLimits(
            length_max: bytesMax, depth_max: depthMax, values_max: valuesMax, number_length_max: Self.numberBytesMax,
            number_digits_max: Self.numberDigitsMax)
    }
}

/// A parsed text: simdjson's tape and strings, owned together with the parser that made them.
///
/// It is written only in `parse`, which `JSONParser` calls while nobody else holds it; from then on it is only read, from
/// any thread.
@safe
final class JSONDocument: @unchecked Sendable {
    private let parser: OpaquePointer
    private var words = unsafe UnsafeBufferPointer<UInt64>(start: nil, count: 0)
    private var strings = unsafe UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    init(_ limits: CSimdjsonLimits) throws(JSONError) {
        guard let parser = unsafe CSimdjson_new(limits) else {
            throw JSONError(.memory, "out of memory")
        }
        unsafe self.parser = parser
        #if DEBUG
            steps?.holds(1)
        #endif
    }

    deinit {
        unsafe CSimdjson_free(parser)
        #if DEBUG
            steps?.holds(-1)
        #endif
    }

    #if DEBUG
        private let steps = JSONSteps.current
    #endif

    /// Counts steps for tests; nothing in what ships.
    @inline(__always)
    func count(steps count: Int = 1) {
        #if DEBUG
            steps?.add(count)
        #endif
    }

    func parse(_ bytes: Span<UInt8>, room: Int) throws(JSONError) {
        var tape = unsafe CSimdjsonTape()
        let status = unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe CSimdjson_parse(parser, buffer.baseAddress, buffer.count, room, &tape)
        }
        unsafe words = UnsafeBufferPointer(start: tape.tape, count: tape.tape_count)
        unsafe strings = UnsafeBufferPointer(start: tape.strings, count: tape.strings_count)
        guard status == 0 else { throw JSONError(status: status) }
    }

    /// The tape word at `index`; traps outside the tape, which only a mistake of ours or simdjson's reaches.
    @inline(__always)
    func word(_ index: Int) -> UInt64 {
        self.count()
        let count = unsafe words.count
        precondition(index >= 0 && index < count, "an index is on the tape")
        return unsafe words[index]
    }

    /// The bytes of the string whose tape payload is `offset`: four bytes of length, then the text.
    @inline(__always)
    func withString<Result>(at offset: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let total = unsafe strings.count
        precondition(offset >= 0 && offset <= total - 4, "a string is in the buffer")
        let bytes = unsafe UnsafeRawBufferPointer(strings)
        let length = Int(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        precondition(length <= total - 4 - offset, "a string is in the buffer")
        let text = unsafe UnsafeBufferPointer(rebasing: strings[(offset + 4)..<(offset + 4 + length)])
        return unsafe body(text.span)
    }
}

extension JSONError {
    /// Sorts simdjson's error codes (error.h) into ours.
    fileprivate init(status: Int32) {
        let code: Code =
            switch status {
            case Int32(CSIMDJSON_EMPTY): .empty
            case Int32(CSIMDJSON_CAPACITY): .tooLong
            case Int32(CSIMDJSON_MEMALLOC): .memory
            case Int32(CSIMDJSON_DEPTH_ERROR): .tooDeep
            case Int32(CSIMDJSON_UTF8_ERROR), Int32(CSIMDJSON_STRING_ERROR): .badText
            case Int32(CSIMDJSON_NUMBER_ERROR), Int32(CSIMDJSON_LONG_NUMBER): .badNumber
            case Int32(CSIMDJSON_TOO_MANY_VALUES): .tooManyValues
            default: .syntax
            }
        self.init(code, unsafe String(cString: CSimdjson_error(status)))
    }
}
