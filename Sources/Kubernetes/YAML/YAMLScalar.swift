internal import Wire

extension YAMLScalar {
    /// What the scalar means in JSON; nil if it has no meaning there.
    ///
    /// As go-yaml version 2 resolves plain scalars, which is what kubectl uses: `yes`, `on`, `y` are truth values, a leading 0
    /// makes octal, times stay strings.
    var resolved: JSON? {
        switch tag {
        case nil, "!":
            return isPlain && tag == nil ? Self.plain(text) : .string(text)
        case "tag:yaml.org,2002:str": return .string(text)
        case "tag:yaml.org,2002:null": return Self.plain(text) == .null ? .null : nil
        case "tag:yaml.org,2002:bool":
            guard case .bool(let truth)? = Self.plain(text) else { return nil }
            return .bool(truth)
        case "tag:yaml.org,2002:int":
            guard case .integer(let number)? = Self.plain(text) else { return nil }
            return .integer(number)
        case "tag:yaml.org,2002:float":
            guard let number = Self.plain(text)?.double else { return nil }
            return JSON.number(number)
        default: return nil
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
        let digits = text.replacing("_", with: "")
        if let number = integer(digits) { return .integer(number) }
        guard isFloat(text), let number = Double(text) else { return .string(text) }
        return number.isFinite ? JSON.number(number) : nil
    }

    /// An integer as Go's `strconv.ParseInt` reads it with base 0.
    private static func integer(_ text: String) -> Int64? {
        var rest = text[...]
        let sign = rest.first == "-" ? "-" : ""
        if rest.first == "-" || rest.first == "+" { rest = rest.dropFirst() }
        guard let first = rest.first, first.isASCII, first.isNumber else { return nil }
        let radices: [(prefix: String, radix: Int)] = [("0x", 16), ("0o", 8), ("0b", 2), ("0", 8)]
        for (prefix, radix) in radices where rest.count > prefix.count && rest.lowercased().hasPrefix(prefix) {
            let digits = rest.dropFirst(prefix.count)
            guard digits.first != "-", digits.first != "+" else { return nil }
            return Int64(sign + digits, radix: radix)
        }
        return Int64(sign + rest)
    }

    /// Whether a text is a float as go-yaml writes it down: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func isFloat(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        func takeDigits() -> Int {
            let count = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
            bytes = bytes.dropFirst(count)
            return count
        }
        func takeSign() {
            if bytes.first == UInt8(ascii: "-") || bytes.first == UInt8(ascii: "+") { bytes = bytes.dropFirst() }
        }
        takeSign()
        let whole = takeDigits()
        if bytes.first == UInt8(ascii: ".") {
            bytes = bytes.dropFirst()
            guard takeDigits() + whole > 0 else { return false }
        } else if whole == 0 {
            return false
        }
        if let exponent = bytes.first, exponent | 0x20 == UInt8(ascii: "e") {
            bytes = bytes.dropFirst()
            takeSign()
            guard takeDigits() > 0 else { return false }
        }
        return bytes.isEmpty
    }
}

extension JSON {
    /// A number; one without a fraction becomes an integer, as it does on its way through Go.
    static func number(_ value: Double) -> JSON {
        Int64(exactly: value).map(JSON.integer) ?? .double(value)
    }
}
