/// The last place of a text among bytes; nil if it is not there.
func lastPlace(of text: String, in bytes: [UInt8]) -> Int? {
    let wanted = Array(text.utf8)
    guard bytes.count >= wanted.count else { return nil }
    return (0...(bytes.count - wanted.count)).reversed().first { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }
}

/// The parts of a range between separators that are in no bracket.
func split(_ bytes: [UInt8], _ range: Range<Int>, by separator: String) -> [Range<Int>] {
    let wanted = Array(separator.utf8)
    var parts: [Range<Int>] = []
    var depth = 0
    var start = range.lowerBound
    var place = start
    while place < range.upperBound {
        if "([{".utf8.contains(bytes[place]) { depth += 1 }
        if ")]}".utf8.contains(bytes[place]) { depth -= 1 }
        if depth == 0, place + wanted.count <= range.upperBound,
            bytes[place..<(place + wanted.count)].elementsEqual(wanted)
        {
            parts.append(start..<place)
            place += wanted.count
            start = place
        } else {
            place += 1
        }
    }
    parts.append(start..<range.upperBound)
    return parts
}

/// Whether each bracket is closed.
func isBalanced(_ text: String) -> Bool {
    var depth = 0
    for byte in text.utf8 {
        if "([{".utf8.contains(byte) { depth += 1 }
        if ")]}".utf8.contains(byte) { depth -= 1 }
        if depth < 0 { return false }
    }
    return depth == 0
}

/// The cases without a payload of all enums, so that one can stand in the place of another.
struct EnumCases {
    private var groups: [[String]] = []

    init(_ sources: [String]) {
        for source in sources {
            var cases: [String] = []
            for line in scan(source) {
                let code = line.code.drop { $0 == " " }
                if code.contains("enum ") {
                    groups.append(cases)
                    cases = []
                }
                guard code.hasPrefix("case "), !code.contains(":"), !code.contains("(") else { continue }
                cases += code.dropFirst(5).split(separator: ",").map { part in
                    String(part.prefix { $0 != "=" }.filter { $0 != " " })
                }
            }
            groups.append(cases)
        }
        groups = groups.filter { $0.count > 1 }
    }

    /// Another case of the only enum that has this one.
    func other(than name: String) -> String? {
        let having = groups.filter { $0.contains(name) }
        guard having.count == 1, let place = having[0].firstIndex(of: name) else { return nil }
        return having[0][(place + 1) % having[0].count]
    }
}
