/// A pattern of a schema that we can apply: each one that occurs, written by hand, in one pass over the text.
///
/// No engine for patterns: those there are take more than linear time, or are more than these two need.
enum SchemaPattern: Hashable {
    /// A quantity, such as `2Gi`.
    case quantity
    /// Two or more quantities, all but the last with a suffix, such as `100Gi,50Gi`.
    case quantityList

    private static let number = "[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)"
    private static let suffix = "([KMGTPE]i|[numkMGTPE]|[eE]\(number))"

    /// Recognises a pattern by its text.
    init?(_ pattern: String) {
        switch pattern {
        case "^\(Self.number)\(Self.suffix)?$": self = .quantity
        case "^(\(Self.number)\(Self.suffix),)+\(Self.number)\(Self.suffix)?$": self = .quantityList
        default: return nil
        }
    }

    /// Whether a text is what the pattern says.
    func matches(_ text: String) -> Bool {
        switch self {
        case .quantity: return Self.isQuantity(Array(text.utf8)[...], needsSuffix: false)
        case .quantityList:
            let parts = Array(text.utf8).split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            guard parts.count > 1, let last = parts.last else { return false }
            return parts.dropLast().allSatisfy { Self.isQuantity($0, needsSuffix: true) }
                && Self.isQuantity(last, needsSuffix: false)
        }
    }

    /// What the pattern asks for, in words.
    var words: String {
        switch self {
        case .quantity: "a quantity, such as 2Gi or 500M"
        case .quantityList: "two or more quantities with a comma between them and no blank, such as 100Gi,50Gi"
        }
    }

    /// What to write for a text that does not match, where it is plain what was meant.
    func remedy(_ text: String) -> String {
        switch self {
        case .quantity:
            let compact = text.filter { $0 != " " }
            for candidate in [compact, compact.replacing("B", with: ""), compact.uppercased().replacing("B", with: "")]
            where matches(candidate) { return "Write \(candidate)" }
            return "Write a number and one of Ki Mi Gi Ti Pi Ei, or of k M G T P E"
        case .quantityList:
            let isOne = Self.isQuantity(Array(text.utf8)[...], needsSuffix: false)
            return isOne ? "Write quota: \(text) for a single path" : "Write one quantity for each path"
        }
    }

    private static func isQuantity(_ text: ArraySlice<UInt8>, needsSuffix: Bool) -> Bool {
        guard let rest = afterNumber(text) else { return false }
        if rest.isEmpty { return !needsSuffix }
        if let first = rest.first, first | 0x20 == UInt8(ascii: "e"), rest.count > 1,
            rest.dropFirst().first != UInt8(ascii: "i")
        {
            return afterNumber(rest.dropFirst())?.isEmpty ?? false
        }
        switch rest.count {
        case 1: return "numkMGTPE".utf8.contains(rest[rest.startIndex])
        case 2: return "KMGTPE".utf8.contains(rest[rest.startIndex]) && rest.last == UInt8(ascii: "i")
        default: return false
        }
    }

    /// What stands behind a number with an optional sign; nil if there is none.
    private static func afterNumber(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var rest = text
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let afterWhole = rest.drop(while: isDigit)
        guard afterWhole.first == UInt8(ascii: ".") else { return afterWhole.count < rest.count ? afterWhole : nil }
        let afterFraction = afterWhole.dropFirst().drop(while: isDigit)
        let hasDigit = afterWhole.count < rest.count || afterFraction.count + 1 < afterWhole.count
        return hasDigit ? afterFraction : nil
    }
}
