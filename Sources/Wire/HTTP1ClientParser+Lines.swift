/// The parts of a response that come in lines: status line, fields, chunk sizes, trailers.
extension HTTP1ClientParser {
    /// Gathers bytes up to CRLF into `line`; returns whether the line is complete.
    mutating func gatherLine(_ bytes: Span<UInt8>, _ position: inout Int) throws(HTTP1ClientError) -> Bool {
        let limit = if case .chunkSize = state { limits.chunkLineBytes } else { limits.headBytes - headBytes }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if line.last == 0x0D {
                guard byte == 0x0A else { throw malformedLine }
                line.removeLast()
                headBytes += line.count + 2
                return true
            }
            guard byte != 0x0A else { throw malformedLine }
            line.append(byte)
            guard line.count < limit else { throw lineTooLong }
        }
        return false
    }

    private var malformedLine: HTTP1ClientError {
        switch state {
        case .statusLine: .malformedStatusLine
        case .chunkSize, .chunkDataEnd: .malformedChunk
        default: .malformedHeader
        }
    }

    private var lineTooLong: HTTP1ClientError {
        switch state {
        case .chunkSize, .chunkDataEnd: .malformedChunk
        default: .headTooLarge
        }
    }

    /// Acts on the line that is complete in `line`, and clears it.
    mutating func lineComplete(_ events: inout [HTTP1ClientEvent]) throws(HTTP1ClientError) {
        defer { line.removeAll(keepingCapacity: true) }
        switch state {
        case .statusLine:
            state = .fields(HTTPResponseHead(status: try status()))
        case .fields(var head):
            if line.isEmpty {
                try headComplete(head, &events)
            } else {
                guard head.headers.count < limits.fieldCount else { throw .headTooLarge }
                head.headers.append(try field())
                state = .fields(head)
            }
        case .chunkSize:
            let size = try chunkSize()
            headBytes = 0
            state = size == 0 ? .trailers(count: 0) : .chunkData(remaining: size)
        case .chunkDataEnd:
            guard line.isEmpty else { throw .malformedChunk }
            state = .chunkSize
        case .trailers(let count):
            guard !line.isEmpty else { return finish(&events) }
            guard count < limits.fieldCount else { throw .headTooLarge }
            // Trailers are checked and dropped: nothing that we ask for says anything in them.
            _ = try field()
            state = .trailers(count: count + 1)
        case .idle, .fixedBody, .untilClose, .chunkData, .upgraded:
            throw .unexpectedBytes
        }
    }

    private mutating func headComplete(
        _ head: HTTPResponseHead, _ events: inout [HTTP1ClientEvent]
    ) throws(HTTP1ClientError) {
        if head.status == 101 {
            guard upgradeExpected else { throw .unexpectedUpgrade }
            reusable = false
            begin(.upgraded)
            // The caller of this function turns it into `.upgraded` with the bytes that follow.
            return events.append(.head(head))
        }
        if head.status < 200 {
            interimResponses += 1
            guard interimResponses <= limits.interimResponses else { throw .tooManyInterimResponses }
            return begin(.statusLine)
        }
        let body = try bodyState(head)
        events.append(.head(head))
        if let body { begin(body) } else { finish(&events) }
    }

    /// Decides how the body is framed (RFC 9112, section 6.3); nil says that there is none.
    private mutating func bodyState(_ head: HTTPResponseHead) throws(HTTP1ClientError) -> State? {
        var length: String?
        var coding: String?
        for field in head.headers {
            switch field.name {
            case "content-length":
                guard length == nil else { throw .ambiguousFraming }
                length = field.value
            case "transfer-encoding":
                guard coding == nil else { throw .ambiguousFraming }
                coding = field.value.lowercased()
            case "connection":
                for option in field.value.lowercased().split(separator: ",")
                where option.trimming(while: { $0 == " " || $0 == "\t" }) == "close" {
                    reusable = false
                }
            default:
                break
            }
        }
        var bytes: Int?
        if let length {
            guard !length.isEmpty, length.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let count = Int(length) else {
                throw .ambiguousFraming
            }
            bytes = count
        }
        guard bytes == nil || coding == nil, coding == nil || coding == "chunked" else { throw .ambiguousFraming }
        if method == "HEAD" || head.status == 204 || head.status == 304 { return nil }
        if coding != nil { return .chunkSize }
        guard let bytes else {
            reusable = false
            return .untilClose
        }
        return bytes == 0 ? nil : .fixedBody(remaining: bytes)
    }

    private mutating func status() throws(HTTP1ClientError) -> Int {
        // "HTTP/1.1 200", then a blank and a reason that says nothing to a program (RFC 9112, section 4).
        let prefix = Array("HTTP/1.".utf8)
        guard line.count >= 12, line.starts(with: prefix), line[7] == 0x30 || line[7] == 0x31, line[8] == 0x20,
            line.count == 12 || line[12] == 0x20
        else { throw .malformedStatusLine }
        var status = 0
        for byte in line[9..<12] {
            guard byte >= 0x30, byte <= 0x39 else { throw .malformedStatusLine }
            status = status * 10 + Int(byte - 0x30)
        }
        guard status >= 100, status < 600 else { throw .malformedStatusLine }
        if line[7] == 0x30 { reusable = false }
        return status
    }

    private func field() throws(HTTP1ClientError) -> HTTPField {
        guard let colon = line.firstIndex(of: 0x3A), colon > 0 else { throw .malformedHeader }
        var name: [UInt8] = []
        name.reserveCapacity(colon)
        for byte in line[..<colon] {
            guard let lower = tokenByte(byte) else { throw .malformedHeader }
            name.append(lower)
        }
        var value = line[(colon + 1)...]
        while let first = value.first, first == 0x20 || first == 0x09 { value.removeFirst() }
        while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
        guard value.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .malformedHeader }
        return HTTPField(String(decoding: name, as: UTF8.self), String(decoding: value, as: UTF8.self))
    }

    private func chunkSize() throws(HTTP1ClientError) -> Int {
        var size = 0
        var digits = 0
        scan: for byte in line {
            let digit: Int
            switch byte {
            case 0x30...0x39: digit = Int(byte) - 0x30
            case 0x41...0x46: digit = Int(byte) - 0x41 + 10
            case 0x61...0x66: digit = Int(byte) - 0x61 + 10
            case 0x3B, 0x20, 0x09: break scan  // Extensions are passed over.
            default: throw .malformedChunk
            }
            digits += 1
            guard digits <= 15 else { throw .malformedChunk }
            size = size << 4 | digit
        }
        guard digits > 0, line.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else { throw .malformedChunk }
        return size
    }
}

/// Returns the byte in lower case if RFC 9110, section 5.6.2, allows it in a token, else nil.
func tokenByte(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x41...0x5A: byte | 0x20
    case 0x61...0x7A, 0x30...0x39: byte
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E...0x60, 0x7C, 0x7E: byte
    default: nil
    }
}

extension Substring {
    /// The text without the characters at its ends for which `isOuter` holds.
    fileprivate func trimming(while isOuter: (Character) -> Bool) -> Substring {
        guard let start = firstIndex(where: { !isOuter($0) }), let end = lastIndex(where: { !isOuter($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }
}
