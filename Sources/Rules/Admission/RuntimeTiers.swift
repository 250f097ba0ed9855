extension RuntimeRules {
    /// E107, E108, W101, W102: the levels of the tiered store, only those that the update changed or added.
    static func checkTiers(_ runtime: RuntimeFacts, old: RuntimeFacts?, _ findings: inout [Finding]) {
        let sizesBefore = Set((old?.tierLevels ?? []).map(TierSizes.init))
        let marksBefore = Set((old?.tierLevels ?? []).map(TierMarks.init))
        for (index, level) in runtime.tierLevels.enumerated() {
            let field = "spec.tieredstore.levels[\(index)]"
            let sizes = TierSizes(level)
            if !sizesBefore.contains(sizes) { checkSizes(sizes, field, &findings) }
            let marks = TierMarks(level)
            if !marksBefore.contains(marks) { checkMarks(marks, field, &findings) }
        }
    }

    private static func checkSizes(_ level: TierSizes, _ field: String, _ findings: inout [Finding]) {
        var isReadable = true
        for (name, value) in [("path", level.path), ("quota", level.quota), ("quotaList", level.quotaList)] {
            if case .unreadable(let seen) = value {
                findings.append(wrongType("\(field).\(name)", seen, "a string"))
                isReadable = false
            }
        }
        guard isReadable else { return }
        // Fluid splits at each comma and trims nothing; an absent path is one empty path.
        let pathCount = commaCount(level.path.value ?? "") + 1
        guard let list = level.quotaList.value, !list.isEmpty else {
            if (level.quota.value ?? "").isEmpty {
                findings.append(
                    Finding(
                        .tierWithoutQuota, "\(field).quota",
                        "neither quota nor quotaList is set; Fluid would refuse the level after it was stored, and no "
                            + "worker would start",
                        remedy: "Write quota, such as 2Gi: the size of this level on each worker"))
            }
            return
        }
        let quotas = list.split(separator: ",", omittingEmptySubsequences: false)
        if quotas.count != pathCount {
            findings.append(
                Finding(
                    .quotaListMismatch, "\(field).quotaList",
                    "\(quoted(list)) has \(quotas.count) entries for \(pathCount) \(pathCount == 1 ? "path" : "paths") (\(quoted(level.path.value ?? ""))); "
                        + "Fluid would refuse the level after it was stored, and no worker would start",
                    remedy: "Write one quantity for each path, or quota alone, which is divided evenly"))
        } else if let wrong = quotas.first(where: { !Quantity.isReadable($0) }) {
            findings.append(
                Finding(
                    .quotaListMismatch, "\(field).quotaList",
                    "\(quoted(String(wrong))) is no quantity; Fluid would refuse the level after it was stored, and no "
                        + "worker would start",
                    remedy: "Write quantities such as 10Gi,20Gi, without blanks, one for each path"))
        }
    }

    private static func checkMarks(_ level: TierMarks, _ field: String, _ findings: inout [Finding]) {
        var ratios: [String: Double] = [:]
        for (name, mark) in [("high", level.high), ("low", level.low)] {
            switch mark {
            case .absent:
                break
            case .unreadable(let seen):
                findings.append(wrongType("\(field).\(name)", seen, "a string in quotes, such as \"0.95\""))
            case .present(let text):
                if text.isEmpty { break }
                if let ratio = Double(text), ratio.isFinite {
                    ratios[name] = ratio
                    if ratio >= 0, ratio <= 1 { break }
                }
                findings.append(
                    Finding(
                        .watermarkOutsideRange, "\(field).\(name)",
                        "\(quoted(text, limit: 16)) is no ratio from 0 to 1",
                        remedy: "Alluxio runs with it, not as meant"))
            }
        }
        if let high = ratios["high"], let low = ratios["low"], low > high {
            findings.append(
                Finding(
                    .lowAboveHigh, "\(field).low", "\(low) is above high, \(high)",
                    remedy: "Alluxio runs with it, not as meant"
                ))
        }
    }

    private static func commaCount(_ text: String) -> Int {
        text.utf8.count { $0 == UInt8(ascii: ",") }
    }
}

/// What decides how large a level is; equal sizes were judged before.
private struct TierSizes: Hashable {
    var path: Field<String>
    var quota: Field<String>
    var quotaList: Field<String>

    init(_ level: TierFacts) {
        path = level.path
        quota = level.quota
        quotaList = level.quotaList
    }
}

/// When a level begins and stops to evict; equal marks were judged before.
private struct TierMarks: Hashable {
    var high: Field<String>
    var low: Field<String>

    init(_ level: TierFacts) {
        high = level.high
        low = level.low
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
        if suffixes.contains(String(Substring(rest))) { return true }
        guard rest.first == "e" || rest.first == "E" else { return false }
        rest.removeFirst()
        if rest.first == "+" || rest.first == "-" { rest.removeFirst() }
        return !rest.isEmpty && rest.count <= 3 && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar >= "0" && scalar <= "9" }
}
