extension RuntimeRules {
    /// E107, E108, E114, W101, W102: the levels of the tiered store, only those that the update changed or added.
    static func checkTiers(_ runtime: RuntimeFacts, old: RuntimeFacts?, _ findings: inout [Finding]) {
        if runtime.hasMoreTierLevels, old?.hasMoreTierLevels != true {
            findings.append(
                Finding(
                    .tooManyTiers, "spec.tieredstore.levels",
                    "more than \(RuntimeFacts.tierLevelsMax) levels, of which the rest would pass unchecked",
                    remedy: "Write a level for each medium: MEM, SSD, HDD"))
        }
        let sizesBefore = Set((old?.tierLevels ?? []).lazy.map(TierSizes.init))
        let marksBefore = Set((old?.tierLevels ?? []).lazy.map(TierMarks.init))
        for (index, level) in runtime.tierLevels.enumerated() {
            // Written only where something is wrong: most levels are sound.
            func field(_ name: String) -> String { "spec.tieredstore.levels[\(index)].\(name)" }
            let sizes = TierSizes(level)
            if !sizesBefore.contains(sizes) { checkSizes(sizes, field, &findings) }
            let marks = TierMarks(level)
            if !marksBefore.contains(marks) { checkMarks(marks, field, &findings) }
        }
    }

    private static func checkSizes(_ level: TierSizes, _ field: (String) -> String, _ findings: inout [Finding]) {
        var isReadable = true
        func check(_ name: String, _ value: Field<ExactText>) {
            guard case .unreadable(let seen) = value else { return }
            findings.append(wrongType(field(name), seen, "a string"))
            isReadable = false
        }
        check("path", level.path)
        check("quota", level.quota)
        check("quotaList", level.quotaList)
        guard isReadable else { return }
        // Fluid splits at each comma and trims nothing; an absent path is one empty path.
        let path = level.path.value?.text ?? ""
        let pathCount = commaCount(path) + 1
        guard let list = level.quotaList.value?.text, !list.isEmpty else {
            if (level.quota.value?.text ?? "").isEmpty {
                findings.append(
                    Finding(
                        .tierWithoutQuota, field("quota"),
                        "neither quota nor quotaList is set; Fluid would refuse the level after it was stored, and no "
                            + "worker would start",
                        remedy: "Write quota, such as 2Gi: the size of this level on each worker"))
            }
            return
        }
        let quotas = list.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        if quotas.count != pathCount {
            findings.append(
                Finding(
                    .quotaListMismatch, field("quotaList"),
                    "\(quoted(list)) has \(quotas.count) \(quotas.count == 1 ? "entry" : "entries") for \(counted(pathCount, "path")) (\(quoted(path))); "
                        + "Fluid would refuse the level after it was stored, and no worker would start",
                    remedy: "Write one quantity for each path, or quota alone, which is divided evenly"))
        } else if let wrong = quotas.lazy.map(Substring.init).first(where: { !Quantity.isReadable($0) }) {
            findings.append(
                Finding(
                    .quotaListMismatch, field("quotaList"),
                    "\(quoted(String(wrong))) is no quantity; Fluid would refuse the level after it was stored, and no "
                        + "worker would start",
                    remedy: "Write quantities such as 10Gi,20Gi, without blanks, one for each path"))
        }
    }

    private static func checkMarks(_ level: TierMarks, _ field: (String) -> String, _ findings: inout [Finding]) {
        let high = ratio("high", level.high, field, &findings)
        let low = ratio("low", level.low, field, &findings)
        if let high, let low, low > high {
            findings.append(
                Finding(
                    .lowAboveHigh, field("low"), "\(low) is above high, \(high)",
                    remedy: "Alluxio runs with it, not as meant"))
        }
    }

    /// Reads one watermark; nil if there is none, or if it is no number at all.
    private static func ratio(
        _ name: String, _ mark: Field<ExactText>, _ field: (String) -> String, _ findings: inout [Finding]
    ) -> Double? {
        switch mark {
        case .absent: return nil
        case .unreadable(let seen):
            findings.append(wrongType(field(name), seen, "a string in quotes, such as \"0.95\""))
            return nil
        case .present(let mark):
            let text = mark.text
            if text.isEmpty { return nil }
            let ratio = Double(text).flatMap { $0.isFinite ? $0 : nil }
            if let ratio, ratio >= 0, ratio <= 1 { return ratio }
            findings.append(
                Finding(
                    .watermarkOutsideRange, field(name), "\(quoted(text, limit: 16)) is no ratio from 0 to 1",
                    remedy: "Alluxio runs with it, not as meant"))
            return ratio
        }
    }

    private static func commaCount(_ text: String) -> Int {
        text.utf8.count { $0 == UInt8(ascii: ",") }
    }
}

/// What decides how large a level is; equal sizes were judged before.
private struct TierSizes: Hashable {
    var path: Field<ExactText>
    var quota: Field<ExactText>
    var quotaList: Field<ExactText>

    init(_ level: TierFacts) {
        path = level.path.exact
        quota = level.quota.exact
        quotaList = level.quotaList.exact
    }
}

/// When a level begins and stops to evict; equal marks were judged before.
private struct TierMarks: Hashable {
    var high: Field<ExactText>
    var low: Field<ExactText>

    init(_ level: TierFacts) {
        high = level.high.exact
        low = level.low.exact
    }
}

/// A Kubernetes quantity, such as `2Gi`, as far as a size of a cache needs it.
enum Quantity {
    /// The suffixes of resource.Quantity (apimachinery, `suffix.go`), but for exponents.
    private static let suffixes: Set<String> = [
        "", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
    ]

    /// Says whether `resource.ParseQuantity` takes the text: sign, decimal number, then a suffix or an exponent.
    static func isReadable(_ text: Substring) -> Bool {
        var rest = text.unicodeScalars
        if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
        var digits = 0
        var points = 0
        while let scalar = rest.first, isDigit(scalar) || scalar == "." {
            if scalar == "." { points += 1 } else { digits += 1 }
            rest.removeFirst()
        }
        guard digits > 0, points <= 1 else { return false }
        // Only what is short enough is looked up: whatever is hashed is brought to a normal form first.
        if rest.count <= 2, suffixes.contains(String(Substring(rest))) { return true }
        guard rest.first == "e" || rest.first == "E" else { return false }
        rest.removeFirst()
        if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
        return !rest.isEmpty && rest.count <= 3 && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }
}
