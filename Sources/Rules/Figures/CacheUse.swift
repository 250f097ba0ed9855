/// How much of a cache, or of one worker's part of it, is in use.
public struct CacheUse: Sendable, Hashable {
    /// What it may hold, in bytes; never negative.
    public var totalBytes: Int64
    /// What it holds, in bytes; never negative.
    public var usedBytes: Int64

    /// Makes a figure; what is negative counts as 0.
    public init(totalBytes: Int64, usedBytes: Int64) {
        self.totalBytes = max(0, totalBytes)
        self.usedBytes = max(0, usedBytes)
    }

    /// What it may still take, in bytes.
    public var freeBytes: Int64 { max(0, totalBytes - usedBytes) }

    /// The share that is in use, 1 for all of it; nil where nothing may be held.
    public var ratio: Double? {
        totalBytes > 0 ? Double(usedBytes) / Double(totalBytes) : nil
    }

    /// The share in percent, rounded up, as the AutoScale proposal's metric has it; nil where nothing may be held.
    public var percent: Int64? {
        guard totalBytes > 0 else { return nil }
        // In whole numbers: 17 % of 2 GiB is not to become 18 by a rounding error.
        let (total, product) = (totalBytes.magnitude, usedBytes.magnitude.multipliedFullWidth(by: 100))
        guard product.high < total else { return nil }
        let (quotient, remainder) = total.dividingFullWidth(product)
        return Int64(exactly: quotient).flatMap { remainder > 0 && $0 < .max ? $0 + 1 : $0 }
    }

    /// Two parts of one cache together; what does not fit 64 bits is their largest number.
    public static func + (left: CacheUse, right: CacheUse) -> CacheUse {
        func sum(_ left: Int64, _ right: Int64) -> Int64 {
            let (sum, isTooMuch) = left.addingReportingOverflow(right)
            return isTooMuch ? .max : sum
        }
        return CacheUse(
            totalBytes: sum(left.totalBytes, right.totalBytes), usedBytes: sum(left.usedBytes, right.usedBytes))
    }
}
