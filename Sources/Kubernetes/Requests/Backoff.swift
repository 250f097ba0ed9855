/// Growing delays with jitter, so that many clients do not come back at the same moment.
public struct Backoff: Sendable {
    /// The delay after the first failure, before jitter.
    public let first: Duration
    /// The longest delay, before jitter.
    public let longest: Duration
    private var failures = 0
    private var jitter: Jitter

    /// Makes delays that double from `first` to `longest`.
    public init(first: Duration = .milliseconds(500), longest: Duration = .seconds(30), jitter: Jitter) {
        self.first = first
        self.longest = longest
        self.jitter = jitter
    }

    /// The delay after one more failure: between half and the whole of the doubled one, never less than `atLeast`.
    public mutating func next(atLeast: Duration? = nil) -> Duration {
        var delay = first
        for _ in 0..<min(failures, 20) where delay < longest {
            delay *= 2
        }
        failures = min(failures + 1, 20)
        let jittered = min(delay, longest) * jitter.fraction(in: 0.5...1)
        return max(jittered, atLeast ?? .zero)
    }

    /// The delay after one more failure of this kind: a `Retry-After` counts.
    public mutating func next(after error: ClusterError) -> Duration {
        next(atLeast: error.status?.retryAfter)
    }

    /// Forgets the failures, after a success.
    public mutating func reset() { failures = 0 }
}

/// A source of small random numbers whose sequence follows from its seed (SplitMix64), for jitter; not for secrets.
public struct Jitter: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Makes a source.
    public init(seed: UInt64) { state = seed }

    /// The next number.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number out of `range`.
    public mutating func fraction(in range: ClosedRange<Double>) -> Double {
        Double.random(in: range, using: &self)
    }
}

/// Whether and when a request that failed is sent again.
public struct RetryPolicy: Sendable {
    /// How often a request is sent at most.
    public let attemptsMax: Int
    private var attempts = 0
    private var backoff: Backoff

    /// Makes a policy for one request.
    public init(attemptsMax: Int = 4, backoff: Backoff) {
        self.attemptsMax = attemptsMax
        self.backoff = backoff
    }

    /// The delay before the next try, or nil if there is to be none.
    ///
    /// Refusals with 429 and 503 were not carried out, so any request may be sent again; after a lost connection, no answer
    /// or another 5xx only one that reads.
    public mutating func delay(after error: ClusterError, of request: APIRequest) -> Duration? {
        attempts += 1
        guard attempts < attemptsMax, error.isTransient else { return nil }
        let wasRefused = error.status.map { $0.code == 429 || $0.code == 503 } ?? false
        guard wasRefused || request.isIdempotent else { return nil }
        return backoff.next(after: error)
    }
}
