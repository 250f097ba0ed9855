/// Shows a value that came from outside: in quotes, control characters escaped, cut to a length.
///
/// The result is fit for a log line, an HTTP header and a terminal. `limit` counts UTF-8 bytes of the value.
func quoted(_ value: String, limit: Int = 40) -> String {
    var shown = "\""
    for scalar in value.unicodeScalars {
        if shown.utf8.count > limit {
            return shown + "...\""
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
            shown += "\\u{" + String(scalar.value, radix: 16) + "}"
        default:
            if scalar == "\"" || scalar == "\\" { shown += "\\" }
            shown.unicodeScalars.append(scalar)
        }
    }
    return shown + "\""
}

/// Cuts a text to at most `limit` UTF-8 bytes, at a character's border, with a mark where it was cut.
func clipped(_ text: String, toBytes limit: Int) -> String {
    if text.utf8.count <= limit { return text }
    let mark = "..."
    var kept = ""
    var bytes = mark.utf8.count
    for character in text {
        bytes += character.utf8.count
        if bytes > limit { break }
        kept.append(character)
    }
    return kept + mark
}

/// Lists names in one line, the first few by name and the rest as a number.
func listed(_ names: [String], most: Int = 3) -> String {
    let shown = names.prefix(most).joined(separator: ", ")
    let rest = names.count - most
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
