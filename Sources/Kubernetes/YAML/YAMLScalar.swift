internal import Wire

/// A scalar before it is known what it means.
struct YAMLScalar {
    var text: String
    var isPlain: Bool
    var tag: String?

    /// What the scalar means in JSON; nil if it has no meaning there.
    ///
    /// As `sigs.k8s.io/yaml` has it, which is what kubectl uses: `yes`, `on`, `y` are truth values, a leading 0 makes octal,
    /// times stay strings, and so does whatever has a tag that YAML itself does not know.
    var resolved: JSON? {
        switch tag {
        case nil: return isPlain ? Self.plain(text) : .string(text)
        case "tag:yaml.org,2002:binary": return Self.binary(text)
        case "tag:yaml.org,2002:null": return Self.plain(text) == .null ? .null : nil
        case "tag:yaml.org,2002:bool":
            guard case .bool(let truth)? = Self.plain(text) else { return nil }
            return .bool(truth)
        case "tag:yaml.org,2002:int":
            guard let number = Self.plain(text), Self.integer(text.replacing("_", with: "")) != nil else { return nil }
            return number
        case "tag:yaml.org,2002:float":
            guard let number = Self.plain(text)?.double else { return nil }
            return JSON.number(number)
        default: return .string(text)
        }
    }

    /// What a plain scalar means; nil for the numbers that JSON does not have.
    static func plain(_ text: String) -> JSON? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return true
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return false
        case ".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF":
            return nil
        default: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .string(text) }
        var digits = text.replacing("_", with: "")
        if first == UInt8(ascii: ".") {
            // Here Go's own reader is asked, which takes an underscore between two digits alone.
            if digits != text, !GoFloat.hasUnderscoresBetweenDigits(text) { return .string(text) }
        } else if let number = integer(digits) {
            return number
        }
        guard GoFloat.isWritten(digits) else { return .string(text) }
        if digits.utf8.last == UInt8(ascii: ".") { digits += "0" }
        // What is out of range is no number then, but text: half of all abbreviated hashes look like one.
        guard let number = Double(digits), number.isFinite else { return .string(text) }
        return JSON.number(number)
    }

    /// Whether a plain scalar is a whole number too large for 63 bits, which Go keeps without a sign.
    static func isUnsigned(_ text: String) -> Bool {
        if case .double? = integer(text.replacing("_", with: "")) { true } else { false }
    }

    /// An integer as Go's `strconv.ParseInt` and, if it has no sign, `ParseUint` read it with base 0.
    private static func integer(_ text: String) -> JSON? {
        var rest = text[...]
        let isNegative = rest.first == "-"
        let isSigned = isNegative || rest.first == "+"
        if isSigned { rest = rest.dropFirst() }
        guard let first = rest.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return nil }
        var radix = 10
        let radices: [(prefix: String, radix: Int)] = [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
        if let (prefix, found) = radices.first(where: {
            rest.utf8.count > $0.prefix.utf8.count && rest.lowercased().hasPrefix($0.prefix)
        }) {
            rest = rest.dropFirst(prefix.count)
            radix = found
        }
        guard rest.first != "-", rest.first != "+" else { return nil }
        if let number = Int64((isNegative ? "-" : "") + rest, radix: radix) { return .integer(number) }
        guard !isSigned, let number = UInt64(rest, radix: radix) else { return nil }
        return .double(Double(number))
    }

    /// The text that Base64 stands for; what is no UTF-8 in it is replaced, as Go does on the way to JSON.
    private static func binary(_ text: String) -> JSON? {
        guard text.utf8.allSatisfy({ $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "_") }),
            text.utf8.count(where: { $0 != 0x0A && $0 != 0x0D }) % 4 == 0, let bytes = Base64.decode(text)
        else { return nil }
        return .string(String(decoding: bytes, as: UTF8.self))
    }
}

extension JSON {
    /// A number; one without a fraction becomes an integer, as it does on its way through Go.
    static func number(_ value: Double) -> JSON {
        Int64(exactly: value).map(JSON.integer) ?? .double(value)
    }
}
