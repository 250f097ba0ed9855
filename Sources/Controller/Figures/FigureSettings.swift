/// How the figures of caches are kept.
public struct FigureSettings: Sendable {
    /// How often a cache is asked, give or take a tenth.
    public var interval: Duration
    /// How many caches are asked at a time; of those that are slow to answer half as many.
    public var atOnceMax = 16
    /// Of how many caches the workers are asked at a time, likewise.
    public var countsAtOnceMax = 8
    /// For how long a cache is asked after somebody wanted its figures that nothing scales.
    public var wantedFor = Duration.seconds(300)
    /// How many caches are asked at all; further ones are left out, and the log says so.
    public var runtimesMax = 5_000
    /// How long a cache's answer may take; less where many caches are asked.
    public var timeout = Duration.seconds(5)
    /// How long the answers of a cache's workers may take, likewise.
    public var countsTimeout = Duration.seconds(2)
    /// Where jitter begins.
    public var seed: UInt64

    /// Makes settings.
    public init(interval: Duration = .seconds(15), seed: UInt64) {
        self.interval = interval
        self.seed = seed
    }

    /// How often each worker is asked for its own counters, a little less: it is done with every fourth look at the cache.
    public var countersInterval: Duration { interval * 7 / 2 }

    /// How much more rarely a cache or its workers are asked that only cost time.
    static var silentFactor: Int { 4 }

    /// How old a figure may be before it is no longer told.
    public var freshFor: Duration { interval * 2 }
}
