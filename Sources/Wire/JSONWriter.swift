/// Writes JSON bytes by hand, into one array that grows.
///
/// Commas are the writer's business; that names and values alternate within an object, and that every `begin…` has its
/// `end…`, is the caller's.
public struct JSONWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether a comma is due before the next value.
    private var needsComma = false
    /// Whether a name was the last thing written, whose value belongs on the same line.
    private var isBehindName = false
    private var depth = 0
    private let pretty: Bool

    /// Makes a writer that goes on behind `bytes`, which stay as they are.
    public init(behind bytes: consuming [UInt8]) {
        pretty = false
        self.bytes = bytes
    }

    /// Makes a writer; `pretty` puts each value on a line of its own, indented by two blanks.
    public init(pretty: Bool = false, capacity: Int = 0) {
        self.pretty = pretty
        bytes.reserveCapacity(max(0, capacity))
    }

    /// Begins an object, as a value.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Ends the innermost object.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Begins an array, as a value.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Ends the innermost array.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes a member's name; a value has to follow.
    public mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        name.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: pretty ? [0x22, 0x3A, 0x20] : [0x22, 0x3A])
        needsComma = false
        isBehindName = true
    }

    /// Writes a member's name that may need escapes; a value has to follow.
    public mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        if pretty { bytes.append(UInt8(ascii: " ")) }
        needsComma = false
        isBehindName = true
    }

    /// Writes `null`.
    public mutating func null() { raw("null") }
    /// Writes `true` or `false`.
    public mutating func value(_ value: Bool) { raw(value ? "true" : "false") }

    /// Writes a whole number.
    public mutating func value(_ value: Int64) {
        separate()
        append(decimal: value)
        needsComma = true
    }

    /// Writes a number as short as it can be read back; one that is not finite becomes `null`, as JSON has no other word.
    public mutating func value(_ value: Double) {
        guard value.isFinite else { return null() }
        separate()
        bytes.append(contentsOf: value.description.utf8)
        needsComma = true
    }

    /// Writes a string.
    public mutating func value(_ value: String) {
        separate()
        quote(value)
        needsComma = true
    }

    /// Writes a tree.
    public mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let truth): self.value(truth)
        case .integer(let number): self.value(number)
        case .double(let number): self.value(number)
        case .string(let text): self.value(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                name(member.name)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Writes a parsed value as it was read, in its order, equal keys included.
    public mutating func value(_ value: JSONValue) { self.value(value, bytesMax: .max) }

    /// Writes a parsed value, and leaves out what comes after about `bytesMax` bytes; what is left is no JSON then.
    mutating func value(_ value: JSONValue, bytesMax: Int) {
        switch value.kind {
        case .null: null()
        case .bool: self.value(value.bool ?? false)
        case .integer: if let number = value.int64 { self.value(number) } else { unsigned(value) }
        case .double: self.value(value.double ?? 0)
        case .string: self.value(value.string(bytesMax: bytesMax) ?? "")
        case .array:
            beginArray()
            for element in value.elements {
                guard bytes.count <= bytesMax else { break }
                self.value(element, bytesMax: bytesMax)
            }
            endArray()
        case .object:
            beginObject()
            for member in value.members {
                guard bytes.count <= bytesMax else { break }
                name(member.name(bytesMax: bytesMax))
                self.value(member.value, bytesMax: bytesMax)
            }
            endObject()
        }
    }

    /// Ends a line behind a whole value, for what holds one value a line.
    public mutating func endLine() {
        bytes.append(UInt8(ascii: "\n"))
        needsComma = false
    }

    /// Writes ready JSON as a value; it is the caller's that it is JSON.
    public mutating func raw(_ json: StaticString) {
        separate()
        json.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
        needsComma = true
    }

    /// Writes ready JSON as a value; it is the caller's that it is JSON.
    public mutating func raw(_ json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    /// Writes a string in Base64 (RFC 4648, section 4), as Kubernetes wants bytes in JSON.
    public mutating func base64(_ data: [UInt8]) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        Base64.encode(data.span, into: &bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }
}

extension JSONWriter {
    private mutating func unsigned(_ value: JSONValue) {
        separate()
        bytes.append(contentsOf: value.document.word(value.index + 1).description.utf8)
        needsComma = true
    }

    private mutating func open(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        depth -= 1
        if pretty, needsComma { newLine() }
        bytes.append(bracket)
        needsComma = true
    }

    /// Writes what stands between the last thing and the next one.
    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if pretty, depth > 0, !isBehindName { newLine() }
        isBehindName = false
    }

    private mutating func newLine() {
        bytes.append(UInt8(ascii: "\n"))
        for _ in 0..<depth { bytes.append(contentsOf: [0x20, 0x20]) }
    }

    private mutating func append(decimal value: Int64) {
        if (0...9).contains(value) {
            bytes.append(UInt8(ascii: "0") + UInt8(value))
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    /// Writes a quoted string: RFC 8259 wants quote, backslash and control characters escaped, nothing else.
    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        let wasPlain = text.withUTF8 { buffer in
            // Nearly every string goes through as it is: one look and one copy.
            guard unsafe !Self.needsEscape(UnsafeRawBufferPointer(buffer)) else { return false }
            unsafe bytes.append(contentsOf: buffer)
            return true
        }
        if !wasPlain { escape(text) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether some byte is a control character, a quote or a backslash; looks at eight at a time.
    private static func needsEscape(_ text: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        while index + 8 <= text.count {
            let word = unsafe text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // A byte of `word ^ x` below a limit is found by its borrow into the top bit (Hacker's Delight, 6-1); a byte
            // above 0x7F is none, and may only hide behind a real find.
            let quote = word ^ (0x22 &* ones)
            let backslash = word ^ (0x5C &* ones)
            let found = (word &- 0x20 &* ones) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            if found & (0x80 &* ones) != 0 { return true }
            index += 8
        }
        while index < text.count {
            let byte = unsafe text[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return true }
            index += 1
        }
        return false
    }

    /// A one in each byte.
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(contentsOf: [UInt8(ascii: "\\"), byte])
            case 0x0A: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "n")])
            case 0x0D: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "r")])
            case 0x09: bytes.append(contentsOf: [UInt8(ascii: "\\"), UInt8(ascii: "t")])
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(Self.hexadecimal(byte >> 4))
                bytes.append(Self.hexadecimal(byte & 15))
            default: bytes.append(byte)
            }
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + (digit - 10)
    }
}

extension JSON {
    /// The value as bytes.
    public func encoded(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.value(self)
        return writer.bytes
    }
}

extension JSONValue {
    /// The value as bytes, in the order it was read.
    public func encoded(pretty: Bool = false) -> [UInt8] {
        var writer = JSONWriter(pretty: pretty)
        writer.value(self)
        return writer.bytes
    }
}
