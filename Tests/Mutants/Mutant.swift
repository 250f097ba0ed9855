/// One small way to break one line.
struct Mutant {
    var rule: String
    var file: String
    /// From 0.
    var line: Int
    /// The bytes of the line that it takes the place of.
    var range: Range<Int>
    /// What stands there instead, with `#` for its number.
    var replacement: String

    func applied(number: Int, to line: [UInt8]) -> String {
        let before = String(decoding: line[..<range.lowerBound], as: UTF8.self)
        let after = String(decoding: line[range.upperBound...], as: UTF8.self)
        return before + replacement.replacing("#", with: "\(number)") + after
    }
}
