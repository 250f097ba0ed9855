/// Looks over a text before it is parsed: what costs the parser most is refused at a glance.
enum JSONBounds {
    /// The longest number that is read: a float64 as any program writes it has up to 24 characters.
    static let numberBytesMax = 32

    /// Refuses a text with more than `valuesMax` values (names of members do not count), or with a number that is too long.
    ///
    /// Whether it is JSON is the parser's to say.
    static func check(_ text: Span<UInt8>, valuesMax: Int) throws(JSONError) {
        // Each value takes two bytes at least, with its comma, so that most texts need no counting.
        guard text.count / 2 >= valuesMax || mayHoldLongNumber(text) else { return }
        let found = count(text)
        if found.values > valuesMax { throw JSONError(.tooManyValues, "more than \(valuesMax) values") }
        if found.longestNumber > numberBytesMax {
            throw JSONError(.badNumber, "a number of \(found.longestNumber) characters, the limit is \(numberBytesMax)")
        }
    }

    /// Whether somewhere, within a string or not, too many characters of a number stand in a row.
    ///
    /// Such a run covers one of the places that are looked at, each `numberBytesMax + 1` behind the last one.
    private static func mayHoldLongNumber(_ text: Span<UInt8>) -> Bool {
        var place = numberBytesMax
        while place < text.count {
            guard isOfNumber(text[place]) else {
                place += numberBytesMax + 1
                continue
            }
            var start = place
            while start > 0, place - start < numberBytesMax, isOfNumber(text[start - 1]) { start -= 1 }
            var end = place + 1
            while end < text.count, end - start <= numberBytesMax, isOfNumber(text[end]) { end += 1 }
            if end - start > numberBytesMax { return true }
            place = end + numberBytesMax
        }
        return false
    }

    /// Counts the values of a text, and how many characters its longest number has.
    private static func count(_ text: Span<UInt8>) -> (values: Int, longestNumber: Int) {
        var values = 0
        var longest = 0
        var place = 0
        while place < text.count {
            switch text[place] {
            case UInt8(ascii: "\""):
                place += 1
                while place < text.count, text[place] != UInt8(ascii: "\"") {
                    place += text[place] == UInt8(ascii: "\\") ? 2 : 1
                }
                values += 1
                place += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                values += 1
                place += 1
            case UInt8(ascii: ":"):
                // What stands in front of it was no value, but a name.
                values -= 1
                place += 1
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0x20, 0x09, 0x0A, 0x0D:
                place += 1
            default:
                let start = place
                while place < text.count, isOfWord(text[place]) { place += 1 }
                values += 1
                if isOfNumber(text[start]) { longest = max(longest, place - start) }
                // What can't stand in JSON is the parser's to refuse.
                if place == start { place += 1 }
            }
        }
        return (values, longest)
    }

    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        isOfNumber(byte) || (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
    }
}
