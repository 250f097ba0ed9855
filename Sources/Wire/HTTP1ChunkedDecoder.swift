/// Takes a chunked body apart (RFC 9112, section 7.1), however its bytes are cut.
///
/// Extensions and trailers are passed over, and bounded: their bytes count as one sum per body.
struct HTTP1ChunkedDecoder {
    /// The most bytes that a body may have.
    let bodyLimit: Int
    /// The most bytes of extensions and trailers of one body.
    let overheadLimit: Int

    private enum State {
        /// In the digits of a chunk's size; `digits` of them have come.
        case size(value: Int, digits: Int)
        /// Behind the size, up to the line's end.
        case sizeExtension(value: Int)
        /// Behind the carriage return of the size line.
        case sizeLineFeed(value: Int)
        case data(left: Int)
        case dataReturn
        case dataLineFeed
        /// In a trailer line that has `length` bytes so far.
        case trailer(length: Int)
        /// Behind the carriage return of a trailer line.
        case trailerLineFeed(isLast: Bool)
        case done
    }

    private var state = State.size(value: 0, digits: 0)
    private var overhead = 0

    init(bodyLimit: Int, overheadLimit: Int) {
        self.bodyLimit = bodyLimit
        self.overheadLimit = overheadLimit
    }

    /// Whether the body and its trailers are over.
    var isDone: Bool {
        if case .done = state { true } else { false }
    }

    /// Appends what it decodes to `body` and gives how many bytes it took: all, or up to the body's end.
    mutating func decode(_ input: Span<UInt8>, from start: Int, into body: inout [UInt8]) throws(HTTP1Error) -> Int {
        var position = start
        while position < input.count {
            if case .data(let left) = state {
                let count = min(left, input.count - position)
                body.append(input.extracting(position..<(position + count)))
                position += count
                state = count == left ? .dataReturn : .data(left: left - count)
                continue
            }
            if isDone { break }
            state = try step(input[position], bodyBytes: body.count)
            position += 1
        }
        return position - start
    }

    /// One byte of framing.
    private mutating func step(_ byte: UInt8, bodyBytes: Int) throws(HTTP1Error) -> State {
        switch state {
        case .size(let value, let digits):
            if let digit = HTTP1Syntax.hexadecimal(byte) {
                // 8 digits can't overflow, and the limit is looked at below.
                guard digits < 8 else { throw Self.tooLarge }
                return .size(value: value << 4 | digit, digits: digits + 1)
            }
            guard digits > 0 else { throw Self.malformed }
            if value > bodyLimit - bodyBytes { throw Self.tooLarge }
            if byte == HTTP1Syntax.carriageReturn { return .sizeLineFeed(value: value) }
            guard byte == UInt8(ascii: ";") || HTTP1Syntax.isBlank(byte) else { throw Self.malformed }
            try countOverhead()
            return .sizeExtension(value: value)
        case .sizeExtension(let value):
            if byte == HTTP1Syntax.carriageReturn { return .sizeLineFeed(value: value) }
            guard HTTP1Syntax.isValue(byte) else { throw Self.malformed }
            try countOverhead()
            return .sizeExtension(value: value)
        case .sizeLineFeed(let value):
            guard byte == HTTP1Syntax.lineFeed else { throw Self.malformed }
            return value == 0 ? .trailer(length: 0) : .data(left: value)
        case .dataReturn:
            guard byte == HTTP1Syntax.carriageReturn else { throw Self.malformed }
            return .dataLineFeed
        case .dataLineFeed:
            guard byte == HTTP1Syntax.lineFeed else { throw Self.malformed }
            return .size(value: 0, digits: 0)
        case .trailer(let length):
            if byte == HTTP1Syntax.carriageReturn { return .trailerLineFeed(isLast: length == 0) }
            guard HTTP1Syntax.isValue(byte) else { throw Self.malformed }
            try countOverhead()
            return .trailer(length: length + 1)
        case .trailerLineFeed(let isLast):
            guard byte == HTTP1Syntax.lineFeed else { throw Self.malformed }
            return isLast ? .done : .trailer(length: 0)
        case .data, .done:
            return state
        }
    }

    private mutating func countOverhead() throws(HTTP1Error) {
        overhead += 1
        guard overhead <= overheadLimit else {
            throw HTTP1Error(400, "The chunk extensions and trailers have more than \(overheadLimit) bytes.")
        }
    }

    private static var malformed: HTTP1Error { HTTP1Error(400, "The chunked body is malformed.") }
    private static var tooLarge: HTTP1Error { HTTP1Error(413, "The body is too large.") }
}
