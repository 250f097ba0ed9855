/// Kubernetes' way to write amounts, such as `2Gi` or `500m` (apimachinery's resource.Quantity).
public enum Quantity {
    /// The amount as a whole number, rounded up, as Kubernetes does; nil if it can't be read or does not fit.
    public static func integer(_ text: String) -> Int64? {
        guard let number = double(text) else { return nil }
        let rounded = number.rounded(.up)
        // 2^63 itself is the first Double that does not fit.
        guard rounded >= -9_223_372_036_854_775_808, rounded < 9_223_372_036_854_775_808 else { return nil }
        return Int64(rounded)
    }

    /// The amount; nil if it can't be read.
    public static func double(_ text: String) -> Double? {
        let digits = text.prefix { "+-.0123456789".contains($0) }
        guard digits.contains(where: \.isNumber),
            digits.lastIndex(where: { "+-".contains($0) }) ?? digits.startIndex == digits.startIndex,
            let number = Double(digits.last == "." ? digits.dropLast() : digits)
        else { return nil }
        guard let factor = factor(of: text[digits.endIndex...]) else { return nil }
        let result = number * factor
        return result.isFinite ? result : nil
    }

    /// What a suffix stands for: binary, decimal, or an exponent.
    private static func factor(of suffix: Substring) -> Double? {
        switch suffix {
        case "": return 1
        case "Ki": return 1024
        case "Mi": return 1_048_576
        case "Gi": return 1_073_741_824
        case "Ti": return 1_099_511_627_776
        case "Pi": return 1_125_899_906_842_624
        case "Ei": return 1_152_921_504_606_846_976
        case "n": return 1e-9
        case "u": return 1e-6
        case "m": return 1e-3
        case "k": return 1e3
        case "M": return 1e6
        case "G": return 1e9
        case "T": return 1e12
        case "P": return 1e15
        case "E": return 1e18
        default:
            guard suffix.first == "e" || suffix.first == "E", let exponent = Int(suffix.dropFirst()),
                (-30...30).contains(exponent)
            else { return nil }
            return Double("1e\(exponent)")
        }
    }
}
