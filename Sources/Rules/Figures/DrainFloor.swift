/// What was in use before a drain began to free: what it frees is no reason to remove still more workers.
///
/// A floor, so that what is in use may rise at once, and is never hidden.
public struct DrainFloor: Sendable, Hashable {
    /// How long a drain that is blocked holds the floor up: then what it freed is told as it is.
    public static let blockedMaximum = Duration.seconds(600)

    /// What was in use of the whole cache, in bytes.
    public var usedBytes: Int64
    /// What was in use of each worker, by its pod's name, in bytes.
    public var workers: [String: Int64]
    /// Since when the drain has been blocked, by a monotonic clock; nil while it is not.
    public var blockedSince: Duration?

    /// How much earlier than the news of a drain its first free may be: a look that falls in between may have less already.
    public static let newsDelay = Duration.seconds(2)

    /// Remembers the last look that is surely from before the first free, or else the fullest there is.
    ///
    /// - Parameters:
    ///   - looks: the last looks, each with when it was asked, the last one at the end.
    ///   - now: when it became known that the drain frees.
    public init(before looks: [(askedAt: Duration, figures: CacheFigures)], at now: Duration) {
        let before =
            looks.last { now - $0.askedAt >= Self.newsDelay }
            ?? looks.max { $0.figures.whole.usedBytes < $1.figures.whole.usedBytes }
        usedBytes = before?.figures.whole.usedBytes ?? 0
        workers = Dictionary(
            (before?.figures.workers ?? []).map { ($0.pod, $0.use.usedBytes) }, uniquingKeysWith: { $1 })
    }

    /// Whether the floor holds still.
    public func holds(at now: Duration) -> Bool {
        blockedSince.map { now - $0 < Self.blockedMaximum } ?? true
    }

    /// The figures with at least as much in use as before.
    ///
    /// - Parameter figures: what the cache says now; its workers are those whose pods exist, leaving ones among them. The
    ///   whole is theirs together, and what it lacks is in the workers that had it, or, where those are gone, spread over
    ///   the others by their size.
    public func applied(to figures: CacheFigures) -> CacheFigures {
        var result = figures
        // Rates say what the drain does, and not what readers want.
        result.hitRatio = nil
        guard !figures.workers.isEmpty else {
            result.whole.usedBytes = max(figures.whole.usedBytes, usedBytes)
            result.isFloored = result.whole != figures.whole
            return result
        }
        let now = figures.workers.map(\.use).reduce(CacheUse(totalBytes: 0, usedBytes: 0), +)
        let missing = max(0, usedBytes - now.usedBytes)
        result.whole = CacheUse(totalBytes: now.totalBytes, usedBytes: now.usedBytes + missing)
        result.isFloored = missing > 0
        let lacks = figures.workers.map { worker in
            max(0, (workers[worker.pod] ?? 0) - worker.use.usedBytes)
        }
        let theirs = min(missing, lacks.reduce(0, Self.sum))
        let inTheirs = Self.spread(theirs, by: lacks)
        let overAll = Self.spread(missing - theirs, by: figures.workers.map(\.use.totalBytes))
        for index in result.workers.indices {
            let more = Self.sum(inTheirs[index], overAll[index])
            result.workers[index].use.usedBytes = Self.sum(result.workers[index].use.usedBytes, more)
        }
        return result
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, isTooMuch) = left.addingReportingOverflow(right)
        return isTooMuch ? .max : sum
    }

    /// Shares out an amount by weights, to a byte more or less; nothing where all weigh nothing.
    private static func spread(_ amount: Int64, by weights: [Int64]) -> [Int64] {
        let sum = weights.reduce(0.0) { $0 + Double($1) }
        return weights.map { weight in
            sum > 0 ? Int64(exactly: (Double(amount) * (Double(weight) / sum)).rounded()) ?? 0 : 0
        }
    }
}
