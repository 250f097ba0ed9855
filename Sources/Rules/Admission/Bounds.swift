/// The least and the most workers that autoscaling may ask for.
public struct Bounds: Sendable, Hashable {
    /// The least; nil means no bound.
    ///
    /// 0 workers are allowed whatever it says: that suspends the cache.
    public var minimum: Int64?
    /// The most; nil means no bound.
    public var maximum: Int64?
    /// True if D103 filled the maximum in, so that going above it is only worth a warning.
    public var isMaximumFilledIn: Bool

    /// Makes bounds; without arguments there are none.
    public init(minimum: Int64? = nil, maximum: Int64? = nil, isMaximumFilledIn: Bool = false) {
        self.minimum = minimum
        self.maximum = maximum
        self.isMaximumFilledIn = isMaximumFilledIn
    }

    /// Reads the bounds from a runtime's annotations; an unreadable one counts as none.
    ///
    /// A maximum that `last-applied-configuration` shows was written by a person, whatever the mark says.
    public init(_ runtime: RuntimeFacts) {
        let maximum = runtime.annotations[Annotation.maxReplicas].flatMap(Bounds.readMaximum)
        self.init(
            minimum: runtime.annotations[Annotation.minReplicas].flatMap(Bounds.readMinimum),
            maximum: maximum,
            isMaximumFilledIn: maximum != nil && !runtime.isMaximumInLastApplied
                && runtime.annotations[Annotation.defaulted]?.utf8.elementsEqual(Annotation.defaultedBounds.utf8)
                    == true
        )
    }

    /// Reads a minimum: a whole number from 0 to 2147483647.
    static func readMinimum(_ text: String) -> Int64? { wholeNumber(text) }

    /// Reads a maximum: a whole number from 1 to 2147483647.
    static func readMaximum(_ text: String) -> Int64? {
        wholeNumber(text).flatMap { $0 >= 1 ? $0 : nil }
    }

    /// The bounds in words: `1 to 10`, `at least 2`, `at most 4`.
    var words: String {
        switch (minimum, maximum) {
        case (let low?, let high?): "\(low) to \(high)"
        case (let low?, nil): "at least \(low)"
        case (nil, let high?): "at most \(high)"
        case (nil, nil): "any number"
        }
    }
}

/// Where a count stands to the bounds of its runtime.
enum BoundsJudgement: Hashable {
    /// Inside, or 0, or no bounds.
    case inside
    /// Below the minimum.
    case below(minimum: Int64)
    /// Above a maximum that a person wrote.
    case above(maximum: Int64)
    /// Above a maximum that D103 filled in.
    case aboveFilledIn(maximum: Int64)
    /// Outside as before, on the same side and not farther out than before: passes.
    case stillOutside
}

extension Bounds {
    /// How far a count is outside: positive above the maximum, negative below the minimum, 0 inside.
    func distance(_ count: Int64) -> Int64 {
        if count == 0 { return 0 }
        // Any number may come from outside: brought into 33 bits, the differences can't overflow.
        func bounded(_ number: Int64) -> Int64 { Swift.min(Swift.max(number, -0xFFFF_FFFF), 0xFFFF_FFFF) }
        let count = bounded(count)
        if let maximum, count > bounded(maximum) { return count - bounded(maximum) }
        if let minimum, count < bounded(minimum) { return count - bounded(minimum) }
        return 0
    }

    /// Judges a count, and forgives one that an update leaves outside but brings no farther out.
    ///
    /// - Parameters:
    ///   - count: the wanted number of workers.
    ///   - before: the number and the bounds before the update; nil on CREATE.
    func judge(_ count: Int64, before: (count: Int64, bounds: Bounds)?) -> BoundsJudgement {
        let distance = distance(count)
        if distance == 0 { return .inside }
        if let before {
            let distanceBefore = before.bounds.distance(before.count)
            if distanceBefore.signum() == distance.signum(), distance.magnitude <= distanceBefore.magnitude {
                return .stillOutside
            }
        }
        if distance > 0, let maximum {
            return isMaximumFilledIn ? .aboveFilledIn(maximum: maximum) : .above(maximum: maximum)
        }
        return .below(minimum: minimum ?? 0)
    }
}
