/// How go-yaml and Go's `strconv` write and read floating-point numbers.
enum GoFloat {
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Whether a text is a float as go-yaml writes it down: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    static func isWritten(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        func takeDigits() -> Int {
            let count = bytes.prefix { digits.contains($0) }.count
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

    /// A number as JSON has it (RFC 8259, section 6), if it is within range.
    static func number(_ bytes: ArraySlice<UInt8>) -> Double? {
        let text = String(decoding: bytes, as: UTF8.self)
        let digits = text.drop { $0 == "-" }
        guard isWritten(text), text.first != "+", text.count - digits.count < 2, digits.first != ".",
            !digits.hasPrefix("0") || !(digits.dropFirst().first?.isNumber ?? false), !text.contains(".e"),
            !text.contains(".E"), text.last != ".", let number = Double(text), number.isFinite
        else { return nil }
        return number
    }

    /// Whether each underscore stands between two digits.
    static func hasUnderscoresBetweenDigits(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.allSatisfy { index in
            guard bytes[index] == UInt8(ascii: "_") else { return true }
            return index > 0 && index + 1 < bytes.count && digits.contains(bytes[index - 1])
                && digits.contains(bytes[index + 1])
        }
    }

    /// A number as `FormatFloat(number, 'g', -1, 32)` writes it: what a mapping's name becomes that is a number.
    static func text(_ number: Float) -> String {
        // The shortest digits that read back the same, as Swift finds them too; only where the point goes differs.
        var mantissa = "\(number.magnitude)"
        var exponent = 0
        if let mark = mantissa.firstIndex(of: "e") {
            exponent = Int(mantissa[mantissa.index(after: mark)...]) ?? 0
            mantissa = String(mantissa[..<mark])
        }
        let parts = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        let whole = parts.first ?? ""
        let fraction = parts.count > 1 ? parts[1] : ""
        var all = String(whole + fraction)
        var point = whole.count + exponent
        while all.hasPrefix("0"), all.count > 1 {
            all.removeFirst()
            point -= 1
        }
        while all.hasSuffix("0"), all.count > 1 { all.removeLast() }
        let sign = number.sign == .minus ? "-" : ""
        if all == "0" { return sign + "0" }
        let power = point - 1
        let rest = all.dropFirst()
        if power < -4 || power >= 6 {
            let shown = power.magnitude < 10 ? "0\(power.magnitude)" : "\(power.magnitude)"
            return sign + String(all.prefix(1)) + (rest.isEmpty ? "" : ".\(rest)") + "e" + (power < 0 ? "-" : "+")
                + shown
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + all }
        if point >= all.count { return sign + all + String(repeating: "0", count: point - all.count) }
        return sign + String(all.prefix(point)) + "." + all.dropFirst(point)
    }
}
