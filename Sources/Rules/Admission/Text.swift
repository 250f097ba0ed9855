/// Shows a value that came from outside: in quotes, made printable, cut to a length.
///
/// The result is fit for a log line, an HTTP header and a terminal. `limit` counts UTF-8 bytes of the value.
func quoted(_ value: String, limit: Int = 40) -> String {
    var shown = "\""
    for scalar in value.unicodeScalars {
        if shown.utf8.count > limit {
            return shown + "...\""
        }
        if scalar == "\"" || scalar == "\\" { shown += "\\" }
        append(scalar, to: &shown)
    }
    return shown + "\""
}

/// Makes a text from outside fit to be shown: what steers a terminal or turns the direction of writing is escaped, as
/// `\u{1b}`, and what is longer than `limit` UTF-8 bytes is cut, with a mark.
///
/// - Parameter keepsLines: whether line ends are the text's own and stay.
public func printable(_ text: String, limit: Int = .max, keepsLines: Bool = false) -> String {
    if text.utf8.count <= limit, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
        if shown.utf8.count > limit { break }
        if keepsLines, scalar == "\n" { shown += "\n" } else { append(scalar, to: &shown) }
    }
    return clipped(shown, toBytes: limit)
}

/// Appends a scalar, or its escape if it is invisible or steers what shows it.
private func append(_ scalar: Unicode.Scalar, to shown: inout String) {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
        shown += "\\u{" + String(scalar.value, radix: 16) + "}"
    default:
        shown.unicodeScalars.append(scalar)
    }
}

/// Cuts a text to at most `limit` UTF-8 bytes, at a character's border, with a mark where it was cut.
func clipped(_ text: String, toBytes limit: Int) -> String {
    if text.utf8.count <= limit { return text }
    let mark = "..."
    var end = max(0, limit - mark.utf8.count)
    // Scalars, not characters: one character may have any number of marks.
    let bytes = text.utf8
    while end > 0, bytes[bytes.index(bytes.startIndex, offsetBy: end)] & 0xC0 == 0x80 { end -= 1 }
    return String(text[..<bytes.index(bytes.startIndex, offsetBy: end)]) + mark
}

/// Lists the first few names in one line, and counts the rest.
///
/// - Parameter count: how many names there are, if `names` has only the first of them.
func listed(_ names: [String], of count: Int? = nil, most: Int = 3) -> String {
    let shown = names.prefix(most).joined(separator: ", ")
    let rest = (count ?? names.count) - most
    return rest > 0 ? "\(shown) and \(rest) more" : shown
}

/// A number with its noun: `1 worker`, `2 workers`.
func counted(_ count: some BinaryInteger, _ noun: String) -> String {
    count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}

/// Reads a whole decimal number without sign or blanks; nil for anything else or above `Int32.max`.
func wholeNumber(_ text: some StringProtocol) -> Int64? {
    let digits = text.utf8
    guard !digits.isEmpty, digits.count <= 10 else { return nil }
    var number: Int64 = 0
    for digit in digits {
        guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
        number = number &* 10 &+ Int64(digit &- UInt8(ascii: "0"))
    }
    return number <= Int64(Int32.max) ? number : nil
}
