/// A size as the capacity report prints it: base 1024, two decimals, exact only for 0 (`FormatUtils.getSizeFromBytes`).
public struct ByteSize: Sendable, Hashable {
    /// The size in bytes as far as the text tells.
    public var bytes: Int64
    /// Whether the text tells the exact number: `0B` does, `57.22MB` does not.
    public var isExact: Bool

    /// Makes a size.
    public init(bytes: Int64, isExact: Bool) {
        self.bytes = bytes
        self.isExact = isExact
    }

    /// Reads `0B`, `5120B`, `443.89MB`, `5.00GB`; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let units: [(String, Int)] = [
            ("KB", 10), ("MB", 20), ("GB", 30), ("TB", 40), ("PB", 50), ("B", 0),
        ]
        guard let (suffix, shift) = units.first(where: { text.hasSuffix($0.0) }) else {
            return nil
        }
        let number = text.dropLast(suffix.count)
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ Self.isDigits($0) }), let whole = Int64(parts[0]),
            whole < 1 << 40
        else {
            return nil
        }
        var hundredths = whole &* 100
        if parts.count == 2 {
            guard parts[1].count == 2, let fraction = Int64(parts[1]) else {
                return nil
            }
            hundredths &+= fraction
        }
        let (product, overflow) = hundredths.multipliedReportingOverflow(by: 1 << shift)
        guard !overflow else {
            return nil
        }
        bytes = product / 100
        isExact = shift == 0
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
